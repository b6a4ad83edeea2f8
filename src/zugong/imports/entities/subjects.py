"""Persons, organisations, places, posts, things: what they are called, of which class, whose, since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.imports.entities import dated
from zugong.imports.entities.book import (
    FIELD,
    Asking,
    Book,
    Change,
    Line,
    Made,
    answers,
    field_cells,
    field_columns,
    find,
    names_of,
    parted,
    point_fields,
    refs_in,
)
from zugong.imports.rules import UNKNOWN, Column, Kind, shown
from zugong.packs.policy import Policy
from zugong.packs.schema import Classes
from zugong.registry import bulk
from zugong.registry.actions import spelled
from zugong.registry.models import Particulars, Subject
from zugong.registry.rules import NOUNS, ORGANISATION, PERSON, PLACE, POST, THING

# noun → what it is called in a list, in English, what its parent is called, and what the parent may be
_WORDS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    PERSON: ("人员", "Persons", "", ()),
    ORGANISATION: ("组织", "Organisations", "上级组织", (ORGANISATION,)),
    PLACE: ("地方", "Places", "上级地方", (PLACE,)),
    POST: ("职务", "Posts", "所在组织", (ORGANISATION,)),
    THING: ("事物（项目、阵地、资源）", "Things", "归属", (ORGANISATION,)),
}


NUMBER = "#"  # before the number of a record that has no code: an export can then be edited and sent back


@dataclass
class Known:
    """What a line found of its subject: what is true of it now, or only its identity."""

    row: Particulars | None = None
    identity: int | None = None  # a code whose records were all taken back


class Subjects(Book):
    """One noun of the registry."""

    group = "名册"
    needs = May.KEEP

    def __init__(self, policy: Policy, noun: str) -> None:
        label, english, above, parents = _WORDS[noun]
        self.noun, self.name, self.label, self.english = noun, noun, label, english
        classes = [entry for entry in policy.all("classes", Classes) if entry.of == noun]
        kinds = {item.id: item.label or item.id for entry in classes for item in entry.items}
        kept = list(dict.fromkeys(name for entry in classes for name in entry.fields))
        self.parents = parents
        self.columns = (
            Column(
                "code",
                "代码",
                Kind.CODE,
                hint="有代码的按代码认，没有的按名称认；导出时的 # 号编号请保留",
                example="990101100200",
            ),
            Column("name", "姓名" if noun == PERSON else "名称", required=True, example="示例，不会导入"),
            Column(
                "klass",
                "类别",
                Kind.CHOICE,
                required=True,
                options=kinds,
                example=next(iter(kinds.values()), ""),
            ),
            *([Column("parent", above, Kind.REF, required=noun == POST, nouns=parents)] if above else []),
            Column(
                "since",
                "起始日期",
                Kind.DAY,
                or_unknown=True,
                hint=f"新增的从这天起在册，不清楚的留空；改动在这天变更，与原来相同的是更正；如 2025-03-01 或{UNKNOWN}",
                example="2025-03-01",
            ),
            *field_columns(policy, kept),
        )

    def open_to(self, asking: Asking) -> bool:
        """Persons' records also need the power to read persons' files."""
        persons = self.noun != PERSON or asking.user.may(May.SEE_PERSONS, asking.day)
        return super().open_to(asking) and persons

    # --- Out ---

    def rows(self, asking: Asking) -> Iterable[Mapping[str, Any]]:
        """Yield the subjects that the asker keeps."""
        kept = (
            asking.keeping(self.noun) if not (self.noun == PLACE and not asking.keeps_county) else frozenset()
        )
        found = Particulars.objects.on(asking.day).filter(subject__noun=self.noun).select_related("subject")
        if kept is not None:
            found = found.filter(subject__in=kept)
        listed = list(found.order_by("subject__code", "pinyin", "subject"))
        mentioned = [
            *(row.parent_id for row in listed),
            *refs_in((row.fields for row in listed), self.columns),
        ]
        names = names_of(mentioned, asking.day)
        for row in listed:
            yield {
                "code": row.subject.code or f"{NUMBER}{row.subject_id}",
                "name": row.name,
                "klass": row.klass,
                "parent": names.get(row.parent_id, ""),
                "since": row.valid.lower,
                **field_cells(row.fields, self.columns, names),
            }

    # --- Compare ---

    def key(self, line: Line) -> tuple[Any, ...] | None:
        """A code, or else a name under the same parent."""
        given = line.given
        if given.get("code"):
            return ("code", given["code"])
        return ("name", given.get("name"), given.get("parent") if self.noun == POST else None)

    def compare(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find each line's subject and say what it would change."""
        self._parents(asking, lines)
        point_fields(asking, lines, self.columns, keeping=True)
        known = self._known(asking, lines)
        for line in lines:
            if line.good:
                self._compare(asking, line, known[line.number])
        self._no_circles(asking, lines)

    def _parents(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Find each line's parent: a record that stands, or another line of the same sheet."""
        if not self.parents:
            return

        column = self.column("parent")
        among = {noun: asking.keeping(noun) for noun in self.parents}
        texts = {line.given["parent"] for line in lines if line.given.get("parent")}
        found = find(asking.day, self.parents, texts, among)
        here: dict[str, list[Line]] = defaultdict(list)
        for line in lines if self.noun in self.parents else ():
            for word in filter(None, {line.given.get("code"), line.given.get("name")}):
                here[word].append(line)
        for line in lines:
            if not (text := line.given.get("parent")):
                continue
            hit = found[text]
            name, code = parted(text)
            beside = here.get(code or name, [])
            if isinstance(hit, str) and len(beside) == 1:
                line.given["parent"] = beside[0]
            elif isinstance(hit, str):
                line.fault(column.name, hit)
            else:
                line.given["parent"] = hit

    def _known(self, asking: Asking, lines: Sequence[Line]) -> dict[int, Known]:
        """Find each line's subject: by its code, its number, or a name that only one has."""
        given: set[str] = {line.given["code"] for line in lines if line.given.get("code")}
        names = {line.given.get("name") for line in lines if not line.given.get("code")} - {None}
        numbers = {int(code[1:]) for code in given if code.startswith(NUMBER)}
        rows = Particulars.objects.on(asking.day).filter(subject__noun=self.noun).select_related("subject")
        rows = rows.filter(Q(subject__code__in=given) | Q(subject__in=numbers) | Q(name__in=names))
        by_code: dict[str, Particulars] = {}
        by_name: dict[str, list[Particulars]] = defaultdict(list)
        for row in rows:
            by_code[row.subject.code] = by_code[f"{NUMBER}{row.subject_id}"] = row
            by_name[row.name].append(row)
        bare = Subject.objects.filter(noun=self.noun, code__in=given - set(by_code))
        identities = dict(bare.values_list("code", "pk"))
        closed = Particulars.objects.known().filter(subject__in=identities.values())
        ended = set(closed.values_list("subject__code", flat=True))
        return {line.number: self._one(line, by_code, by_name, identities, ended) for line in lines}

    def _one(
        self,
        line: Line,
        by_code: Mapping[str, Particulars],
        by_name: Mapping[str, list[Particulars]],
        identities: Mapping[str, int],
        ended: set[str],
    ) -> Known:
        code, name = line.given.get("code"), line.given.get("name")
        if code in ended:
            line.fault("code", f"代码 {code} 的{NOUNS[self.noun]}今天不在册（已终止或还没开始），不能导入")
        if code and code.startswith(NUMBER) and code not in by_code:
            line.fault("code", f"没有编号 {code} 的{NOUNS[self.noun]}；新增的请留空，或填它自己的代码")
        if code:
            return Known(by_code.get(code), identities.get(code))
        same = by_name.get(name or "", [])
        if self.noun == POST:
            same = [row for row in same if row.parent_id == line.given.get("parent")]
        if len(same) > 1:
            codes = "、".join(row.subject.code or f"{NUMBER}{row.subject_id}" for row in same[:5])
            line.fault("code", f"已有 {len(same)} 个叫“{name}”的{NOUNS[self.noun]}，请填代码：{codes}")
        return Known(same[0] if len(same) == 1 else None)

    def _compare(self, asking: Asking, line: Line, known: Known) -> None:
        line.does = known
        if known.row is None:
            line.change = Change.ADD
            self._may_add(asking, line)
            return
        self._may_change(asking, line, known.row)
        differs = list(self._differs(line, known.row))
        if not differs:
            line.change = Change.SAME
            return
        line.change = Change.CHANGE
        since, valid = dated.day_of(line.given.get("since")), known.row.valid
        later = since is not None and (valid.lower is None or since > valid.lower)
        if later and valid.upper is not None and since >= valid.upper:
            line.fault("since", f"这条情况到 {valid.upper} 为止，变更日期要在这以前")
        how = f"自 {since} 变更" if later else "更正"
        line.said = f"{how}：{'；'.join(differs)}"

    def _may_add(self, asking: Asking, line: Line) -> None:
        if self.noun == PLACE and not asking.keeps_county:
            line.fault("", "区划由全县登记的人维护")
        if self.noun in (ORGANISATION, THING) and not line.given.get("parent") and not asking.keeps_county:
            line.fault("parent", "请填您管理范围内的组织")

    def _may_change(self, asking: Asking, line: Line, row: Particulars) -> None:
        kept = self._kept(asking)
        if kept is not None and row.subject_id not in kept:
            line.fault("", f"这个{NOUNS[self.noun]}不在您的管理范围内")

    def _kept(self, asking: Asking) -> frozenset[int] | None:
        if self.noun == PLACE and not asking.keeps_county:
            return frozenset()
        cached: dict[str, Any] = asking.__dict__.setdefault("_kept_subjects", {})
        if self.noun not in cached:
            cached[self.noun] = asking.keeping(self.noun)
        kept: frozenset[int] | None = cached[self.noun]
        return kept

    def _differs(self, line: Line, row: Particulars) -> Iterable[str]:
        given = line.given
        for column, before, after in (
            ("name", row.name, given["name"]),
            ("klass", row.klass, given["klass"]),
            ("parent", row.parent_id, given.get("parent")),
        ):
            if after is not None and before != after:
                words = self.column(column)
                told = "" if column == "parent" else f"“{shown(words, before)}”改为“{shown(words, after)}”"
                yield f"{words.label}{told or '有变'}"
        kept = answers(line)
        for column_ in self.columns:
            name = column_.name.removeprefix(FIELD)
            if column_.name.startswith(FIELD) and name in kept and row.fields.get(name) != kept[name]:
                yield f"{column_.label}改为“{shown(column_, line.given[column_.name])[:40]}”"

    def _no_circles(self, asking: Asking, lines: Sequence[Line]) -> None:
        """Refuse lines by which something would come to stand under itself."""
        if self.noun not in self.parents:
            return
        moved = [line for line in lines if line.good and line.given.get("parent") is not None]
        above: dict[Any, Any] = dict(
            Particulars.objects.on(asking.day)
            .filter(subject__noun=self.noun)
            .values_list("subject_id", "parent_id")
        )
        self_of = {id(line): (line.does.row.subject_id if line.does.row else line) for line in moved}
        above |= {self_of[id(line)]: self._end(line.given["parent"], self_of) for line in moved}
        for line in moved:
            seen, at = set(), self_of[id(line)]
            while at is not None and at not in seen:
                seen.add(at)
                at = above.get(at)
            if at is not None:
                line.fault("parent", "不能隶属于它自己或它的下级")

    def _end(self, parent: Any, self_of: Mapping[int, Any]) -> Any:
        return self_of.get(id(parent), parent) if isinstance(parent, Line) else parent

    # --- In ---

    def enter(self, asking: Asking, lines: Sequence[Line], *, source: str) -> Made:
        """Add what is new, those above first; change and correct the others."""
        ids: dict[int, int] = {}
        self._add(asking, [line for line in lines if line.change == Change.ADD], ids, source)
        closed, again = [], []
        for line in lines:
            if line.change == Change.CHANGE:
                closed.append(line.does.row)
                again += self._changed(line, ids, source)
        changed = bulk.supersede_all(closed, again, by=asking.user)
        new = Particulars.objects.known().filter(subject__in=ids.values())
        return dated.made("particulars", [*new, *changed], closed) | {"subjects": list(ids.values())}

    def _add(self, asking: Asking, lines: Sequence[Line], ids: dict[int, int], source: str) -> None:
        """Add level by level: a line waits for the line that it stands under."""
        waiting = list(lines)
        while waiting:
            ready = [line for line in waiting if not self._waits(line, ids)]
            if not ready:
                raise Refused("有几行互相隶属，不能导入")
            rows = [
                bulk.New(
                    line.given["klass"],
                    line.given["name"],
                    line.given.get("code") or "",
                    self._parent(line, ids),
                    answers(line),
                    dated.day_of(line.given.get("since")),
                )
                for line in ready
            ]
            identities = {line.given["code"]: line.does.identity for line in ready if line.does.identity}
            made = bulk.add_all(self.noun, rows, by=asking.user, source=source, known=identities)
            ids |= {line.number: subject for line, subject in zip(ready, made, strict=True)}
            waiting = [line for line in waiting if line.number not in ids]

    def _waits(self, line: Line, ids: Mapping[int, int]) -> bool:
        above = line.given.get("parent")
        return isinstance(above, Line) and above.change == Change.ADD and above.number not in ids

    def _parent(self, line: Line, ids: Mapping[int, int]) -> int | None:
        above = line.given.get("parent")
        if isinstance(above, Line):
            return ids[above.number] if above.number in ids else int(above.does.row.subject_id)
        return above

    def _changed(self, line: Line, ids: Mapping[int, int], source: str) -> list[Particulars]:
        """Return the rows that stand instead of the old one: what was before the day, and what is from it on."""
        old: Particulars = line.does.row
        since = dated.day_of(line.given.get("since"))
        later = since is not None and (old.valid.lower is None or since > old.valid.lower)
        name = line.given["name"]
        pinyin, initials = spelled(name)
        now = bulk.again(
            old,
            name=name,
            klass=line.given["klass"],
            pinyin=pinyin,
            initials=initials,
            parent_id=self._parent(line, ids) or old.parent_id,
            fields=old.fields | answers(line),
            source=source,
            valid=DateRange(since, old.valid.upper) if later else old.valid,
        )
        before = [bulk.again(old, valid=DateRange(old.valid.lower, since))] if later else []
        return [*before, now]

    # --- Back ---

    def left(self, made: Made) -> list[str]:
        """Say what depends on it."""
        return dated.left(made)

    def take_back(self, asking: Asking, made: Made, *, reason: str) -> None:
        """Supersede what was added; a code keeps its identity and can be used again."""
        dated.take_back(made, by=asking.user)
