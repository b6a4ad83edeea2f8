"""What goes wrong with the database says so in one sentence and leaves nothing half-done."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from zugong.core import database
from zugong.core.database import Address, Cluster, Role, address, roles
from zugong.core.database.address import from_url
from zugong.core.errors import Refused

ENVIRON = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


@contextlib.contextmanager
def open_folder():
    """A folder that the cluster's keeper can enter, as those that pytest makes cannot be."""
    with tempfile.TemporaryDirectory(prefix="zugong-test-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def folder():
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def made():
    """A home whose cluster has been made once and is stopped."""
    with open_folder() as home:
        with Cluster(home, ENVIRON).running():
            pass
        yield home


@pytest.fixture
def home(made, folder):
    """A copy of it, for a test to spoil."""
    home = folder / "home"
    shutil.copytree(made, home, copy_function=copy_with_owner)
    for one, _, _ in os.walk(made):
        about = os.stat(one)
        os.chown(home / Path(one).relative_to(made), about.st_uid, about.st_gid)
    return home


def copy_with_owner(source, target):
    shutil.copy2(source, target)
    about = os.stat(source)
    os.chown(target, about.st_uid, about.st_gid)


@pytest.mark.alone  # less than a second: another start beside it would take as much again
def test_a_warm_start_takes_less_than_a_second(home):
    begun = time.monotonic()
    with Cluster(home, ENVIRON).running():
        assert time.monotonic() - begun < 1


def test_a_second_start_finds_the_first(home):
    first, second = Cluster(home, ENVIRON), Cluster(home, ENVIRON)
    with first.running():
        pid = first.pid()
        with second.running():
            assert second.pid() == pid
        assert first.pid() == pid
    assert first.pid() is None


def test_after_kill_9_it_starts_again_and_has_kept_what_it_acknowledged(home):
    cluster = Cluster(home, ENVIRON)
    with cluster.running():
        with roles.connect(cluster.address.to("postgres")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        killed = cluster.pid()
        os.kill(killed, signal.SIGKILL)
        while cluster.pid() == killed:
            time.sleep(0.01)
        cluster.start()
        with roles.connect(cluster.address.to("postgres")) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_stale_number_that_now_belongs_to_another_program_is_no_server(home):
    cluster = Cluster(home, ENVIRON)
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    assert cluster.pid() is None
    with cluster.running():
        assert cluster.pid() != os.getpid()


def test_a_server_whose_socket_was_swept_away_is_started_anew(home):
    cluster = Cluster(home, ENVIRON)
    with cluster.running():
        shutil.rmtree(cluster.address.host)
        cluster.start()
        with roles.connect(cluster.address.to("postgres")):
            pass


def test_an_interrupted_first_start_is_begun_anew(folder):
    cluster = Cluster(folder, ENVIRON)
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with cluster.running():
        assert cluster.pid()
    assert not half.exists()


def test_data_of_another_major_version_are_refused_and_untouched(home):
    cluster = Cluster(home, ENVIRON)
    (cluster.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(Refused, match="数据由 PostgreSQL 13 建立"):
        cluster.start()
    assert cluster.pid() is None


def test_data_whose_password_is_lost_are_refused_and_untouched(home):
    cluster = Cluster(home, ENVIRON)
    (home / "owner.pgpass").unlink()
    with pytest.raises(Refused, match="没有它的密码文件"):
        cluster.start()
    assert cluster.data.exists()


def test_killed_again_and_again_it_starts_again_and_again(home):
    cluster = Cluster(home, ENVIRON)
    with cluster.running():
        for _ in range(5):
            os.kill(cluster.pid(), signal.SIGKILL)
            cluster._server.wait()
            cluster.start()
            with roles.connect(cluster.address.to("postgres")):
                pass


def test_a_taken_port_is_named(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        cluster = Cluster(home, {**ENVIRON, "ZUGONG_POSTGRES_PORT": str(port)})
        with pytest.raises(Refused, match=f"数据库端口 {port} 已被占用"):
            cluster.start()
    assert cluster.pid() is None


def test_our_own_server_listens_on_no_port_unless_told_one(home):
    cluster = Cluster(home, ENVIRON)
    with cluster.running(), roles.connect(cluster.address.to("postgres")) as owner:
        assert owner.execute("show listen_addresses").fetchone() == ("",)


def test_too_little_room_is_refused_before_anything_is_made(folder, monkeypatch):
    monkeypatch.setattr("zugong.core.database.cluster.ROOM_FOR_A_CLUSTER", 1 << 60)
    cluster = Cluster(folder, ENVIRON)
    with pytest.raises(Refused, match="磁盘已满"):
        cluster.start()
    assert not cluster.data.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk_is_one_sentence_and_what_was_saved_is_safe(home, folder):
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "none", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("no right to mount")
    try:
        subprocess.run(["cp", "-a", f"{home}/.", disk], check=True)
        fill(disk)
        cluster = Cluster(disk, ENVIRON)
        with pytest.raises(Refused, match="磁盘已满"):
            cluster.start()
        (disk / "filler").unlink()
        with cluster.running():
            assert cluster.pid()
    finally:
        subprocess.run(["umount", disk], check=True)


def fill(disk):
    """Write until not one byte more goes in."""
    with open(disk / "filler", "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(size))


def test_a_home_that_cannot_be_written_is_named(folder):
    file = folder / "file"
    file.touch()
    with pytest.raises(Refused, match="不能写入"):
        Cluster(file / "home", ENVIRON).start()


def test_an_unreachable_server_is_one_sentence(folder):
    environ = {"DATABASE_URL": "postgresql://somebody:secret@127.0.0.1:1/county"}
    with pytest.raises(Refused, match="连不上数据库 county") as refusal, database.running(folder, environ):
        pass
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://a@b", "postgresql://a@b:port/c", "nonsense"])
def test_a_url_that_cannot_be_read_names_its_variable(url):
    with pytest.raises(Refused, match="DATABASE_URL 读不懂"):
        from_url(url, "DATABASE_URL")


def test_an_address_survives_being_written_as_a_url():
    there = Address(
        "/tmp/s", 5433, "county", "some body", "p@ss/word", "/etc/pass file", {"sslmode": "require"}
    )
    assert from_url(there.url(), "DATABASE_URL") == there


def test_the_application_may_not_be_the_owner(folder):
    same = "postgresql://county@127.0.0.1/county"
    with (
        pytest.raises(Refused, match="不能以数据库的所有者身份"),
        database.running(folder, {"DATABASE_URL": same, "DATABASE_APP_URL": same}),
    ):
        pass


def test_a_database_that_cannot_search_chinese_is_refused(server):
    owner = address(Path(os.environ["ZUGONG_HOME"]), Role.OWNER, os.environ)
    with roles.connect(owner.to("postgres")) as connection:
        connection.execute("DROP DATABASE IF EXISTS deaf")
        connection.execute("CREATE DATABASE deaf TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
        try:
            with roles.connect(owner.to("deaf")) as deaf, pytest.raises(Refused, match="不能检索中文"):
                roles.check(deaf)
        finally:
            connection.execute("DROP DATABASE deaf")


def test_passwords_are_readable_by_their_keeper_alone(home):
    assert (home / "owner.pgpass").stat().st_mode & 0o077 == 0


def test_nobody_enters_without_a_password(home):
    cluster = Cluster(home, ENVIRON)
    with cluster.running():
        without = Address("127.0.0.1", cluster.address.port, "postgres", "zugong", passfile="/dev/null")
        with pytest.raises(Refused, match="连不上数据库"), roles.connect(without):
            pass
