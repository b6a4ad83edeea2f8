"""The command `zugong`: a name, and the function that answers it."""

import errno
import inspect
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from zugong.core.errors import PackErrors, Refused

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
    "upgrade": "zugong.cli.backup:upgrade",
    "first-day": "zugong.cli.first_day:first_day",
    "journal": "zugong.cli.journal:journal",
    "web": "zugong.cli.serve:web",
    "worker": "zugong.cli.serve:worker",
    "packs": "zugong.cli.packs:packs",
    "verify": "zugong.cli.scenarios:verify",
    "coverage": "zugong.cli.scenarios:coverage",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give 0, or 1 when it was refused, or 2 when a pack or the command line is wrong."""
    name, *rest = (sys.argv[1:] if arguments is None else list(arguments)) or ["help"]
    if name in {"help", "-h", "--help"}:
        return list_commands()
    if name not in COMMANDS:
        return say(f"没有“{name}”这个命令,见 zugong help。 There is no command “{name}”; see zugong help.", 2)
    try:
        return command(name)(rest) or 0
    except PackErrors as wrong:
        return say(str(wrong), 2)
    except KeyboardInterrupt:
        return 130
    except (Refused, ImproperlyConfigured, OperationalError, OSError) as trouble:
        sentence = sentence_for(trouble)
        if not sentence:
            raise
        return say(sentence, 1)


def command(name: str) -> Command:
    """Load the function that answers `name`."""
    module, _, function = COMMANDS[name].partition(":")
    found: Command = getattr(import_module(module), function)
    return found


def sentence_for(trouble: Exception) -> str:
    """Say what happened in one sentence, or nothing when it is a crash that is ours to mend."""
    match trouble:
        case Refused():
            return str(trouble)
        case ImproperlyConfigured():
            return f"设置有误:{trouble} A setting is wrong: {trouble}"
        case OperationalError():
            return f"数据库连接中断:{trouble} The connection to the database was lost."
        case OSError(errno=errno.ENOSPC):
            return "磁盘已满:请腾出空间后再试。 The disk is full: make room and try again."
    return ""


def say(sentence: str, status: int) -> int:
    """Print one sentence where errors go."""
    print(sentence, file=sys.stderr)
    return status


def list_commands() -> int:
    """List the commands, each with the first sentence of its docstring."""
    for name in COMMANDS:
        first = (inspect.getdoc(command(name)) or "").split("\n")[0]
        print(f"  zugong {name:<10} {first}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
