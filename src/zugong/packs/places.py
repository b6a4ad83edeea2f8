"""Where a word of a pack stands: from a path of words and names to a file and a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zugong.packs.reading import Document, Path

Key = tuple[str, str]  # kind and name of an entry; ("field", name) and ("role", name) for words


@dataclass(frozen=True)
class Places:
    """The documents behind entries and words, so that a finding can point at the offending word."""

    documents: Mapping[Key, tuple[Document, Path]] = field(default_factory=dict, repr=False)
    bases: Mapping[Key, Document] = field(default_factory=dict, repr=False)

    def __call__(self, key: Key, *path: str | int) -> tuple[str, int]:
        """Return file and line of a path inside an entry; items of lists may be called by name.

        A variant (`like:`) is looked up in its own text first, then in the text it varies.
        """
        if key not in self.documents:
            return "pack.yaml", 1
        document, root = self.documents[key]
        own = _found(document, root, path)
        if len(own) < len(root) + len(path) and key in self.bases:
            base = self.bases[key]
            inherited = _found(base, (), path)
            if len(inherited) > len(own) - len(root):
                return base.file, base.line(inherited)
        return document.file, document.line(own)


def _found(document: Document, root: Path, path: tuple[str | int, ...]) -> Path:
    """Follow a path as far as the text goes."""
    return root + tuple(_steps(_at(document.data, root), path))


def _steps(data: Any, path: tuple[str | int, ...]) -> Iterator[str | int]:
    for step in path:
        place = _place(data, step)
        if place is None:
            return
        yield place
        data = data[place]


def _place(data: Any, step: str | int) -> str | int | None:
    if isinstance(data, dict):
        return step if step in data else None
    if isinstance(data, list):
        if isinstance(step, int):
            return step if step < len(data) else None
        return next((n for n, item in enumerate(data) if _is_named(item, step)), None)
    return None


def _is_named(item: Any, name: str) -> bool:
    return item == name or (isinstance(item, dict) and name in (item.get("name"), item.get("id")))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data
