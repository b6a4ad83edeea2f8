"""交接清单: what lies with a post, and with whoever held it, drawn up for the cases whose stage asks for that list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.db import transaction

from zugong.cases import actions, awaiting, powers
from zugong.cases.models import Case
from zugong.duties.models import Occurrence
from zugong.packs.schema import LinkKind
from zugong.packs.schema.cases import CaseKind
from zugong.registry.actions import policy_of, policy_on
from zugong.registry.models import Edition, Link, Particulars, names_on
from zugong.registry.rules import THING

Item = dict[
    str, Any
]  # what: tasks, cases, duties, ties or things; number of the row; label; due day or nothing


@transaction.atomic
def draw_up(day: date) -> int:
    """Draw up the list of every open case at whose stage the pack asks for one; what has changed is a later list."""
    drawn = 0
    for edition in Edition.objects.of(Case.objects.open()):
        for kind in policy_of(edition).all("case", CaseKind):
            for stage in kind.stages:
                sections = [word for need in stage.needs for word in need.drawn]
                if not sections:
                    continue
                here = Case.objects.open().filter(edition=edition, kind=kind.name, stage=stage.name)
                for case in here.select_related("about", "holder", "edition").order_by("pk"):
                    items = list(lying_with(case.about_id, case.holder_id, sections, day, but=case))
                    drawn += actions.draw(case, items, day=day) is not None
    return drawn


def lying_with(
    post: int, person: int | None, sections: Iterable[str], day: date, *, but: Case | None = None
) -> Iterator[Item]:
    """Yield what lies with a post, and with the person who held it, section by section; not the hand-over itself."""
    whom = [post, *([person] if person else [])]
    for section in dict.fromkeys(sections):
        yield from (
            item
            for item in SECTIONS[section](whom, day)
            if but is None or (item["what"], item["number"]) != ("cases", but.pk)
        )


def _tasks(whom: list[int], day: date) -> Iterator[Item]:
    rows = Case.objects.open().filter(holder__in=whom, parent__isnull=False)
    yield from _told("tasks", rows.select_related("about", "edition").order_by("due_on", "pk"), day)


def _cases(whom: list[int], day: date) -> Iterator[Item]:
    yield from _told(
        "cases", (one for one in awaiting.of_posts(frozenset(whom[:1]), day) if not one.holder_id), day
    )


def _told(what: str, cases: Iterable[Case], day: date) -> Iterator[Item]:
    found = list(cases)
    names = names_on(day, (one.about_id for one in found))
    for one in found:
        label = one.label or powers.kind_of(one).label
        yield _item(what, one.pk, f"{names.get(one.about_id, '')} · {label}（{one.number}）", one.due_on)


def _duties(whom: list[int], day: date) -> Iterator[Item]:
    rows = Occurrence.objects.open().filter(who__in=whom, first__lte=day, last__gte=day)
    for one in rows.with_edition().order_by("last", "pk"):
        label = policy_of(one.edition).duty(one.duty).label
        yield _item("duties", one.pk, f"{label}（{one.period}）{one.done}/{one.needed}", one.last)


def _ties(whom: list[int], day: date) -> Iterator[Item]:
    rows = list(Link.objects.on(day).filter(near__in=whom).order_by("kind", "role", "pk"))
    names = names_on(day, (one.far_id for one in rows))
    kinds = {link.name: link for link in policy_on(day).all("link", LinkKind)}
    for one in rows:
        link = kinds.get(one.kind)
        role = link.kinds.get(one.role) if link else None
        words = f"{link.label} · {role.label}" if link and role else one.kind
        yield _item("ties", one.pk, f"{words}：{names.get(one.far_id, '')}", None)


def _things(whom: list[int], day: date) -> Iterator[Item]:
    rows = Particulars.objects.on(day).filter(subject__noun=THING, parent__in=whom)
    for one in rows.order_by("pinyin", "pk"):
        yield _item("things", one.subject_id, one.name, None)


def _item(what: str, number: int, label: str, due: date | None) -> Item:
    return {"what": what, "number": number, "label": label, "due": due.isoformat() if due else ""}


SECTIONS: dict[str, Callable[[list[int], date], Iterator[Item]]] = {
    "tasks": _tasks,
    "cases": _cases,
    "duties": _duties,
    "ties": _ties,
    "things": _things,
}
