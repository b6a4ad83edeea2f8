"""What every test stands on: a real PostgreSQL, entered as the application enters it.

`ZUGONG_TEST_POSTGRES` says which: `wheel` (the default), `system`, or `url` for the server of DATABASE_URL.
The tables are made once for a set of migrations; each run works in its own copy of them.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("ZUGONG_TEST_POSTGRES", "wheel")
HOME = ROOT / "var" / f"test-{POSTGRES}"

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

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

from zugong.core.database import Address, Role, address, roles  # noqa: E402
from zugong.core.database.cluster import Cluster  # noqa: E402

OWNER = address(HOME, Role.OWNER, os.environ)
APP = address(HOME, Role.APP, os.environ)


# --- The server, the template, and this run's copy ------------------------------


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """A PostgreSQL that answers, with both roles; several runs share it and the last one stops it."""
    # Nothing a test writes need survive a power cut.
    cluster = Cluster(HOME, os.environ, fsync="off", max_connections="200")
    with contextlib.nullcontext() if POSTGRES == "url" else cluster.running():
        roles.ensure(OWNER, APP)
        yield


@pytest.fixture(scope="session")
def template(server: None, django_db_blocker: pytest.FixtureRequest) -> str:
    """The name of a database with all tables and no rows but those of migrations, made when migrations changed."""
    name = f"template_{migrations_digest()}"
    with one_at_a_time(), roles.connect(OWNER.to("postgres")) as connection:
        if name not in databases(connection):
            drop(
                connection, *(old for old in databases(connection) if old.startswith(("template_", "draft_")))
            )
            roles.create(connection, f"draft_{os.getpid()}")
            with django_db_blocker.unblock(), entered(OWNER.to(f"draft_{os.getpid()}")):
                call_command("migrate", verbosity=0, interactive=False)
            with roles.connect(OWNER.to(f"draft_{os.getpid()}")) as draft:
                roles.grant(draft, APP.user)
            connection.execute(f'ALTER DATABASE "draft_{os.getpid()}" RENAME TO "{name}"')
    return name


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """This run's own database, entered as the application; only the emptying of tables is the owner's."""
    with clone(template, "test") as name, entered(APP.to(name)), emptied_by_owner(name):
        yield


@contextlib.contextmanager
def clone(template: str, kind: str) -> Iterator[str]:
    """A copy of `template`, dropped at the end; copies that dead runs left behind are dropped first."""
    name = f"{kind}_{os.getpid()}"
    with one_at_a_time(), roles.connect(OWNER.to("postgres")) as connection:
        drop(connection, *(old for old in databases(connection) if left_behind(old)), name)
        roles.create(connection, name, template)
    yield name
    with roles.connect(OWNER.to("postgres")) as connection:
        drop(connection, name)


@contextlib.contextmanager
def entered(there: Address) -> Iterator[None]:
    """Point Django's connection `there` while the block runs."""
    connection = connections["default"]
    here = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(there.for_django())
    yield
    connection.close()
    connection.settings_dict.update(here)


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
    kind, _, pid = name.partition("_")
    return kind in {"test", "live"} and not Path(f"/proc/{pid}").exists()


def migrations_digest() -> str:
    digest = hashlib.sha256(
        "".join(
            importlib.metadata.version(name) for name in ("django", "procrastinate", "django-axes")
        ).encode()
    )
    for file in [ROOT / "src/zugong/config/settings.py", *sorted(ROOT.glob("src/zugong/**/migrations/*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


# --- The last line --------------------------------------------------------------


def pytest_terminal_summary(terminalreporter) -> None:
    """Count what was skipped, by reason, in the last line."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    said = "; ".join(f"{count} × {reason.removeprefix('Skipped: ')}" for reason, count in reasons.items())
    terminalreporter.write_line(f"skipped: {said}" if said else "skipped: nothing")
