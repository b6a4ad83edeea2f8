"""Write a message; mark it read."""

from __future__ import annotations

from zugong.core import clock
from zugong.core.outbox.models import Message


def send(*, key: str, to: str, sentence: str, link: str = "") -> bool:
    """Write one message for a user name; the same key writes nothing a second time. Says whether it was new."""
    _, is_new = Message.objects.get_or_create(
        key=key, defaults={"to": to, "sentence": sentence, "link": link, "written_at": clock.now()}
    )
    return is_new


def read(message: Message) -> None:
    """Mark a message as read."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=clock.now())
