"""From a bulletin's kept facts to the paper that Word, PDF and Excel all print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from zugong.bulletins.models import Bulletin, BulletinState
from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Point
from zugong.bulletins.papers.paper import Block, Figure, Heading, Paper, Paragraph, Table
from zugong.bulletins.papers.values import Value
from zugong.packs.policy import Policy
from zugong.registry.actions import policy_of


def paper(bulletin: Bulletin) -> Paper:
    """Return the paper of a bulletin. A draft says that it is one; a number is printed only once it was given."""
    policy = policy_of(bulletin.edition)
    entry = policy.bulletin(bulletin.kind)
    draft = "" if bulletin.state == BulletinState.ISSUED else "（未印发）"
    return Paper(
        title=f"{bulletin.period}{entry.label}{draft}",
        issuer=entry.issuer,
        head=f"{entry.issuer}文件" if bulletin.state == BulletinState.ISSUED else "",
        number=bulletin.number,
        day=bulletin.issued_on or bulletin.as_of,
        addressees=tuple(_addressees(policy, entry.for_)),
        blocks=tuple(_blocks(bulletin)),
        note=_note(bulletin, policy),
    )


def _addressees(policy: Policy, roles: list[str]) -> Iterator[str]:
    for role in roles:
        yield policy.roles[role].label if role in policy.roles else role


def _blocks(bulletin: Bulletin) -> Iterator[Block]:
    for section in bulletin.facts["sections"]:
        yield Heading(1, section["label"])
        yield Paragraph(section["sentence"])
        if section.get("rows"):
            rows = tuple(tuple(_value(cell) for cell in row) for row in section["rows"])
            yield Table(tuple(section["columns"]), rows, caption=section["label"])
        if section.get("chart"):
            yield Figure(chart(section["chart"]), caption=section["chart"]["title"])
    if bulletin.remark:
        yield Heading(1, "有关要求")
        for line in filter(None, map(str.strip, bulletin.remark.splitlines())):
            yield Paragraph(line)


def chart(drawn: dict[str, Any]) -> ChartSpec:
    """Return the chart of a section."""
    points = tuple(Point(str(at), int(value)) for at, value in drawn["points"])
    return ChartSpec(kind=Kind.BARS, title=drawn["title"], points=points, unit=drawn["unit"])


def _value(cell: Any) -> Value:
    """A day was kept as ISO text."""
    if isinstance(cell, str) and len(cell) == 10 and cell[4:5] == "-":
        return date.fromisoformat(cell)
    value: Value = cell
    return value


def _note(bulletin: Bulletin, policy: Policy) -> str:
    invented = "；虚构县，数字均为演示" if policy.info.fictional else ""
    return (
        f"数据截至{bulletin.as_of.year}年{bulletin.as_of.month}月{bulletin.as_of.day}日，"
        f"依据制度包 {policy.info.label} {policy.info.version}{invented}"
    )
