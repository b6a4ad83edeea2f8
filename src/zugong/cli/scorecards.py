"""Ratings on a laptop: score a frozen run, compute it again, count grades that a meeting decided. No database is needed."""

from __future__ import annotations

import argparse
import csv
import inspect
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from zugong.cli import site
from zugong.core.errors import Refused
from zugong.packs.loader import library, load
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Effect
from zugong.packs.schema.scorecards import Scorecard
from zugong.rules import guards
from zugong.scorecards import engine
from zugong.scorecards.rules import (
    BOUNDS,
    NOT_RATED,
    Bound,
    Decided,
    Quota,
    Verdict,
    check_totals,
    decide,
    guard_facts,
    printed,
)

Run = Callable[[argparse.Namespace], int]
RESULTS = ("results.parquet", "cells.parquet", "outcome.json")


def scorecards(arguments: Sequence[str]) -> int:
    """Score a frozen run, compute one again, or count decided grades: run, recompute, decide."""
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zugong scorecards", description=inspect.getdoc(scorecards))
    words = parser.add_subparsers(required=True, metavar="run | recompute | decide")

    def word(run: Run) -> argparse.ArgumentParser:
        one = words.add_parser(run.__name__.strip("_"), help=inspect.getdoc(run))
        one.set_defaults(run=run)
        one.add_argument("--json", action="store_true", help="print JSON")
        return one

    for run in (_run, _recompute):
        word(run).add_argument("folder", type=Path, help="the folder of a run: run.json and facts/")
    deciding = word(_decide)
    deciding.add_argument("pack")
    deciding.add_argument("card")
    deciding.add_argument("file", type=Path, help="CSV with the columns unit and grade")
    deciding.add_argument("--folder", type=Path, default=None, help="where the packs are; else ZUGONG_PACKS")
    deciding.add_argument("--day", default="", help="the day whose values hold; else the latest")
    return parser


def _run(options: argparse.Namespace) -> int:
    """Score a frozen run and write its results beside its facts."""
    folder = _opened(options.folder)
    outcome = engine.score(folder)
    return _tell(options, _told(outcome) | {"digest": engine.digest(folder)})


def _recompute(options: argparse.Namespace) -> int:
    """Compute a run again elsewhere and compare; 1 where it comes to something else."""
    folder = _opened(options.folder)
    if not (folder / "results.parquet").exists():
        raise Refused("“{folder}”还没有结果可以核对；先用 zugong scorecards run", folder=folder)
    if changed := engine.altered(engine.open_run(folder)):
        raise Refused("冻结的事实表已被改动：{changed}", changed=changed)
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / "run"
        shutil.copytree(folder, again, ignore=shutil.ignore_patterns(*RESULTS))
        outcome = engine.score(again)
        digests = {"kept": engine.digest(folder), "again": engine.digest(again)}
    same = digests["kept"] == digests["again"]
    _tell(options, _told(outcome) | digests | {"same": same})
    return 0 if same else 1


def _opened(folder: Path) -> Path:
    try:
        engine.open_run(folder)
    except FileNotFoundError:
        raise Refused("“{folder}”里没有 run.json，不是一次评定的文件夹", folder=folder) from None
    return folder


def _told(outcome: engine.Outcome) -> dict[str, Any]:
    return {
        "day": outcome.day.isoformat(),
        "units": outcome.units,
        "grades": dict(outcome.grades),
        "states": {state: count for state, count in outcome.states.items() if count},
        "quotas": [_said(verdict) for verdict in outcome.verdicts],
        "ties": [{"sentence": tie.sentence.zh, "units": list(tie.units)} for tie in outcome.ties],
        "complete": outcome.complete,
    }


def _decide(options: argparse.Namespace) -> int:
    """Count grades that a meeting decided: totals against the printed ones, candidates, quotas under two bounds."""
    policy = _policy(options)
    card = policy.scorecard(options.card)
    day = _day(options.day)
    decided = _decided(card, options.file)
    checks = check_totals(_printed(card), {**decided.counts, "all": decided.total})
    singled = [effect for effects in card.effects.values() for effect in effects if effect.when]
    return _tell(
        options,
        {
            "card": card.name,
            "grades": decided.counts,
            "units": decided.total,
            "printed": [
                {"name": one.name, "passes": one.passes, "sentence": one.sentence.zh} for one in checks
            ],
            "sum": printed(_printed(card), card.grades.scale, not_rated=card.grades.not_rated)
            .sentence(card.grades.words, card.grades.english_words)
            .zh,
            "candidates": list(decided.candidates(grades=_leading(card, decided, singled))),
            "quotas": [
                _said(decided.judge(replace(quota, bound=bound)))
                for quota in engine.plan(card, _measures(policy), day=day).quotas
                for bound in (Bound.AT_LEAST, Bound.EXACTLY)
            ],
        },
    )


def _policy(options: argparse.Namespace) -> Policy:
    folder = options.folder
    if folder is None:
        from django.conf import settings

        site.set_up()
        folder = settings.PACKS
    return load(library(folder), options.pack)


def _measures(policy: Policy) -> Mapping[str, Any]:
    from zugong.packs.schema.measures import Measure

    return {measure.name: measure for measure in policy.all("measure", Measure)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.max
    except ValueError:
        raise Refused("“{text}”不是日期，写成 2025-01-01 这样", text=text) from None


def _printed(card: Scorecard) -> dict[str, int]:
    """Return the printed figures that can be counted: the grades, and all together."""
    known = {*card.grades.scale, NOT_RATED, "all"}
    return {name: figure for name, figure in card.printed.items() if name in known}


def _decided(card: Scorecard, file: Path) -> Decided:
    words = {said: grade for grade, said in card.grades.words.items()}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"unit", "grade"} <= set(rows[0]):
        raise Refused("“{file}”要有 unit 和 grade 两栏，首行写栏名", file=file)
    grades: dict[str, str | None] = {}
    for number, row in enumerate(rows, 2):
        unit, grade = (row["unit"] or "").strip(), (row["grade"] or "").strip()
        if not unit or unit in grades:
            raise Refused(
                "“{file}”第 {number} 行：“{unit}”没有写或写了两次", file=file, number=number, unit=unit
            )
        grades[unit] = words.get(grade, grade)
    try:
        return decide(grades, scale=card.grades.scale)
    except ValueError as strange:
        raise Refused("{strange}", strange=strange) from None


def _leading(card: Scorecard, decided: Decided, singled: Sequence[Effect]) -> list[str]:
    """Return the grades from which the card's consequences single a unit out."""
    return [
        grade
        for grade in decided.counts
        if any(guards.holds(effect.when, guard_facts(grade, card.grades.scale)) for effect in singled)
    ]


def _said(verdict: Verdict) -> dict[str, Any]:
    quota: Quota = verdict.quota
    return {
        "grade": quota.grade,
        "group": verdict.group,
        "bound": quota.bound.value,
        "bound_said": BOUNDS[quota.bound].zh,
        "rounding": quota.rounding.value,
        "base": verdict.base,
        "wanted": verdict.wanted,
        "found": verdict.found,
        "passes": verdict.passes,
        "sentence": verdict.sentence.zh,
        "clause": quota.clause,
    }


def _tell(options: argparse.Namespace, told: Mapping[str, Any]) -> int:
    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    print(
        f"{told['units']} 个单位：" + "，".join(f"{grade} {count}" for grade, count in told["grades"].items())
    )
    for state, count in told.get("states", {}).items():
        print(f"  {state} {count}")
    for one in told.get("printed", ()):
        print(f"  {one['name']}：{one['sentence']}")
    if told.get("printed"):
        print(f"  印出：{told['sum']}")
    if "candidates" in told:
        print(f"列入名单 {len(told['candidates'])} 个")
    for one in told.get("quotas", ()):
        group = f"{one['group']} " if one["group"] else ""
        print(f"  {group}{one['grade']}：{one['sentence']}")
    for tie in told.get("ties", ()):
        print(f"  {tie['sentence']}：{'、'.join(tie['units'])}")
    for name in ("digest", "kept", "again"):
        if name in told:
            print(f"  {name} {told[name]}")
    if "same" in told:
        print("相同" if told["same"] else "不同：再算出的结果与保存的不一样")
    return 0
