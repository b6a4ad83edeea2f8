"""Write, seal, export. Nothing here changes an entry: the application role may not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from zugong.core import clock
from zugong.core.journal.models import Entry, Head, Seal
from zugong.core.journal.rules import GENESIS, canonical, chained

_ADD = 'INSERT INTO journal_entry (at, by, deed, "on", detail) VALUES (%s, %s, %s, %s, %s)'
_ONE_SEALER = 7_391_001  # advisory lock: a chain has one end


def write(deed: str, *, by: object, on: object = "", **detail: Any) -> None:
    """Add one entry, in the transaction of the deed it tells of. `by` and `on` are kept as the words they print."""
    _add(connection, deed, by, on, detail)


def write_all(deed: str, told: Iterable[tuple[object, Mapping[str, Any]]], *, by: object) -> None:
    """Add an entry for each of many deeds of one kind and person: what it is about, and its details."""
    at = clock.now()
    Entry.objects.bulk_create(
        [Entry(at=at, by=str(by), deed=deed, on=str(on), detail=dict(detail)) for on, detail in told],
        batch_size=2000,
    )


def write_apart(deed: str, *, by: object, on: object = "", **detail: Any) -> None:
    """Add one entry that stays whatever becomes of the transaction around it: for attempts that are refused.

    A refusal is an exception, and rolls back all that was written before it, at whatever depth it is caught. So the
    entry goes in by a connection of its own, committed at once; it takes no lock that the other could wait for.
    """
    apart = connection.copy()
    try:
        _add(apart, deed, by, on, detail)
    finally:
        apart.close()


def _add(to: BaseDatabaseWrapper, deed: str, by: object, on: object, detail: Mapping[str, Any]) -> None:
    with to.cursor() as cursor:
        cursor.execute(_ADD, [clock.now(), str(by), deed, str(on), json.dumps(detail, ensure_ascii=False)])


@transaction.atomic
def seal() -> int:
    """Chain every entry that has been committed and not yet sealed. Returns how many were sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_SEALER])
    last = Seal.objects.last()
    sequence, digest = (last.sequence, last.digest) if last else (0, GENESIS)
    seals: list[Seal] = []
    for entry in unsealed().iterator(chunk_size=2000):
        sequence, digest = sequence + 1, chained(digest, text_of(entry))
        seals.append(Seal(sequence=sequence, entry=entry, digest=digest))
    Seal.objects.bulk_create(seals, batch_size=2000)
    return len(seals)


@transaction.atomic
def export_head(day: date, *, by: object) -> Head:
    """Seal what is unsealed and note the head that somebody now carries outside on paper, by mail or as a file."""
    seal()
    last = Seal.objects.last()
    head = Head.objects.create(
        day=day,
        sequence=last.sequence if last else 0,
        digest=last.digest if last else GENESIS,
        exported_at=clock.now(),
    )
    write("journal.export-head", by=by, on=head)
    return head


def unsealed() -> Any:
    """Return the entries that no seal covers yet, oldest first."""
    return Entry.objects.filter(seal=None).order_by("id")


def text_of(entry: Entry) -> str:
    """Return an entry's canonical text."""
    return canonical(id=entry.pk, at=entry.at, by=entry.by, deed=entry.deed, on=entry.on, detail=entry.detail)
