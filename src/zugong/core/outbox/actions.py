"""Write a message; mark it read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zugong.core import clock
from zugong.core.outbox.models import Message

BATCH = 2000  # rows a statement


def send(*, key: str, to: str, sentence: str, link: str = "") -> bool:
    """Write one message for a user name; the same key writes nothing a second time. Says whether it was new."""
    _, is_new = Message.objects.get_or_create(
        key=key, defaults={"to": to, "sentence": sentence, "link": link, "written_at": clock.now()}
    )
    return is_new


@dataclass(frozen=True)
class Letter:
    """A message to be written: see `send`."""

    key: str
    to: str
    sentence: str
    link: str = ""


def send_all(letters: Iterable[Letter]) -> int:
    """Write many messages in few statements; a key that is there writes nothing. Returns how many were new."""
    wanted = {letter.key: letter for letter in letters}
    keys, written = list(wanted), 0
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        there = set(Message.objects.filter(key__in=batch).values_list("key", flat=True))
        rows = [
            Message(key=one.key, to=one.to, sentence=one.sentence, link=one.link, written_at=clock.now())
            for one in (wanted[key] for key in batch if key not in there)
        ]
        Message.objects.bulk_create(rows, ignore_conflicts=True)
        written += len(rows)
    return written


def read(message: Message) -> None:
    """Mark a message as read."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=clock.now())
