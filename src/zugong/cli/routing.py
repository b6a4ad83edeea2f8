"""Routing from the terminal: how good it is on sorted messages."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from zugong.cli import site


def routing(arguments: Sequence[str]) -> int:
    """Measure how well routing learns from messages that people have sorted."""
    parser = site.parser(routing)
    words = parser.add_subparsers(required=True, metavar="evaluate")
    evaluating = words.add_parser("evaluate", help="train on some files and measure on another")
    evaluating.add_argument(
        "--train", type=Path, nargs="+", required=True, metavar="FILE",
        help="CSV, packed with gzip or not, with the columns text or seg_text, and label",
    )  # fmt: skip
    evaluating.add_argument(
        "--test", type=Path, required=True, metavar="FILE", help="the same, not trained on"
    )
    evaluating.add_argument("--json", action="store_true", help="print JSON")
    evaluating.set_defaults(run=_evaluate)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _evaluate(options: argparse.Namespace) -> int:
    from zugong.cases.routing.evaluating import evaluate, read

    found = evaluate(read(options.train), read([options.test]))
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print("\n".join(f"{name} {figure}" for name, figure in found.items()))
    return 0
