"""Whom a selector means on a day: from the words of a pack to rows of the registry.

Words that belong to engines above (`case.…`, `verdict.…`, `tally.…`, `about`) are lent by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from zugong.core.errors import Refused
from zugong.core.once import asked_once
from zugong.packs.policy import Policy
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term
from zugong.registry.models import Link, Particulars, Standing, acting_on, at_work

Ids = frozenset[int]
Lent = Callable[["Asked", Named], Ids]


@dataclass(frozen=True)
class Asked:
    """A question: under which policy, on which day, with which words lent."""

    policy: Policy
    day: date
    words: Mapping[str, Ids] = field(default_factory=dict)  # about, opener, holder, self
    lent: Mapping[str, Lent] = field(default_factory=dict)  # case, verdict, tally
    acting: bool = False  # `holder of …` means who acts for the post that day: the deputy, where there is one

    def find(self, selector: Selector | str) -> Ids:
        """Return the subjects that a selector means. Raises Refused where a word means nothing here."""
        read = Selector.read(selector) if isinstance(selector, str) else selector
        return self._term(read.term)

    def role(self, name: str) -> Ids:
        """Return who a role of the pack is, seen from the words lent."""
        role = self.policy.roles.get(name)
        if role is None:
            raise Refused("制度包没有说明“{name}”是谁", name=name)
        return self.find(role.is_)

    def posts(self, term: Term) -> Ids:
        """Return the posts whose holders a term means, whether or not somebody is in them."""
        match term:
            case Named("holder", _, of) if of is not None:
                return self._term(of)
            case Named(lead) if lead in self.policy.roles and lead not in self.words:
                return self.posts(self.policy.roles[lead].is_.term)
            case Joined(left, "or", right):
                return self.posts(left) | self.posts(right)
            case Joined(left, _, _) | OnRoll(left, _):
                return self.posts(left)
        return frozenset()

    def _term(self, term: Term) -> Ids:
        match term:
            case Named():
                return self._named(term)
            case OnRoll(inner, roll):
                return self._term(inner) & standing_on(roll, self.day)
            case Joined(left, join, right):
                return _joined(self._term(left), join, self._term(right))
            case Sample():
                raise Refused("抽样要由办理人抽签并记入日志，不能直接取值")

    def _named(self, term: Named) -> Ids:
        if term.lead in self.words and term.of is None:  # `holder of …` asks the registry, not the case
            return self.words[term.lead]
        if term.lead in self.lent:
            return self.lent[term.lead](self, term)
        match term.lead:
            case "person":
                return self._persons(term)
            case "organisation" | "place" | "thing" | "post":
                return self._classed(term)
            case "link":
                return self._far_ends(term)
            case "holder":
                return self._holders(term)
            case "above":
                return above(self._of(term), self.day, self._kinds("organisation", term.names[0]))
            case "below":
                return below(self._of(term), self.day, self._kinds("organisation", term.names[0]))
        if term.lead in self.policy.roles:
            return self.role(term.lead)
        return of_class("organisation", self._kinds("organisation", term.lead), self.day)

    def _kinds(self, noun: str, klass: str) -> frozenset[str]:
        return self.policy.within(noun, klass)

    def _of(self, term: Named) -> Ids:
        if term.of is None:
            raise Refused("“{lead}”后面要写 of …", lead=term.lead)
        return self._term(term.of)

    def _classed(self, term: Named) -> Ids:
        """`post.x`, or `post.x of Y`: those of the class, and only Y's where an owner is named."""
        kinds = self._kinds(term.lead, term.names[0]) if term.names else frozenset[str]()
        found = of_class(term.lead, kinds, self.day)
        if term.of is None:
            return found
        owned = Particulars.objects.on(self.day).filter(parent__in=self._term(term.of))
        return found & frozenset(owned.values_list("subject_id", flat=True))

    def _persons(self, term: Named) -> Ids:
        """A class of persons is the class of the posts they hold: a county leader holds a county leader's post."""
        if not term.names:
            return of_class("person", frozenset(), self.day)
        posts = of_class("post", self._kinds("post", term.names[0]), self.day)
        return holders_of(posts, self.day) | of_class(
            "person", self._kinds("person", term.names[0]), self.day
        )

    def _holders(self, term: Named) -> Ids:
        return (acting_for if self.acting else holders_of)(self._of(term), self.day)

    def _far_ends(self, term: Named) -> Ids:
        """`link.supporter.leader of X`: whoever is tied to X at either end of it."""
        kind, *role = term.names
        rows = Link.objects.on(self.day).filter(kind=kind, **({"role": role[0]} if role else {}))
        if term.of is None:
            return frozenset(rows.values_list("near_id", flat=True))
        ends = self._term(term.of)
        near = rows.filter(far__in=ends).values_list("near_id", flat=True)
        far = rows.filter(near__in=ends).values_list("far_id", flat=True)
        return frozenset(near) | frozenset(far)


def _joined(left: Ids, join: str, right: Ids) -> Ids:
    return {"and": left & right, "or": left | right, "except": left - right}[join]


@asked_once
def of_class(noun: str, kinds: frozenset[str], day: date) -> Ids:
    """Return the subjects of a noun and any of these classes on a day; of every class where none is named."""
    rows = Particulars.objects.on(day).filter(subject__noun=noun)
    if kinds:
        rows = rows.filter(klass__in=kinds)
    return frozenset(rows.values_list("subject_id", flat=True))


def standing_on(roll: str, day: date) -> Ids:
    """Return the subjects on a roll on a day."""
    return frozenset(Standing.objects.on(day).filter(roll=roll).values_list("subject_id", flat=True))


def holders_of(posts: Ids, day: date) -> Ids:
    """Return the persons who hold any of these posts on a day, and are not away from them."""
    return frozenset(at_work(day).filter(post__in=posts).values_list("person_id", flat=True))


def acting_for(posts: Ids, day: date) -> Ids:
    """Return who acts for any of these posts on a day: a deputy, or who holds it."""
    return frozenset(acting_on(day).filter(post__in=posts).values_list("person_id", flat=True))


def below(roots: Ids, day: date, kinds: frozenset[str] = frozenset()) -> Ids:
    """Return everything at and below some subjects in their own tree on a day; of some classes where they are named."""
    return _walk("particulars.parent_id = tree.id", "particulars.subject_id", roots, day, kinds)


def above(leaves: Ids, day: date, kinds: frozenset[str] = frozenset()) -> Ids:
    """Return everything at and above some subjects in their own tree on a day; of some classes where they are named."""
    return _walk("particulars.subject_id = tree.id", "particulars.parent_id", leaves, day, kinds)


_WALK = """
WITH RECURSIVE tree(id) AS (
    SELECT unnest(%(start)s::bigint[])
    UNION
    SELECT {step} FROM tree JOIN registry_particulars particulars ON {join}
    WHERE upper_inf(particulars.recorded) AND particulars.valid @> %(day)s::date AND {step} IS NOT NULL
)
SELECT tree.id FROM tree
WHERE %(every)s OR EXISTS (
    SELECT 1 FROM registry_particulars here WHERE here.subject_id = tree.id AND here.klass = ANY(%(kinds)s)
    AND upper_inf(here.recorded) AND here.valid @> %(day)s::date
)
"""


@asked_once
def _walk(join: str, step: str, start: Ids, day: date, kinds: frozenset[str]) -> Ids:
    with connection.cursor() as cursor:
        cursor.execute(
            _WALK.format(step=step, join=join),
            {"start": sorted(start), "day": day, "every": not kinds, "kinds": sorted(kinds)},
        )
        return frozenset(row[0] for row in cursor.fetchall())
