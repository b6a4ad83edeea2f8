"""What the pages have in common: tables, and the words of a pydantic model as people write them in YAML."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zugong.packs.dated import Dated
from zugong.packs.selectors import Selector

NOTICE = "<!-- Written by `make docs` from the code: change the code, not this page. -->"
PLAIN: dict[Any, str] = {
    str: "text",
    int: "number",
    bool: "yes or no",
    date: "day",
    Any: "anything",
    Selector: "selector",
    type(None): "",
}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def sentence(thing: object) -> str:
    """Return the first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def written(name: str, field: FieldInfo) -> str:
    """Return a field's word as a file writes it."""
    return field.alias or name


def kind(annotation: Any) -> str:
    """Return what may be written at a field, with links to the models on the same page."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if isinstance(annotation, TypeVar):
        return "the value"
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(parts[0])
    if origin is Literal:
        return " or ".join(f"`{word}`" if word else "nothing" for word in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(filter(None, (kind(part) for part in parts)))
    if origin is list:
        return f"list of {kind(parts[0])}"
    if origin is dict:
        return f"{kind(parts[0])} → {kind(parts[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, Dated):
        return f"[dated](#dated) {kind(annotation.model_fields['values'].annotation).split('→ ')[-1]}"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        line = annotation.__pydantic_generic_metadata__["args"]
        return kind(line[0]) if line else f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return str(annotation)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation names, at any depth of lists and choices; dated values once, as what they hold."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        arguments = annotation.__pydantic_generic_metadata__["args"]
        if arguments:
            yield from models(arguments[0])
        else:
            yield annotation
        return
    for part in get_args(annotation):
        yield from models(part)


def below(model: type[BaseModel], but: Iterable[str] = ()) -> Iterator[type[BaseModel]]:
    """Yield the models that a model's own words name, each after the one that names it."""
    for name, field in model.model_fields.items():
        if name not in but:
            for one in models(field.annotation):
                yield one
                yield from below(one)
