"""Backup, restore and upgrade: what comes back is what was there, or nothing is touched."""

import errno
import fcntl
import getpass
import hashlib
import json
import os
import shutil
import tarfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyotp
import pytest

from counties import rated_county
from ground import OWNER
from zugong.accounts import actions as accounts
from zugong.accounts.first_day import OPERATOR
from zugong.cli import backup as commands
from zugong.core import clock, journal
from zugong.core.database import backup as archive
from zugong.core.database import binaries
from zugong.core.install.models import DayRun, Installation
from zugong.core.journal import actions
from zugong.core.journal.models import Entry
from zugong.core.journal.verify import verify
from zugong.scorecards import actions as ratings

AT = datetime(2026, 3, 2, 9, tzinfo=clock.SHANGHAI)


@pytest.fixture
def kept(county):
    """A county with days, a sealed journal and an uploaded file, and its backup."""
    assert county.zugong("migrate").returncode == 0
    with county.database():
        for n in range(1, 4):
            DayRun.objects.create(day=date(2026, 3, n), job="x")
            journal.write("test.deed", by="经办人", on=f"第 {n} 件")
        actions.seal()
    (county.home / "runs").mkdir()
    (county.home / "runs" / "plan.txt").write_text("整顿方案")
    done = county.zugong("backup", "--json")
    assert done.returncode == 0, done.stderr
    return county, json.loads(done.stdout)["file"]


def later(county):
    """What happened after the backup."""
    with county.database():
        DayRun.objects.create(day=date(2026, 3, 9), job="later")
    (county.home / "runs" / "plan.txt").write_text("改过")


def days(county, dbname=""):
    with county.database(dbname):
        return sorted(DayRun.objects.values_list("day", "job"))


def databases_beside(county):
    with county.owner() as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{county.dbname}\\_%"]
        )
        return sorted(name.removeprefix(county.dbname) for (name,) in names)  # fmt: skip


def doctored(file, change):
    """The same backup with another manifest."""
    false = f"{file}.false"
    with tarfile.open(file) as before, tarfile.open(false, "w") as after:
        for member in before:
            before.extract(member, f"{file}.d", filter="data")
        manifest = f"{file}.d/manifest.json"
        with open(manifest) as told:
            known = json.load(told)
        change(known)
        with open(manifest, "w") as told:
            json.dump(known, told)
        for name in ("manifest.json", "database.dump"):
            after.add(f"{file}.d/{name}", name)
    return false


def refused(county, *arguments):
    """Run a command that must refuse in one sentence; nothing may have changed."""
    later(county)
    before = days(county)
    done = county.zugong(*arguments)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert days(county) == before
    assert (county.home / "runs" / "plan.txt").read_text() == "改过"
    assert databases_beside(county) == []
    return done.stderr


def test_a_backup_is_complete_and_its_keepers_alone(kept):
    county, file = kept
    assert os.stat(file).st_mode & 0o077 == 0
    assert os.listdir(county.home / "backups") == [os.path.basename(file)]
    with tarfile.open(file) as found:
        manifest = json.load(found.extractfile("manifest.json"))
        assert manifest["rows"]["install_dayrun"] == 3
        assert manifest["head"][0] == 3
        assert "runs/plan.txt" in found.getnames()


def test_a_restore_brings_back_what_was_there_and_keeps_what_was_there_since(kept):
    county, file = kept
    later(county)
    done = county.zugong("restore", file)
    assert done.returncode == 0, done.stderr
    assert "日志链完整" in done.stdout
    assert [job for _, job in days(county)] == ["x"] * 3
    assert [job for _, job in days(county, f"{county.dbname}_before_restore")] == ["x"] * 3 + ["later"]
    assert (county.home / "runs" / "plan.txt").read_text() == "整顿方案"
    assert (county.home / "runs.before_restore" / "plan.txt").read_text() == "改过"
    with county.database():
        journal.write("test.after", by="经办人", on="恢复之后")  # the application may write, and only add
        assert actions.seal() == 1
        assert verify().holds
        with pytest.raises(Exception, match="permission denied"):
            Entry.objects.update(on="别处")


def test_a_restore_stands_in_the_journal_sealed_with_who_and_from_which_file(kept):
    county, file = kept
    head = county.zugong("journal", "verify", "--json").stdout
    assert county.zugong("restore", file).returncode == 0
    with county.database():
        line = Entry.objects.latest("id")
        found = verify()
    assert (line.deed, line.by, line.on) == ("backup.restore", OPERATOR, os.path.basename(file))
    assert line.detail["account"] == getpass.getuser()
    assert line.detail["sha256"] == hashlib.sha256(Path(file).read_bytes()).hexdigest()
    assert line.detail["taken_at"][:4] == str(clock.today().year)
    assert (found.holds, found.sealed, found.unsealed) == (True, json.loads(head)["sealed"] + 1, 0)


def test_a_backup_whose_journal_was_tampered_with_is_not_put_back(kept):
    county, _ = kept
    with county.owner() as connection:
        connection.execute("ALTER TABLE journal_entry DISABLE TRIGGER append_only")
        connection.execute(
            """UPDATE journal_entry SET "by" = '别人' WHERE id = (SELECT min(id) FROM journal_entry)"""
        )
        connection.execute("ALTER TABLE journal_entry ENABLE TRIGGER append_only")
    tampered = json.loads(county.zugong("backup", str(county.home / "b.tar"), "--json").stdout)["file"]
    assert "日志链不完整" in refused(county, "restore", tampered)


def test_a_backup_whose_journal_lost_its_tail_is_not_put_back(kept):
    county, file = kept
    cut = doctored(file, lambda known: known.update(head=[known["head"][0] + 1, "f" * 64]))
    assert "日志链不完整" in refused(county, "restore", cut)


def test_a_restore_opens_one_rating_and_is_refused_where_its_facts_are_not_in_the_backup(county, settings):
    assert county.zugong("migrate").returncode == 0
    settings.HOME = county.home
    with county.database():
        made = rated_county()
        grades = {village.pk: "3" for village in made.villages.values()}
        run = ratings.decide_without_score(
            "village-stars", day=date(2025, 11, 20), grades=grades, minutes="x", by=made.users["chen"]
        )
    whole = json.loads(county.zugong("backup", "--json").stdout)["file"]
    shutil.rmtree(county.home / run.folder)
    without = json.loads(county.zugong("backup", str(county.home / "b.tar"), "--json").stdout)["file"]
    assert run.folder in refused(county, "restore", without)
    done = county.zugong("restore", whole)
    assert done.returncode == 0, done.stderr
    assert (county.home / run.folder).exists()


def test_on_another_machine_a_restore_says_whose_phones_to_bind_anew_and_how(county):
    assert county.zugong("migrate").returncode == 0
    with county.database():
        user = accounts.make_user("anquan", called="安全管理员", day=date(2026, 3, 1), by="测试")
        accounts.confirm_second_factor(user, pyotp.TOTP(accounts.begin_second_factor(user)).at(AT), at=AT)
    file = json.loads(county.zugong("backup", "--json").stdout)["file"]
    assert "手机" not in county.zugong("restore", file).stdout
    elsewhere = replace(county, environ={**county.environ, "ZUGONG_SECRET_KEY": "another machine's"})
    said = elsewhere.zugong("restore", file).stdout
    assert "1 人的手机密钥(anquan)" in said
    assert elsewhere.zugong("rebind", "nobody").returncode == 1
    assert "重新绑定手机" in elsewhere.zugong("rebind", "anquan").stdout
    assert "还没有绑定" in elsewhere.zugong("rebind", "anquan").stderr
    with county.database():
        assert not accounts.has_second_factor(user)


def test_a_backup_with_other_rows_than_it_tells_is_not_put_back(kept):
    county, file = kept
    more = doctored(file, lambda known: known["rows"].update(install_dayrun=4))
    assert "install_dayrun" in refused(county, "restore", more)


def test_half_a_backup_is_no_backup(kept):
    county, file = kept
    half = county.home / "half.tar"
    half.write_bytes(Path(file).read_bytes()[:50_000])
    assert "不是完好的备份文件" in refused(county, "restore", str(half))


def test_a_file_that_is_not_there_is_named(kept):
    county, _ = kept
    assert "nowhere.tar" in refused(county, "restore", "nowhere.tar")


@pytest.mark.parametrize("command", [["restore", "x.tar"], ["upgrade"]])
def test_a_running_site_is_stopped_first(county, command):
    with open(county.home / "zugong.pid", "w") as place:
        place.write("1 http://127.0.0.1:8000\n")
        place.flush()
        fcntl.flock(place, fcntl.LOCK_EX)
        done = county.zugong(*command)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "站点正在运行" in done.stderr


def test_an_upgrade_backs_up_first(county):
    assert county.zugong("migrate").returncode == 0
    with county.database():
        Installation.objects.update(version="0.0.1")
    done = county.zugong("upgrade")
    assert done.returncode == 0, done.stderr
    assert len(os.listdir(county.home / "backups")) == 1
    with county.database():
        assert Installation.objects.get().version != "0.0.1"


def test_data_of_a_later_version_are_left_alone(county):
    assert county.zugong("migrate").returncode == 0
    with county.owner() as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('registry', '9999_from_the_future', now())"
        )
    done = county.zugong("migrate")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "registry.9999_from_the_future" in done.stderr


def test_a_full_disk_leaves_no_half_backup(county, monkeypatch, tmp_path):
    """Simulated where the archive is written: the system call that a full disk refuses is this one."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive.tarfile.TarFile, "add", full)
    place = tmp_path / "backups"
    with pytest.raises(OSError, match="No space left"):
        archive.write(
            place / "b.tar", OWNER.to(county.dbname), binaries.find(county.environ), tmp_path / "runs",
            version="x", taken_at="2026-03-31", head=lambda connection: (0, ""),
        )  # fmt: skip
    assert os.listdir(place) == []


def test_every_kind_of_record_is_opened(county):
    """An object whose row cannot be read stops a restore: here the tables of a model are gone."""
    with county.owner() as connection:
        connection.execute("DROP TABLE outbox_message CASCADE")
    with county.database(), pytest.raises(Exception, match="outbox_message"):
        commands.open_one_record()
