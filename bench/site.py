"""The real site of a benchmark: the demo in a folder of its own, and readers who sign in to it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from socket import socket
from urllib.parse import urlencode

from zugong import __version__

LONGEST_START = 300  # seconds, on a busy machine


@dataclass
class Site:
    """A running demo: where it is, and the process that keeps it up."""

    home: Path
    port: int
    keeper: subprocess.Popen[bytes]

    @property
    def environ(self) -> dict[str, str]:
        """What its commands read."""
        return {**os.environ, "ZUGONG_HOME": str(self.home), "ZUGONG_DEMO": "yes"}

    def processes(self) -> dict[str, list[int]]:
        """Give the process ids, by what they are: keeper, web, worker, database."""
        data = str((self.home / "postgres").resolve() / "data").encode()
        found: dict[str, list[int]] = {"keeper": [self.keeper.pid], "web": [], "worker": [], "database": []}
        servers = [pid for pid, command in _running() if command[1:3] == [b"-D", data]]
        found["database"] = [*servers, *(pid for pid in _children_of(set(servers)))]
        for pid, command in _running():
            if pid in _children_of({self.keeper.pid}):
                name = next((name for name in ("web", "worker") if name.encode() in command), "")
                if name:
                    found[name].append(pid)
        return found


@contextmanager
def running(version: str = "demo") -> Iterator[Site]:
    """Load 青穆县 into a folder of its own, serve it, and take all of it away at the end."""
    with tempfile.TemporaryDirectory(prefix="zugong-bench-") as folder:
        os.chmod(folder, 0o755)
        port = free_port()
        environ = {**os.environ, "ZUGONG_HOME": f"{folder}/var"}
        for name in ("DATABASE_URL", "ZUGONG_URL", "ZUGONG_PARENT"):
            environ.pop(name, None)
        with open(Path(folder) / "log", "wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "zugong.cli.main", version, "--port", str(port)],
                env=environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        site = Site(Path(folder) / "var", port, keeper)
        try:
            end = time.monotonic() + LONGEST_START
            while not answers(port):
                if keeper.poll() is not None or time.monotonic() > end:
                    sys.exit((Path(folder) / "log").read_text())
                time.sleep(0.2)
            yield site
        finally:
            keeper.terminate()
            keeper.wait(120)


@dataclass
class Reader:
    """One person at a browser: keeps cookies and a connection, follows nothing."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a page; give its status and body."""
        answer, body = self._ask("GET", path)
        return answer.status, body

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form; give the status and where it leads."""
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        answer, _ = self._ask("POST", path, urlencode({**token, **fields}))
        return answer.status, answer.getheader("Location") or ""

    def send(self, path: str, **fields: str) -> tuple[int, bytes]:
        """Send a form; give the status and the page that answers it."""
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        answer, body = self._ask("POST", path, urlencode({**token, **fields}))
        return answer.status, body

    def sign_in(self, username: str) -> Reader:
        """Enter as one of the demo's people."""
        self.get("/signin")
        status, _ = self.post("/signin/demo", user=username)
        assert status == 302, (username, status)
        return self

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection = self.connection or HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            read = answer.read()
        except (OSError, HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return answer, read


def links(page: bytes, pattern: str) -> list[str]:
    """Give the addresses on a page that fit the pattern, each once, in order."""
    return list(dict.fromkeys(re.findall(rf'href="({pattern})"', page.decode())))


def answers(port: int) -> bool:
    """Whether the site says that it is well."""
    try:
        return Reader(port).get("/health")[0] == 200
    except (OSError, HTTPException):
        return False


def free_port() -> int:
    """Find a port nobody uses."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> dict[str, object]:
    """Say on what it was measured, and what."""
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])  # type: ignore[index]
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return {
        "version": __version__,
        "python": platform.python_version(),
        "cpu": (names or [platform.machine()])[0],
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1024 / 1024),
    }


def pss(pid: int) -> int:
    """Give a process's memory in kB, what it shares with others divided among them; 0 where it has ended."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _running() -> Iterator[tuple[int, list[bytes]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue


def _children_of(parents: set[int]) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            about = (folder / "stat").read_text()
        except OSError:
            continue
        if int(about.rsplit(")", 1)[1].split()[1]) in parents:
            found.append(int(folder.name))
    return found
