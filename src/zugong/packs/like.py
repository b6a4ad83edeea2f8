"""Variants: `like: rectification` is everything as there; what has the same name is replaced; `drop:` removes.

In a list, what is new stands before the next item that the variant also names, or else at the end.
"""

from __future__ import annotations

from typing import Any

Raw = dict[str, Any]


def variant(base: Raw, change: Raw) -> Raw:
    """Return the base, less what is dropped, with the change laid over it, on plain data as read from YAML."""
    dropped = set(change.get("drop") or ())
    merged = {word: _without(value, dropped) for word, value in base.items() if word not in dropped}
    for word, value in change.items():
        if word not in ("like", "drop"):
            merged[word] = _merged(merged.get(word), value)
    return merged


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {word: _merged(base.get(word), value) for word, value in change.items()}
    if isinstance(base, list) and isinstance(change, list) and _named(base) and _named(change):
        return _merged_lists(base, change)
    return change


def _merged_lists(base: list[Raw], change: list[Raw]) -> list[Raw]:
    merged, new = list(base), list[Raw]()
    for item in change:
        places = [place for place, one in enumerate(merged) if _name(one) == _name(item)]
        if not places:
            new.append(item)
            continue
        (place,) = places
        merged[place : place + 1] = [*new, _merged(merged[place], item)]
        new = []
    return merged + new


def _without(value: Any, dropped: set[str]) -> Any:
    if isinstance(value, dict):
        return {word: inner for word, inner in value.items() if word not in dropped}
    if isinstance(value, list) and _named(value):
        return [item for item in value if _name(item) not in dropped]
    return value


def _named(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, dict) and _name(item) for item in items)


def _name(item: Raw) -> str:
    return str(item.get("name") or item.get("id") or "")
