"""Running days by hand."""

import json
from collections.abc import Sequence
from datetime import date

from zugong.cli import site


def day(arguments: Sequence[str]) -> None:
    """Run the jobs of every day that was missed, up to today or a given day."""
    parser = site.parser(day)
    parser.add_argument("until", nargs="?", type=date.fromisoformat, help="2026-03-31")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with site.ready():
        from zugong.core import clock
        from zugong.core.install import days

        run = [str(one) for one in days.catch_up(options.until or clock.today())]
    print(json.dumps({"days": run}) if options.json else f"已运行 {len(run)} 天:{'、'.join(run) or '无'}")
