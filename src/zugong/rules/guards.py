"""Guards: CEL expressions over declared facts. An unknown fact that could have mattered makes the answer unknown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import cel

from zugong.core.errors import Refused
from zugong.core.sentences import Sentence


class GuardError(Refused):
    """A guard that cannot be read or answered, with the reader's own words. The keeper of the pack mends it."""


@cache
def _program(guard: str) -> Any:
    try:
        return cel.compile(guard)
    except ValueError as error:
        raise GuardError.because(
            Sentence("条件“{guard}”写法不对：{error}", guard=guard, error=error)
        ) from error


def variables(guard: str) -> frozenset[str]:
    """Return the facts that a guard reads. Raises GuardError."""
    return frozenset(_program(guard).variables())


def holds(guard: str, facts: Mapping[str, Any]) -> bool | None:
    """Say whether a guard holds; None where an unknown fact (absent, or None) could have mattered.

    CEL itself absorbs what does not matter: `true || unknown` is true, `false && unknown` is false.
    """
    # CEL reads `-` as minus, so a guard writes the field `first-trial` as first_trial.
    known = {name.replace("-", "_"): value for name, value in facts.items() if value is not None}
    try:
        return bool(_program(guard).execute(known))
    except RuntimeError:
        return None
    except (TypeError, ValueError) as error:
        raise GuardError.because(
            Sentence("条件“{guard}”算不出来：{error}", guard=guard, error=error)
        ) from error
