"""Who may import and export what. Each row is asked again by its book."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from zugong.accounts.models import User
from zugong.core.errors import Refused
from zugong.imports.entities import book, books
from zugong.imports.entities.book import Asking, Book
from zugong.imports.models import Import
from zugong.registry.actions import policy_on


def asking(user: User, day: date) -> Asking:
    """Return who asks, under the policy of the day. Raises Refused where none is in force."""
    return Asking(user, day, policy_on(day))


def open_books(asked: Asking) -> list[Book]:
    """Return the books the asker may import; none for who may none."""
    return [one for one in books(asked) if one.open_to(asked)]


def open_book(asked: Asking, name: str) -> Book:
    """Return a book that the asker may import and export. Raises Refused."""
    found = book(asked, name)
    if not found.open_to(asked):
        raise Refused("没有这种表，或者它不由您导入")
    return found


def visible(user: User, day: date) -> QuerySet[Import]:
    """Return the imports somebody may read: their own, for a sheet holds what only its sender may see."""
    return Import.objects.filter(user=user).defer("content", "lines", "made")


def imported(user: User, pk: int, day: date) -> Import:
    """Return one's own import. Raises Import.DoesNotExist as for one that is not there."""
    return Import.objects.filter(user=user).get(pk=pk)
