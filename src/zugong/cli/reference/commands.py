"""The command line: each command as its own parser describes it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from zugong.cli.reference.words import NOTICE, sentence, table

BEGINNING = """# Commands 命令

`make` lists the doors of the house; `.venv/bin/zugong` has the rest. Exit status: 0 done, 1 refused (or something was
found), 2 a pack or the command line is wrong.

`make` 列出各道门；其余在 `.venv/bin/zugong`。退出状态：0 办成，1 被拒绝或查出问题，2 制度包或命令写错。
"""


class _Caught(Exception):  # noqa: N818 - nothing went wrong
    """Carries a parser out of the command that built it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def page() -> str:
    """Return the page."""
    from zugong.cli.main import COMMANDS

    return (
        "\n\n".join([NOTICE, BEGINNING.strip(), *(part for name in COMMANDS for part in said(name))]) + "\n"
    )


def said(name: str) -> Iterator[str]:
    """Yield a command, then each of its words."""
    from zugong.cli.main import command

    function = command(name)
    yield f"## zugong {name}\n\n{sentence(function)}"
    yield from described(parser_of(name), f"zugong {name}")


def described(parser: argparse.ArgumentParser, prog: str) -> Iterator[str]:
    """Yield the arguments of a parser, and of the words below it."""
    rows = [
        (f"`{called(action)}`", action.help or "", default(action))
        for action in parser._actions
        if action.dest != "help" and not isinstance(action, argparse._SubParsersAction)
    ]
    if rows:
        yield table(("argument", "says", "else"), rows)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for word, below in action.choices.items():
                yield f"### {prog} {word}\n\n{helps.get(word) or ''}"
                yield from described(below, f"{prog} {word}")


def called(action: argparse.Action) -> str:
    """Return an argument as it is typed."""
    value = str(
        action.metavar or (", ".join(map(str, action.choices)) if action.choices else action.dest.upper())
    )
    if not action.option_strings:
        return str(action.metavar or action.dest)
    return action.option_strings[-1] + (f" {value}" if action.nargs != 0 else "")


def default(action: argparse.Action) -> str:
    """Return what holds where an argument is left out."""
    if action.default in (None, False, "", [], argparse.SUPPRESS):
        return ""
    value = action.default.as_posix() if isinstance(action.default, Path) else str(action.default)
    return f"`{value}`"


def parser_of(name: str) -> argparse.ArgumentParser:
    """Call a command and catch its parser at the moment it would read its arguments."""
    from zugong.cli.main import command

    def caught(parser: argparse.ArgumentParser, arguments: object = None, namespace: object = None) -> None:
        raise _Caught(parser)

    with patch.object(argparse.ArgumentParser, "parse_args", caught):
        try:
            command(name)([])
        except _Caught as found:
            return found.parser
    raise AssertionError(f"zugong {name} reads no arguments")
