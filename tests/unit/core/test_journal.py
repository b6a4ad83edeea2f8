"""The journal only grows, is sealed in the order of commits, and shows every later change, even by the owner of the database."""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from django.db import Error, connection, connections, transaction

from ground import OWNER
from tampering import Tamperer
from zugong.core import journal
from zugong.core.database import roles
from zugong.core.journal import actions
from zugong.core.journal.models import Entry, Head, Seal
from zugong.core.journal.rules import GENESIS, canonical, chained
from zugong.core.journal.verify import verify

DAY = date(2026, 3, 2)


def written(count: int) -> None:
    for number in range(count):
        journal.write("case.visit", by="王舒", on=f"事项 {number}", note=f"第 {number} 次")
    actions.seal()


# --- Arithmetic ------------------------------------------------------------------


def test_the_chain_is_sm3_over_the_digest_before_and_the_entry() -> None:
    standard = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905-2016, A.1
    assert hashlib.new("sm3", b"abc").hexdigest() == standard
    assert chained("甲", "乙") == hashlib.new("sm3", "甲\n乙".encode()).hexdigest()
    assert chained(GENESIS, "甲") != chained(GENESIS, "乙")
    assert chained(GENESIS, "甲") != chained("1" * 64, "甲")


def test_an_entry_has_one_text_in_every_time_zone() -> None:
    told: dict[str, Any] = {
        "id": 1,
        "by": "王舒",
        "deed": "case.visit",
        "on": "",
        "detail": {"b": 1, "a": "甲"},
    }
    here = datetime(2026, 3, 2, 17, tzinfo=UTC)
    there = here.astimezone()
    assert canonical(at=here, **told) == canonical(at=there, **told)
    assert canonical(at=here, **told) == (
        '[1,"2026-03-02T17:00:00.000000Z","王舒","case.visit","",{"a":"甲","b":1}]'
    )


# --- Writing and sealing --------------------------------------------------------------


def test_an_entry_is_taken_back_with_the_deed_it_tells_of(db: None) -> None:
    with transaction.atomic():
        journal.write("case.visit", by="王舒")
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_what_is_written_waits_until_it_is_sealed(db: None) -> None:
    journal.write("case.visit", by="王舒")
    assert (verify().sealed, verify().unsealed) == (0, 1)
    assert actions.seal() == 1
    assert actions.seal() == 0
    assert (verify().sealed, verify().unsealed) == (1, 0)


@pytest.mark.parametrize("table", ["journal_entry", "journal_seal", "journal_head"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_may_not_change_what_is_written(db: None, table: str, deed: str) -> None:
    written(1)
    actions.export_head(DAY, by="审计管理员")
    change = {"journal_entry": "by = '别人'", "journal_seal": "digest = ''", "journal_head": "digest = ''"}[
        table
    ]
    with pytest.raises(Error, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed.format(table, change))


@pytest.mark.django_db(transaction=True)
def test_seals_follow_the_commits_not_the_numbers() -> None:
    wrote, sealed = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            journal.write("slow", by="慢")
            wrote.set()
            sealed.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    wrote.wait(20)
    journal.write("quick", by="快")
    assert actions.seal() == 1
    sealed.set()
    thread.join()
    assert actions.seal() == 1
    assert [seal.entry.deed for seal in Seal.objects.select_related("entry")] == ["quick", "slow"]
    assert list(Entry.objects.values_list("deed", flat=True)) == ["slow", "quick"]
    assert verify().holds


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_several_sealers_make_one_chain() -> None:
    troubles: list[Exception] = []

    def work(deed: Callable[[], object]) -> None:
        try:
            for _ in range(20):
                deed()
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connections.close_all()

    writers = [lambda: journal.write("case.visit", by="王舒")] * 4
    threads = [threading.Thread(target=work, args=[deed]) for deed in [*writers, actions.seal, actions.seal]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.seal()
    assert not troubles
    verdict = verify()
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 80, 0)


# --- Tampering, by somebody who may do anything in the database ----------------------------


DEEDS = ["edit", "delete_entry", "delete_with_seal", "delete_and_close_the_gap", "insert", "swap"]


def tamper(deed: str, sequence: int) -> None:
    with roles.connect(OWNER.to(str(connection.settings_dict["NAME"]))) as owner:
        getattr(Tamperer(owner), deed)(sequence)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_change_in_the_middle_is_found(deed: str) -> None:
    written(8)
    assert verify().holds
    tamper(deed, 4)
    verdict = verify()
    assert not verdict.holds
    assert "4" in verdict.broken or "5" in verdict.broken


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [1, 8])
@pytest.mark.parametrize("deed", ["edit", "delete_entry", "insert"])
def test_a_change_at_either_end_is_found(deed: str, place: int) -> None:
    written(8)
    tamper(deed, place)
    assert not verify().holds


@pytest.mark.django_db(transaction=True)
def test_the_owner_cannot_change_an_entry_by_an_ordinary_statement() -> None:
    written(1)
    with roles.connect(OWNER.to(str(connection.settings_dict["NAME"]))) as owner:
        for statement in ("UPDATE journal_entry SET deed = ''", "DELETE FROM journal_seal"):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                owner.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_cut_tail_shows_only_against_a_head_from_outside() -> None:
    written(8)
    head = actions.export_head(DAY, by="审计管理员")
    tamper("cut_tail", 6)
    assert verify().holds  # this is the limit, and why the head is carried outside
    verdict = verify(sequence=head.sequence, digest=head.digest)
    assert not verdict.holds
    assert "链头" in verdict.broken


@pytest.mark.django_db(transaction=True)
def test_a_cut_tail_shows_while_the_heads_here_were_left_standing() -> None:
    written(8)
    actions.export_head(DAY, by="审计管理员")
    with roles.connect(OWNER.to(str(connection.settings_dict["NAME"]))) as owner:
        tamperer = Tamperer(owner)
        tamperer.delete_with_seal(8)
    assert not verify().holds


def test_a_head_that_is_true_agrees_and_a_false_one_does_not(db: None) -> None:
    written(3)
    head = actions.export_head(DAY, by="审计管理员")
    written(2)
    assert verify(sequence=head.sequence, digest=head.digest).holds
    assert not verify(sequence=head.sequence, digest="f" * 64).holds
    assert not verify(sequence=head.sequence + 100, digest=head.digest).holds
    assert Head.objects.count() == 1
