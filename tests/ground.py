"""What every test stands on: the address of a real PostgreSQL, its copies, and a running site.

`ZUGONG_TEST_POSTGRES` says which: `wheel` (the default), `system`, or `url` for the server of DATABASE_URL.
The tables are made once for a set of migrations; each run works in its own copy of them.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("ZUGONG_TEST_POSTGRES", "wheel")
HOME = ROOT / "var" / f"test-{POSTGRES}"

# The tests start some hundred processes, none of which need compile what another has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["ZUGONG_HOME"] = str(HOME)
os.environ["ZUGONG_SECRET_KEY"] = "only-for-tests"
os.environ["DJANGO_SETTINGS_MODULE"] = "zugong.config.settings"
os.environ["ZUGONG_PACKS"] = str(ROOT / "packs")
for name in ("ZUGONG_DEMO", "ZUGONG_URL", "ZUGONG_DATABASE_ROLE", "PASSWORD_PROFILE"):
    os.environ.pop(name, None)
if POSTGRES != "url":
    os.environ.pop("DATABASE_URL", None)
    os.environ["ZUGONG_POSTGRES"] = POSTGRES

import django  # noqa: E402
from django.conf import settings  # noqa: E402

from zugong.core.workdays import end_of  # noqa: E402

# Pages are tested without collecting static files first; the live site collects its own.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
settings.WHITENOISE_AUTOREFRESH = True  # look for a file when it is asked for, not for all at each new Client
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose

django.setup()

import django.test.client  # noqa: E402
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from waitress.server import create_server  # noqa: E402

from zugong.core.database import Address, Role, address, roles  # noqa: E402
from zugong.core.database.entering import entered  # noqa: E402
from zugong.core.serving import Request  # noqa: E402

django.test.client.WSGIRequest = Request  # pages are asked through the site's own door

OWNER = address(HOME, Role.OWNER, os.environ)
APP = address(HOME, Role.APP, os.environ)


@contextlib.contextmanager
def clone(template: str, kind: str) -> Iterator[str]:
    """A copy of `template`, dropped at the end; copies that dead runs left behind are dropped first."""
    name = f"pytest_{kind}_{os.getpid()}"
    with one_at_a_time(), roles.connect(OWNER.to("postgres")) as connection:
        drop(connection, *(old for old in databases(connection) if left_behind(old)), name)
        roles.create(connection, name, template)
    yield name
    with roles.connect(OWNER.to("postgres")) as connection:
        drop(connection, name)


@contextlib.contextmanager
def emptied_by_owner(name: str) -> Iterator[None]:
    """Let tests with real transactions be swept up: the application itself may not TRUNCATE."""
    sweep = TransactionTestCase._fixture_teardown

    def as_owner(case: TransactionTestCase) -> None:
        with entered(OWNER.to(name)):
            sweep(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", as_owner)
        yield


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    with open(HOME / "template.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def databases(connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT datname FROM pg_database")]


def drop(connection, *names: str) -> None:
    for name in names:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def left_behind(name: str) -> bool:
    ours = re.fullmatch(r"pytest_(?!template)[a-z]+_(\d+)(_[a-z_]+)?", name)
    return bool(ours) and not Path(f"/proc/{ours[1]}").exists()


# --- Several processes at once --------------------------------------------------


@contextlib.contextmanager
def in_the_room(*, alone: bool, house: Path = HOME) -> Iterator[None]:
    """Keep this test beside those of the other workers, or, where its seconds are measured, let it run alone.

    Whoever wants to be alone holds the door until the room is empty: otherwise the others would come and go for ever.
    """
    with open(house / "door.lock", "a") as door, open(house / "room.lock", "a") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


def migrations_digest() -> str:
    digest = hashlib.sha256(
        "".join(
            importlib.metadata.version(name) for name in ("django", "procrastinate", "django-axes")
        ).encode()
    )
    for file in [ROOT / "src/zugong/config/settings.py", *sorted(ROOT.glob("src/zugong/**/migrations/*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def environment(dbname: str, home: Path, **more: str) -> dict[str, str]:
    """The environment of an installation that lives in `home` over a database of the tests' server."""
    return {
        **os.environ,
        "ZUGONG_HOME": str(home),
        "DATABASE_URL": OWNER.to(dbname).url(),
        "DATABASE_APP_URL": APP.to(dbname).url(),
        **more,
    }


@dataclass(frozen=True)
class Live:
    """A running site with a database of its own."""

    url: str
    address: Address

    def database(self) -> contextlib.AbstractContextManager[None]:
        """Point the models of this process at the site's database while the block runs."""
        return entered(self.address)


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of the site over the database that is entered, served by threads of this process."""
    site = create_server(StaticFilesHandler(get_wsgi_application()), port=0, threads=4)
    thread = threading.Thread(target=site.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{site.effective_port}"
    site.close()
    thread.join(5)


@dataclass(frozen=True)
class Demo:
    """青穆县 as `make demo` loads it: the database that holds it, and the folder of its frozen runs."""

    dbname: str
    home: Path


@dataclass(frozen=True)
class County:
    """One installation: its folder, its database, its commands."""

    home: Path
    dbname: str
    environ: Mapping[str, str]

    def zugong(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "zugong.cli.main", *arguments],
            env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def database(self, dbname: str = "") -> contextlib.AbstractContextManager[None]:
        """Point the models at this county's database, or at another of the same server."""
        return entered(APP.to(dbname or self.dbname))

    def owner(self):
        """Enter as the owner, by SQL."""
        return roles.connect(OWNER.to(self.dbname))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, web: subprocess.Popen, log: Path) -> None:
    port = int(url.rsplit(":", 1)[1])
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if web.poll() is not None:
            break
        time.sleep(0.05)
    pytest.fail(f"the site did not start:\n{log.read_text()}")


def due(day: date) -> dict[str, date]:
    """The columns of a case that say until which day its stage is in time."""
    return {"due_on": day, "due_at": end_of(day)}
