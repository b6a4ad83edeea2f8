"""Requests of one kind that came in elsewhere: the hotline's own number, where, what. What was taken in is the same again.

The contact comes in and does not go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from zugong.accounts.rules import May
from zugong.cases import intake
from zugong.cases import powers as case_powers
from zugong.cases.models import CaseQuerySet, Receipt
from zugong.cases.needs import answers_of
from zugong.core import clock
from zugong.imports.entities.book import (
    FIELD,
    Asking,
    Change,
    Line,
    Made,
    answers,
    field_cells,
    field_columns,
    names_of,
    point,
    point_fields,
    refs_in,
)
from zugong.imports.entities.reports import Opened, each
from zugong.imports.entities.ties import nouns_of
from zugong.imports.rules import Column, Kind
from zugong.packs.policy import Policy
from zugong.packs.schema import CaseKind
from zugong.registry.models import Subject
from zugong.registry.rules import NOUNS


class Requested(Opened):
    """Requests of one kind, each with a receipt."""

    group = "诉求"
    needs = May.ACT

    def __init__(self, policy: Policy, kind: CaseKind) -> None:
        super().__init__(policy, kind)
        assert kind.intake
        self.intake = kind.intake
        ways: dict[str, str] = {name: str(intake.CHANNELS[name]) for name in self.intake.channels}
        self.columns = (
            Column("about", "事情在哪里", Kind.REF, required=True, nouns=nouns_of(kind.about)),
            Column("channel", "从哪里来", Kind.CHOICE, required=True, options=ways),
            Column("outside_number", "热线工单号", Kind.CODE, hint="同一个编号只受理一次", longest=60),
            *field_columns(policy, kind.at_opening),
        )

    def _running(self, asking: Asking) -> CaseQuerySet:
        return super()._running(asking).filter(receipt__isnull=False)

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield the open requests of the kind that the asker sees, without contacts."""
        listed = list(self._running(asking).select_related("receipt").order_by("pk"))
        given = {one.pk: self._told(answers_of(one)) for one in listed}
        mentioned: list[int | None] = [one.about_id for one in listed]
        names = names_of([*mentioned, *refs_in(given.values(), self.columns)], asking.day)
        for one in listed:
            yield {
                "about": names.get(one.about_id, ""),
                "channel": one.receipt.channel,
                "outside_number": one.receipt.outside_number,
                **field_cells(given[one.pk], self.columns, names),
            }

    def _told(self, given: Mapping[str, Any]) -> dict[str, Any]:
        hidden = intake.sealed(self.kind)
        return {name: value for name, value in given.items() if name not in hidden}

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """The hotline's own number; without one, where and what."""
        given = line.given
        if number := given.get("outside_number"):
            return (given.get("channel"), number)
        return (given.get("about"), given.get(FIELD + self.intake.matter))

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find what was taken in already, and what cannot be."""
        point(asking, lines, self.column("about"), {noun: asking.seeing(noun) for noun in NOUNS})
        point_fields(asking, lines, self.columns, keeping=False)
        allowed = self._open_to(asking)
        there = self._there(asking, lines)
        for line in lines:
            if line.good and self.key(line) in there:
                line.change = Change.SAME
            elif line.good and line.given["about"] not in allowed:
                line.fault("about", "这类事项不能以它为对象，或者不由您立项")
            for name in self.kind.asks:
                column = FIELD + name
                if any(one.name == column for one in self.columns) and line.given.get(column) is None:
                    line.fault(column, "这一项必须填写")

    def _there(self, asking: Asking, lines: Sequence[Line]) -> set[tuple[Any, ...]]:
        numbers = {line.given.get("outside_number") for line in lines} - {None}
        taken = Receipt.objects.filter(outside_number__in=numbers).values_list("channel", "outside_number")
        running = self._running(asking).filter(receipt__outside_number="")
        said = ((one.about_id, answers_of(one).get(self.intake.matter)) for one in running)
        return {*taken, *said}

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Take in each."""
        subjects = Subject.objects.in_bulk({line.given["about"] for line in lines})

        def deed(line: Line) -> int:
            receipt, _code = intake.receive(
                self.kind.name,
                about=subjects[line.given["about"]],
                answers=answers(line),
                channel=line.given["channel"],
                day=asking.day,
                at=clock.now(),
                by=asking.user,
                key=uuid4().hex,
                outside_number=line.given.get("outside_number") or "",
            )
            return receipt.case_id

        return {"added": each(lines, deed)}

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Withdraw each; the hotline's own number is free for the sheet that was meant."""
        super().take_back(asking, made, reason=reason)
        for receipt in Receipt.objects.filter(case__in=made["added"]).exclude(outside_number=""):
            receipt.outside_number = f"{receipt.outside_number}（撤回 {receipt.pk}）"[-60:]
            receipt.save(update_fields=["outside_number"])


def requested(policy: Policy) -> list[Opened]:
    """Return a book for each kind of request that persons take in; what is said against an official is in no sheet."""
    return [
        Requested(policy, kind)
        for kind in policy.all("case", CaseKind)
        if kind.intake and not kind.intake.against and not kind.adverse and case_powers.by_hand(kind)
    ]
