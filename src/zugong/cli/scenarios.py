"""`zugong verify` and `zugong coverage`: run scenarios, and say which methods they cover."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zugong.cli import site

if TYPE_CHECKING:
    from zugong.packs.findings import Finding
    from zugong.scenarios.running import Report


def verify(arguments: Sequence[str]) -> int:
    """Run every scenario under the given files and folders. Exit status 0 only if all pass."""
    parser = argparse.ArgumentParser(prog="zugong verify", description="运行情景 Run scenarios")
    parser.add_argument("paths", nargs="*", type=Path, help="文件或文件夹 files or folders (default: packs)")
    parser.add_argument("--packs", type=Path, help="制度包所在 where the packs are (default: packs)")
    parser.add_argument(
        "--schema", action="store_true", help="打印情景格式 print the JSON Schema of scenarios"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    site.set_up()
    if options.schema:
        from zugong.scenarios.schema import schema

        print(json.dumps(schema(), ensure_ascii=False, indent=2))
        return 0
    reports, findings = _run(options.paths, options.packs)
    failed = [report for report in reports if not report.passed]
    if options.json:
        print(
            json.dumps(
                {
                    "passed": len(reports) - len(failed),
                    "failed": len(failed) + len(findings),
                    "scenarios": [
                        {
                            "scenario": report.scenario.scenario,
                            "file": report.file,
                            "passed": report.passed,
                            "covered": sorted(report.covered),
                            "failures": [str(failure) for failure in report.failures],
                        }
                        for report in reports
                    ],
                    "findings": [str(finding) for finding in findings],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        for finding in findings:
            print(f"FAIL {finding}")
        for report in reports:
            print(f"{'PASS' if report.passed else 'FAIL'} {report.file}: {report.scenario.scenario}")
            for failure in report.failures:
                print(f"     {failure}")
        print(f"{len(reports) - len(failed)} passed, {len(failed) + len(findings)} failed")
    return 1 if failed or findings else 0


def coverage(arguments: Sequence[str]) -> int:
    """Say which methods of docs/mechanisms.csv the scenarios of the packs cover."""
    parser = argparse.ArgumentParser(prog="zugong coverage", description="覆盖 Which methods are covered")
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--packs", type=Path)
    parser.add_argument("--mechanisms", type=Path, default=Path("docs/mechanisms.csv"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    site.set_up()
    from zugong.scenarios.coverage import coverage as covered

    reports, _ = _run(options.paths, options.packs)
    found = covered(reports, options.mechanisms)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    for id, scenarios in found["covered"].items():
        both = (
            "成功与拒绝"
            if id in found["succeeds"] and id in found["refused"]
            else "成功"
            if id in found["succeeds"]
            else "拒绝"
        )
        print(f"{id:10} {both}：{'；'.join(scenarios)}")
    print(
        f"覆盖 {len(found['covered'])}，未覆盖 {len(found['missing'])}，不需计算 {len(found['not_computable'])} "
        f"({len(found['covered'])} covered, {len(found['missing'])} missing, {len(found['not_computable'])} orientation)"
    )
    return 0


def _run(paths: Sequence[Path], packs: Path | None) -> tuple[list[Report], list[Finding]]:
    from django.conf import settings

    from zugong.packs.loader import library
    from zugong.scenarios import running, scratch

    folder = packs or Path(settings.PACKS)
    found, findings = running.gather(paths or [folder], folder)
    texts = library(folder)
    with scratch.database(os.environ):
        return [running.run(scenario, document, pack, texts) for scenario, document, pack in found], findings
