"""What the system proposes about a request: where it belongs, and which other one it may be. A person decides."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.text import Truncator

from zugong.accounts.models import User
from zugong.cases import likeness
from zugong.cases.learning import Advice
from zugong.cases.models import Case

LINE = 40  # characters of what was asked


def shown(given: Advice | None, form: forms.Form, asked: dict[str, str]) -> dict[str, Any] | None:
    """Return what a form shows above the field that is proposed for, and answer it with the proposal asked for.

    A label that the form does not offer, since it is no more in the pack, is not proposed.
    """
    field = form.fields.get(given.model.field) if given else None
    if given is None or field is None:
        return None
    words = {str(value): str(label) for value, label in getattr(field, "choices", [])}
    name = given.model.field
    rows = [
        {
            "value": one.label,
            "label": words[one.label],
            "percent": one.certainty // 10,
            "words": one.words,
        }
        for one in given.proposals
        if one.label in words
    ]
    if not form.is_bound and asked.get(name) in words:
        form.initial[name] = asked[name]
    return {"field": name, "id": form[name].id_for_label, "rows": rows} if rows else None


def alike(case: Case, user: User, today: date, *, merges: bool) -> list[dict[str, Any]]:
    """Return the open requests that may be the same, each with the way to merge into it, where the asker `merges`."""
    return [
        {
            "case": one.case,
            "about": one.case.about.name_on(today),
            "begun": Truncator(one.matter).chars(LINE),
            "percent": one.share // 10,
            "merger": f"{reverse('case', args=[case.pk])}/merger?into={one.case.pk}" if merges else "",
        }
        for one in likeness.alike(case, user, today)
    ]
