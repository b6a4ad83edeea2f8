"""Backup, restore, and upgrade between the two."""

import getpass
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import psycopg

from zugong import __version__
from zugong.cli import migrate, serve, site
from zugong.core import database
from zugong.core.database import Address, Role, binaries
from zugong.core.database import backup as archive
from zugong.core.database.entering import entered
from zugong.core.errors import Refused


def backup(arguments: Sequence[str]) -> None:
    """Write one file that holds everything; the site may go on running."""
    parser = site.parser(backup)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with site.ready(Role.OWNER):
        from django.conf import settings

        from zugong.core import clock

        now = clock.now()
        file = options.file or settings.HOME / "backups" / f"zugong-{now:%Y%m%d-%H%M%S}.tar"
        manifest = archive.write(
            file,
            owner(),
            binaries.find(os.environ),
            settings.RUNS,
            version=__version__,
            taken_at=now.isoformat(),
            head=journal_head,
        )
    rows = sum(manifest.rows.values())
    if options.json:
        print(json.dumps({"file": str(file), "rows": rows, "head": manifest.head}))
    else:
        print(
            f"已备份 {rows} 行到 {file}。{site.home() / 'secret_key'} 请另存一处:没有它,换机器后手机要重新绑定。 "
            f"{rows} rows were backed up; keep the secret key elsewhere, or phones are bound anew on another machine."
        )


def restore(arguments: Sequence[str]) -> None:
    """Put a backup back: into a database beside, tried there, and only then in the place of the present one."""
    parser = site.parser(restore)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    if serve.running_pid(site.home()):
        raise Refused("站点正在运行,请先 make stop 再恢复。")
    with site.ready(Role.OWNER):
        from django.conf import settings

        def check(trial: Address, home: Path, manifest: archive.Manifest) -> None:
            prove(trial, home, manifest)
            with entered(trial):
                write_down(options.file, manifest)

        manifest = archive.restore(
            options.file, owner(), app(), binaries.find(os.environ), settings.RUNS, check
        )
        print(
            f"已恢复 {manifest.taken_at[:16]} 的备份:{sum(manifest.rows.values())} 行相符,日志链完整。"
            f"原数据保留为 {owner().dbname}_before_restore。 Restored; rows agree and the journal holds."
        )
        say_whose_phones_are_strange()


def rebind(arguments: Sequence[str]) -> None:
    """After a restore without the former secret key: let a user bind a phone anew at the next sign-in."""
    parser = site.parser(rebind)
    parser.add_argument("username")
    options = parser.parse_args(arguments)
    with site.ready():
        from zugong.accounts import actions
        from zugong.accounts.first_day import OPERATOR
        from zugong.accounts.models import User

        user = User.objects.filter(username=options.username).first()
        if not user:
            raise Refused("没有账号 {username}。", username=options.username)
        actions.rebind_after_restore(user, by=OPERATOR)
    print(f"{user} 下次登录时重新绑定手机。 {user} binds a phone anew at the next sign-in.")


def upgrade(arguments: Sequence[str]) -> None:
    """Back up, then bring the data up to this version."""
    site.parser(upgrade).parse_args(arguments)
    if serve.running_pid(site.home()):
        raise Refused("站点正在运行,请先 make stop 再升级。")
    with database.running(site.home(), os.environ):
        backup([])
        migrate.migrate([])
    print(f"已升级到 {__version__}。 Upgraded to {__version__}.")


def prove(trial: Address, home: Path, manifest: archive.Manifest) -> None:
    """Refuse a restored database whose journal does not hold, or whose records or rating do not open.

    `home` is where the folders of the backup were unpacked.
    """
    with entered(trial):
        prove_journal(manifest)
        open_one_record()
        open_one_rating(home)


def write_down(file: Path, manifest: archive.Manifest) -> None:
    """Say in the restored journal, and seal, who put which file back: the account of the machine, the file's digest."""
    from zugong.accounts.first_day import OPERATOR
    from zugong.core import journal
    from zugong.core.journal import actions

    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    journal.write(
        "backup.restore",
        by=OPERATOR,
        on=file.name[-200:],
        account=account(),
        sha256=digest,
        taken_at=manifest.taken_at,
    )
    actions.seal()


def account() -> str:
    """Name the account of the machine that runs this; by its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def prove_journal(manifest: archive.Manifest) -> None:
    """Verify the chain up to the head that the manifest tells."""
    from zugong.core.journal.verify import verify

    sequence, digest = manifest.head
    verdict = verify(sequence=sequence, digest=digest)
    if not verdict.holds:
        raise Refused("备份中的日志链不完整({broken}),原数据库未动。", broken=verdict.broken)


def open_one_record() -> None:
    """Read one record of each kind through its model: tables and program fit together."""
    from django.apps import apps

    for model in apps.get_models():
        record = model._default_manager.order_by("pk").last()
        assert record is None or str(record) is not None


def open_one_rating(home: Path) -> None:
    """Explain one unit of the last rating, from its frozen facts; a county that has rated nothing has none."""
    from zugong.scorecards import engine
    from zugong.scorecards.models import Result

    last = Result.objects.select_related("run").order_by("-run_id", "key").first()
    if not last:
        return
    try:
        engine.explain(home / last.run.folder, last.key)
    except (OSError, ValueError, Refused):
        raise Refused("备份中的评定打不开({folder}),原数据库未动。", folder=last.run.folder) from None


def say_whose_phones_are_strange() -> None:
    """Say what to do where phones were bound under a secret key that this machine does not have."""
    from zugong.accounts.actions import strangers_to_this_machine

    if strangers := strangers_to_this_machine():
        names = "、".join(user.username for user in strangers)
        print(
            f"这里读不出 {len(strangers)} 人的手机密钥({names}):把原机器的 secret_key 放到 {site.home()} 再启动;"
            f"没有它,各人用恢复码登录后由两人办理重置,管理员进不来时用 zugong rebind 账号。 "
            f"Phones of {len(strangers)} people cannot be read here: put the former secret_key into {site.home()}."
        )


def journal_head(connection: psycopg.Connection) -> tuple[int, str]:
    """Give the last seal: its sequence and digest; an empty chain has none."""
    row = connection.execute(
        "SELECT sequence, digest FROM journal_seal ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


def owner() -> Address:
    """Give the owner's address of this home's database."""
    return database.address(site.home(), Role.OWNER, os.environ)


def app() -> Address:
    """Give the application's."""
    return database.address(site.home(), Role.APP, os.environ)
