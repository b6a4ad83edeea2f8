"""YAML 1.2 in, plain data and line numbers out. In 1.2 `on`, `no` and `1:2` are text, as packs need them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zugong.packs.findings import Finding

Path = tuple[str | int, ...]
DEEPEST = 100
SURROGATE = re.compile("[\ud800-\udfff]")  # a byte that no UTF-8 has


@dataclass(frozen=True)
class Document:
    """One `---` section of a file: its data, and the line on which each path of it stands (from 1)."""

    file: str
    data: Any
    lines: dict[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest thing that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(file: str, text: str) -> tuple[list[Document], list[Finding]]:
    """Read every document of a file. What cannot be read comes back as findings, never as an exception."""
    documents, findings = _read(file, text)
    return [replace(one, data=deepcopy(one.data)) for one in documents], list(findings)


@lru_cache(maxsize=256)  # the files of the packs that a county extends are read again for each of its own
def _read(file: str, text: str) -> tuple[list[Document], list[Finding]]:
    findings: list[Finding] = []
    documents: list[Document] = []
    if strange := SURROGATE.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        return [], [Finding("packs.E001", file, line, "文件不是 UTF-8 编码", "在编辑器里另存为 UTF-8")]
    if line := _too_deep(text):
        return [], [Finding("packs.E001", file, line, f"括号套了{DEEPEST}层以上", "每个左括号都要有右括号")]
    try:
        for node in YAML(typ="rt", pure=True).compose_all(text):  # it keeps its place: one for each text
            if node is not None:
                documents.append(_document(file, node, findings))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        findings.append(
            Finding(
                "packs.E001",
                file,
                line,
                f"这里不是合法的 YAML：{error.problem}",
                "检查缩进、冒号后的空格和引号",
            )
        )
    except (YAMLError, RecursionError) as error:
        findings.append(
            Finding(
                "packs.E001",
                file,
                1,
                f"这里不是合法的 YAML：{str(error).splitlines()[0]}",
                "检查看不见的字符",
            )
        )
    return documents, findings


def _too_deep(text: str) -> int:
    """Return the line on which brackets are nested beyond reason, which the reader would take minutes over; or 0."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char in "[{") - (char in "]}")
        if depth > DEEPEST:
            return 1 + text.count("\n", 0, place)
    return 0


def _document(file: str, root: Node, findings: list[Finding]) -> Document:
    lines: dict[Path, int] = {}
    met: set[int] = set()

    def build(node: Node, path: Path) -> Any:
        lines[path] = node.start_mark.line + 1
        # An alias meets its anchor again: endless where it holds itself, and hidden from whoever reads the line.
        if id(node) in met:
            line = node.start_mark.line + 1
            findings.append(
                Finding("packs.E009", file, line, "制度包里不用锚点（&）和别名（*）", "写全，或用 like:")
            )
            return None
        met.add(id(node))
        if isinstance(node, MappingNode):
            return dict(pairs(node, path))
        if isinstance(node, SequenceNode):
            return [build(item, (*path, place)) for place, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)  # the only third kind YAML has
        return _scalar(node)

    def pairs(node: MappingNode, path: Path) -> Iterator[tuple[str | int, Any]]:
        seen: set[str | int] = set()
        for key_node, value_node in node.value:
            key = _key(key_node)
            if key in seen:
                line = key_node.start_mark.line + 1
                findings.append(
                    Finding("packs.E002", file, line, f"“{key}”写了两遍", "只留一处，后一处会悄悄盖住前一处")
                )
            seen.add(key)
            value = build(value_node, (*path, key))
            lines[(*path, key)] = key_node.start_mark.line + 1
            yield key, value

    return Document(file, build(root, ()), lines)


def _key(node: Node) -> str | int:
    value = _scalar(node) if isinstance(node, ScalarNode) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else str(node.value)


def _scalar(node: ScalarNode) -> str | int | bool | None:
    """Resolve by the YAML 1.2 core schema; a day stays text, so that `unknown` and days are keys of one kind."""
    text = str(node.value)
    if node.style in ('"', "'", "|", ">"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if (
        text.lstrip("+-").isdecimal()
        and text.isascii()
        and (text == "0" or not text.lstrip("+-").startswith("0"))
    ):
        return int(text)
    return text
