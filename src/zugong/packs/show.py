"""An entry in words an official can read: each value with its day, its document and its clause; empty places as 未设."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from zugong.packs.dated import UNKNOWN, Dated, Line
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.references import REFERENCES
from zugong.packs.schema.cases import CaseKind, Need
from zugong.packs.schema.common import Entry, Every, Keep, Labelled
from zugong.packs.schema.ledgers import Cap
from zugong.packs.schema.names import Classes
from zugong.packs.schema.registry import LinkKind
from zugong.packs.schema.scorecards import Band, BonusMethod, DeductionMethod, Grades, Indicator, Scorecard
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term
from zugong.packs.walking import walk
from zugong.packs.wording import AMOUNTS, KINDS, NOUNS, OWN, READ, SCORING, UNITS, VALUES, WORDS

# Where a number is marks: kept in thousandths, said as a paper prints them.
MARKS = {
    (Indicator, "full"),
    (DeductionMethod, "each"),
    (BonusMethod, "each"),
    (Band, "marks"),
    (Grades, "thresholds"),
}
GUARD = re.compile(
    r"'(?P<item>[^']*)' in (?P<of>\w+)|(?P<among>\w+) in \[(?P<values>[^\]]*)\]"
    r"|(?P<name>\w+) (?P<sign>[=!]=|[<>]=?) (?P<value>'[^']*'|\w+)|(?P<no>!)?(?P<bare>[A-Za-z_]\w*)| && | \|\| "
)
SIGNS = {
    "==": ("为", " is "),
    "!=": ("不为", " is not "),
    "<": ("小于", " below "),
    "<=": ("不大于", " at most "),
    ">": ("大于", " above "),
    ">=": ("不小于", " at least "),
    " && ": ("，且", " and "),
    " || ": ("，或", " or "),
}
LAST = ("printed", "effects", "note")  # said after what the entry is about, in this order
HEAD = (
    "name",
    "label",
    "english",
    "source",
    "clause",
    "verified",
    "id",
    "mechanisms",
    "words",
    "english_words",
    "english_scale",
)


@dataclass(frozen=True)
class Said:
    """One line: how deep it stands, what it is called, what it says, which paper says so."""

    depth: int
    label: str
    text: str = ""
    paper: str = ""

    def __str__(self) -> str:
        """As a page of text prints it."""
        colon = "：" if self.label and self.text else ""
        paper = f"〔{self.paper}〕" if self.paper else ""
        return f"{'  ' * self.depth}{self.label}{colon}{self.text}{paper}"


def show(policy: Policy, key: Key, *, language: str = "zh") -> list[Said]:
    """Return an entry line by line, in Chinese or (`en`) English. Raises KeyError where the pack has none."""
    return list(_Speaker(policy, policy.entries[key], language).entry(key))


# An empty place sets no deadline: what follows from that is said, so that nobody takes it for a rule.
FOR_EVER = (
    "规则不全：没有规定保存多久，规定之前一直保存，不会自动删除",
    "rule set incomplete: how long is not ruled; until it is, nothing is erased by itself",
)


@dataclass(frozen=True)
class _Speaker:
    policy: Policy
    whole: Entry
    language: str

    @property
    def english(self) -> bool:
        return self.language.startswith("en")

    def entry(self, key: Key) -> Iterator[Said]:
        entry = self.whole
        kind = key[0] if self.english else KINDS[key[0]]
        yield Said(0, kind, f"{entry.said(self.language)}（{entry.name}）", self.paper(None))
        if not entry.verified:
            yield Said(1, "", self.either("未与正式文件核对", "not held against the official text"))
        if entry.mechanisms:
            yield Said(1, self.word("mechanisms"), "、".join(entry.mechanisms))
        yield from self.words(entry, 1)

    def words(self, model: BaseModel, depth: int) -> Iterator[Said]:
        """Say every word that was written, in the order of the schema."""
        for name, info in sorted(type(model).model_fields.items(), key=_order):
            if name in model.model_fields_set and name not in HEAD:
                yield from self.part(model, name, info.alias or name, getattr(model, name), depth)
        if empty := _empty(model):
            yield Said(depth, "", self.either(f"其中{empty}项未设", f"{empty} of them not set"))
        if isinstance(model, Keep) and not model.is_set:
            yield Said(depth, self.either("多久", "for"), self.unset())
            yield Said(depth, "", self.either(*FOR_EVER))

    def part(self, holder: BaseModel, name: str, word: str, value: Any, depth: int) -> Iterator[Said]:
        label = self.either(*own) if (own := OWN.get((type(holder).__name__, name))) else self.word(word)
        match value:
            case Cap():
                label = f"{label}{self.either('，每', ', each ')}{self.either(UNITS[value.per], value.per)}"
                yield from self.lines(value, label, depth)
            case Dated():
                yield from self.lines(value, label, depth, marks=(type(holder), name) in MARKS)
            case Every():
                yield Said(depth, label, self.rhythm(value))
            case BaseModel():
                yield Said(depth, label, self.title(value))
                yield from self.words(value, depth + 1)
            case dict():
                yield from self.pairs(word, label, value, depth)
            case list() if any(isinstance(item, BaseModel) for item in value):
                yield from self.items(label, value, depth)
            case list():
                yield Said(
                    depth, label, "、".join(self.scalar(holder, name, item) for item in value) or self.unset()
                )
            case None | "":
                return
            case _:
                yield Said(depth, label, self.scalar(holder, name, value))

    def lines(self, value: Dated[Any], label: str, depth: int, *, marks: bool = False) -> Iterator[Said]:
        if value.is_empty:
            yield Said(depth, label, self.unset())
            return
        unit = self.either(*AMOUNTS.get(value.unit, (value.unit, value.unit)))
        yield Said(depth, label, "" if marks else unit)
        for start, line in value.values.items():
            since = (
                self.either("起始日期不详", "since an unknown day")
                if start == UNKNOWN
                else self.either(f"自{start}起", f"from {start}")
            )
            about = {"at-least": self.either("不少于", "at least "), "about": self.either("约", "about ")}
            amount = self.marks(line.value) if marks else self.value(line.value)
            if value.unit == "fen" and isinstance(line.value, int):
                amount = self.money(line.value)
            said = f"{about.get(line.exact, '')}{amount}"
            per = self.either(f"，按{self.named(line.per)}", f", per {line.per}") if line.per else ""
            if isinstance(line.value, BaseModel):
                yield Said(depth + 1, since, self.title(line.value) + per, self.paper(line))
                yield from self.words(line.value, depth + 2)
                continue
            yield Said(depth + 1, since, said + per + self.gives(line), self.paper(line))

    def gives(self, line: Line[Any]) -> str:
        """Say what reaching a value gives: 得20元."""
        given = (
            self.money(amount)
            if unit == "fen"
            else f"{amount}{self.either(*AMOUNTS.get(unit, (unit, unit)))}"
            for unit, amount in line.gives.items()
        )
        return "".join(self.either(f"，得{one}", f", gives {one}") for one in given)

    def items(self, label: str, items: list[Any], depth: int) -> Iterator[Said]:
        if all(isinstance(item, Need) for item in items):
            yield Said(depth, label, "、".join(self.need(item) for item in items))
            for voting in (item.vote for item in items if item.vote):
                yield from self.words(voting, depth + 1)
            return
        yield Said(depth, label)
        for place, item in enumerate(items, 1):
            if isinstance(item, BaseModel):
                yield Said(depth + 1, f"{place}.", self.title(item))
                yield from self.words(item, depth + 2)

    def pairs(self, word: str, label: str, pairs: dict[Any, Any], depth: int) -> Iterator[Said]:
        yield Said(depth, label, "" if pairs else self.unset())
        for name, value in pairs.items():
            if isinstance(value, Dated):
                yield from self.lines(value, self.scoring("stage", str(name)), depth + 1)
            elif word == "instead":
                needs = "、".join(self.need(item) for item in value) or self.either("不另要什么", "nothing")
                yield Said(depth + 1, self.outcome(str(name)), needs)
            elif word == "counts":
                outcomes = "、".join(self.outcome(str(one)) for one in value) or self.unset()
                yield Said(depth + 1, self.named(str(name)), outcomes)
            elif isinstance(value, list) and any(isinstance(item, BaseModel) for item in value):
                yield Said(depth + 1, self.event(str(name)))
                for effect in value:
                    yield from (replace(said, depth=said.depth) for said in self.words(effect, depth + 2))
            elif isinstance(value, BaseModel):
                yield Said(depth + 1, str(name), self.title(value))
                yield from self.words(value, depth + 2)
            elif isinstance(value, list):
                yield Said(depth + 1, self.named(str(name)), "、".join(self.role(str(one)) for one in value))
            else:
                yield Said(
                    depth + 1, self.outcome(str(name)), self.link(str(value)) or self.outcome(str(value))
                )

    # Single words

    def need(self, need: Need) -> str:
        value = getattr(need, need.word)
        if need.word in ("vote", "minutes"):
            return self.word(need.word)
        if need.word == "evidence":
            kinds = "、".join(self.called("activity", name) for name in value.any_of)
            least = next((line.value for line in value.at_least.values.values()), None)
            many = self.unset() if least is None else self.either(f"至少{least}种", f"at least {least}")
            return f"{self.word('evidence')}（{kinds}；{many}）"
        text = self.scalar(need, need.word, value)
        return text if need.word == "field" else f"{self.word(need.word)}“{text}”"

    def scalar(self, holder: BaseModel, name: str, value: Any) -> str:
        if isinstance(value, Selector):
            return value.text if self.english else self.term(value.term)
        kind = next(
            (
                kind
                for (model, word), kind in REFERENCES.items()
                if word == name and isinstance(holder, model)
            ),
            "",
        )
        if kind:
            return self.called(kind, str(value))
        if name in ("when", "where") and isinstance(value, str):
            return self.guard(value)
        if name in ("sum", "distinct") and value in READ:
            return f"{self.read(value)}（{value}）"
        said = self.scoring(name, value) if isinstance(value, str) else value
        return self.value(value) if said == value else said

    def scoring(self, word: str, value: str) -> str:
        """Return a word of a scorecard as it is said under another."""
        return self.either(*SCORING[word, value]) if (word, value) in SCORING else self.named(value)

    def guard(self, text: str) -> str:
        """Say a condition in words, with its code after it; the code alone where it reads what has no label."""
        try:
            said = GUARD.sub(self._guarded, text)
        except KeyError:
            return text
        return f"{said}（{text}）" if said != text else text

    def _guarded(self, found: re.Match[str]) -> str:
        part = found.groupdict()
        if part["of"]:
            return self.either(
                f"{self.read(part['of'])}含“{self.read_value(part['item'], found.string)}”",
                f"{self.read(part['of'])} has “{self.read_value(part['item'], found.string)}”",
            )
        if part["among"]:
            values = [
                self.read_value(one.strip().strip("'"), found.string) for one in part["values"].split(",")
            ]
            return self.either(
                f"{self.read(part['among'])}为{'、'.join(values)}之一",
                f"{self.read(part['among'])} is one of {', '.join(values)}",
            )
        if part["name"]:
            value = self.read_value(part["value"].strip("'"), found.string)
            return f"{self.read(part['name'])}{self.either(*SIGNS[part['sign']])}{value or self.either('空', 'empty')}"
        if part["bare"]:
            no = self.either("没有", "not ") if part["no"] else ""
            return f"{no}{self.read(part['bare'])}"
        return self.either(*SIGNS[found.group()])

    def read(self, name: str) -> str:
        """Return what a condition reads, by its label. Raises KeyError where it has none."""
        if name == "not_rated":
            return self.outcome("not-rated")
        return (
            self.either(*READ[name])
            if name in READ
            else self.policy.fields[name.replace("_", "-")].said(self.language)
        )

    def read_value(self, value: str, guard: str) -> str:
        """Return a value of a condition by whatever the pack labels so: an option, an entry, a field, a class; a result by
        the kind of case that the condition names.
        """
        field, entries = self.policy.fields.get(value), self.policy.entries.items()
        options = [item for one in self.policy.fields.values() for item in one.options if item.id == value]
        named = [entry for (_kind, name), entry in entries if name == value]
        kinds = [
            entry for _key, entry in entries if isinstance(entry, CaseKind) and f"'{entry.name}'" in guard
        ]
        results = [each.choice(value) for kind in kinds for each in kind.stages if value in each.words]
        cards = [entry for _key, entry in entries if isinstance(entry, Scorecard)]
        caps = [cap for card in cards for cap in card.negative_list.items if cap.id == value]
        labelled: list[Entry | Labelled] = [*options, *named, *([field] if field else []), *results, *caps]
        own = self.outcome(value)
        if own != value or not labelled:
            return own if own != value else self.klass(value)
        return labelled[0].said(self.language)

    def money(self, fen: int) -> str:
        """Say money in yuan."""
        whole, rest = divmod(fen, 100)
        yuan = f"{whole}.{rest:02d}" if rest else f"{whole}"
        return self.either(f"{yuan}元", f"¥{yuan}")

    def marks(self, value: Any) -> str:
        """Say marks as a paper prints them: 20000 → 20分."""
        if isinstance(value, dict):
            return "、".join(f"{self.outcome(str(word))} {self.marks(part)}" for word, part in value.items())
        whole, rest = divmod(value, 1000)
        places = f".{rest:03d}".rstrip("0") if rest else ""
        return self.either(f"{whole}{places}分", f"{whole}{places} marks")

    def value(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.either("是" if value else "否", "yes" if value else "no")
        if isinstance(value, dict):
            return "、".join(f"{word} {part}" for word, part in value.items())
        if isinstance(value, list):
            return "；".join(self.value(part) for part in value)
        if isinstance(value, BaseModel):
            return "，".join(
                f"{self.word(info.alias or name)} {self._part(value, name)}"
                for name, info in type(value).model_fields.items()
            )
        return self.outcome(value) if isinstance(value, str) else str(value)

    def _part(self, holder: BaseModel, name: str) -> str:
        value = getattr(holder, name)
        return self.marks(value) if (type(holder), name) in MARKS else str(value)

    def called(self, kind: str, name: str) -> str:
        """Return the label of what a name stands for."""
        if kind == "role":
            return self.role(name)
        if kind == "field":
            found: Any = self.policy.fields.get(name)
        else:
            found = self.policy.entries.get((kind, name))
        return found.said(self.language) or name if found else name

    def role(self, name: str) -> str:
        found = self.policy.roles.get(name)
        return (found.said(self.language) or name) if found else self.named(name)

    def title(self, model: BaseModel) -> str:
        said = getattr(model, "said", None)
        label = said(self.language) if said else ""
        name = getattr(model, "name", "") or getattr(model, "id", "")
        return f"{label}（{name}）" if label and name and not self.english else label or str(name)

    def term(self, term: Term) -> str:
        """Say in Chinese who a selector means."""
        match term:
            case Sample(percent, of):
                return f"抽{percent}%的{self.term(of)}"
            case OnRoll(inner, roll):
                return f"列入“{self.called('roll', roll)}”的{self.term(inner)}"
            case Joined(left, join, right):
                word = {"and": "且", "or": "或", "except": "，除去"}[join]
                return f"{self.term(left)}{word}{self.term(right)}"
            case Named():
                return self.single(term)

    def single(self, named: Named) -> str:
        of = f"{self.term(named.of)}的" if named.of else ""
        match named.lead, named.names:
            case "holder", _ if named.of:
                return f"担任{self.term(named.of)}的人"
            case "above", (klass, *_):
                return f"{of}上级{self.klass(klass)}"
            case "below", (klass, *_):
                return f"{of}下辖{self.klass(klass)}"
            case "link", (kind, end, *_):
                link = self.policy.entries.get(("link", kind))
                label = link.kinds[end].label if isinstance(link, LinkKind) and end in link.kinds else end
                return f"{of}{label or end}"
            case "case", (kind, *_):
                stage = f"正在“{self.stage(kind, named.at)}”的" if named.at else ""
                return f"{stage}{self.called('case', kind)}的对象"
            case lead, (klass, *_) if lead in NOUNS:
                return f"{of}{self.klass(klass)}"
            case lead, ():
                return f"{of}{NOUNS.get(lead) or VALUES.get(lead) or self.klass(self.role(lead))}"
            case lead, names:
                return of + ".".join((lead, *names))

    def klass(self, name: str) -> str:
        """Return the label of a class of any noun."""
        for entry in self.policy.entries.values():
            if isinstance(entry, Classes):
                for item in entry.items:
                    if item.id == name:
                        return item.said(self.language)
        return name

    def stage(self, kind: str, name: str) -> str:
        stages = getattr(self.policy.entries.get(("case", kind)), "stages", ())
        return next((stage.said(self.language) for stage in stages if stage.name == name), name) or name

    def event(self, event: str) -> str:
        name = event.removeprefix("on ")
        return self.either(f"到“{self.outcome(name)}”时", f"on {name}")

    def outcome(self, name: str) -> str:
        """Return an outcome, grade or stage of this entry by its own word."""
        for _, part in walk(self.whole):
            words = getattr(part, "english_words" if self.english else "words", {})
            if name in words:
                return str(words[name])
        for stage in getattr(self.whole, "stages", ()):
            if stage.name == name:
                return str(stage.said(self.language)) or name
        return self.named(name)

    def link(self, text: str) -> str:
        """Return the label of `link.supporter`; nothing for any other text."""
        lead, _, kind = text.partition(".")
        return self.called("link", kind) if lead == "link" and kind else ""

    def rhythm(self, every: Every) -> str:
        for unit, label in UNITS.items():
            if n := getattr(every, unit):
                word = unit.replace("_", "-")
                often = self.either(
                    f"每{label}" if n == 1 else f"每{n}个{label}",
                    f"every {word}" if n == 1 else f"every {n} {word}s",
                )
                day = f"{every.in_month}月" if every.in_month else ""
                day += f"{every.day}日" if every.day else ""
                return often + (f"（{day}）" if day else "")
        return self.unset()

    def paper(self, line: Line[Any] | None) -> str:
        citation = self.policy.cite(self.whole, line)
        if citation is None:
            return ""
        marks = ("（虚构）" if citation.fictional else "") + ("" if citation.number else "，无文号")
        return f"{citation}{marks}"

    def word(self, word: str) -> str:
        return word.replace("_", " ") if self.english else WORDS.get(word, word)

    def named(self, name: str) -> str:
        return name if self.english else VALUES.get(name, name)

    def unset(self) -> str:
        return self.either("未设", "not set")

    def either(self, chinese: str, english: str) -> str:
        return english if self.english else chinese


def _order(word: tuple[str, Any]) -> int:
    return LAST.index(word[0]) if word[0] in LAST else -1


def _empty(model: BaseModel) -> int:
    """How many places a list names and leaves empty."""
    slots, items = getattr(model, "slots", None), getattr(model, "items", getattr(model, "indicators", ()))
    return max(slots - len(items), 0) if isinstance(slots, int) else 0
