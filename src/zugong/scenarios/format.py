"""What a scenario may say. One format for the examples of packs, for golden scenarios, and for those from outside."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from zugong.packs.dated import Strict
from zugong.packs.findings import Finding
from zugong.packs.nearest import nearest
from zugong.packs.reading import Document, read
from zugong.packs.schema.names import Day

if TYPE_CHECKING:
    from zugong.scenarios.world import World

Sheets = dict[str, Any]
Number = Annotated[int, Field(ge=0)]


class Organisation(Strict):
    """An organisation, place, post or thing that exists before the story begins."""

    id: str = Field(description="the name by which the rest of the scenario calls it")
    class_: str = Field(alias="class", description="its class in the pack")
    name: str = Field(default="", description="its name; empty: the id")
    under: str = Field(default="", description="the one above it, or whose it is")
    code: str = Field(default="", description="its code; empty: the id")


class Person(Strict):
    """A person who exists before the story begins."""

    id: str
    name: str = ""
    class_: str = Field(default="cadre", alias="class", description="class of person in the pack")
    posts: dict[str, str] = Field(
        default_factory=dict, description="class of post → organisation; the post is made"
    )
    member_of: str = Field(default="", description="the branch to which the person belongs")
    fields: dict[str, Any] = Field(default_factory=dict, description="answers to fields of the pack")


class User(Strict):
    """Somebody who can act: a user of the same name is made, with a role over an organisation."""

    id: str = Field(description="a person's id, or a new name")
    roles: dict[str, str] = Field(
        description="role → the organisation over which it is held; empty: everywhere"
    )


class Tie(Strict):
    """A link that stands before the story begins."""

    link: str = Field(description="kind.role")
    near: str
    far: str


class Standing(Strict):
    """A line on a roll that stands before the story begins."""

    roll: str
    of: str
    value: str = ""


class Given(Strict):
    """Who and what exists. Lines with `each: n` are repeated with {n} from 1 to n."""

    since: Day = Field(default=date(2000, 1, 1), description="the day from which all of it is so")
    organisations: list[Organisation] = Field(default_factory=list)
    places: list[Organisation] = Field(default_factory=list)
    things: list[Organisation] = Field(default_factory=list)
    people: list[Person] = Field(default_factory=list)
    users: list[User] = Field(default_factory=list)
    ties: list[Tie] = Field(default_factory=list)
    rolls: list[Standing] = Field(default_factory=list)


class Scenario(Strict):
    """One story: which methods it exercises, who exists, what is done on which day, what must be true."""

    scenario: str = Field(description="what it shows, as a sentence")
    english: str = Field(default="", description="the same in English")
    golden: str = Field(default="", description="the golden scenario it is: GS-01")
    mechanisms: list[str] = Field(default_factory=list, description="ids of the methods it exercises")
    pack: str = Field(default="", description="the pack in force; empty: the pack in whose folder it lies")
    day: Day = Field(description="the day on which the story begins")
    given: Given = Field(default_factory=Given)
    do: list[Sheets] = Field(default_factory=list, description="deeds, in order: see `verbs`")
    expect: list[Sheets] = Field(
        default_factory=list, description="what must then be true: see `expectations`"
    )


class Told(Strict, ABC):
    """What every deed may say."""

    on: Day | None = Field(default=None, description="the day on which it is done; empty: the day before it")
    by: str = Field(default="", description="the user who does it")
    as_: str = Field(default="", alias="as", description="the name by which later lines call what it made")
    refused: str | None = Field(
        default=None, description="the deed must be refused, with these words in the sentence"
    )

    @abstractmethod
    def run(self, world: World) -> Any:
        """Do it, through the public verb of an engine; return what it made."""


class Question(Strict, ABC):
    """One line of what must be true."""

    @abstractmethod
    def wrong(self, world: World) -> Iterator[str]:
        """Yield a sentence for each thing that is not so."""


def parse(file: str, text: str) -> tuple[list[tuple[Scenario, Document]], list[Finding]]:
    """Read the scenarios of a file: each `---` section is one. What cannot be read comes back as findings."""
    documents, findings = read(file, text)
    found: list[tuple[Scenario, Document]] = []
    for document in documents:
        try:
            found.append((Scenario.model_validate(_spread(document.data)), document))
        except ValidationError as error:
            findings += [_finding(document, problem, Scenario) for problem in error.errors()]
    return found, findings


def _finding(document: Document, problem: Any, model: type[Strict]) -> Finding:
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    words = [field.alias or name for name, field in model.model_fields.items()]
    hint = nearest(last, words) if problem["type"] == "extra_forbidden" else ""
    where = ".".join(str(step) for step in problem["loc"])
    return Finding(
        "scenarios.E001",
        document.file,
        document.line(tuple(problem["loc"])),
        f"“{where}”：{problem['msg']}",
        hint,
    )


def _spread(data: Any) -> Any:
    """Repeat lines that say `each`, wherever they stand in given, do and expect."""
    if not isinstance(data, dict):
        return data
    given = data.get("given")
    spread = dict(data)
    if isinstance(given, dict):
        spread["given"] = {word: _lines(value) for word, value in given.items()}
    for word in ("do", "expect"):
        if word in data:
            spread[word] = _lines(data[word])
    return spread


def _lines(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [line for item in value for line in _repeated(item)]


def _repeated(item: Any) -> Iterator[Any]:
    if not (isinstance(item, dict) and "each" in item):
        yield item
        return
    each, rest = item["each"], {word: value for word, value in item.items() if word != "each"}
    for n in spread_over(each):
        yield _filled(rest, n)


def spread_over(each: Any) -> list[str]:
    """Return what {n} stands for: `3` → 1, 2, 3; `5..7` → 5, 6, 7; a list → its items."""
    if isinstance(each, int):
        return [str(n) for n in range(1, each + 1)]
    if isinstance(each, str) and (found := re.fullmatch(r"(\d+)\.\.(\d+)", each)):
        return [str(n) for n in range(int(found[1]), int(found[2]) + 1)]
    return [str(item) for item in each]


def _filled(value: Any, n: str) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", n)
    if isinstance(value, list):
        return [_filled(item, n) for item in value]
    if isinstance(value, Mapping):
        return {_filled(word, n): _filled(item, n) for word, item in value.items()}
    return value
