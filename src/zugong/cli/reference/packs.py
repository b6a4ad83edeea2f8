"""The vocabulary of packs: every word, in the order of the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from zugong.cli.reference.words import NOTICE, below, kind, sentence, table, written
from zugong.packs.dated import Line
from zugong.packs.jsonschema import OTHERS
from zugong.packs.schema import KINDS, Entry
from zugong.packs.schema.common import Effect, Every, Item, Keep, Labelled
from zugong.packs.wording import KINDS as LABELS
from zugong.packs.wording import WORDS

COMMON = tuple(Entry.model_fields)
SHARED: tuple[type[BaseModel], ...] = (Effect, Every, Keep, Item, Labelled)

BEGINNING = """# The words of packs 制度包的词

Every section of a pack file (sections are divided by `---`) begins with one of the words below and the entry's own
name: `case: rectification`. Two columns say the same word in English, as it is written, and in Chinese, as
`zugong packs show` and the pack page say it. Words in **bold** must be written.

每个文件由若干段组成（用 `---` 隔开），每段以下列的词开头。粗体的必须写。写法示例见
[怎样写制度包](../how-to/write-a-pack.md)；编辑器可用的 JSON Schema：`zugong packs schema`。
"""

DATED = """## Dated

A number or word that a county may change stands with its day, paper and clause: one line for each day from which it
holds; `unknown` where the day is not known (起始日期不详). A bare value, `3`, means `{values: {unknown: {value: 3}}}`.
No line is an empty slot: nothing is set, and nothing is invented. Each line may say:
"""


def page() -> str:
    """Return the page."""
    return "\n\n".join([NOTICE, BEGINNING.strip(), contents(), *parts()]) + "\n"


def contents() -> str:
    """List what a section may begin with."""
    entries = ((f"[`{word}`](#{word})", LABELS[word], sentence(model)) for word, model in KINDS.items())
    others = (
        (f"[`{word}`](#{word})", WORDS.get(word, ""), sentence(model)) for word, model in OTHERS.items()
    )
    return table(("begins with", "中文", "what it is"), [*entries, *others])


def parts() -> Iterator[str]:
    """Yield the page, part by part."""
    yield "## What every entry may say 每个条目都可以写"
    yield words(Entry, leaving=("name",))
    yield DATED.strip()
    yield words(Line)
    said: set[type[BaseModel]] = set()
    for model in SHARED:
        yield from part(model, said)
    for word, entry in KINDS.items():
        yield f"## {word}\n\n{LABELS[word]}. {sentence(entry)}"
        yield words(entry, leaving=COMMON)
        yield from belonging(entry, said, leaving=COMMON)
    for word, other in OTHERS.items():
        yield f"## {word}\n\n{sentence(other)}"
        yield words(other)
        yield from belonging(other, said)


def belonging(
    model: type[BaseModel], said: set[type[BaseModel]], leaving: Iterable[str] = ()
) -> Iterator[str]:
    """Yield the parts of which an entry is made and that were not said before."""
    for one in below(model, leaving):
        yield from part(one, said)


def part(model: type[BaseModel], said: set[type[BaseModel]]) -> Iterator[str]:
    """Yield one part, once."""
    if model not in said and not issubclass(model, Entry):
        said.add(model)
        yield f"### {model.__name__}\n\n{sentence(model)}"
        yield words(model)


def words(model: type[BaseModel], leaving: Iterable[str] = ()) -> str:
    """Return the table of a model's words."""
    rows = [
        (
            f"**`{written(name, field)}`**" if field.is_required() else f"`{written(name, field)}`",
            WORDS.get(written(name, field), ""),
            kind(field.annotation),
            field.description or "",
        )
        for name, field in model.model_fields.items()
        if name not in leaving
    ]
    return table(("word", "中文", "written as", "says"), rows)
