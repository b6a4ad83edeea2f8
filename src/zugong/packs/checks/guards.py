"""CEL guards as checks see them: do they compile, which names do they read, what do they say of sample facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import cel

Facts = dict[str, Any]
MOST = 5_000  # combinations tried; beyond, each variable's samples are thinned

_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NUMBER = re.compile(r"(?<![\w.'\"])-?\d+")


class GuardError(ValueError):
    """A guard that does not compile, or that meets a type it cannot work with."""


def variables(text: str) -> set[str]:
    """Return the names a guard reads. Raises GuardError where it is not CEL."""
    return set(_compiled(text).variables())


def holds(text: str, facts: Mapping[str, Any]) -> bool:
    """Say whether a guard holds. Raises GuardError where types do not fit or the answer is no yes or no."""
    try:
        answer = _compiled(text).execute(dict(facts))
    except (TypeError, RuntimeError, ValueError) as error:
        raise GuardError(str(error).splitlines()[0]) from None
    if not isinstance(answer, bool):
        raise GuardError(f"得到的是 {answer!r}，不是“是”或“否”")
    return answer


def samples(types: Mapping[str, str], guards: Iterable[str]) -> Iterator[Facts]:
    """Yield facts on every boundary that the guards name: each number with its neighbours, each text, both ticks."""
    said = list(guards)
    texts = sorted({one or two for guard in said for one, two in _TEXT.findall(guard)} | {"", "别的"})
    whole = {int(number) for guard in said for number in _NUMBER.findall(_TEXT.sub("", guard))} | {0}
    numbers = sorted({near for number in whole for near in (number - 1, number, number + 1)})
    choices: dict[str, list[Any]] = {
        "tick": [False, True],
        "number": numbers,
        "text": texts,
        "list": [[], *([text] for text in texts if text)],
    }
    names = sorted(types)
    each = [choices[types[name]] for name in names]
    while _combinations(each) > MOST and (longest := max(each, key=len)) and len(longest) > 2:
        each[each.index(longest)] = longest[::2]
    for values in product(*each):
        yield dict(zip(names, values, strict=True))


def _combinations(each: list[list[Any]]) -> int:
    count = 1
    for choices in each:
        count *= len(choices)
    return count


def _compiled(text: str) -> Any:
    try:
        return cel.compile(text)
    except ValueError as error:
        raise GuardError(str(error).splitlines()[0]) from None
