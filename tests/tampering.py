"""Whoever may do anything in the database, at work on the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from zugong.core.journal.rules import canonical, chained

# One column of an entry after another, changed as little as can be.
EDITS = {
    "at": "at + interval '1 microsecond'",
    "by": "\"by\" || ' '",
    "deed": "deed || '.'",
    "on": "upper(\"on\") || '\u200b'",
    "detail": 'detail || \'{"note": "从没去过"}\'',
    "detail, by a key": "detail - 'note'",
    "detail, by a kind": "jsonb_set(detail, '{count}', to_jsonb(detail->>'count'))",
}


class Tamperer:
    """The owner of the database with every trigger and check switched off."""

    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        self.owner = owner
        owner.execute("SET session_replication_role = replica")

    def edit(self, sequence: int, how: str = "detail") -> None:
        """Change one column of an entry."""
        column = how.partition(",")[0]
        self.owner.execute(
            f'UPDATE journal_entry SET "{column}" = {EDITS[how]} WHERE id = {self._entry(sequence)}'
        )

    def renumber(self, sequence: int) -> None:
        """Give an entry another number, and its seal with it."""
        self.owner.execute(f"UPDATE journal_entry SET id = -id WHERE id = {self._entry(sequence)}")
        self.owner.execute("UPDATE journal_seal SET entry_id = -entry_id WHERE sequence = %s", [sequence])

    def forge(self, sequence: int) -> None:
        """Change one digit of a digest."""
        self.owner.execute(
            "UPDATE journal_seal SET digest = left(digest, 63) || CASE right(digest, 1) WHEN '0' THEN '1' ELSE '0' END "
            "WHERE sequence = %s",
            [sequence],
        )

    def delete_entry(self, sequence: int) -> None:
        """Delete an entry and leave its seal."""
        self.owner.execute(f"DELETE FROM journal_entry WHERE id = {self._entry(sequence)}")

    def delete_with_seal(self, sequence: int) -> None:
        """Delete an entry and its seal."""
        self.delete_entry(sequence)
        self.owner.execute("DELETE FROM journal_seal WHERE sequence = %s", [sequence])

    def delete_and_close_the_gap(self, sequence: int) -> None:
        """Delete an entry and its seal, and number the later seals anew."""
        self.delete_with_seal(sequence)
        self._shift(sequence + 1, -1)

    def insert(self, sequence: int) -> None:
        """Put a strange entry between two seals, with a digest of noughts."""
        self._shift(sequence, 1)
        self._seal(sequence, self._strange(), "0" * 64)

    def insert_chained(self, sequence: int) -> None:
        """Put a strange entry between two seals, with the digest that is right in its place."""
        self._shift(sequence, 1)
        entry = self._strange()
        self._seal(sequence, entry, chained(self._digest(sequence - 1), self._text(entry)))

    def swap(self, sequence: int, other: int = 0) -> None:
        """Let two seals, by default neighbours, exchange their entries."""
        self._exchange("entry_id", sequence, other or sequence + 1)

    def swap_seals(self, sequence: int, other: int) -> None:
        """Let two seals, with their entries, exchange their places."""
        self._exchange("sequence", sequence, other)

    def swap_words(self, sequence: int, other: int) -> None:
        """Let two entries keep their numbers and exchange everything else."""
        self.owner.execute(
            'UPDATE journal_entry a SET (at, "by", deed, "on", detail) = (b.at, b."by", b.deed, b."on", b.detail) '
            f"FROM journal_entry b WHERE (a.id = {self._entry(sequence)} AND b.id = {self._entry(other)}) "
            f"OR (a.id = {self._entry(other)} AND b.id = {self._entry(sequence)})"
        )

    def cut_tail(self, sequence: int) -> None:
        """Delete everything from a seal on, and the heads that knew of it."""
        self.owner.execute(
            "DELETE FROM journal_entry WHERE id IN (SELECT entry_id FROM journal_seal WHERE sequence >= %s)",
            [sequence],
        )
        self.owner.execute("DELETE FROM journal_seal WHERE sequence >= %s", [sequence])
        self.owner.execute("DELETE FROM journal_entry WHERE id NOT IN (SELECT entry_id FROM journal_seal)")
        self.owner.execute("DELETE FROM journal_head WHERE sequence >= %s", [sequence])

    def write_anew(self, sequence: int) -> None:
        """Edit an entry and compute every seal from there on, and every head here, as the program would have."""
        self.edit(sequence)
        digest = self._digest(sequence - 1)
        for number, entry in self.owner.execute(
            "SELECT sequence, entry_id FROM journal_seal WHERE sequence >= %s ORDER BY sequence", [sequence]
        ).fetchall():
            digest = chained(digest, self._text(entry))
            self.owner.execute("UPDATE journal_seal SET digest = %s WHERE sequence = %s", [digest, number])
        self.owner.execute(
            "UPDATE journal_head h SET digest = s.digest FROM journal_seal s WHERE s.sequence = h.sequence"
        )

    def _entry(self, sequence: int) -> str:
        return f"(SELECT entry_id FROM journal_seal WHERE sequence = {sequence:d})"

    def _digest(self, sequence: int) -> str:
        row = self.owner.execute("SELECT digest FROM journal_seal WHERE sequence = %s", [sequence]).fetchone()
        return row[0] if row else "0" * 64

    def _text(self, entry: int) -> str:
        row = self.owner.execute(
            'SELECT at, "by", deed, "on", detail::text FROM journal_entry WHERE id = %s', [entry]
        ).fetchone()
        assert row
        at, by, deed, on, detail = row
        return canonical(id=entry, at=at, by=by, deed=deed, on=on, detail=json.loads(detail))

    def _strange(self) -> int:
        row = self.owner.execute(
            'INSERT INTO journal_entry (at, "by", deed, "on", detail) '
            "VALUES (now(), '别人', 'case.visit', '', %s) RETURNING id",
            [Jsonb({})],
        ).fetchone()
        assert row
        return int(row[0])

    def _seal(self, sequence: int, entry: int, digest: str) -> None:
        self.owner.execute(
            "INSERT INTO journal_seal (sequence, entry_id, digest) VALUES (%s, %s, %s)",
            [sequence, entry, digest],
        )

    def _shift(self, first: int, by: int) -> None:
        self.owner.execute(
            "UPDATE journal_seal SET sequence = -(sequence + %s) WHERE sequence >= %s", [by, first]
        )
        self.owner.execute("UPDATE journal_seal SET sequence = -sequence WHERE sequence < 0")

    def _exchange(self, column: str, one: int, other: int) -> None:
        self.owner.execute(
            f"UPDATE journal_seal a SET {column} = -b.{column} FROM journal_seal b "
            "WHERE a.sequence IN (%(one)s, %(other)s) AND b.sequence = %(one)s + %(other)s - a.sequence",
            {"one": one, "other": other},
        )
        self.owner.execute(f"UPDATE journal_seal SET {column} = -{column} WHERE {column} < 0")


Deed = Callable[[Tamperer, int, int, Random], None]

# What is done to the journal, by kind: the deed, the seal, another seal, and chance.
KINDS: dict[str, list[Deed]] = {
    "edit": [
        lambda at, one, _other, chance: at.edit(one, chance.choice(list(EDITS))),
        lambda at, one, _other, _chance: at.renumber(one),
        lambda at, one, _other, _chance: at.forge(one),
    ],
    "delete": [
        lambda at, one, _other, _chance: at.delete_entry(one),
        lambda at, one, _other, _chance: at.delete_with_seal(one),
        lambda at, one, _other, _chance: at.delete_and_close_the_gap(one),
    ],
    "insert": [
        lambda at, one, _other, _chance: at.insert(one),
        lambda at, one, _other, _chance: at.insert_chained(one),
    ],
    "reorder": [
        lambda at, one, other, _chance: at.swap(one, other),
        lambda at, one, other, _chance: at.swap_seals(one, other),
        lambda at, one, other, _chance: at.swap_words(one, other),
    ],
}
