"""交接清单: what lies with a post, and with whoever held it, drawn up for the cases whose stage asks for that list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.cases import actions, awaiting, powers
from zugong.cases.jobs import come_about
from zugong.cases.models import Case
from zugong.cases.rules import State
from zugong.core.outbox.actions import Letter, send
from zugong.core.pending.actions import came_about, forget
from zugong.core.sentences import Sentence
from zugong.duties.models import Occurrence
from zugong.packs.policy import Policy
from zugong.packs.schema import Classes, LinkKind
from zugong.packs.schema.cases import CaseKind
from zugong.registry.actions import end_of, policy_of, policy_on
from zugong.registry.models import Appointment, Edition, Link, Particulars, names_on
from zugong.registry.powers import organisations
from zugong.registry.rules import POST, THING

Item = dict[
    str, Any
]  # what: tasks, cases, duties, ties or things; number of the row; label; due day or nothing


@transaction.atomic
def follow(day: date) -> None:
    """Let what an ending or a beginning left come about now; the day's jobs would do the same."""
    come_about(day)
    draw_up(day)


@transaction.atomic
def draw_up(day: date) -> int:
    """Draw up the list of every open case at whose stage the pack asks for one; what has changed is a later list.

    Who holds the post again hands nothing over: the case falls away. Who takes over and cannot see is told of.
    """
    drawn = 0
    for edition in Edition.objects.of(Case.objects.open()):
        for kind in policy_of(edition).all("case", CaseKind):
            if not (lists := drawn_at(kind)):
                continue
            here = Case.objects.open().filter(edition=edition, kind=kind.name)
            for case in here.select_related("about", "holder", "edition").order_by("pk"):
                if holds(case.holder_id, case.about_id, day):
                    actions.withdraw(case, by=None, day=day, reason="本人接着担任这个职务，不用交接")
                    continue
                if sections := lists.get(case.stage):
                    items = list(lying_with(case.about_id, case.holder_id, sections, day, but=case))
                    drawn += actions.draw(case, items, day=day) is not None
                _tell_administrators(case, day)
    return drawn


def drawn_at(kind: CaseKind) -> dict[str, list[str]]:
    """Return stage → the sections of the list that it asks for. Empty: the kind is no hand-over."""
    asked: dict[str, list[str]] = {
        stage.name: [word for need in stage.needs for word in need.drawn] for stage in kind.stages
    }
    return {stage: sections for stage, sections in asked.items() if sections}


def holds(person: int | None, post: int, day: date) -> bool:
    """Say whether a person holds a post in their own right on a day."""
    held = Appointment.objects.on(day).filter(post=post, person=person, acts_for=False)
    return person is not None and held.exists()


def undone(appointments: Iterable[int], *, day: date, reason: str) -> None:
    """Let what the ends of some appointments left or opened fall away with them: they did not end."""
    ends = [end_of(pk) for pk in appointments]
    for case in Case.objects.open().filter(cause__in=ends).order_by("pk"):
        actions.withdraw(case, by=None, day=day, reason=reason)
    forget(ends)


def worked_on(appointments: Iterable[int]) -> list[Sentence]:
    """Say what people have done since in what the ends of some appointments opened, and what else came about."""
    ends = [end_of(pk) for pk in appointments]
    cases = Case.objects.filter(cause__in=ends).exclude(state=State.WITHDRAWN)
    touched = cases.filter(Q(steps__isnull=False) | Q(proofs__isnull=False)).distinct()
    found = [Sentence("{number}已经在办", number=case.number) for case in touched.order_by("pk")]
    others = [row for row in came_about(ends) if row.verb != "open"]
    return found + ([Sentence("免职带来的 {many} 项已经办了", many=len(others))] if others else [])


# --- Who takes over and cannot see ------------------------------------------------------------


@dataclass(frozen=True)
class Unsighted:
    """Somebody who holds a post and does not see its organisation: with their account, or none."""

    person: int
    account: User | None


def unsighted(post: int, day: date) -> list[Unsighted]:
    """Return who holds a post and sees only what lies with it: nobody granted them its organisation."""
    owner = Particulars.objects.on(day).filter(subject=post).values_list("parent_id", flat=True).first()
    held = Appointment.objects.on(day).filter(post=post, acts_for=False).order_by("pk")
    found = []
    for person in held.values_list("person_id", flat=True):
        users = list(User.objects.filter(person=person, is_active=True).order_by("pk"))
        if not any(organisations(user, day).filter(subject=owner).exists() for user in users):
            found.append(Unsighted(person, users[0] if users else None))
    return found


def _tell_administrators(case: Case, day: date) -> None:
    """Tell once whoever makes accounts, or gives grants, that a successor has none."""
    lacking = unsighted(case.about_id, day)
    post = case.about.on(day) if lacking else None
    if post is None:
        return
    body, title = (
        names_on(day, [post.parent_id or 0]).get(post.parent_id or 0, ""),
        _title(post, policy_on(day)),
    )
    for one in lacking:
        if one.account:
            role, sentence = (
                Role.SECURITY_ADMINISTRATOR,
                Sentence(
                    "{body}{post}的接任人（账号 {account}）没有授权，看不到这个组织，请办理授权",
                    body=body,
                    post=title,
                    account=one.account.username,
                ),
            )
            link = f"/users/{one.account.pk}"
        else:
            role, sentence = (
                Role.SYSTEM_ADMINISTRATOR,
                Sentence("{body}{post}的接任人没有账号，不能接收，请设立账号", body=body, post=title),
            )
            link = "/users/new"
        grants = Grant.objects.on(day).filter(role=role)
        for user in User.objects.filter(grants__in=grants, is_active=True).distinct():
            send(
                Letter(
                    f"{case} {one.person} {role} {user.username}"[:200], user.username, sentence, link=link
                )
            )


def _title(post: Particulars, policy: Policy) -> object:
    """Return what the pack calls a post's class, else what the post is called."""
    entries = policy.all("classes", Classes)
    items = (item for entry in entries if entry.of == POST for item in entry.items)
    return next((item for item in items if item.id == post.klass), post.name)


# --- What lies with a post ------------------------------------------------------------------------


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
