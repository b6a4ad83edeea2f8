"""Write a message; mark it read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from zugong.core import clock
from zugong.core.outbox.models import Message
from zugong.core.sentences import Sentence

BATCH = 2000  # rows a statement


@dataclass(frozen=True)
class Letter:
    """A message to be written: for which user name, what it says, whom it is about, until which day, what it opens."""

    key: str
    to: str
    sentence: Sentence
    about: int | None = None
    until: date | None = None
    link: str = ""

    def row(self) -> dict[str, Any]:
        """Return the columns of its message."""
        return {
            "key": self.key,
            "to": self.to,
            "template": self.sentence.template,
            "words": self.sentence.kept(),
            "about": self.about,
            "until": self.until,
            "link": self.link,
            "written_at": clock.now(),
        }


def send(letter: Letter) -> bool:
    """Write one message; the same key writes nothing a second time. Says whether it was new."""
    return Message.objects.get_or_create(key=letter.key, defaults=letter.row())[1]


def send_all(letters: Iterable[Letter]) -> int:
    """Write many messages in few statements; a key that is there writes nothing. Returns how many were new."""
    wanted = {letter.key: letter for letter in letters}
    keys, written = list(wanted), 0
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        there = set(Message.objects.filter(key__in=batch).values_list("key", flat=True))
        rows = [Message(**wanted[key].row()) for key in batch if key not in there]
        Message.objects.bulk_create(rows, ignore_conflicts=True)
        written += len(rows)
    return written


def read(message: Message) -> None:
    """Mark a message as read."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=clock.now())
