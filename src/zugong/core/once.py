"""A page that only reads asks each question once: who acts for which posts, what stands below, which rules are in force."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Keep the answers to `asked_once` questions while a page is drawn. Nothing they rest on may be written meanwhile."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def asked_once(question: Callable[P, R]) -> Callable[P, R]:
    """Let a question be asked once a page; anywhere else each asking is a new one. Its answer must not be changed."""

    @wraps(question)
    def ask(*args: P.args, **more: P.kwargs) -> R:
        known = _answers.get()
        if known is None:
            return question(*args, **more)
        key = (question, args, *sorted(more.items()))
        if key not in known:
            known[key] = question(*args, **more)
        answer: R = known[key]
        return answer

    return ask
