"""A form that came after somebody else took the step: which step that was, and what was typed for nothing."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from zugong.cases import powers
from zugong.cases.models import Case, Step
from zugong.cases.rules import Move
from zugong.web.plain import number

ASIDE = (
    Move.ACCEPT,
    Move.SIGN,
    Move.EXTEND,
    Move.PAUSE,
    Move.RESUME,
    Move.MOVE,
)  # the form stands after these


def basis(one: Case) -> str:
    """Return on what a form of a case rests: the stage it has entered, and the proposal that waits there."""
    proposal = powers.open_proposal(one)
    return f"{one.round}.{proposal.pk if proposal else 0}"


def overtaken(one: Case, rests_on: str) -> Step | None:
    """Return the step that was taken since a form was drawn; None where the form still stands."""
    entered = number(rests_on.partition(".")[0])
    if entered is None or rests_on == basis(one):
        return None
    return one.steps.filter(round=entered).exclude(move__in=ASIDE).select_related("by").last()


def as_it_was(one: Case, step: Step) -> Case:
    """Return the case as it stood before a step, to draw its form again. It is not saved."""
    was = copy(one)
    was.stage, was.round = step.stage, step.round
    return was


def typed(form: forms.Form) -> list[tuple[str, str]]:
    """Return what was typed, each question with its answer in words."""
    given = [(str(bound.label), _in_words(bound)) for bound in form.visible_fields()]
    return [(label, words) for label, words in given if words]


def _in_words(bound: forms.BoundField) -> str:
    value: Any = bound.data
    if not value or isinstance(bound.field, forms.FileField):
        return ""
    words = {str(key): str(label) for key, label in getattr(bound.field, "choices", [])}
    given = value if isinstance(value, list) else [value]
    return _("、").join(words.get(str(one), str(one)) for one in given)
