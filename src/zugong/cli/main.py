"""The command `zugong`: a name, and the function that answers it."""

import ast
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from zugong.cli.saying import both
from zugong.core.errors import PackErrors
from zugong.core.trouble import sentence_for

Command = Callable[[Sequence[str]], int | None]

# A command takes its own arguments and may give an exit status. Loaded only when called.
COMMANDS = {
    "serve": "zugong.cli.serve:serve",
    "stop": "zugong.cli.serve:stop",
    "demo": "zugong.cli.demo:demo",
    "migrate": "zugong.cli.migrate:migrate",
    "day": "zugong.cli.days:day",
    "import": "zugong.cli.imports:import_files",
    "backup": "zugong.cli.backup:backup",
    "restore": "zugong.cli.backup:restore",
    "rebind": "zugong.cli.backup:rebind",
    "upgrade": "zugong.cli.backup:upgrade",
    "first-day": "zugong.cli.first_day:first_day",
    "first-organisation": "zugong.cli.first_day:first_organisation",
    "journal": "zugong.cli.journal:journal",
    "web": "zugong.cli.serve:web",
    "worker": "zugong.cli.serve:worker",
    "packs": "zugong.cli.packs:packs",
    "scorecards": "zugong.cli.scorecards:scorecards",
    "routing": "zugong.cli.routing:routing",
    "verify": "zugong.cli.scenarios:verify",
    "coverage": "zugong.cli.scenarios:coverage",
    "docs": "zugong.cli.docs:docs",
    "bench": "zugong.cli.bench:bench",
    "bundle": "zugong.cli.bundle:bundle",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give 0, or 1 when it was refused, or 2 when a pack or the command line is wrong."""
    name, *rest = (sys.argv[1:] if arguments is None else list(arguments)) or ["help"]
    try:
        status = answer(name, rest) or 0
        sys.stdout.flush()
        return status
    except PackErrors as wrong:
        return say(str(wrong), 2)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return nobody_reads()
    except Exception as trouble:
        sentence = sentence_for(trouble)
        if not sentence:
            raise
        return say(both(sentence), 1)


def answer(name: str, arguments: Sequence[str]) -> int | None:
    """Let the command `name` answer, or say that there is none."""
    if name in {"help", "-h", "--help"}:
        return list_commands()
    if name not in COMMANDS:
        return say(f"没有“{name}”这个命令,见 zugong help。 There is no command “{name}”; see zugong help.", 2)
    return command(name)(arguments)


def command(name: str) -> Command:
    """Load the function that answers `name`."""
    module, _, function = COMMANDS[name].partition(":")
    found: Command = getattr(import_module(module), function)
    return found


def nobody_reads() -> int:
    """End quietly when whoever read our output has stopped reading, as `head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains as it ends
    return 128 + 13


def say(sentence: str, status: int) -> int:
    """Print one sentence where errors go."""
    print(sentence, file=sys.stderr)
    return status


def list_commands() -> int:
    """List the commands, each with the first line of its docstring."""
    width = max(map(len, COMMANDS))
    for name in COMMANDS:
        print(f"  zugong {name:<{width}}  {first_line(name)}")
    return 0


def first_line(name: str) -> str:
    """Read what a command says of itself without loading it: a broken one must not hide the others."""
    module, _, function = COMMANDS[name].partition(":")
    source = Path(__file__).with_name(f"{module.rpartition('.')[2]}.py")
    for node in ast.parse(source.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    raise LookupError(COMMANDS[name])


if __name__ == "__main__":
    sys.exit(main())
