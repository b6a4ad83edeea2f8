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
        yield Paragraph(said(section["sentence"]))
        if late := [one["name"] for one in section.get("late", [])]:
            yield Paragraph(f"逾期的：{'、'.join(late)}。")
        if section.get("rows"):
            rows = tuple(tuple(value(cell) for cell in row) for row in section["rows"])
            yield Table(tuple(map(said, section["columns"])), rows, caption=section["label"])
        if section.get("chart"):
            yield Figure(chart(section["chart"]), caption=said(section["chart"]["title"]))
    if bulletin.remark:
        yield Heading(1, "有关要求")
        for line in filter(None, map(str.strip, bulletin.remark.splitlines())):
            yield Paragraph(line)


def chart(drawn: dict[str, Any], language: str = "zh") -> ChartSpec:
    """Return the chart of a section."""
    points = tuple(Point(said(at, language), int(value)) for at, value in drawn["points"])
    return ChartSpec(
        kind=Kind.BARS,
        title=said(drawn["title"], language),
        points=points,
        unit=said(drawn["unit"], language),
        english=language.startswith("en"),
    )


def said(kept: Any, language: str = "zh") -> str:
    """Return a kept text in a language; a name stands as it is."""
    return str(kept["en" if language.startswith("en") else "zh"] if isinstance(kept, dict) else kept)


def value(cell: Any, language: str = "zh") -> Value:
    """Return a kept cell as a figure. A day was kept as ISO text."""
    if isinstance(cell, int) or cell is None:
        return cell
    text = said(cell, language)
    try:
        return date.fromisoformat(text) if len(text) == 10 else text
    except ValueError:
        return text


def _note(bulletin: Bulletin, policy: Policy) -> str:
    invented = "；虚构县，数字均为演示" if policy.info.fictional else ""
    return (
        f"数据截至{bulletin.as_of.year}年{bulletin.as_of.month}月{bulletin.as_of.day}日，"
        f"依据制度包 {policy.info.label} {policy.info.version}{invented}"
    )
