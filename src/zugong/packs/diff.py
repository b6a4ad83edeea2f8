"""What changes: between two days of one pack, or between two packs. Each change with the paper that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel

from zugong.packs.dated import Dated, Line
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.schema import Entry
from zugong.packs.walking import Steps, walk

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise than before."""

    what: Literal["added", "removed", "changed"]
    key: Key
    label: str
    path: str  # the words down to the value, joined by dots; empty for a whole entry
    before: str
    after: str
    paper: str  # number and clause behind the later value
    file: str
    line: int
    since: str = ""  # the day from which the later value holds, where it says one


@dataclass(frozen=True)
class Area:
    """One entry that is impacted, and since when: the first day that one of its changes names, else from its coming into force."""

    key: Key
    label: str
    since: str


def areas(changes: Iterable[Change]) -> list[Area]:
    """Return the impacted entries of some changes, each with the first day from which it is another."""
    found: dict[Key, Area] = {}
    for change in changes:
        known = found.get(change.key)
        since = min(known.since, change.since) if known else change.since
        found[change.key] = Area(change.key, change.label, since)
    return sorted(found.values(), key=lambda area: area.key)


def between_days(policy: Policy, before: date, after: date) -> list[Change]:
    """Return every value that is another on the later day: what changes that night."""
    return sorted(_dated_changes(policy, before, after), key=_place)


def between_packs(before: Policy, after: Policy) -> list[Change]:
    """Return every entry, role and field in which the second policy departs from the first."""
    return sorted([*_entry_changes(before, after), *_word_changes(before, after)], key=_place)


def _dated_changes(policy: Policy, before: date, after: date) -> Iterator[Change]:
    for key, entry in policy.entries.items():
        for path, part in walk(entry):
            if not isinstance(part, Dated):
                continue
            old, new = part.line(before), part.line(after)
            if old is new:
                continue
            start = next((str(start) for start, line in part.values.items() if line is new), "")
            file, line = policy.places(key, *path, "values", start)
            paper = policy.cite(entry, new, clause=new.clause if new else "")
            yield Change(
                "added" if old is None else "removed" if new is None else "changed",
                key, entry.label, _dots(path), _said(old), _said(new), str(paper or ""), file, line, start,
            )  # fmt: skip


def _said(line: Any) -> str:
    return "未设" if line is None else str(line.value)


def _entry_changes(before: Policy, after: Policy) -> Iterator[Change]:
    for key in sorted({*before.entries, *after.entries}):
        old, new = _raw(before, key), _raw(after, key)
        policy = after if new else before
        entry = policy.entries[key]

        def paper(path: Steps, entry: Entry = entry, of: Raw = new or old, policy: Policy = policy) -> str:
            return str(policy.cite(entry, _behind(of, path, policy)) or "")

        yield from _otherwise(key, entry.label, policy, old, new, paper)


def _word_changes(before: Policy, after: Policy) -> Iterator[Change]:
    """Yield what roles and fields say otherwise: who acts, and what is asked, may change there and nowhere else."""
    for kind, olds, news in (("role", before.roles, after.roles), ("field", before.fields, after.fields)):
        for name in sorted({*olds, *news}):
            old, new = _spoken(olds.get(name)), _spoken(news.get(name))
            policy, label = (after, news[name].label) if new else (before, olds[name].label)
            yield from _otherwise((kind, name), label, policy, old, new, lambda _path: "")


def _otherwise(
    key: Key, label: str, policy: Policy, old: Raw, new: Raw, paper: Callable[[Steps], str]
) -> Iterator[Change]:
    """Yield in which words the later of two texts departs from the earlier; one alone is new or gone as a whole."""
    if not (old and new):
        if old or new:
            file, line = policy.places(key)
            what: Literal["added", "removed"] = "added" if new else "removed"
            yield Change(what, key, label, "", "", "", paper(()), file, line)
        return
    ours, theirs = dict(_leaves(old)), dict(_leaves(new))
    for path in sorted({*ours, *theirs}, key=str):
        if ours.get(path) != theirs.get(path):
            file, line = policy.places(key, *path)
            yield Change(
                "added" if path not in ours else "removed" if path not in theirs else "changed",
                key, label, _dots(path), _text(ours.get(path)), _text(theirs.get(path)),
                paper(path), file, line, _day(path),
            )  # fmt: skip


def _behind(raw: Any, path: Steps, policy: Policy) -> Line[Any]:
    """Return the paper and clause that stand nearest above a word: a number's own before its entry's."""
    source = clause = ""
    for step in path:
        if isinstance(raw, list):
            raw = next((part for place, part in enumerate(raw) if _step(part, place) == step), None)
        else:
            raw = next((part for word, part in raw.items() if str(word) == step), None)
        if not isinstance(raw, dict | list):
            break
        if isinstance(raw, dict):
            source = raw["source"] if raw.get("source") in policy.sources else source
            clause = raw["clause"] if isinstance(raw.get("clause"), str) else clause
    return Line[Any](value=None, source=source, clause=clause)


def _spoken(one: BaseModel | None) -> Raw:
    return one.model_dump(mode="json", by_alias=True, exclude_defaults=True) if one else {}


def _raw(policy: Policy, key: Key) -> Raw:
    raw: Raw = policy.raw.get(f"{key[0]} {key[1]}", {})
    return {word: value for word, value in raw.items() if word != "name"}


def _leaves(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield every single word with its path; named items of lists go by their names, so order alone is no change."""
    if isinstance(value, dict) and value:
        for word, part in value.items():
            yield from _leaves(part, (*path, str(word)))
    elif isinstance(value, list) and value:
        for place, part in enumerate(value):
            yield from _leaves(part, (*path, _step(part, place)))
    else:
        yield path, value


def _step(part: Any, place: int) -> str | int:
    named = part.get("name") or part.get("id") if isinstance(part, dict) else None
    return str(named) if named else place


def _day(path: Steps) -> str:
    """Return the day of a dated line from the path to it; empty for what holds from when the pack does."""
    after = [str(step) for before, step in pairwise(path) if before == "values"]
    return next((step for step in after if step[:4].isdecimal()), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _dots(path: Steps) -> str:
    return ".".join(str(step) for step in path)


def _place(change: Change) -> tuple[str, int, Key, str]:
    return change.file, change.line, change.key, change.path
