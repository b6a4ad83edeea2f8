"""New dated lines into a text as somebody wrote it: comments, order and every other sign stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zugong.core.errors import Refused
from zugong.packs.dated import UNKNOWN
from zugong.packs.places import Key

Value = int | Mapping[str, int]  # one number, or one by word, as cut-offs by grade
Path = Sequence[str]


@dataclass(frozen=True)
class Edit:
    """Put `text` in place of what stands from one sign to another; an insertion where both are one."""

    start: int
    end: int
    text: str


def with_line(text: str, key: Key, path: Path, day: date, value: Value) -> str:
    """Return a file's text in which a dated value holds another number from a day on.

    The new line names no source: the empty one is for its author to fill, and `packs check` says so. A line of the same
    day gets the number. Raises Refused where the entry does not say the value in this file.
    """
    values = _values(_entry(text, key), path)
    if values is None or not isinstance(values, MappingNode):
        raise Refused("这个文件里没有逐日写着“{path}”，请在文件里自己改", path=".".join(path))
    edit = _edit(text, values, day, value)
    return text[: edit.start] + edit.text + text[edit.end :]


def says(text: str, key: Key) -> bool:
    """Say whether a file has an entry."""
    return _entry(text, key) is not None


def _entry(text: str, key: Key) -> MappingNode | None:
    kind, name = key
    for node in YAML(typ="rt", pure=True).compose_all(text):
        if isinstance(node, MappingNode) and node.value:
            word, called = node.value[0]
            if word.value == kind and called.value == name:
                return node
    return None


def _values(entry: Node | None, path: Path) -> Node | None:
    """Follow a path of words, and of names of list items, to the lines of a dated value."""
    node = entry
    for step in (*path, "values"):
        node = _below(node, step)
    return node


def _below(node: Node | None, step: str) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for word, value in node.value if str(word.value) == step), None)
    if isinstance(node, SequenceNode):
        return next((item for item in node.value if step in _names(item)), None)
    return None


def _names(item: Node) -> set[str]:
    named = [_below(item, word) for word in ("id", "name", "grade")]
    return {str(node.value) for node in named if isinstance(node, ScalarNode)}


def _edit(text: str, values: MappingNode, day: date, value: Value) -> Edit:
    lines = [(str(start.value), start, line) for start, line in values.value]
    same = next((line for start, _, line in lines if start == day.isoformat()), None)
    if same is not None:
        return _instead(text, same, value)
    before = [line for start, _, line in lines if start == UNKNOWN or start < day.isoformat()]
    said = _said(text, value, before[-1] if before else None)
    written = f"{day.isoformat()}: {{value: {said}, source: ''}}"
    later = next((node for start, node, _ in lines if start != UNKNOWN and start > day.isoformat()), None)
    if values.flow_style:
        if later is not None:
            return _at(later.start_mark.index, f"{written}, ")
        return _at(values.end_mark.index - 1, f", {written}" if lines else written)
    if later is not None:
        return _at(later.start_mark.index, f"{written}\n{' ' * later.start_mark.column}")
    column = values.value[-1][0].start_mark.column
    end = text.find("\n", _end(values.value[-1][1]))
    return _at(len(text) if end < 0 else end, f"\n{' ' * column}{written}")


def _instead(text: str, line: Node, value: Value) -> Edit:
    number = _below(line, "value")
    if number is None:
        raise Refused("这一天的数写法特别，请在文件里自己改")
    return Edit(number.start_mark.index, _end(number), _said(text, value, line))


def _said(text: str, value: Value, before: Node | None) -> str:
    """Write a number, or numbers by word: the words as the line before quotes them, those it does not change too."""
    if isinstance(value, int):
        return str(value)
    old = _below(before, "value")
    words = old.value if isinstance(old, MappingNode) else []
    kept = {
        str(word.value): (text[word.start_mark.index : word.end_mark.index], str(number.value))
        for word, number in words
    }
    rows = kept | {
        word: (kept[word][0] if word in kept else f'"{word}"', str(number)) for word, number in value.items()
    }
    return "{" + ", ".join(f"{word}: {number}" for word, number in rows.values()) + "}"


def _end(node: Node) -> int:
    """Return where the last sign of a node stands; a block ends with its last part, not with the comment after it."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _at(place: int, text: str) -> Edit:
    return Edit(place, place, text)
