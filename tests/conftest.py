"""Fixtures for every test: a database, a site, a browser. What they stand on is `ground`."""

import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from ground import (
    APP,
    HOME,
    OWNER,
    POSTGRES,
    County,
    Demo,
    Live,
    clone,
    databases,
    drop,
    emptied_by_owner,
    entered,
    environment,
    free_port,
    in_the_room,
    migrations_digest,
    one_at_a_time,
    wait_for,
)
from zugong.core.database import roles
from zugong.core.database.cluster import Cluster

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The same examples on every machine, however slow it is.
hypothesis.settings.register_profile("sample", deadline=None, derandomize=True)
hypothesis.settings.load_profile("sample")
CHROMIUM = os.environ.get("ZUGONG_CHROMIUM", "/usr/bin/chromium")
NO_CHROMIUM = (
    f"没有 Chromium({CHROMIUM}),浏览器测试没有运行:请安装 chromium 或设置 ZUGONG_CHROMIUM。 "
    f"No Chromium at {CHROMIUM}: install chromium or set ZUGONG_CHROMIUM"
)


@pytest.fixture(scope="session", autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What this process freezes lies in a folder of its own: another worker numbers its runs alike."""
    settings.HOME = tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    """Every test begins in Chinese, whatever language the one before it ended in."""
    with translation.override("zh-hans"):
        yield


# --- The server, the template, and this run's copy ------------------------------


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """A PostgreSQL that answers, with both roles; several runs share it and the last one stops it."""
    # Nothing a test writes need survive a power cut; and statistics of rows rolled back would mislead the planner.
    cluster = Cluster(HOME, os.environ, fsync="off", autovacuum="off", max_connections="200")
    with contextlib.nullcontext() if POSTGRES == "url" else cluster.running():
        with one_at_a_time():  # on the first day of a checkout every worker finds nothing
            roles.ensure(OWNER, APP)
        yield


@pytest.fixture(scope="session")
def template(server: None, django_db_blocker: Any) -> str:
    """The name of a database with all tables and no rows but those of migrations, made when migrations changed."""
    name = f"pytest_template_{migrations_digest()}"
    draft = f"pytest_draft_{os.getpid()}"
    with one_at_a_time(), roles.connect(OWNER.to("postgres")) as connection:
        if name not in databases(connection):
            outdated = ("pytest_template_", "pytest_draft_")
            drop(connection, *(old for old in databases(connection) if old.startswith(outdated)))
            roles.create(connection, draft)
            with django_db_blocker.unblock(), entered(OWNER.to(draft)):
                call_command("migrate", verbosity=0, interactive=False)
            with roles.connect(OWNER.to(draft)) as owner:
                roles.grant(owner, APP.user)
            connection.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    return name


@pytest.fixture(scope="session")
def django_db_setup(template: str, django_db_blocker: Any) -> Iterator[None]:
    """This run's own database, entered as the application; only the emptying of tables is the owner's."""
    with clone(template, "test") as name, entered(APP.to(name)), emptied_by_owner(name):
        yield


@pytest.fixture(scope="session")
def demo(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The invented county, loaded once for this run; whoever uses it works in a clone."""
    with clone(template, "loaded") as name:
        home = tmp_path_factory.mktemp("loaded")
        environ = environment(name, home, ZUGONG_DEMO="yes")
        for command in (["migrate"], ["demo", "--load"]):
            subprocess.run([sys.executable, "-m", "zugong.cli.main", *command], env=environ, check=True)
        yield Demo(name, home)


# --- A real site and a real browser -------------------------------------------------


@pytest.fixture(scope="session")
def live(template: str, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The real server over a fresh county, as a process of its own."""
    with clone(template, "live") as name:
        home = tmp_path_factory.mktemp("live")
        url = f"http://127.0.0.1:{free_port()}"
        environ = environment(name, home, ZUGONG_URL=url, ZUGONG_PARENT=str(os.getpid()))
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


@pytest.fixture
def county(template: str, django_db_blocker, tmp_path: Path) -> Iterator[County]:
    with clone(template, "county") as name:
        try:
            with django_db_blocker.unblock():
                yield County(tmp_path, name, environment(name, tmp_path))
        finally:
            with roles.connect(OWNER.to("postgres")) as connection:
                drop(connection, f"{name}_before_restore", f"{name}_trial")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, or a skip that is counted and says what to install."""
    if not Path(CHROMIUM).exists():
        pytest.skip(NO_CHROMIUM)
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


# --- Samples and the whole ------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long tests whole, not a sample")


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether a test marked `soak` runs whole (`make soak`) or as a seeded sample (`make test`)."""
    return bool(request.config.getoption("--soak"))


# --- Several processes at once --------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Beside the tests of other workers; who measures seconds has the machine to itself."""
    if not hasattr(item.config, "workerinput"):  # the only process, or one that a test itself started
        return (yield)
    with in_the_room(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # by number of tests, the longest single ones would come last
    return ByFixture(config, log)


class ByFixture(LoadScopeScheduling):
    """Give a worker whole files, whose fixtures so are made once; the demo is loaded for all its files by one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "demo" if file.startswith(("tests/unit/demo/", "tests/web/test_story.py")) else file


# --- The last line --------------------------------------------------------------


def pytest_terminal_summary(terminalreporter) -> None:
    """Count what was skipped, by reason, in the last line."""
    reasons: Counter[str] = Counter(
        report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])
    )
    said = "; ".join(f"{count} × {reason.removeprefix('Skipped: ')}" for reason, count in reasons.items())
    terminalreporter.write_line(f"skipped: {said}" if said else "skipped: nothing")
