"""One file that holds everything, and the way back from it, tried before it counts.

zugong-20260331-021500.tar
├── manifest.json      version, PostgreSQL, the rows of every table, the journal's head
├── database.dump      pg_dump's own format, of the very moment the rows were counted
└── runs/              frozen facts and results of ratings; what people uploaded is in the database
"""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from zugong.core.database import roles
from zugong.core.database.address import Address
from zugong.core.database.binaries import Binaries
from zugong.core.errors import Refused


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `head` is the journal's sequence and digest at that moment."""

    version: str
    postgres: int
    taken_at: str
    head: tuple[int, str]
    rows: Mapping[str, int]


def write(
    file: Path,
    owner: Address,
    programs: Binaries,
    runs: Path,
    *,
    version: str,
    taken_at: str,
    head: Callable[[psycopg.Connection], tuple[int, str]],
) -> Manifest:
    """Write the backup `file`; it appears under its name only when it is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        dump = Path(folder) / "database.dump"
        with roles.connect(owner) as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            manifest = Manifest(
                version,
                connection.info.server_version // 10000,
                taken_at,
                head(connection),
                count(connection),
            )
            _run(programs / "pg_dump", owner, "--format=custom", f"--snapshot={snapshot}", f"--file={dump}")
        (Path(folder) / "manifest.json").write_text(
            json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
        )
        draft = Path(folder) / "draft.tar"
        with tarfile.open(draft, "w") as archive:
            archive.add(Path(folder) / "manifest.json", "manifest.json")
            archive.add(dump, "database.dump")
            if runs.exists():
                archive.add(runs, "runs")
        draft.chmod(0o600)
        draft.rename(file)
    return manifest


def restore(
    file: Path,
    owner: Address,
    app: Address,
    programs: Binaries,
    runs: Path,
    check: Callable[[Address, Path, Manifest], None],
) -> Manifest:
    """Put the backup `file` in the place of the database and the runs, once it has proved itself beside them.

    `check` is given the trial database and the folder that holds the trial's runs.
    What was there before stays as the database `…_before_restore` and the folder `runs.before_restore`.
    """
    with tempfile.TemporaryDirectory(dir=runs.parent, prefix=".restore-") as folder:
        manifest = _unpack(file, Path(folder))
        trial = owner.to(f"{owner.dbname}_trial")
        with roles.connect(owner.to("postgres")) as connection:
            drop(connection, trial.dbname)
            roles.create(connection, trial.dbname)
            try:
                _fill(trial, app, programs, Path(folder) / "database.dump", manifest)
                check(trial, Path(folder), manifest)
            except BaseException:
                drop(connection, trial.dbname)
                raise
            _swap(connection, owner.dbname, trial.dbname)
        _swap_folder(runs, Path(folder) / "runs")
    return manifest


def count(connection: psycopg.Connection) -> dict[str, int]:
    """Count the rows of every table."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return {name: _rows(connection, name) for (name,) in tables}


def drop(connection: psycopg.Connection, dbname: str) -> None:
    """Drop the database `dbname`, if there is one, and whoever is in it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(dbname)))


def _rows(connection: psycopg.Connection, table: str) -> int:
    (rows,) = connection.execute(
        sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    ).fetchone() or (0,)
    return int(rows)


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        told = json.loads((folder / "manifest.json").read_text())
        return Manifest(**{**told, "head": tuple(told["head"])})
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as trouble:
        if isinstance(trouble, OSError) and trouble.errno and not isinstance(trouble, FileNotFoundError):
            raise
        raise Refused("{file} 不是完好的备份文件。", file=file) from None


def _fill(trial: Address, app: Address, programs: Binaries, dump: Path, manifest: Manifest) -> None:
    _run(
        programs / "pg_restore",
        trial,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={trial.dbname}",
        str(dump),
    )
    with roles.connect(trial) as connection:
        roles.grant(connection, app.user)
        found = count(connection)
    wrong = [name for name in {**found, **manifest.rows} if found.get(name) != manifest.rows.get(name)]
    if wrong:
        raise Refused("恢复后行数不符({wrong}),原数据库未动。", wrong=sorted(wrong))


def _swap(connection: psycopg.Connection, current: str, trial: str) -> None:
    before = f"{current}_before_restore"
    drop(connection, before)
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [[current, trial]]
    )
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with connection.transaction():
        connection.execute(rename.format(sql.Identifier(current), sql.Identifier(before)))
        connection.execute(rename.format(sql.Identifier(trial), sql.Identifier(current)))


def _swap_folder(current: Path, restored: Path) -> None:
    before = current.with_name(f"{current.name}.before_restore")
    shutil.rmtree(before, ignore_errors=True)
    if current.exists():
        current.rename(before)
    if restored.exists():
        restored.rename(current)


def _run(program: str, address: Address, *arguments: str) -> None:
    environ = {**os.environ, **address.for_environment()}
    done = subprocess.run([program, *arguments], env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise Refused("{program} 没有完成:{last}", program=Path(program).name, last=last)
