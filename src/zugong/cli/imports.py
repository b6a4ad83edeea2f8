"""Files of others, from the command line."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from zugong.cli import site

if TYPE_CHECKING:
    from zugong.imports.divisions.actions import CountyCount, Report

HEAD = ("代码", "县（市、区）", "乡级", "街道", "镇", "乡", "其他", "村级", "村", "社", "其他", "虚拟")


def import_files(arguments: Sequence[str]) -> None:
    """Import the national files of divisions into the tree of places; importing again adds nothing."""
    parser = argparse.ArgumentParser(prog="zugong import", description=import_files.__doc__)
    parser.add_argument("what", choices=["divisions"])
    parser.add_argument(
        "folder", type=Path, help="provinces, cities, areas, streets, villages: csv or csv.gz"
    )
    parser.add_argument(
        "--county", action="append", default=[], metavar="CODE", help="only this county; may be repeated"
    )
    parser.add_argument("--day", type=date.fromisoformat, help="changed names hold from this day on")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with site.ready():
        from zugong.core import clock, journal
        from zugong.imports.divisions import actions, reading

        divisions = reading.read(options.folder, options.county)
        report = actions.load(divisions, day=options.day or clock.today(), by=journal.SYSTEM)
    print(json.dumps(asdict(report), ensure_ascii=False) if options.json else as_text(report))


def as_text(report: "Report") -> str:
    """Print what an import did, and a line for each county."""
    counties = [_cells(county) for county in report.counties]
    lines = ["\t".join(cells) for cells in (HEAD, *counties)]
    said = (
        f"新增 {report.added}，变更 {report.changed}，未变 {report.same}；"
        f"库里有而文件里没有的 {report.absent}（未改动，撤并请逐个办理）"
    )
    return "\n".join([*lines, said])


def _cells(county: "CountyCount") -> tuple[str, ...]:
    numbers = (
        county.township_total,
        *county.townships.values(),
        county.village_total,
        *county.villages.values(),
        county.virtual,
    )
    return (county.code, county.name, *map(str, numbers))
