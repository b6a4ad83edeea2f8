"""Checking, comparing and reading packs. No database is needed."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import json
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from zugong.core.errors import Refused
from zugong.packs import diff, jsonschema
from zugong.packs.checks import examine
from zugong.packs.loader import Library, library, load
from zugong.packs.mechanisms import beside
from zugong.packs.nearest import nearest
from zugong.packs.policy import Policy
from zugong.packs.schema import KINDS
from zugong.packs.show import show

Run = Callable[[argparse.Namespace], int]


def packs(arguments: Sequence[str]) -> int:
    """Check, compare or read packs: check, diff, show, schema."""
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zugong packs", description=inspect.getdoc(packs))
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the packs are; else ZUGONG_PACKS, else packs/"
    )
    words = parser.add_subparsers(required=True, metavar="check | diff | show | schema")

    def word(run: Run) -> argparse.ArgumentParser:
        one = words.add_parser(run.__name__.strip("_"), help=inspect.getdoc(run))
        one.set_defaults(run=run)
        one.add_argument("--json", action="store_true", help="print JSON")
        return one

    word(_check).add_argument("what", nargs="*", help="names of packs, or one folder of packs; else all")
    comparing = word(_diff)
    comparing.add_argument("one", help="a day, or a pack")
    comparing.add_argument("other", help="a later day, or another pack")
    comparing.add_argument("pack", nargs="?", default="", help="whose values, where days are compared")
    showing = word(_show)
    showing.add_argument("pack")
    showing.add_argument("entry", nargs="?", default="", help="village-stars, or scorecard:village-stars")
    showing.add_argument("--english", action="store_true", help="print English")
    word(_schema).add_argument("kind", nargs="?", default="", help="case, scorecard …; else any section")
    return parser


def _check(options: argparse.Namespace) -> int:
    """Prove what can be proved before anything runs; 1 when anything was found."""
    folder = _folder(options)
    names = options.what
    if len(names) == 1 and Path(names[0]).is_dir():
        folder, names = Path(names[0]), []
        if (folder / "pack.yaml").exists():
            folder, names = folder.parent, [folder.name]
    texts = _texts(folder)
    listed = beside(folder)
    findings = sorted(
        {found for name in names or texts for found in examine(texts, name, mechanisms=listed)[1]}
    )
    if options.json:
        _print_json([dataclasses.asdict(found) for found in findings])
    else:
        print(*findings, sep="\n", end="\n" if findings else "")
        print(
            f"查了{len(names or texts)}个制度包："
            + (f"{len(findings)}处要改" if findings else "没有发现问题")
        )
    return 1 if findings else 0


def _diff(options: argparse.Namespace) -> int:
    """Print what changes: `diff DAY DAY PACK` in one night, `diff PACK PACK` between two packs."""
    texts = _texts(_folder(options))
    if options.pack:
        changes = diff.between_days(_policy(texts, options.pack), _day(options.one), _day(options.other))
    else:
        changes = diff.between_packs(_policy(texts, options.one), _policy(texts, options.other))
    if options.json:
        _print_json([dataclasses.asdict(change) for change in changes])
        return 0
    for change in changes:
        print(_said(change))
    print(f"共{len(changes)}处变化" if changes else "没有变化")
    if changes:
        print("影响的工作和期（已经开始的按原来的一版办完）：")
    for area in diff.areas(changes):
        since = f"自{area.since}起" if area.since else "自生效之日起"
        print(f"  {area.key[0]} {area.key[1]}（{area.label}）：{since}")
    return 0


def _said(change: diff.Change) -> str:
    kind, name = change.key
    where = f"{change.file}:{change.line}: {kind} {name}（{change.label}）"
    path = f" {change.path}" if change.path else ""
    paper = f"〔{change.paper}〕" if change.paper else ""
    word = {"added": "新设", "removed": "取消", "changed": "改为"}[change.what]
    if not change.path:
        return f"{where} {word}{paper}"
    return f"{where}{path} {word}：{change.before or '无'} → {change.after or '无'}{paper}"


def _show(options: argparse.Namespace) -> int:
    """Print an entry in words an official can read, or list the entries of a pack."""
    policy = _policy(_texts(_folder(options)), options.pack)
    language = "en" if options.english else "zh"
    keys = _keys(policy, options.entry)
    if not options.entry:
        if options.json:
            _print_json(
                [
                    {"kind": kind, "name": name, "label": policy.entries[kind, name].label}
                    for kind, name in keys
                ]
            )
        else:
            for kind, name in keys:
                print(f"{kind}:{name}  {policy.entries[kind, name].said(language)}")
        return 0
    said = {key: show(policy, key, language=language) for key in keys}
    if options.json:
        _print_json(
            {f"{kind}:{name}": [dataclasses.asdict(one) for one in said[kind, name]] for kind, name in keys}
        )
    else:
        for lines in said.values():
            print(*lines, sep="\n")
    return 0


def _keys(policy: Policy, wanted: str) -> list[tuple[str, str]]:
    kind, _, name = wanted.rpartition(":")
    keys = [key for key in sorted(policy.entries) if name in ("", key[1]) and kind in ("", key[0])]
    if not keys:
        near = nearest(name, (name for _, name in policy.entries))
        raise Refused(
            "制度包“{pack}”里没有“{wanted}”。{near}", pack=policy.info.pack, wanted=wanted, near=near
        )
    return keys


def _schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema by which an editor completes words: of any section, or of one kind."""
    try:
        _print_json(jsonschema.entry(options.kind) if options.kind else jsonschema.document())
    except KeyError:
        raise Refused(
            "没有以“{kind}”开头的条目。{near}", kind=options.kind, near=nearest(options.kind, KINDS)
        ) from None
    return 0


def _folder(options: argparse.Namespace) -> Path:
    return Path(options.folder or os.environ.get("ZUGONG_PACKS", "packs"))


def _texts(folder: Path) -> dict[str, dict[str, str]]:
    texts = library(folder)
    if not texts:
        raise Refused("“{folder}”下面没有制度包；每个包是一个文件夹，里面有 pack.yaml", folder=folder)
    return texts


def _policy(texts: Library, name: str) -> Policy:
    return load(texts, name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("“{text}”不是日期，写成 2025-01-01 这样", text=text) from None


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
