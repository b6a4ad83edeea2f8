"""Routing from the terminal: how good it is on sorted messages; the versions of this county."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from zugong.cli import site
from zugong.core.errors import Refused


def routing(arguments: Sequence[str]) -> int:
    """Measure how well routing learns from sorted messages; train, list and switch this county's versions."""
    parser = site.parser(routing)
    words = parser.add_subparsers(required=True, metavar="evaluate | train | list | switch")
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
    training = words.add_parser(
        "train", help="train a version on the county's own closed requests; it is not in use yet"
    )
    training.add_argument("kind", help="the kind of case, e.g. request")
    training.set_defaults(run=_train)
    listing = words.add_parser("list", help="list the versions: what was measured, what people chose")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list)
    switching = words.add_parser("switch", help="put a version in use, or out of use")
    switching.add_argument("kind")
    switching.add_argument("version", type=int)
    switching.add_argument("state", choices=("on", "off"))
    switching.set_defaults(run=_switch)
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


BY = "zugong routing"  # whoever may use the server's terminal


def _train(options: argparse.Namespace) -> int:
    with site.ready():
        from zugong.cases import learning
        from zugong.core import clock
        from zugong.registry.actions import policy_on

        day = clock.today()
        made = learning.train(policy_on(day).case(options.kind), day=day, by=BY)
        print(
            f"已训练第 {made.version} 版，尚未启用。 Version {made.version} was trained; it is not in use yet."
        )
        print(json.dumps(made.scores))
    return 0


def _list(options: argparse.Namespace) -> int:
    with site.ready():
        from zugong.cases.learning import hits
        from zugong.cases.models import RoutingModel

        rows = [
            {
                "kind": model.kind, "version": model.version, "active": model.active,
                "trained_on": model.trained_on.isoformat(), "rows": model.rows,
                "scores": model.scores, "chosen": asdict(hits(model)),
            }
            for model in RoutingModel.objects.defer("content")
        ]  # fmt: skip
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    for row in [] if options.json else rows:
        print(" ".join(f"{name} {value}" for name, value in row.items()))
    return 0


def _switch(options: argparse.Namespace) -> int:
    with site.ready():
        from zugong.cases import learning
        from zugong.cases.models import RoutingModel

        model = RoutingModel.objects.filter(kind=options.kind, version=options.version).first()
        if model is None:
            raise Refused("“{kind}”没有第 {version} 版分派模型", kind=options.kind, version=options.version)
        learning.switch(model, on=options.state == "on", by=BY)
        print("已启用。 It is in use." if model.active else "已停用。 It is out of use.")
    return 0
