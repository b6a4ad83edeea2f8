"""What can stand in a sheet, one book for each kind of record: the registry's, and those of the engines above it."""

from __future__ import annotations

from zugong.core.errors import Refused
from zugong.imports.entities.book import Book
from zugong.imports.entities.reports import reports
from zugong.imports.entities.subjects import Subjects
from zugong.imports.entities.ties import ties
from zugong.packs.policy import Policy
from zugong.registry.rules import NOUNS


def books(policy: Policy) -> list[Book]:
    """Return the books of a county, in the order in which a new county fills them."""
    return [*(Subjects(policy, noun) for noun in _ORDER), *ties(policy), *reports(policy)]


def book(policy: Policy, name: str) -> Book:
    """Return a book by its name. Raises Refused where the pack in force has none such."""
    for one in books(policy):
        if one.name == name:
            return one
    raise Refused("没有这种表，或者现行制度包里已经没有它")


_ORDER = ("place", "organisation", "post", "person", "thing")
assert set(_ORDER) == set(NOUNS)
