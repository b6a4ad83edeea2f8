"""Keys of other systems: made by the system administrator, shown once, taken back at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date

from django.db import IntegrityError, transaction

from zugong.accounts.models import Key
from zugong.core import clock, journal
from zugong.core.errors import Refused


def make(label: str, *, by: object) -> str:
    """Make a key for another system and return it; it is kept nowhere. Raises Refused where the system has one."""
    label = " ".join(label.split())
    if not label:
        raise Refused("请填写系统名称", field="label")
    secret = secrets.token_hex(24)  # one word, so that a click selects it whole
    try:
        with transaction.atomic():
            made = Key.objects.create(
                label=label, digest=_digest(secret), made_by=str(by), made_at=clock.now()
            )
            journal.write("key.make", by=by, on=f"key {made.pk}", label=label)
    except IntegrityError:
        raise Refused("“{label}”已经有密钥，请先收回", label=label, field="label") from None
    return secret


@transaction.atomic
def revoke(label: str, *, by: object) -> None:
    """Take back the key of a system: it brings in nothing more. Raises Refused where it has none."""
    key = Key.objects.select_for_update().filter(label=label, revoked_at=None).first()
    if key is None:
        raise Refused("“{label}”没有可收回的密钥", label=label)
    key.revoked_at = clock.now()
    key.save(update_fields=["revoked_at"])
    journal.write("key.revoke", by=by, on=f"key {key.pk}", label=label)


def known(secret: str) -> Key | None:
    """Return the key that another system shows; None for one that was never made or was taken back."""
    return Key.objects.filter(digest=_digest(secret), revoked_at=None).first() if secret else None


def used(key: Key, day: date) -> None:
    """Keep the last day on which a key was used."""
    Key.objects.filter(pk=key.pk).exclude(used_on=day).update(used_on=day)


def _digest(secret: str) -> str:
    """Hash a random key; it is long enough to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
