"""The PostgreSQL that zugong keeps itself: made, started, stopped, and found again after any accident.

    home/
    ├── postgres/data      the cluster; a link to /var/lib/zugong/… where its keeper cannot enter home
    ├── postgres/log       what the server said
    ├── owner.pgpass       the owner's generated password (0600)
    └── app.pgpass         the application's

PostgreSQL refuses to run as root: then an unprivileged user keeps the cluster, and only that user's
processes touch its files.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from zugong.core.database import binaries
from zugong.core.database.address import OWNER_NAME, Role, embedded_address, passfile, told_port
from zugong.core.database.binaries import Binaries
from zugong.core.database.passwords import remembered
from zugong.core.errors import Refused
from zugong.core.sentences import Sentence

# Enough for a county on a laptop; a large county has a server of its own.
SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "96MB",
    "jit": "off",
    "log_timezone": "Asia/Shanghai",
}
ROOM_FOR_A_CLUSTER = 300 * 1024 * 1024
ROOM_TO_START = 16 * 1024 * 1024  # one more segment of the write-ahead log
LONGEST_START = 120  # seconds: recovery after a crash replays what was not yet in the tables
LONGEST_STOP = 60
SHARED_PLACE = Path("/var/lib/zugong")


class Cluster:
    """One PostgreSQL cluster in `home`; every method may be called again without harm."""

    def __init__(self, home: Path, environ: Mapping[str, str], **settings: str) -> None:
        self.home = home.resolve()
        self.environ = environ
        listens = "127.0.0.1" if told_port(environ) else ""
        self.settings = {**SETTINGS, "listen_addresses": listens, **settings}
        self.address = embedded_address(self.home, Role.OWNER, environ)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> Path:
        """The folder of the cluster, links followed."""
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.place / "data"

    @property
    def log(self) -> Path:
        """What the server said, the last start last."""
        return self.place / "log"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keep the server up while the block runs; of several blocks at once, the last one out stops it."""
        make_home(self.home)
        with open(self.home / "postgres.users", "a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.start()
                yield
            finally:
                if _alone(users.fileno()):
                    self.stop()
                elif self._server:
                    self._server.returncode = 0  # it outlives this run, for those who still use it

    def start(self) -> None:
        """Start the server and return when it answers; make the cluster first if there is none."""
        make_home(self.home)
        with self._alone_with_cluster():
            if self.pid() and self._socket.exists():
                return
            self._end()  # a server whose socket was swept away answers nobody
            programs = self._programs()
            if not self.data.exists():
                self._choose_place()
            if not self.data.exists():
                self._initialise(programs)
            self._refuse_orphan()
            self._check_version(programs)
            self._check_room(ROOM_TO_START)
            self._outlive_a_dead_server()
            self._launch(programs)

    def stop(self) -> None:
        """Stop the server, if it runs: sessions are ended, nothing acknowledged is lost."""
        if not self.home.exists():
            return
        with self._alone_with_cluster():
            self._end()

    def pid(self) -> int | None:
        """Give the process id of this cluster's server, or None where it does not run.

        A number in `postmaster.pid` proves nothing: after a crash it may belong to another program.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if bytes(self.data) in command else None

    # --- Making it ------------------------------------------------------------

    def _programs(self) -> Binaries:
        found = binaries.find(self.environ)
        if self.keeper and not _can_enter(self.keeper, found.folder):
            return found.copied_to(SHARED_PLACE / f"postgresql-{_stamp(found.folder / 'postgres')}")
        return found

    def _initialise(self, programs: Binaries) -> None:
        self._check_room(ROOM_FOR_A_CLUSTER)
        draft = self.place / "data.new"  # renamed when complete: an interrupted start leaves no half cluster
        shutil.rmtree(draft, ignore_errors=True)
        password = remembered(passfile(self.home, Role.OWNER))
        secret = self.place / "password.new"
        try:
            secret.touch(mode=0o600)
            secret.write_text(password)
            if self.keeper:
                os.chown(secret, self.keeper.pw_uid, self.keeper.pw_gid)
            made = subprocess.run(  # noqa: S603
                [
                    *(programs / "initdb", "-D", str(draft), "-U", OWNER_NAME, f"--pwfile={secret}"),
                    *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--lc-messages=C"),
                    *_locale(programs),
                ],
                capture_output=True,
                text=True,
                check=False,
                **self._as_keeper(),
            )
            if made.returncode:
                raise _told_by(made.stdout + made.stderr)
            draft.rename(self.data)
        finally:
            secret.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _choose_place(self) -> None:
        place = self.home / "postgres"
        if not place.is_symlink():
            place.mkdir(mode=0o700, exist_ok=True)
        if not self.keeper:
            return
        if not _can_enter(self.keeper, self.home):
            shared = SHARED_PLACE / self.address.host.rsplit("-", 1)[-1]
            shared.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not place.is_symlink():
                place.rmdir()
                place.symlink_to(shared)
        os.chown(self.place, self.keeper.pw_uid, self.keeper.pw_gid)

    def _refuse_orphan(self) -> None:
        if not passfile(self.home, Role.OWNER).exists():
            raise Refused(
                "{data} 里有数据,但 {home} 里没有它的密码文件 owner.pgpass:请放回该文件,或移走旧数据。",
                data=self.data,
                home=self.home,
            )

    def _check_room(self, needed: int) -> None:
        if shutil.disk_usage(self.place).free < needed:
            size = f"{needed // 1024 // 1024} MB"
            raise Refused(
                "磁盘已满:{place} 所在磁盘的空间不足 {size},请腾出空间后再启动;已保存的数据不受影响。",
                place=self.place,
                size=size,
            )

    def _check_version(self, programs: Binaries) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != programs.major:
            raise Refused(
                "数据由 PostgreSQL {made_by} 建立,现有程序是 {major}:请用原来的版本 make backup,再在新的 ZUGONG_HOME 中 make restore。",
                made_by=made_by,
                major=programs.major,
            )

    # --- Starting it ------------------------------------------------------------

    def _outlive_a_dead_server(self) -> None:
        """Wait for what a killed server left running, and forget its number if another program has it now.

        Otherwise the number stays: by it PostgreSQL itself makes sure that nobody writes beside it.
        """
        _wait_until(lambda: not _working_in(self.data), LONGEST_STOP)
        self._socket.with_name(self._socket.name + ".lock").unlink(missing_ok=True)
        file = self.data / "postmaster.pid"
        if file.exists() and _exists(file.read_text().split("\n", 1)[0]):
            file.unlink()

    def _launch(self, programs: Binaries) -> None:
        sockets = self._socket_folder()
        settings = {**self.settings, "port": str(self.address.port), "unix_socket_directories": str(sockets)}
        command = [programs / "postgres", "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log, "wb") as log:
            self._server = server = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self._as_keeper()
            )
        _wait_until(lambda: server.poll() is not None or self._is_ready(server.pid), LONGEST_START)
        if not self._is_ready(server.pid):
            server.terminate()
            server.wait()
            raise _told_by(self.log.read_text(errors="replace"), port=self.address.port)

    def _end(self) -> None:
        for manner in (signal.SIGINT, signal.SIGQUIT):
            if pid := self.pid():
                _signal(pid, manner)
                _wait_until(lambda: not self.pid(), LONGEST_STOP)
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()

    @property
    def _socket(self) -> Path:
        return Path(self.address.host, f".s.PGSQL.{self.address.port}")

    def _is_ready(self, server: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # A killed server has left its own "ready" behind: the number must be the new one's.
        return len(lines) >= 8 and lines[0] == str(server) and lines[7].strip() == "ready"

    def _socket_folder(self) -> Path:
        """Make the socket's folder, and refuse one that somebody else has put there."""
        folder = Path(self.address.host)
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat().st_uid
        mine = {os.getuid(), self.keeper.pw_uid if self.keeper else os.getuid()}
        if folder.is_symlink() or owner not in mine:
            raise Refused("{folder} 属于别的用户,数据库不能使用:请删除它。", folder=folder)
        if self.keeper:
            os.chown(folder, self.keeper.pw_uid, self.keeper.pw_gid)
        return folder

    # --- As whom ------------------------------------------------------------------

    @property
    def keeper(self) -> pwd.struct_passwd | None:
        """The unprivileged user who keeps the cluster when we are root; None when we keep it ourselves."""
        if os.geteuid() != 0:
            return None
        if self.data.exists() and (owner := self.data.stat().st_uid):
            return pwd.getpwuid(owner)
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise Refused("以 root 运行时需要用户 postgres 或 nobody 来看管数据库。")

    def _as_keeper(self) -> dict[str, Any]:
        known = {
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,  # a Ctrl-C meant for the site is not one for the database
        }
        if not self.keeper:
            return known
        return {**known, "user": self.keeper.pw_uid, "group": self.keeper.pw_gid, "extra_groups": []}

    @contextmanager
    def _alone_with_cluster(self) -> Iterator[None]:
        with open(self.home / "postgres.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def make_home(home: Path) -> None:
    """Make the folder of this installation, and refuse one that cannot be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as trouble:
        raise Refused(
            "数据目录 {home} 不能写入({why}):请更改权限或设置 ZUGONG_HOME。", home=home, why=trouble.strerror
        ) from None


def _locale(programs: Binaries) -> list[str]:
    # Under the locale C, trigram search finds nothing in Chinese; the builtin provider came with 17.
    if programs.major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _can_enter(keeper: pwd.struct_passwd, folder: Path) -> bool:
    asked = subprocess.run(  # noqa: S603
        ["/usr/bin/test", "-x", str(folder)],
        check=False,
        user=keeper.pw_uid,
        group=keeper.pw_gid,
        extra_groups=[],
        cwd="/",
    )
    return asked.returncode == 0


def _working_in(folder: Path) -> bool:
    """Tell whether any process has `folder` as its own; those of other users cannot be asked and are not ours."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                return True
    return False


def _exists(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def _stamp(program: Path) -> str:
    about = program.stat()
    return f"{about.st_size:x}-{int(about.st_mtime):x}"


def _alone(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal(pid: int, manner: signal.Signals) -> None:
    try:
        os.kill(pid, manner)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise Refused("数据库(进程 {pid})由别的用户启动,请由该用户停止。", pid=pid) from None


def _wait_until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.01)


def _told_by(log: str, port: int = 0) -> Refused:
    """Say in one sentence what PostgreSQL said in many."""
    known = {
        "No space left on device": Sentence(
            "磁盘已满,数据库不能启动:请腾出空间后再启动,已保存的数据不受影响。"
        ),
        "Address already in use": Sentence(
            "数据库端口 {port} 已被占用:请设置 ZUGONG_POSTGRES_PORT 为另一个端口。", port=port
        ),
        "Permission denied": Sentence("数据库没有读写数据目录的权限:请检查 ZUGONG_HOME 的所有者。"),
    }
    for sign, sentence in known.items():
        if sign in log:
            return Refused.because(sentence)
    last = next(
        (line for line in reversed(log.splitlines()) if "FATAL" in line or "error" in line), ""
    ).strip()
    return Refused("数据库不能启动:{last}", last=last)
