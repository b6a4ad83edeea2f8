"""From texts to a policy: every file read, every entry validated, every finding collected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic import Field as BaseField

from zugong.core.errors import PackErrors
from zugong.core.workdays import Workdays
from zugong.packs.dated import Strict
from zugong.packs.findings import Finding
from zugong.packs.like import variant
from zugong.packs.nearest import nearest
from zugong.packs.places import Places
from zugong.packs.policy import PackInfo, Policy, Where
from zugong.packs.reading import Document, read
from zugong.packs.reading import Path as Inside
from zugong.packs.schema import KINDS, Entry
from zugong.packs.schema.burden import Seconds
from zugong.packs.schema.calendar import Calendar, CalendarYear
from zugong.packs.schema.common import Number
from zugong.packs.schema.names import Fields, FieldSpec, Role, Roles, Source

Files = Mapping[str, str]  # path inside the pack → text
Library = Mapping[str, Files]  # pack name → its files
Key = tuple[str, str]

# Files of words that are no entries: the word that begins them → what they hold.
WORDS: dict[str, type[Strict]] = {"fields": Fields, "roles": Roles, "calendar": Calendar, "seconds": Seconds}
SINGULAR = {"fields": "field", "roles": "role", "sources": "source"}


class Sources(Strict):
    """sources.yaml: each paper once."""

    sources: dict[str, Source] = BaseField(description="key → the paper")


def library(folder: Path) -> dict[str, dict[str, str]]:
    """Read every pack under a folder from disk; scenarios under tests/ are not part of a pack's rules.

    What is not UTF-8 comes as surrogates, which `reading.read` tells of.
    """
    return {
        pack.parent.name: {
            str(path.relative_to(pack.parent)): path.read_text("utf-8", "surrogateescape")
            for path in sorted(pack.parent.rglob("*.yaml"))
            if "tests" not in path.relative_to(pack.parent).parts
        }
        for pack in sorted(folder.glob("*/pack.yaml"))
    }


def info_of(packs: Library, name: str) -> PackInfo | None:
    """Return what a pack says of itself, without reading its rules; None where even that is faulty."""
    return _Reader({name: {"pack.yaml": packs[name]["pack.yaml"]}}).read(name)


def load(packs: Library, name: str) -> Policy:
    """Return the policy of a pack. Raises PackErrors with all findings at once."""
    policy, findings = attempt(packs, name)
    if policy is None or findings:
        raise PackErrors(findings)
    return policy


def attempt(packs: Library, name: str) -> tuple[Policy | None, list[Finding]]:
    """Read a pack and those it extends. A policy comes back only if it could be built."""
    reader = _Reader(packs)
    info = reader.read(name)
    if info is None:
        return None, sorted(reader.findings)
    return reader.policy(info), sorted(reader.findings)


def digest(packs: Library) -> str:
    """Return the SHA-256 of the texts, in canonical order."""
    canonical = json.dumps(
        {pack: dict(files) for pack, files in packs.items()}, sort_keys=True, ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass
class _Reader:
    packs: Library
    findings: list[Finding] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    raw: dict[Key, dict[str, Any]] = field(default_factory=dict)
    at: dict[Key, tuple[str, Document]] = field(default_factory=dict)
    entries: dict[Key, Entry] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    years: dict[int, CalendarYear] = field(default_factory=dict)
    seconds: dict[str, Number] = field(default_factory=dict)
    words: dict[Key, tuple[str, Document, Inside]] = field(default_factory=dict)
    infos: dict[str, PackInfo] = field(default_factory=dict)
    bases: dict[Key, Document] = field(default_factory=dict)

    def read(self, name: str) -> PackInfo | None:
        """Read what a pack extends, then the pack itself over it."""
        files = self.packs.get(name)
        if files is None or "pack.yaml" not in files:
            known = "、".join(sorted(self.packs)) or "无"
            self.findings.append(
                Finding("packs.E003", f"{name}/pack.yaml", 1, f"没有名为“{name}”的制度包", f"现有：{known}")
            )
            return None
        self.done.add(name)
        documents = list(self._documents(name, files))
        info: PackInfo | None = next(
            (self._bound(PackInfo, doc) for doc in documents if _starts(doc, "pack")), None
        )
        if info is None:
            return None
        self.infos[name] = info
        self.words["pack", name] = (name, next(doc for doc in documents if _starts(doc, "pack")), ())
        for beneath in reversed(info.extends):
            if beneath not in self.done:
                self.read(beneath)
        for document in documents:
            self._take(name, document)
        return info

    def policy(self, info: PackInfo) -> Policy:
        off = {day for year in self.years.values() for days in year.off.values() for day in days}
        worked = {day for year in self.years.values() for day in year.worked}
        return Policy(
            info=info,
            entries=self.entries,
            where={key: Where(pack, doc.file, doc.line(())) for key, (pack, doc) in self.at.items()},
            sources=self.sources,
            fields=self.fields,
            roles=self.roles,
            packs=self.infos,
            years=self.years,
            seconds=self.seconds,
            words={key: pack for key, (pack, _, _) in self.words.items()},
            places=Places(
                {key: (doc, ()) for key, (_, doc) in self.at.items()}
                | {key: (doc, path) for key, (_, doc, path) in self.words.items()},
                self.bases,
            ),
            workdays=Workdays(frozenset(off), frozenset(worked), frozenset(self.years)),
            digest=digest({pack: self.packs[pack] for pack in self.done}),
            raw={f"{kind} {name}": raw for (kind, name), raw in self.raw.items()},
        )

    def _documents(self, name: str, files: Files) -> Iterator[Document]:
        for path, text in sorted(files.items()):
            documents, findings = read(f"{name}/{path}", text)
            self.findings += findings
            yield from documents

    def _take(self, pack: str, document: Document) -> None:
        if not isinstance(document.data, dict) or not document.data:
            self._say("packs.E004", document, (), "这一段不是“词: 内容”的写法")
            return
        kind = next(iter(document.data))
        if kind == "sources":
            bound = self._bound(Sources, document)
            self.sources |= bound.sources if bound else {}
            self._note_words(pack, "source", document, (kind,))
        elif kind in WORDS:
            self._take_words(self._bound(WORDS[kind], document))
            self._note_words(pack, SINGULAR.get(kind, kind), document, (kind,))
        elif kind in KINDS:
            self._take_entry(pack, kind, document)
        elif kind != "pack":
            self._say(
                "packs.E005",
                document,
                (kind,),
                f"不认得以“{kind}”开头的条目",
                nearest(kind, [*KINDS, *WORDS, "sources"]),
            )

    def _take_words(self, words: BaseModel | None) -> None:
        match words:
            case Fields():
                self.fields |= words.fields
            case Roles():
                self.roles |= words.roles
            case Calendar():
                self.years |= words.calendar
            case Seconds():
                self.seconds.update(words.seconds.fields.items())

    def _note_words(self, pack: str, kind: str, document: Document, path: Inside) -> None:
        """Remember where each word was said; the pack that said it last wins, as for its meaning."""
        said = document.data[path[0]]
        for word in said if isinstance(said, dict) else ():
            self.words[kind, str(word)] = (pack, document, (*path, word))

    def _take_entry(self, pack: str, kind: str, document: Document) -> None:
        name = document.data[kind]
        if not isinstance(name, str):
            self._say("packs.E006", document, (kind,), f"“{kind}:”后面要写条目的名字")
            return
        key = (kind, name)
        if key in self.at and self.at[key][0] == pack:
            self._say("packs.E007", document, (kind,), f"“{kind}: {name}”在本包里写了两次")
        raw = {word: value for word, value in document.data.items() if word != kind} | {"name": name}
        if "like" in raw:
            base = self.raw.get((kind, str(raw["like"])))
            if base is None:
                self._say(
                    "packs.E008",
                    document,
                    ("like",),
                    f"没有可以参照的“{kind}: {raw['like']}”",
                    nearest(str(raw["like"]), self._names(kind)),
                )
                return
            self.bases[key] = self.at[kind, str(raw["like"])][1]
            raw = variant(base, raw) | {"name": name}
        entry = self._bound(KINDS[kind], document, raw)
        if isinstance(entry, Entry):
            self.raw[key], self.at[key], self.entries[key] = raw, (pack, document), entry

    def _names(self, kind: str) -> list[str]:
        return [name for of, name in self.raw if of == kind]

    def _bound(self, model: type[Any], document: Document, data: Any = None) -> Any:
        try:
            return model.model_validate(document.data if data is None else data)
        except ValidationError as error:
            for problem in error.errors():
                path = _path(document, problem["loc"])
                message, hint = _said(problem, model)
                self._say("packs.E010", document, path, message, hint)
            return None

    def _say(
        self, id: str, document: Document, path: tuple[str | int, ...], message: str, hint: str = ""
    ) -> None:
        self.findings.append(Finding(id, document.file, document.line(path), message, hint))


def _starts(document: Document, word: str) -> bool:
    return isinstance(document.data, dict) and next(iter(document.data), None) == word


def _path(document: Document, loc: Iterable[str | int]) -> tuple[str | int, ...]:
    """Follow pydantic's location as far as the file does, stepping over its own words for unions and validators."""
    path: tuple[str | int, ...] = ()
    for step in loc:
        for candidate in ((*path, step), (*path, str(step))):
            if candidate in document.lines:
                path = candidate
                break
    return path


def _said(problem: Any, model: type[BaseModel]) -> tuple[str, str]:
    """Say pydantic's finding in the words of the office, with a hint."""
    where = ".".join(str(step) for step in problem["loc"])
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    match problem["type"]:
        case "extra_forbidden":
            return f"不认得的词“{last}”", nearest(last, _words(model))
        case "missing":
            return f"“{where}”缺少必填的“{last}”", ""
        case "value_error":
            return f"“{where}”：{problem['ctx']['error']}", ""
        case _:
            return f"“{where}”写法不对：{problem['msg']}", f"现在写的是 {problem['input']!r}"


def _words(model: type[BaseModel]) -> list[str]:
    """Every word that the model or any part of it knows, for a hint."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({word for part in parts for word in part.get("properties", {})})
