"""A thousand changes of the journal by whoever may do anything in the database."""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction

from ground import OWNER
from tampering import KINDS, Tamperer
from zugong.cli import journal as command
from zugong.core import journal
from zugong.core.database.entering import entered
from zugong.core.journal import actions
from zugong.core.journal.models import Head, Seal

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]
SEED = 20260302
ENTRIES = 120


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> Iterator[Head]:
    """A journal of different entries, and the head that was carried outside; the rest of the test is the superuser's."""
    monkeypatch.setattr(command.site, "ready", contextlib.nullcontext)  # the test has the database
    for number in range(ENTRIES):
        journal.write(
            f"case.visit-{number % 7}",
            by=f"王舒 {number % 5}",
            on=f"matter {number}",
            note=f"第 {number} 次",
            count=number,
        )
    exported = actions.export_head(date(2026, 3, 2), by="审计管理员")
    with entered(OWNER.to(str(connection.settings_dict["NAME"]))):
        yield exported


@contextlib.contextmanager
def tampering() -> Iterator[Tamperer]:
    """A change that is taken back at the end."""
    with transaction.atomic():
        connection.ensure_connection()
        yield Tamperer(connection.connection)
        transaction.set_rollback(True)


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What `zugong journal verify` says is broken; nothing where the chain holds."""
    status = command.journal(["verify", "--json", *arguments])
    told = json.loads(capsys.readouterr().out)
    assert status == (0 if told["holds"] else 1)
    return str(told["broken"])


def outside(head: Head) -> tuple[str, str]:
    return "--head", f"{head.sequence}:{head.digest}"


def test_every_change_is_found(whole, head, capsys):
    chance, last = random.Random(SEED), Seal.objects.count()
    done: Counter[str] = Counter()
    for number in range(1000 if whole else 32):
        kind = list(KINDS)[number % len(KINDS)]
        deed = chance.randrange(len(KINDS[kind]))
        one, other = chance.sample(range(1, last + 1), 2)
        with tampering() as tamperer:
            KINDS[kind][deed](tamperer, one, other, chance)
            told = found(capsys)
        assert told, f"seed {SEED}, {number}: {kind} {deed} at {one} ({other}) of {last} was not found"
        done[kind] += 1
    assert not found(capsys, *outside(head))  # everything was taken back
    print(f"journal: {dict(done)} in {last} sealed entries, all found")


def test_a_cut_tail_and_a_chain_written_anew_are_found_against_the_head_outside(whole, head, capsys):
    chance, last = random.Random(SEED), Seal.objects.count()
    for _ in range(100 if whole else 6):
        at = chance.randint(1, last)
        for deed in (Tamperer.cut_tail, Tamperer.write_anew):
            with tampering() as tamperer:
                deed(tamperer, at)
                assert not found(capsys)  # from inside nothing shows: this is why the head is carried outside
                assert "链头" in found(capsys, *outside(head)), f"seed {SEED}: {deed.__name__} at {at}"
