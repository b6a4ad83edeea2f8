"""One command starts the site and keeps it up: database, tables, pages, jobs. One Ctrl-C stops it all."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import TextIO

from zugong.cli import site
from zugong.cli.saying import both
from zugong.core import database
from zugong.core.database import Cluster
from zugong.core.errors import PackErrors, Refused

LONGEST_WAIT = 60  # seconds for the pages to answer, or a process to end
BROKEN_OFF = (
    "已停止:启动还没有完成,做到一半的一步已撤回,下次启动从那一步重新开始。 "
    "Stopped before the start was complete: the step under way was taken back, and the next start begins it again."
)
READY = "ready"
THREADS = 8
CONNECTIONS = 1000  # a browser keeps up to six open: a hundred are used up by seventeen people


def serve(arguments: Sequence[str]) -> None:
    """Start the site and keep it up until Ctrl-C: database, tables, pages and jobs."""
    parser = site.parser(serve)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=site.port, default=8000)
    options = parser.parse_args(arguments)
    keep_up(options.host, options.port, [["migrate"], ["first-day", "--if-new"]])


def keep_up(host: str, port: int, first: list[list[str]]) -> None:
    """Run the commands `first`, start everything, say where, and mend what dies, until told to stop."""
    os.environ.setdefault("ZUGONG_URL", f"http://{host}:{port}")
    url = os.environ["ZUGONG_URL"]
    home = site.home()
    with (
        only_one(home, url) as place,
        told_to_stop() as stopping,
        database.running(home, os.environ) as cluster,
    ):
        refuse_taken(host, port)
        for command in first:
            if not run(command, stopping):
                print(BROKEN_OFF, flush=True)
                return
        processes = [
            Process("web", ["--host", host, "--port", str(port)]),
            Process("worker", []),
        ]
        try:
            for process in processes:
                process.start()
            wait_until_answering(host, port, processes[0], stopping)
            if not stopping:
                say_ready(place, url)
            while not stopping:
                time.sleep(0.2)
                if cluster:
                    mend(cluster)
                for process in processes:
                    process.restart_if_dead()
        finally:
            for process in processes:
                process.stop()


def stop(arguments: Sequence[str]) -> None:
    """Stop the site of this home, and its database."""
    site.parser(stop).parse_args(arguments)
    home = site.home()
    if pid := running_pid(home):
        was_ready = is_ready(home)
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not running_pid(home))
        if running_pid(home):
            raise Refused("进程 {pid} 没有停止。", pid=pid)
        print("已停止。 Stopped." if was_ready else BROKEN_OFF)
        return
    cluster = Cluster(home, os.environ)
    if cluster.pid():
        cluster.stop()
        print("数据库已停止。 The database was stopped.")
        return
    print("没有在运行。 Nothing was running.")


def web(arguments: Sequence[str]) -> None:
    """Serve the pages alone; the database must be up."""
    parser = site.parser(web)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=site.port, default=8000)
    options = parser.parse_args(arguments)
    site.set_up()

    import waitress
    from django.urls import get_resolver

    from zugong.core.serving import Handler

    assert get_resolver().url_patterns  # a page that cannot be loaded is told now, not to its first reader
    read_policy()
    waitress.serve(
        Handler(),
        host=options.host,
        port=options.port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
    )


def read_policy() -> None:
    """Read the packs in force before anybody asks: many first readers would each wait for their own reading."""
    from django.db import connection

    from zugong.core import clock
    from zugong.registry.actions import policy_on

    with suppress(
        Refused, PackErrors
    ):  # none is in force yet, or none that this version reads: the pages say so
        policy_on(clock.today())
    connection.close()


def worker(arguments: Sequence[str]) -> None:
    """Run the jobs alone, those of missed days first; the database must be up."""
    site.parser(worker).parse_args(arguments)
    site.set_up()

    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from zugong.core import clock
    from zugong.core.install import days

    days.catch_up(clock.today())
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as ready:
        ready.run_worker(concurrency=1, install_signal_handlers=True, delete_jobs="successful")


# --- One at a time ------------------------------------------------------------------


@contextmanager
def only_one(home: Path, url: str) -> Iterator[TextIO]:
    """Hold this home's place; a second start is refused and told where the first one is.

    The lock ends with the process that holds it, so no accident leaves it behind.
    """
    database.make_home(home)
    with open(home / "zugong.pid", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().split()[1:2]
            raise Refused("已经在运行:{where}。先用 make stop 停止它。", where=" ".join(where)) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {url}\n")
        file.flush()
        yield file


def say_ready(place: TextIO, url: str) -> None:
    """Say that the site is up: to whoever started it, and in its place, to whoever will stop it."""
    print(f"\n  组工 zugong  {url}\n  Ctrl-C 停止 stops it\n", flush=True)
    place.write(f"{READY}\n")
    place.flush()


def is_ready(home: Path) -> bool:
    """Whether the running site of `home` is up, not still being started."""
    return READY in (home / "zugong.pid").read_text().split()


def running_pid(home: Path) -> int | None:
    """Give the process id of the running site of `home`, or None."""
    try:
        with open(home / "zugong.pid") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int((home / "zugong.pid").read_text().split()[0])
    except FileNotFoundError:
        pass
    return None


def refuse_taken(host: str, port: int) -> None:
    """Refuse a port that another program holds, before anything is started on it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            raise Refused(
                "端口 {port} 不能使用({why}):请换一个,如 PORT=8001。",
                port=port,
                why=trouble.strerror,
            ) from None


@contextmanager
def told_to_stop() -> Iterator[list[int]]:
    """Collect the signals that ask us to stop, instead of dying of them halfway."""
    signals: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        signals.append(number)

    before = {
        number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- The processes ------------------------------------------------------------------


class Process:
    """One child that is started again when it dies."""

    def __init__(self, command: str, arguments: list[str]) -> None:
        self.command = [sys.executable, "-m", "zugong.cli.main", command, *arguments]
        self.child: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C is for us, and we stop it in order."""
        environ = {**os.environ, "ZUGONG_DATABASE_ROLE": "app", "ZUGONG_PARENT": str(os.getpid())}
        self.child = subprocess.Popen(self.command, env=environ, start_new_session=True)  # noqa: S603
        self.started = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.child is not None and self.child.poll() is None

    def restart_if_dead(self) -> None:
        """Start it again, at most once a second."""
        if not self.is_alive and time.monotonic() - self.started > 1:
            self.start()

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if not self.child:
            return
        self.child.terminate()
        try:
            self.child.wait(LONGEST_WAIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def run(command: list[str], stopping: list[int]) -> bool:
    """Run one of our commands in a process of its own, and give whether it came to its end before we were told to stop.

    Each step is one transaction or can be run again, so one that is ended midway leaves nothing half-done.
    What a command refused has been said.
    """
    environ = {**os.environ, "ZUGONG_PARENT": str(os.getpid())}
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "zugong.cli.main", *command], env=environ, start_new_session=True
    )
    while child.poll() is None and not stopping:
        time.sleep(0.05)
    if stopping:
        child.kill()
        child.wait()
        return False
    if child.returncode:
        sys.exit(child.returncode)
    return True


def mend(cluster: Cluster) -> None:
    """Start our database again if it died; where it cannot start now, say why and try again later."""
    try:
        cluster.start()
    except Refused as refusal:
        print(both(refusal.cited), file=sys.stderr, flush=True)
        time.sleep(2)


def wait_until_answering(host: str, port: int, process: Process, stopping: list[int]) -> None:
    """Return when the pages answer; refuse when they do not."""

    def answers() -> bool:
        try:
            with closing(HTTPConnection(host, port, timeout=5)) as connection:
                connection.request("GET", "/health", headers={"Host": "127.0.0.1"})
                return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False

    wait_for(lambda: bool(stopping) or not process.is_alive or answers())
    if not stopping and not (process.is_alive and answers()):
        raise Refused("网页服务没有启动,原因见上。")


def wait_for(done: Callable[[], bool]) -> None:
    """Wait until `done`, a minute at most."""
    end = time.monotonic() + LONGEST_WAIT
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
