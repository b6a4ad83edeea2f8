"""What can stand in a sheet, one book for each kind of record: the registry's, and those of the engines above it."""

from __future__ import annotations

from zugong.core.errors import Refused
from zugong.imports.entities.book import Asking, Book
from zugong.imports.entities.reports import reports
from zugong.imports.entities.requests import requested
from zugong.imports.entities.subjects import Subjects
from zugong.imports.entities.ties import ties
from zugong.registry.rules import NOUNS


def books(asking: Asking) -> list[Book]:
    """Return the books of a county on a day, in the order in which a new county fills them."""
    policy = asking.policy
    return [
        *(Subjects(policy, noun) for noun in _ORDER),
        *ties(policy),
        *reports(policy, asking.day),
        *requested(policy),
    ]


def book(asking: Asking, name: str) -> Book:
    """Return a book by its name. Raises Refused where the rules of the day have none such."""
    for one in books(asking):
        if one.name == name:
            return one
    raise Refused("没有这种表，或者现行制度包里已经没有它")


_ORDER = ("place", "organisation", "post", "person", "thing")
assert set(_ORDER) == set(NOUNS)
