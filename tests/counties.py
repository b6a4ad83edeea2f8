"""The cast's county made ready for a story: every village can be rated; a bulletin can be signed by two bodies."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateRange

from cast import LONG_AGO, Cast, cast
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.registry import actions as registry
from zugong.registry.models import Subject


def rated_county() -> Cast:
    """The cast, and a secretary in post in every village: a village without one is not rated at all."""
    made = cast()
    for name in set(made.villages) - {"白石村"}:
        give_secretary(made, name)
    return made


def give_secretary(made: Cast, village: str) -> None:
    """Put a secretary in post in a village."""
    person = registry.add("person", klass="cadre", name=f"{village}书记", since=LONG_AGO, by="t")
    post = registry.add(
        "post", klass="branch-secretary", name="书记", parent=made.villages[village], since=LONG_AGO, by="t"
    )
    registry.appoint(person, post=post, since=LONG_AGO, by="t")


def signing_county() -> Cast:
    """The cast, and Sun, who signs for the standing committee."""
    made = cast()
    made.users["sun"] = granted("sun", "孙棠", Role.HEAD, made.standing, made.county)
    return made


def granted(name: str, called: str, role: Role, *over: Subject) -> User:
    """A user with a role over some organisations."""
    user = User.objects.create_user(name, called=called, made_on=LONG_AGO, password_set_at=clock.instant())
    for organisation in over:
        Grant.objects.create(
            user=user,
            role=role,
            organisation=organisation,
            held=DateRange(LONG_AGO, None),
            given_by="甲",
            agreed_by="乙",
        )
    return user
