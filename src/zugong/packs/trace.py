"""Which entries were interpreted: how a scenario proves that it exercised what it names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Key = tuple[str, str]  # kind and name of an entry
_used: ContextVar[set[Key] | None] = ContextVar("zugong_used_entries", default=None)


def note(kind: str, name: str) -> None:
    """Note that an engine interpreted an entry; costs nothing where nobody listens."""
    used = _used.get()
    if used is not None:
        used.add((kind, name))


@contextmanager
def tracing() -> Iterator[set[Key]]:
    """Collect the entries that are interpreted inside the block."""
    used: set[Key] = set()
    token = _used.set(used)
    try:
        yield used
    finally:
        _used.reset(token)
