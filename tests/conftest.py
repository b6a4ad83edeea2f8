"""What every test stands on: a real PostgreSQL, entered as the application enters it.

`ZUGONG_TEST_POSTGRES` says which: `wheel` (the default), `system`, or `url` for the server of DATABASE_URL.
The tables are made once for a set of migrations; each run works in its own copy of them.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("ZUGONG_CHROMIUM", "/usr/bin/chromium")
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
from django.conf import settings  # noqa: E402

# Pages are tested without collecting static files first; the live site collects its own.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose

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
    # Nothing a test writes need survive a power cut; and statistics of rows rolled back would mislead the planner.
    cluster = Cluster(HOME, os.environ, fsync="off", autovacuum="off", max_connections="200")
    with contextlib.nullcontext() if POSTGRES == "url" else cluster.running():
        roles.ensure(OWNER, APP)
        yield


@pytest.fixture(scope="session")
def template(server: None, django_db_blocker: Any) -> str:
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
def django_db_setup(template: str, django_db_blocker: Any) -> Iterator[None]:
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
    kind, pid, *_ = [*name.split("_"), ""]
    return kind in {"test", "live", "county"} and not Path(f"/proc/{pid}").exists()


def migrations_digest() -> str:
    digest = hashlib.sha256(
        "".join(
            importlib.metadata.version(name) for name in ("django", "procrastinate", "django-axes")
        ).encode()
    )
    for file in [ROOT / "src/zugong/config/settings.py", *sorted(ROOT.glob("src/zugong/**/migrations/*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


# --- A real site and a real browser -------------------------------------------------


@dataclass(frozen=True)
class Live:
    """A running site with a database of its own."""

    url: str
    address: Address

    def database(self) -> contextlib.AbstractContextManager[None]:
        """Point the models of this process at the site's database while the block runs."""
        return entered(self.address)


@pytest.fixture(scope="session")
def live(template: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real server over a fresh county, as a process of its own."""
    with clone(template, "live") as name:
        home = tmp_path_factory.mktemp("live")
        url = f"http://127.0.0.1:{free_port()}"
        environ = {
            **os.environ,
            "ZUGONG_HOME": str(home),
            "ZUGONG_URL": url,
            "DATABASE_URL": OWNER.to(name).url(),
            "DATABASE_APP_URL": APP.to(name).url(),
            "ZUGONG_PARENT": str(os.getpid()),
        }
        zugong = [sys.executable, "-m", "zugong.cli.main"]
        subprocess.run([*zugong, "migrate"], env=environ, check=True)
        with open(home / "log", "wb") as log:
            web = subprocess.Popen([*zugong, "web", "--port", url.rsplit(":", 1)[1]], env=environ, stderr=log)
        try:
            wait_for(url, web, home / "log")
            with django_db_blocker.unblock():
                yield Live(url, APP.to(name))
        finally:
            web.terminate()
            web.wait(30)


# --- The commands of an office --------------------------------------------------


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


@pytest.fixture
def county(template: str, django_db_blocker, tmp_path: Path) -> Iterator[County]:
    with clone(template, "county") as name:
        environ = {
            **os.environ,
            "ZUGONG_HOME": str(tmp_path),
            "DATABASE_URL": OWNER.to(name).url(),
            "DATABASE_APP_URL": APP.to(name).url(),
        }
        try:
            with django_db_blocker.unblock():
                yield County(tmp_path, name, environ)
        finally:
            with roles.connect(OWNER.to("postgres")) as connection:
                drop(connection, f"{name}_before_restore", f"{name}_trial")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, or a counted skip."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
            ],
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A fresh page in Chinese; a script error or a breach of the content security policy fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and troubles.append(said.text))
    yield page
    context.close()
    assert not troubles


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


# --- Samples and the whole ------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long tests whole, not a sample")


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether a test marked `soak` runs whole (`make soak`) or as a seeded sample (`make test`)."""
    return bool(request.config.getoption("--soak"))


# --- The last line --------------------------------------------------------------


def pytest_terminal_summary(terminalreporter) -> None:
    """Count what was skipped, by reason, in the last line."""
    reasons: Counter[str] = Counter(
        report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])
    )
    said = "; ".join(f"{count} × {reason.removeprefix('Skipped: ')}" for reason, count in reasons.items())
    terminalreporter.write_line(f"skipped: {said}" if said else "skipped: nothing")
