"""The fields of a pack as questions of a form, and their answers as they are kept and read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zugong.core.files.actions import keep
from zugong.core.files.models import File
from zugong.packs.keeping import is_erased
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Item
from zugong.packs.schema.names import FieldSpec
from zugong.registry.choosing import offered
from zugong.registry.models import Particulars, last_names
from zugong.registry.selecting import Asked
from zugong.web.asking import said
from zugong.web.templatetags.zugong import clock_time, day, money

ROWS = ("person", "organisation", "thing")  # kept by the number of their row


class Day(forms.DateField):
    """A day, as the browser's own calendar gives it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)


class Moment(forms.DateTimeField):
    """A day and a time of day, as the browser's own calendar gives them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **options
        )

    def prepare_value(self, value: Any) -> Any:
        """Show a kept moment in the county's time."""
        kept = isinstance(value, str) and "+" in value
        return super().prepare_value(datetime.fromisoformat(value) if kept else value)


class Count(forms.IntegerField):
    """A whole number, typed into a text box: a number box forgets what it cannot read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput({"inputmode": "numeric"}), **options)

    def to_python(self, value: Any) -> int | None:
        """Ignore the spaces and commas that people put into figures."""
        return super().to_python(_figure(value))


def _figure(value: Any) -> Any:
    return re.sub("[ ,，]", "", value) if isinstance(value, str) else value


class Yuan(forms.DecimalField):
    """Money, asked in yuan and kept in fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TextInput({"inputmode": "decimal"}), decimal_places=2, max_digits=14, **options
        )

    def to_python(self, value: Any) -> Any:
        """Ignore the spaces and commas that people put into figures."""
        return super().to_python(_figure(value))

    def clean(self, value: Any) -> int | None:
        """Return fen."""
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


def question(
    policy: Policy, name: str, today: date, *, required: bool, asked: Asked | None = None
) -> forms.Field:
    """Return the question that a field of the pack asks. `asked` lends the words of the case to what it offers."""
    spec = policy.fields[name]
    seen = asked or Asked(policy, today)
    shown: dict[str, Any] = {"label": said(spec), "help_text": _hint(spec), "required": required}
    match spec.kind:
        case "number" | "share":
            return Count(**shown)
        case "money":
            return Yuan(**shown | {"label": _("%(label)s（元）") % {"label": said(spec)}})
        case "day":
            return Day(**shown)
        case "moment":
            return Moment(**shown)
        case "tick":
            return forms.BooleanField(**shown | {"required": False})
        case "file":
            return forms.FileField(**shown)
        case "class" | "choice":
            return _choosing(spec, _glossed(policy, spec), shown)
        case "person" | "organisation" | "thing":
            return _choosing(spec, _rows(spec, seen), shown)
    return forms.CharField(widget=forms.Textarea({"rows": 4}), **shown)


def _choosing(spec: FieldSpec, choices: list[tuple[str, str]], shown: dict[str, Any]) -> forms.Field:
    if spec.many:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **shown)
    return forms.ChoiceField(choices=[("", _("请选择")), *choices], **shown)


def _rows(spec: FieldSpec, seen: Asked) -> list[tuple[str, str]]:
    """Return whom a question offers, by pinyin: everybody of its noun, unless it says among whom."""
    rows = Particulars.objects.on(seen.day).filter(subject__noun=spec.kind).order_by("pinyin")
    among = offered(spec, seen)
    if among is not None:
        rows = rows.filter(subject__in=among)
    return [(str(subject), name) for subject, name in rows.values_list("subject_id", "name")]


def _items(policy: Policy, spec: FieldSpec) -> list[Item]:
    return list(policy.classes(spec.of).items) if spec.kind == "class" else spec.options


def _glossed(policy: Policy, spec: FieldSpec) -> list[tuple[str, str]]:
    """Return the choices, each with what its word means where the pack says it. Notes are Chinese, as hints are."""
    glosses = not _reads_english()
    return [
        (item.id, f"{said(item)}：{item.note}" if item.note and glosses else said(item))
        for item in _items(policy, spec)
    ]


def _reads_english() -> bool:
    return (get_language() or "").startswith("en")


def _hint(spec: FieldSpec) -> str:
    """Say how to answer, and which paper needs it. Hints are Chinese; an English page shows only the paper."""
    hint = "" if _reads_english() else spec.hint
    needed = _("依据 %(clause)s") % {"clause": spec.clause} if spec.clause else ""
    return " · ".join(part for part in (hint, needed) if part)


def kept(policy: Policy, answers: Mapping[str, Any], *, by: object) -> dict[str, Any]:
    """Return answers as `packs.answers` keeps them. What was left open is left out."""
    return {
        name: _kept(policy.fields[name], answer, by)
        for name, answer in answers.items()
        if name in policy.fields and answer not in (None, "", [])
    }


def _kept(spec: FieldSpec, answer: Any, by: object) -> Any:
    match answer:
        case date():
            return answer.isoformat()
        case UploadedFile():
            return keep(name=answer.name or "", content=answer.read(), by=by).pk
        case str() if spec.kind in ROWS:
            return int(answer)
        case list() if spec.kind in ROWS:
            return [int(one) for one in answer]
    return answer


def asked_again(policy: Policy, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return kept answers as a form shows them again."""
    money_fields = {name for name in answers if name in policy.fields and policy.fields[name].kind == "money"}
    return {
        name: Decimal(answer) / 100 if name in money_fields else answer for name, answer in answers.items()
    }


def read(policy: Policy, name: str, answer: Any, today: date) -> str:
    """Return an answer in words."""
    if is_erased(answer):
        return _("已按规定删除（%(rule)s）") % {"rule": answer["erased"]}
    spec = policy.fields.get(name)
    if spec is None or answer in (None, "", []):
        return str(answer or "")
    match spec.kind:
        case "money":
            return money(int(answer))
        case "tick":
            return _("是") if answer else _("否")
        case "day":
            return day(date.fromisoformat(str(answer)))
        case "moment":
            at = datetime.fromisoformat(str(answer))
            return f"{day(at)} {clock_time(at)}"
        case "file":
            return File.objects.values_list("name", flat=True).get(pk=answer)
        case "class" | "choice":
            return _in_words({item.id: said(item) for item in _items(policy, spec)}, answer)
        case "person" | "organisation" | "thing":
            given = answer if isinstance(answer, list) else [answer]
            return _in_words(last_names(given), answer)
    return str(answer)


def _in_words(words: Mapping[Any, str], answer: Any) -> str:
    given = answer if isinstance(answer, list) else [answer]
    return _("、").join(words.get(one, str(one)) for one in given)
