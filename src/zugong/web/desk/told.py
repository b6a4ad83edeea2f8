"""What somebody was told and has not read, as it is true today: what is over or done is no news any more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from zugong.accounts.models import User
from zugong.cases import powers as case_powers
from zugong.cases.models import Case
from zugong.core.outbox.models import Message
from zugong.core.sentences import Sentence
from zugong.core.workdays import day_of
from zugong.duties.models import Occurrence
from zugong.registry import powers as registry
from zugong.registry.models import names_on
from zugong.web.asking import ruled, said
from zugong.web.due import of_case, of_day

Row = dict[str, Any]
TOLD = 200  # so many are read to be folded
CASE_LINK = re.compile(r"/cases/\d+")
OF_A_CASE = re.compile(r"case (?P<number>\S+) round (?P<round>\d+)(?P<due> (?:remind|overdue) \S+)? \S+")
OF_A_DUTY = re.compile(r"duty (?P<pk>\d+) remind .*")
NEAR, PAST = "快到期限：{kind}（{stage}）", "已过期限：{kind}（{stage}）"


def told(user: User, now: datetime) -> list[Row]:
    """Return what the asker was told and has not read, the newest first, each sentence once, with whom it is about."""
    unread = list(Message.objects.filter(to=user.username, read_at=None)[:TOLD])
    today = day_of(now)
    names, policy = _named_in(user, unread, today), ruled(today)
    alike: dict[str, dict[Any, Row]] = defaultdict(dict)
    for one, sentence, case in _true(unread, now):
        due = of_case(case, now) if case else of_day(one.until, policy.workdays if policy else None, today)
        row = {"message": one, "name": names.get(one.about or 0, ""), "due": due}
        same = alike[said(sentence)].setdefault(one.link or one.pk, row | {"messages": []})
        same["messages"].append(one)
    return [
        {
            "sentence": sentence,
            "pk": rows[0]["message"].pk,
            "at": rows[0]["message"].written_at,
            "first": min((row for row in rows if row["due"]), key=lambda row: row["due"].day, default=None),
            "rows": rows,
        }
        for sentence, rows in ((sentence, list(found.values())) for sentence, found in alike.items())
    ]


def alike(user: User, message: Message, now: datetime) -> list[Message]:
    """Return what stands folded with a message, as far as it was there when the message was."""
    for line in told(user, now):
        together = [one for row in line["rows"] for one in row["messages"]]
        if message in together:
            return [one for one in together if one.pk <= message.pk or one.written_at <= message.written_at]
    return [message]


def _true(unread: list[Message], now: datetime) -> Iterator[tuple[Message, Sentence, Case | None]]:
    """Yield each message that still holds, with what it says now, and the case whose deadline it speaks of."""
    of_case = {one.pk: found for one in unread if (found := OF_A_CASE.fullmatch(one.key))}
    of_duty = {one.pk: found for one in unread if (found := OF_A_DUTY.fullmatch(one.key))}
    numbers = {found["number"] for found in of_case.values()}
    rows = Case.objects.open().select_related("edition").defer("edition__texts")
    cases = {case.number: case for case in rows.filter(number__in=numbers)} if numbers else {}
    wanted = {found["pk"] for found in of_duty.values()}
    lacking = Occurrence.objects.open().short().filter(excused="", last__gte=day_of(now))
    short = {str(one.pk): one.short for one in lacking.filter(pk__in=wanted)} if wanted else {}
    for one in unread:
        if asked := of_case.get(one.pk):
            case = cases.get(asked["number"])
            if case is None or str(case.round) != asked["round"]:
                continue
            if asked["due"] and asked["due"].split()[1] != str(case.due_on):
                continue
            late = one.template == NEAR and case.is_overdue(now)
            yield one, Sentence.again(PAST, one.words) if late else one.sentence, case
        elif owed := of_duty.get(one.pk):
            if owed["pk"] in short:
                yield one, Sentence.again(one.template, one.words | {"short": short[owed["pk"]]}), None
        else:
            yield one, one.sentence, None


def _named_in(user: User, unread: list[Message], today: date) -> dict[int, str]:
    """Return what those are called whom messages are about. A message names nobody; here it is its reader who asks."""
    about = {one.about for one in unread if one.about}
    if not about:
        return {}
    cases = {int(one.link.removeprefix("/cases/")) for one in unread if CASE_LINK.fullmatch(one.link)}
    seen = (
        {user.person_id}
        | user.acts_for(today)
        | set(
            registry.organisations(user, today).filter(subject__in=about).values_list("subject_id", flat=True)
        )
    )
    seen |= set(case_powers.visible(user, today).filter(pk__in=cases).values_list("about_id", flat=True))
    return names_on(today, about & seen)
