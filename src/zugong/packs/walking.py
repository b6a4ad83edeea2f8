"""Walk through a model of a pack, part by part, in the words of its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from zugong.packs.selectors import Selector

Steps = tuple[str | int, ...]
Part = tuple[Steps, Any]


def walk(value: Any, path: Steps = ()) -> Iterator[Part]:
    """Yield every part with the path to it as a file writes it: aliases as words, named items by their names."""
    yield path, value
    if isinstance(value, Selector):
        return
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from walk(getattr(value, name), (*path, info.alias or name))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from walk(part, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            yield from walk(part, (*path, _step(part, place)))


def _step(part: Any, place: int) -> str | int:
    return getattr(part, "name", "") or getattr(part, "id", "") or place
