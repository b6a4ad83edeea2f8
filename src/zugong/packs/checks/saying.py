"""A finding that points at the offending word."""

from __future__ import annotations

from collections.abc import Iterator

from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema.common import Entry
from zugong.packs.walking import Steps


def say(policy: Policy, id: str, key: Key, path: Steps, message: str, hint: str = "") -> Finding:
    """Return a numbered finding at the line on which the path stands."""
    file, line = policy.places(key, *path)
    return Finding(f"packs.{id}", file, line, message, hint)


def entries(policy: Policy) -> Iterator[tuple[Key, Entry]]:
    """Yield every entry that is awake."""
    for key, entry in sorted(policy.entries.items()):
        if entry.enabled:
            yield key, entry


def quoted(key: Key) -> str:
    """Name an entry as its file does."""
    return f"“{key[0]}: {key[1]}”"
