"""What most commands need first: the arguments read, the database up, Django ready."""

import argparse
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from zugong.core import database
from zugong.core.database import Role
from zugong.core.errors import Refused

PR_SET_PDEATHSIG = 1
GRACE = 3  # seconds in which a process may end in order once its parent is gone


def parser(command: Callable[..., object]) -> argparse.ArgumentParser:
    """Begin the command line of `command`, named and explained by its own function."""
    return argparse.ArgumentParser(
        prog=f"zugong {command.__name__.replace('_', '-')}", description=command.__doc__
    )


def port(text: str) -> int:
    """Read a port from the command line. Raises Refused where it is none."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Refused("“{text}”不是端口号:请写 1 到 65535 之间的数,如 PORT=8001。", text=text)


def home() -> Path:
    """Name the folder where this installation lives."""
    return database.home(os.environ)


@contextmanager
def ready(role: Role = Role.APP) -> Iterator[None]:
    """Have the database up and Django entered as `role` while the block runs."""
    with database.running(home(), os.environ):
        set_up(role)
        yield


def set_up(role: Role = Role.APP) -> None:
    """Make Django ready, without asking whether the database answers."""
    end_with_parent()
    os.environ["ZUGONG_DATABASE_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zugong.config.settings")
    django.setup()


def end_with_parent() -> None:
    """Let the kernel end this process when the site that started it dies, however it dies."""
    parent = os.environ.get("ZUGONG_PARENT")
    if not parent:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)
    threading.Thread(target=_follow, args=(int(parent),), daemon=True).start()


def _follow(parent: int) -> None:
    """End for good when the parent is gone and asking was not enough: a worker without a database waits for ever."""
    while os.getppid() == parent:
        time.sleep(1)
    time.sleep(GRACE)
    os._exit(1)
