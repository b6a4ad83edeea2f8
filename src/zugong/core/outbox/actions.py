"""Write a message; mark it read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from zugong.core import clock
from zugong.core.outbox.models import Message
from zugong.core.sentences import Sentence

BATCH = 2000  # rows a statement


_WRITE = """INSERT INTO outbox_message (written_at, key, "to", template, words, about, until, link)
    SELECT %s, * FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::bigint[], %s::date[], %s::text[])
    ON CONFLICT (key) DO NOTHING"""


@dataclass(frozen=True)
class Letter:
    """A message to be written: for which user name, what it says, whom it is about, until which day, what it opens."""

    key: str
    to: str
    sentence: Sentence
    about: int | None = None
    until: date | None = None
    link: str = ""

    def row(self) -> tuple[Any, ...]:
        """Return the columns of its message, as they are written."""
        words = json.dumps(self.sentence.kept(), ensure_ascii=False)
        return self.key, self.to, self.sentence.template, words, self.about, self.until, self.link


def send(letter: Letter) -> bool:
    """Write one message; the same key writes nothing a second time. Says whether it was new."""
    return bool(send_all([letter]))


def send_all(letters: Iterable[Letter]) -> int:
    """Write many messages in few statements; a key that is there writes nothing. Returns how many were new."""
    rows, written = [letter.row() for letter in letters], 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            columns = map(list, zip(*rows[start : start + BATCH], strict=True))
            cursor.execute(_WRITE, [clock.now(), *columns])
            written += cursor.rowcount
    return written


def read(message: Message) -> None:
    """Mark a message as read."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=clock.now())
