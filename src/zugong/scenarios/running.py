"""Run a scenario: build its world, do its deeds, ask its questions; what it wrote is taken back at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from zugong.core.errors import PackErrors, Refused
from zugong.packs import loader, trace
from zugong.packs.findings import Finding
from zugong.packs.reading import Document
from zugong.scenarios.expectations import EXPECTATIONS
from zugong.scenarios.format import Scenario, Told, parse
from zugong.scenarios.verbs import VERBS, verb_of
from zugong.scenarios.world import World, build
from zugong.scorecards.models import Run


@dataclass(frozen=True)
class Failure:
    """One thing that is not as the scenario says: where, and what."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


@dataclass
class Report:
    """What became of one scenario."""

    scenario: Scenario
    file: str
    failures: list[Failure] = field(default_factory=list)
    succeeds: frozenset[str] = frozenset()  # ids it names, whose entries a deed that was done interpreted
    refused: frozenset[str] = frozenset()  # ids it names, whose entries a deed that was refused interpreted
    done: set[trace.Key] = field(default_factory=set)
    denied: set[trace.Key] = field(default_factory=set)

    @property
    def covered(self) -> frozenset[str]:
        """The ids that the scenario exercised either way."""
        return self.succeeds | self.refused

    @property
    def passed(self) -> bool:
        """Nothing failed."""
        return not self.failures


class _TakeBack(Exception):  # noqa: N818 - nothing went wrong
    """Ends the transaction of a scenario without keeping anything."""


def gather(paths: Iterable[Path], packs: Path) -> tuple[list[tuple[Scenario, Document, str]], list[Finding]]:
    """Find the scenarios of files and folders, each with the pack it runs under."""
    found: list[tuple[Scenario, Document, str]] = []
    findings: list[Finding] = []
    for path in _files(paths):
        scenarios, wrong = parse(str(path), path.read_text("utf-8", "surrogateescape"))
        findings += wrong
        for scenario, document in scenarios:
            found.append((scenario, document, scenario.pack or _pack_around(path, packs)))
    return found, findings


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise Refused("没有“{path}”这个文件或文件夹", path=path)
        if path.is_file():
            yield path
        else:
            yield from sorted(
                one for one in path.rglob("*.yaml") if "tests" in one.parts or path.name == "tests"
            )


def _pack_around(path: Path, packs: Path) -> str:
    for parent in path.resolve().parents:
        if (parent / "pack.yaml").exists():
            return parent.name
    return ""


def run(scenario: Scenario, document: Document, pack: str, packs: loader.Library) -> Report:
    """Run one scenario in a transaction that is taken back."""
    report = Report(scenario, document.file)
    folders: list[Path] = []
    try:
        with transaction.atomic():
            world = _built(scenario, document, pack, packs, report)
            if world is not None:
                _do(scenario, document, world, report)
                _ask(scenario, document, world, report)
                report.succeeds = _carried(scenario, world, report.done)
                report.refused = _carried(scenario, world, report.denied)
                folders = [Path(settings.HOME) / one.folder for one in Run.objects.all()]
            raise _TakeBack
    except _TakeBack:
        pass
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    _must_cover(scenario, document, report)
    return report


def _built(
    scenario: Scenario, document: Document, pack: str, packs: loader.Library, report: Report
) -> World | None:
    try:
        return build(scenario, packs, pack)
    except (Refused, PackErrors, KeyError) as error:
        _fail(report, document, ("given",), f"情景搭不起来：{error}")
        return None


def _do(scenario: Scenario, document: Document, world: World, report: Report) -> None:
    for place, line in enumerate(scenario.do):
        path = ("do", place)
        verb = verb_of(line)
        if not verb:
            _fail(report, document, path, f"不认得这一步：{'、'.join(line)}（可用：{'、'.join(VERBS)}）")
            return
        try:
            deed = VERBS[verb].model_validate(line)
        except ValidationError as error:
            for problem in error.errors():
                _fail(
                    report, document, path, f"“{verb}”：{'.'.join(map(str, problem['loc']))} {problem['msg']}"
                )
            return
        if not _done(deed, world, report, document, path, f"{verb} {line[verb]}"):
            return


def _done(
    deed: Told, world: World, report: Report, document: Document, path: tuple[Any, ...], what: str
) -> bool:
    """Do one deed; False where the story cannot go on."""
    world.day = deed.on or world.day
    try:
        with trace.tracing() as used, transaction.atomic():
            made = deed.run(world)
    except Refused as refusal:
        report.denied |= used
        if deed.refused is None:
            _fail(report, document, path, f"“{what}”被拒绝：{refusal}")
            return False
        if deed.refused not in str(refusal):
            _fail(report, document, path, f"“{what}”应因“{deed.refused}”被拒绝，实为：{refusal}")
        return True
    report.done |= used
    if deed.refused is not None:
        _fail(report, document, path, f"“{what}”应被拒绝（{deed.refused}），却办成了")
        return False
    if deed.as_ and made is not None:
        world.made[deed.as_] = made
    return True


def _ask(scenario: Scenario, document: Document, world: World, report: Report) -> None:
    if report.failures:
        return
    for place, line in enumerate(scenario.expect):
        path = ("expect", place)
        word = next((word for word in line if word in EXPECTATIONS), "")
        if not word:
            _fail(
                report, document, path, f"不认得这一问：{'、'.join(line)}（可用：{'、'.join(EXPECTATIONS)}）"
            )
            continue
        try:
            for sentence in EXPECTATIONS[word].model_validate(line).wrong(world):
                _fail(report, document, path, sentence)
        except ValidationError as error:
            _fail(report, document, path, f"“{word}”：{error.errors()[0]['msg']}")
        except (Refused, LookupError) as error:
            _fail(report, document, path, str(error))


def _carried(scenario: Scenario, world: World, used: set[trace.Key]) -> frozenset[str]:
    """Return the ids that the scenario names and that the interpreted entries carry."""
    entries = world.policy.entries
    carried = {id for key in used if key in entries for id in entries[key].mechanisms}
    return frozenset(scenario.mechanisms) & carried


def _must_cover(scenario: Scenario, document: Document, report: Report) -> None:
    if report.passed and (idle := sorted(set(scenario.mechanisms) - report.covered)):
        _fail(report, document, ("mechanisms",), f"写明的 {'、'.join(idle)} 没有条目被用到")


def _fail(report: Report, document: Document, path: tuple[Any, ...], sentence: str) -> None:
    report.failures.append(Failure(document.file, document.line(path), sentence))
