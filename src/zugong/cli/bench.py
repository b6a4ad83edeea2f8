"""`zugong bench NAME`: one benchmark of a checkout. What is installed alone has none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from zugong.cli import site
from zugong.core.errors import Refused


def bench(arguments: Sequence[str]) -> int:
    """Run one benchmark of the checkout this is called in, and print one JSON object. Exit status 0 only if it holds."""
    parser = site.parser(bench)
    parser.add_argument(
        "name", choices=["requests311"], help="requests311: real requests, ZUGONG_DATA needed"
    )
    parser.add_argument("--many", type=int, default=0, help="a seeded sample of so many; without it, all")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work")
    parser.add_argument("--json", action="store_true", help="the only form there is")
    options = parser.parse_args(arguments)
    if not Path("bench").is_dir():
        raise Refused("这里没有基准：请在源码文件夹里运行")
    sys.path.insert(0, str(Path.cwd()))
    run: Callable[[int, int], int] = import_module(f"bench.{options.name}").main
    return run(options.many, options.workers)
