"""Variants: `like: rectification` is everything as there; what has the same name is replaced; `drop:` removes."""

from __future__ import annotations

from typing import Any

Raw = dict[str, Any]


def variant(base: Raw, change: Raw) -> Raw:
    """Return the base with the change laid over it, on plain data as read from YAML."""
    merged = _merged(base, {word: value for word, value in change.items() if word not in ("like", "drop")})
    dropped = set(change.get("drop") or ())
    return {word: _without(value, dropped) for word, value in merged.items() if word not in dropped}


def _merged(base: Any, change: Any) -> Any:
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {word: _merged(base.get(word), value) for word, value in change.items()}
    if isinstance(base, list) and isinstance(change, list) and _named(base) and _named(change):
        return _merged_lists(base, change)
    return change


def _merged_lists(base: list[Raw], change: list[Raw]) -> list[Raw]:
    changes = {_name(item): item for item in change}
    kept = [_merged(item, changes.pop(_name(item))) if _name(item) in changes else item for item in base]
    return kept + list(changes.values())


def _without(value: Any, dropped: set[str]) -> Any:
    if isinstance(value, list) and _named(value):
        return [item for item in value if _name(item) not in dropped]
    return value


def _named(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, dict) and _name(item) for item in items)


def _name(item: Raw) -> str:
    return str(item.get("name") or item.get("id") or "")
