"""The components as tags, and how the office writes marks, money and days.

Every tag draws one small template of ``templates/components/``; the gallery shows each in all its states.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Page
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxSelectMultiple,
    ChoiceField,
    FileInput,
    Select,
    Widget,
)
from django.forms.utils import ErrorList, flatatt
from django.forms.widgets import ChoiceWidget
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from zugong.core import clock
from zugong.core.sentences import nested
from zugong.registry.actions import spelled
from zugong.web.asking import said, said_period
from zugong.web.due import Deadline
from zugong.web.plain import by_name
from zugong.web.ways import opens

register = template.Library()
register.filter("by_name", by_name)
register.filter("said", said)
register.filter("period", said_period)

CSS = Path(__file__).parent.parent / "static" / "css"

FEW = 30
"""Choices in one list that are read at a glance; more are searched by typing."""

SOON = 3
"""Working days left from which a deadline is marked as near: a colour. Whom a county tells, and how early, its clocks say."""


# How the office writes things


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def grouped(number: str) -> str:
    """Write a long number in groups of four, as it is read aloud."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


@register.filter
def marks(thousandths: int | None) -> str:
    """A mark in thousandths, with all three places: 91250 → 91.250."""
    if thousandths is None:
        return "—"
    whole, rest = divmod(abs(thousandths), 1000)
    return f"{'−' if thousandths < 0 else ''}{whole}.{rest:03d}"


@register.filter
def money(fen: int | None) -> str:
    """Money in fen, as the office writes it: 500000 → 5000元; in English ¥5,000. Fen are shown only when there are any."""
    if fen is None:
        return "—"
    sign = "−" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    small = f".{rest:02d}" if rest else ""
    return f"{sign}¥{yuan:,}{small}" if _english() else f"{sign}{yuan}{small}元"


def _as_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: date | datetime | None) -> str:
    """A day on paper: 2025年12月8日; in English 8 December 2025."""
    if not value:
        return ""
    on = _as_date(value)
    return date_format(on, "j F Y") if _english() else f"{on.year}年{on.month}月{on.day}日"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """A day whose year is plain from the page: 12月8日; in English 8 Dec."""
    if not value:
        return ""
    on = _as_date(value)
    return date_format(on, "j M") if _english() else f"{on.month}月{on.day}日"


def near_day(value: date | datetime | None, year: int) -> str:
    """A day as briefly as it stays plain: without the year where it is the reader's own."""
    return short_day(value) if value and _as_date(value).year == year else day(value)


def near_due(due: Deadline, year: int) -> str:
    """A deadline as briefly as it stays plain: its day, and its hour where it has one."""
    words = (near_day(due.day, year), due.hour)
    return " ".join(filter(None, words)) if _english() else "".join(words)


def _today(context: Context) -> date:
    """The reader's own day, asked once for a request."""
    request = context.get("request")
    if request is None:
        return clock.today()
    if not hasattr(request, "reader_today"):
        request.reader_today = clock.today()
    today: date = request.reader_today
    return today


@register.filter
def weekday(value: date | datetime | None) -> str:
    """The day of the week: 星期一; in English Monday."""
    return str(WEEKDAYS[_as_date(value).weekday()]) if value else ""


@register.filter
def clock_time(value: datetime | None) -> str:
    """The hour and minute of an instant, in the county's time: 10:32."""
    return timezone.localtime(value).strftime("%H:%M") if value else ""


@register.filter
def stars(grade: str) -> str:
    """A star rating as it stands on the roll: "4" → 四星; any other word as it is."""
    words = {
        "5": _("五星"),
        "4": _("四星"),
        "3": _("三星"),
        "2": _("二星"),
        "1": _("一星"),
        "not-rated": _("不予评定"),
    }
    return words.get(grade, grade or "—")


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's query with some parameters replaced; None or "" takes one away."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"


# Small components


def _component(name: str) -> str:
    return f"components/{name}.html"


@register.simple_tag
def styles() -> SafeString:
    """The style sheet: one where files were collected, else each for itself in the order of the file names."""
    joined = getattr(staticfiles_storage, "one_sheet", "")
    sheets = [joined] if joined else [f"css/{sheet.name}" for sheet in sorted(CSS.glob("*.css"))]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(sheet),) for sheet in sheets))


@register.inclusion_tag(_component("button"), takes_context=True)
def button(
    context: Context,
    label: str,
    href: str = "",
    kind: str = "secondary",
    name: str = "",
    value: str = "",
    formaction: str = "",
    size: str = "",
    disabled: bool = False,
    about: str = "",
) -> dict[str, Any]:
    """A link with ``href``, else a submit button. Kinds: primary, secondary, danger, quiet; ``about`` is heard only.

    A link to a page that is closed to the reader is not drawn.
    """
    drawn = {name: value for name, value in locals().items() if name != "context"}
    return drawn | {"closed": bool(href) and not opens(context.get("request"), href)}


@register.inclusion_tag(_component("tag"))
def tag(text: str, state: str = "neutral") -> dict[str, Any]:
    """A state in a word: late, soon, running, done, neutral or brand."""
    return locals()


@register.inclusion_tag(_component("due_tag"), takes_context=True)
def due_tag(context: Context, due: Deadline | None, whole: Deadline | None = None) -> dict[str, Any]:
    """A deadline, and beside it that of the ``whole`` where there is one. It is marked where its calendar is not published."""
    today = _today(context)
    return {"due": _due(due, today), "whole": _due(whole, today)}


def _due(due: Deadline | None, today: date) -> dict[str, Any] | None:
    if due is None:
        return None
    said = near_due(due, today.year)
    return {"day": due.day, "hour": due.hour, "said": said, "provisional": due.provisional} | _urgency(
        due, said, today
    )


def _urgency(due: Deadline, said: str, today: date) -> dict[str, str]:
    """Say how near it is, where that is worth a colour. After a day of rest nothing is left, and it is late all the same."""
    left = due.left
    if due.is_term and due.day <= today:
        return {"state": "soon", "words": _("期满，可以办理")}
    if left is None or left > SOON or (left == 0 and due.day > today):
        return {"state": "", "words": ""}
    if left < 0:
        words = ngettext("逾期 %(days)d 个工作日", "逾期 %(days)d 个工作日", -left) % {"days": -left}
        return {"state": "late", "words": words}
    if due.is_late:
        return {"state": "late", "words": _("已过期限")}
    if due.hour:
        return {"state": "soon", "words": _("%(moment)s到期") % {"moment": said}}
    if left == 0:
        return {"state": "soon", "words": _("今日到期")}
    words = ngettext("还剩 %(days)d 个工作日", "还剩 %(days)d 个工作日", left) % {"days": left}
    return {"state": "soon", "words": words}


@register.inclusion_tag(_component("nothing"))
def nothing(title: str, how: str = "", href: str = "", label: str = "") -> dict[str, Any]:
    """An empty list: what would be here, how it begins, and the button that begins it."""
    return locals()


@register.inclusion_tag(_component("stages"))
def stages(line: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The line of a case: ``{label, when, state, href}`` with state done, now, late, back, skipped or ahead."""
    rows = [{**stage, "said": STAGE_WORDS[stage["state"]]()} for stage in line]
    here = next((place for place, row in enumerate(rows) if row["state"] in ("now", "late")), None)
    return {
        "line": rows,
        "long": len(rows) > FEW_STAGES,
        "here": None if here is None else rows[here],
        "place": None if here is None else here + 1,
    }


FEW_STAGES = 3  # so many stand upright on a phone without a fold


STAGE_WORDS: dict[str, Callable[[], str]] = {
    "done": lambda: _("已完成"),
    "now": lambda: _("进行中"),
    "late": lambda: _("已逾期"),
    "back": lambda: _("已退回"),
    "skipped": lambda: _("不经过"),
    "ahead": lambda: _("未开始"),
}


@register.simple_tag(takes_context=True)
def way(context: Context, href: str, text: Any) -> str:
    """A name that leads to its page; where that page is closed to the reader, the name alone."""
    return (
        format_html('<a href="{}">{}</a>', href, text) if opens(context.get("request"), href) else str(text)
    )


@register.inclusion_tag(_component("timeline"), takes_context=True)
def timeline(context: Context, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What happened, newest first: ``{day, text, by, href, state}`` with state "", act, late or ahead."""
    year = _today(context).year
    said = [{**event, "said": near_day(event["day"], year)} for event in events]
    return {"events": said, "request": context.get("request")}


@register.inclusion_tag(_component("facts"), takes_context=True)
def facts(context: Context, pairs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A description list: ``{label, value, href, change}``; ``change`` is the address where the value is corrected."""
    return {"pairs": pairs, "request": context.get("request")}


@register.inclusion_tag(_component("number"))
def number(label: str, value: Any, unit: str = "", note: str = "", href: str = "") -> dict[str, Any]:
    """One figure with its unit; ``href`` leads to where it comes from."""
    if _english() and value == 1:
        unit = re.sub(r"^(\w+)s\b", r"\1", unit)  # 1 minute; English units stand in the plural
    return {"label": label, "value": value, "unit": unit, "note": note, "href": href}


@register.inclusion_tag(_component("squares"))
def squares(
    groups: Iterable[Mapping[str, Any]], key: Iterable[Mapping[str, str]], name: str
) -> dict[str, Any]:
    """Every village as one square.

    ``groups``: ``{label, squares: [{label, grade, said, href, chosen}]}`` with grade "5" … "1" or "none";
    ``key``: ``{grade, label}``; ``name``: what the picture is called for those who hear it.
    """
    return locals()


@register.inclusion_tag(_component("explain"))
def explain(why: Mapping[str, Any], opened: bool = False) -> dict[str, Any]:
    """A figure and its reasons, opened in place.

    ``why``: ``{summary, arithmetic, facts, facts_href, rule, clause, clause_href, rater}``; or ``{summary, href}``, whose
    reasons are fetched from ``href`` when opened (without script ``href`` is a link).
    """
    return {"why": why, "opened": opened}


@register.inclusion_tag(_component("quota"))
def quota(label: str, done: int, of: int, href: str = "") -> dict[str, Any]:
    """How much of a duty is done: 3 / 4."""
    return {"label": label, "done": done, "of": of, "href": href, "full": done >= of}


@register.inclusion_tag(_component("tabs"))
def tabs(items: Iterable[Mapping[str, Any]], name: str = "") -> dict[str, Any]:
    """Sibling pages: ``{label, href, current, count}``."""
    return locals()


@register.inclusion_tag(_component("chart"))
def chart(
    title: str, svg: str = "", src: str = "", said: str = "", source: str = "", rows: Any = ()
) -> dict[str, Any]:
    """A picture of figures with the figures under it. ``svg`` is our own server-rendered drawing, ``rows`` its table."""
    return {"title": title, "svg": mark_safe(svg), "src": src, "said": said, "source": source, "rows": rows}  # noqa: S308


# Forms


@register.inclusion_tag(_component("field"))
def field(bound: BoundField, boxed: bool = False, kept: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """One question of a form. ``boxed`` gives choices large targets; ``kept`` lists files already there."""
    return {
        "field": bound,
        "drawn": bound.as_widget(attrs=_find(bound.field.widget)),
        "wrong": list(_wrong(bound)),
        "grouped": bound.use_fieldset,
        "among": flatatt(_find(bound.field.widget, CheckboxSelectMultiple)),
        "upload": isinstance(bound.field.widget, FileInput),
        "boxed": boxed,
        "kept": kept,
    }


def _find(widget: Widget, kind: type[ChoiceWidget] = Select) -> dict[str, str | bool]:
    """Return what lets a long list of choices be searched by typing; nothing for a short one."""
    if type(widget) is not kind:
        return {}
    choices: Iterator[tuple[Any, Any]] = chain.from_iterable(
        label if isinstance(label, list | tuple) else [(value, label)] for value, label in widget.choices
    )
    return finding(choices)


def finding(choices: Iterable[tuple[Any, Any]]) -> dict[str, str | bool]:
    """Return the attributes that let a select of more than `FEW` choices be searched by name, pinyin or initials."""
    labels = [str(label) for _value, label in choices]
    if len(labels) <= FEW:
        return {}
    return {
        "data-find": json.dumps([_keys(label.partition("（")[0]) for label in labels], separators=(",", ":")),
        "data-find-asks": _("输入名称、拼音或首字母查找"),
        "data-find-said": _("找到 {n} 个"),
    }


@lru_cache(maxsize=20_000)
def _keys(label: str) -> tuple[str, str]:
    pinyin, initials = spelled(label)
    return pinyin.replace(" ", ""), initials


@register.simple_tag(name="finding")
def _finding(choices: Iterable[tuple[Any, Any]]) -> SafeString:
    """The same for a select that a template writes itself, whose first choice is all of them."""
    return flatatt(finding([("", ""), *choices]))


@register.inclusion_tag(_component("errors"))
def error_summary(form: BaseForm, refused: Any = None) -> dict[str, Any]:
    """What has to be put right, each with a link to its question; ``refused`` is a sentence with its clause."""
    wrong = [
        (form[name].id_for_label or form[name].auto_id, _label_beside(form[name], sentence), str(sentence))
        for name in form.errors
        if name in form.fields
        for sentence in _wrong(form[name])
    ]
    return {"wrong": wrong, "general": form.non_field_errors(), "refused": refused}


def _label_beside(bound: BoundField, sentence: Any) -> str:
    """Return the label that goes before a sentence; nothing where the sentence names the question itself."""
    label = str(bound.label)
    return "" if label in str(sentence) or nested(f"“{label}”") in str(sentence) else label


def _wrong(bound: BoundField) -> Iterator[str]:
    """The same sentence beside the question and in the summary; an empty answer is asked for by its name."""
    for error in bound.form.errors.get(bound.name, ErrorList()).as_data():
        if error.code == "required":
            ask = _("请选择“%(label)s”") if isinstance(bound.field, ChoiceField) else _("请填写“%(label)s”")
            yield nested(ask % {"label": bound.label})
        else:
            yield from error.messages


# Tables


@register.inclusion_tag(_component("sorter"), takes_context=True)
def sorter(context: Context, key: str, label: str, number: bool = False, default: str = "") -> dict[str, Any]:
    """A column head that sorts by ``?sort=key`` or ``?sort=-key``; ``default`` is the order when none is asked."""
    asked = context["request"].GET.get("sort", default)
    order = {key: "ascending", f"-{key}": "descending"}.get(asked, "")
    there = query(context, sort=f"-{key}" if order == "ascending" else key, page=None)
    return {"label": label, "number": number, "order": order, "href": there}


@register.inclusion_tag(_component("pager"), takes_context=True)
def pager(context: Context, page: "Page[Any]", export: str = "") -> dict[str, Any]:
    """The foot of a table: how many rows, which pages, and the way to Excel."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    links = [(n, query(context, page=n) if isinstance(n, int) else "") for n in numbers]
    return {
        "page": page,
        "links": links,
        "before": query(context, page=page.previous_page_number()) if page.has_previous() else "",
        "after": query(context, page=page.next_page_number()) if page.has_next() else "",
        "export": export and export + query(context, page=None),
    }


# Components with a body: {% card title="…" %} … {% endcard %}


def _block(name: str, context: Context, body: str, options: dict[str, Any]) -> SafeString:
    inside = {**options, "body": body, "csrf_token": context.get("csrf_token")}
    return render_to_string(_component(name), inside)


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, **options: Any) -> SafeString:
    """A card. Options: ``title``, ``note`` beside it, ``id``, ``more`` and ``href`` for a link at the right."""
    if not opens(context.get("request"), options.get("href", "")):
        options.pop("href", None)
    return _block("card", context, content, options)


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: str, **options: Any) -> SafeString:
    """A sentence above the page's work. Options: ``state`` running, done, soon or late; ``word`` before it."""
    return _block("notice", context, content, options)


@register.simple_block_tag(takes_context=True)
def query_form(context: Context, content: str, **options: Any) -> SafeString:
    """The query form over a table (GET). Option ``cleared``: the address without a query."""
    return _block("query_form", context, content, options)


@register.simple_block_tag(takes_context=True)
def confirm(context: Context, content: str, **options: Any) -> SafeString:
    """The last look before a deed (POST). Options: ``title``, ``label`` of the button, ``back``, ``danger``, ``action``."""
    return _block("confirm", context, content, options)
