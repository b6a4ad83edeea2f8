"""What a scenario may say: what exists, what is done, what must be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from zugong.cli.reference.words import NOTICE, below, kind, sentence, table, written
from zugong.scenarios.expectations import EXPECTATIONS
from zugong.scenarios.format import Given, Question, Scenario, Told
from zugong.scenarios.verbs import VERBS

BEGINNING = """# The words of scenarios 情景的词

A scenario is a story: who and what exists (`given`), what is done on which day (`do`), what must then be true
(`expect`). Lines that say `each: 3`, `each: 5..7` or `each: [a, b]` are repeated with `{n}` filled in. Words in
**bold** must be written. How to write one: [Write a scenario](../how-to/write-a-scenario.md); the same as JSON
Schema: `zugong verify --schema`.

情景由三部分组成：有谁有什么（`given`）、哪一天做什么（`do`）、之后应当怎样（`expect`）。粗体的必须写。
"""


def page() -> str:
    """Return the page."""
    return "\n\n".join([NOTICE, BEGINNING.strip(), *parts()]) + "\n"


def parts() -> Iterator[str]:
    """Yield the page, part by part."""
    yield "## The whole 整个情景"
    yield words(Scenario)
    yield "## given 有谁有什么"
    yield words(Given)
    for model in dict.fromkeys(below(Given)):
        yield f"### {model.__name__}\n\n{sentence(model)}"
        yield words(model)
    yield "## do 做什么\n\nEvery deed may also say:"
    yield words(Told)
    yield from lines(VERBS, Told)
    yield "## expect 应当怎样\n\nThe first word says what is asked; the others say how it must stand. Any may be left out."
    yield from lines(EXPECTATIONS, Question)


def lines(known: Mapping[str, type[BaseModel]], base: type[BaseModel]) -> Iterator[str]:
    """Yield each deed or question with its words."""
    said: set[type[BaseModel]] = set()
    for word, model in known.items():
        yield f"### {word}\n\n{sentence(model)}"
        yield words(model, tuple(base.model_fields))
        for one in below(model, base.model_fields):
            if one not in said:
                said.add(one)
                yield f"#### {one.__name__}\n\n{sentence(one)}"
                yield words(one)


def words(model: type[BaseModel], leaving: tuple[str, ...] = ()) -> str:
    """Return the table of a model's words."""
    rows = [
        (
            f"**`{written(name, field)}`**" if field.is_required() else f"`{written(name, field)}`",
            kind(field.annotation),
            field.description or "",
        )
        for name, field in model.model_fields.items()
        if name not in leaving
    ]
    return table(("word", "written as", "says"), rows)
