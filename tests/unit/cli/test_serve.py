"""Starting and stopping the site: what goes wrong is one sentence, and leaves nothing half-done."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ground import ROOT, free_port

ZUGONG = [sys.executable, "-m", "zugong.cli.main"]


@pytest.fixture(scope="module")
def home():
    """A home with its own embedded database, which a start has made once."""
    with tempfile.TemporaryDirectory(prefix="zugong-test-") as folder:
        os.chmod(folder, 0o755)
        home = Path(folder) / "var"
        yield home
        zugong(home, "stop")


def environment(home, **more):
    known = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "ZUGONG_POSTGRES"}
    }
    return {**known, "ZUGONG_HOME": str(home), **more}


def zugong(home, *arguments, **more):
    return subprocess.run(
        [*ZUGONG, *arguments], env=environment(home, **more), capture_output=True, text=True, check=False, timeout=300
    )  # fmt: skip


def sentence(done):
    """What a refused command said: one line, no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@contextlib.contextmanager
def site(home, port, *arguments):
    """The site kept up, until the block ends."""
    with open(home.parent / "log", "w+") as log:
        keeper = subprocess.Popen(
            [*ZUGONG, *(arguments or ["serve"]), "--port", str(port)], env=environment(home), stdout=log, stderr=log
        )  # fmt: skip
        try:
            wait_until(
                lambda: "Ctrl-C" in (home.parent / "log").read_text() or keeper.poll() is not None, 240
            )
            assert keeper.poll() is None, (home.parent / "log").read_text()
            yield keeper
        finally:
            keeper.send_signal(signal.SIGINT)
            keeper.wait(120)


def wait_until(done, seconds):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


def answers(port):
    with (
        contextlib.suppress(OSError),
        contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    return False


def database_pid(home):
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def test_a_countys_first_start_serves_prints_three_codes_and_one_ctrl_c_ends_it(home):
    port = free_port()
    with site(home, port) as keeper:
        assert answers(port)
        said = (home.parent / "log").read_text()
        assert all(name in said for name in ("系统管理员", "安全管理员", "审计管理员"))
        assert f"http://127.0.0.1:{port}" in said

        second = zugong(home, "serve", "--port", str(free_port()))
        assert f"已经在运行:http://127.0.0.1:{port}" in sentence(second)

        killed = database_pid(home)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: answers(port) and database_pid(home) != killed, 120)
        assert keeper.poll() is None
    assert not answers(port)
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    log = (home.parent / "log").read_text()
    assert "Traceback" not in log, log


def test_a_second_start_keeps_the_codes_to_itself_and_stop_stops_it(home):
    port = free_port()
    with site(home, port) as keeper:
        assert "已停止" in zugong(home, "stop").stdout
        keeper.wait(60)
    assert "没有在运行" in zugong(home, "stop").stdout


def test_a_taken_port_is_named_and_nothing_stays_up(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"端口 {port} 不能使用" in sentence(zugong(home, "serve", "--port", str(port)))
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_the_demo_does_not_open_a_county(home):
    done = zugong(home, "demo", "--port", str(free_port()))
    assert "真实县的数据" in sentence(done)
    assert json.loads(zugong(home, "day", "--json").stdout)["days"] == []


def test_an_unreachable_server_is_one_sentence(tmp_path):
    done = zugong(tmp_path, "serve", DATABASE_URL="postgresql://somebody:secret@127.0.0.1:1/county")
    assert "连不上数据库 county" in sentence(done)
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ZUGONG_DEMO", "maybe", "ZUGONG_DEMO must be yes or no"),
        ("ZUGONG_PROXIES", "-1", "ZUGONG_PROXIES must be a whole number"),
        ("PASSWORD_PROFILE", "none", "PASSWORD_PROFILE must be one of"),
        ("ZUGONG_POSTGRES_PORT", "x", "ZUGONG_POSTGRES_PORT 应是一个端口号"),
        ("ZUGONG_POSTGRES", "mine", "ZUGONG_POSTGRES 只能是 wheel 或 system"),
    ],
)
def test_a_setting_that_cannot_be_read_stops_the_start(name, value, said, tmp_path):
    assert said in sentence(zugong(tmp_path, "journal", "verify", **{name: value}))


@pytest.mark.parametrize("port", ["99999", "0", "abc", "-1", "８０００"])
def test_a_port_that_is_none_is_one_sentence(port, tmp_path):
    assert f"“{port}”不是端口号" in sentence(zugong(tmp_path, "serve", f"--port={port}"))


def test_a_first_start_that_was_killed_is_begun_again_from_where_it_was(tmp_path_factory):
    with tempfile.TemporaryDirectory(prefix="zugong-test-") as folder:
        os.chmod(folder, 0o755)
        home, port = Path(folder) / "var", free_port()
        keeper = subprocess.Popen(
            [*ZUGONG, "serve", "--port", str(port)], env=environment(home),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        wait_until(lambda: (home / "postgres" / "data" / "postmaster.pid").exists(), 60)
        time.sleep(1.5)  # amid the tables
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()
        with site(home, port):
            assert answers(port)
        zugong(home, "stop")


@pytest.mark.alone  # how far it is after two seconds, and how fast it stops, is a matter of the cores it has
def test_a_stop_amid_the_first_load_takes_seconds_and_the_next_start_loads_from_the_beginning():
    with tempfile.TemporaryDirectory(prefix="zugong-test-") as folder:
        os.chmod(folder, 0o755)
        home, log = Path(folder) / "var", Path(folder) / "log"
        for _ in range(2):
            with open(log, "w") as out:
                keeper = subprocess.Popen(
                    [*ZUGONG, "demo", "--port", str(free_port())], env=environment(home), stdout=out, stderr=out
                )  # fmt: skip
            wait_until(lambda: "正在载入" in log.read_text(), 60)
            time.sleep(2)  # amid the load
            begun = time.monotonic()
            stopped = zugong(home, "stop", ZUGONG_DEMO="yes")
            assert time.monotonic() - begun < 10
            assert stopped.stdout.count("\n") == 1
            assert "下次启动从那一步重新开始" in stopped.stdout
            assert keeper.wait(10) == 0
            assert "下次启动从那一步重新开始" in log.read_text()
            assert "Traceback" not in log.read_text()
            assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_a_demo_with_a_broken_pack_names_the_line_and_loads_nothing(tmp_path_factory):
    with tempfile.TemporaryDirectory(prefix="zugong-test-") as folder:
        os.chmod(folder, 0o755)
        shutil.copytree(ROOT / "packs", Path(folder) / "packs")
        broken = Path(folder) / "packs" / "qingmu" / "broken.yaml"
        broken.write_text("roll: broken\nlabell: x\n", encoding="utf-8")
        home = Path(folder) / "var"
        done = zugong(home, "demo", "--port", str(free_port()), ZUGONG_PACKS=str(broken.parent.parent))
        assert done.returncode == 2, done.stderr
        assert "qingmu/broken.yaml:" in done.stderr
        assert "Traceback" not in done.stderr
        with open(home / "zugong.pid") as place:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody is left running
        broken.unlink()
        assert json.loads(zugong(home, "day", "--json", ZUGONG_DEMO="yes").stdout)  # the tables stand
        zugong(home, "stop")
