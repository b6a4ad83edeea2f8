"""Whom a question of the pack offers, and whether an answer names anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zugong.core.sentences import Sentence
from zugong.packs.schema.names import FieldSpec
from zugong.registry.models import names_on
from zugong.registry.selecting import Asked, Ids


def offered(spec: FieldSpec, asked: Asked) -> Ids | None:
    """Return whom a question offers, seen from where it is asked. None: it says nothing, so everybody of its noun."""
    return asked.find(spec.among) if spec.among else None


def stray(
    answers: Mapping[str, Any], asked: Asked, known: Mapping[str, Any] | None = None
) -> tuple[Sentence, str] | None:
    """Say which answer names somebody whom its question does not offer, and by which field; None where none does.

    An answer that stands already (`known`) is not judged again: it was offered when it was given.
    """
    for name, value in answers.items():
        spec = asked.policy.fields[name]
        if spec.among is None or value == (known or {}).get(name):
            continue
        chosen = value if isinstance(value, list) else [value]
        if outside := set(chosen) - asked.find(spec.among):
            who = list(names_on(asked.day, outside).values())
            return Sentence("“{field}”不能选{who}，不在规定的可选范围内", field=spec, who=who), name
    return None
