"""A selector read backwards: about which subjects would it mean one of mine?

A desk asks this of every stage at once; asking each case forwards would cost a question for every case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from zugong.core.errors import Refused
from zugong.packs.selectors import Joined, Named, OnRoll, Sample, Selector, Term
from zugong.registry.models import Link, Particulars, acting_on, at_work
from zugong.registry.selecting import Asked, Ids, above, below, of_class, standing_on

ABOUT, HOLDER = "about", "holder"  # words of a case
NOBODY: Ids = frozenset()


@dataclass(frozen=True)
class Reversed:
    """A question turned round: `asked` says under which policy and on which day."""

    asked: Asked
    posts: Ids = NOBODY  # besides those that mine hold: posts that I look after while nobody is in them
    word: str = ABOUT  # for which subjects it asks

    def role(self, name: str, mine: Ids) -> Ids | None:
        """Return the subjects about which a role of the pack would be one of mine. None: about any subject."""
        return self._back(Named(name), mine)

    def held(self, name: str, mine: Ids) -> Ids | None:
        """Return the holders with whom a role of the pack would be one of mine; nobody where it does not ask who holds it."""
        turned, role = replace(self, word=HOLDER), Named(name)
        return turned._back(role, mine) if turned._speaks_of_it(role) else NOBODY

    def find(self, selector: Selector, mine: Ids) -> Ids | None:
        """Return the subjects about which a selector would mean one of mine. None: about any subject."""
        return self._back(selector.term, mine)

    def is_exact(self, selector: Selector) -> bool:
        """Say whether a selector read backwards finds neither more nor less than forwards.

        It finds more where `except` asks about the case itself, and less where a selector asks both words at once.
        """
        words = [replace(self, word=word) for word in (ABOUT, HOLDER)]
        return not all(one._speaks_of_it(selector.term) for one in words) and not any(
            one._speaks_of_it(part.right)
            for one in words
            for part in self._parts(selector.term)
            if isinstance(part, Joined) and part.join == "except"
        )

    def _back(self, term: Term, mine: Ids) -> Ids | None:
        if not mine and not self.posts:
            return NOBODY
        if not self._speaks_of_it(term):
            return None if self._plainly(term) & mine else NOBODY
        match term:
            case Named():
                return self._named(term, mine)
            case OnRoll(inner, roll):
                return self._back(inner, mine & standing_on(roll, self.asked.day))
            case Joined(left, "or", right):
                return _union(self._back(left, mine), self._back(right, mine))
            case Joined(left, "and", right) if not self._speaks_of_it(right):
                return self._back_with(left, mine & self._plainly(right))
            case Joined(left, "except", right) if not self._speaks_of_it(right):
                return self._back_with(left, mine - self._plainly(right))
            case Joined(left, join, right):
                if not self._speaks_of_it(left):
                    mine &= self._plainly(left)
                # One at a time: `A and B` must mean the same one of mine on both sides.
                return _union(*(self._both(left, join, right, frozenset({one})) for one in mine))
        return NOBODY

    def _back_with(self, term: Term, left: Ids) -> Ids | None:
        return self._back(term, left) if left else NOBODY

    def _both(self, left: Term, join: str, right: Term, one: Ids) -> Ids | None:
        first, second = self._back(left, one), self._back(right, one)
        if join == "except":
            return NOBODY if second is None else first if first is None else first - second
        return second if first is None else first if second is None else first & second

    def _named(self, term: Named, mine: Ids) -> Ids | None:
        asked, day = self.asked, self.asked.day
        kinds = asked.policy.within("organisation", term.names[0]) if term.names else frozenset[str]()
        if self._is_it(term):
            return mine
        match term.lead:
            case "above":
                return self._of(term, below(mine & of_class("organisation", kinds, day), day))
            case "below":
                return self._of(term, above(mine & of_class("organisation", kinds, day), day))
            case "holder":
                rows = (acting_on if asked.acting else at_work)(day).filter(person__in=mine)
                return self._of(term, frozenset(rows.values_list("post_id", flat=True)) | self.posts)
            case "link":
                return self._of(term, _other_ends(term, mine, asked))
            case "organisation" | "place" | "thing" | "post":
                found = asked.find(Selector(term.lead, Named(term.lead, term.names))) & mine
                owners = Particulars.objects.on(day).filter(subject__in=found, parent__isnull=False)
                return self._of(term, frozenset(owners.values_list("parent_id", flat=True)))
        if term.lead in asked.policy.roles:
            return self._back(asked.policy.roles[term.lead].is_.term, mine)
        return NOBODY

    def _of(self, term: Named, mine: Ids) -> Ids | None:
        return self._back(term.of, mine) if term.of else NOBODY

    def _plainly(self, term: Term) -> Ids:
        try:
            return self.asked.find(Selector("", term))
        except Refused:
            return NOBODY  # a word that only the case itself could lend

    def _is_it(self, term: Named) -> bool:
        return term.lead == self.word and term.of is None  # `holder of …` asks the registry

    def _speaks_of_it(self, term: Term) -> bool:
        return any(self._is_it(part) for part in self._parts(term) if isinstance(part, Named))

    def _parts(self, term: Term) -> Iterator[Term]:
        """Yield a term and what it is made of, what roles mean too."""
        yield term
        match term:
            case Named(lead, _, of):
                role = None if of is None and lead in (ABOUT, HOLDER) else self.asked.policy.roles.get(lead)
                yield from self._parts(of) if of else ()
                yield from self._parts(role.is_.term) if role else ()
            case OnRoll(inner, _) | Sample(_, inner):
                yield from self._parts(inner)
            case Joined(left, _, right):
                yield from self._parts(left)
                yield from self._parts(right)


def _other_ends(term: Named, mine: Ids, asked: Asked) -> Ids:
    kind, *role = term.names
    rows = Link.objects.on(asked.day).filter(kind=kind, **({"role": role[0]} if role else {}))
    far = rows.filter(near__in=mine).values_list("far_id", flat=True)
    near = rows.filter(far__in=mine).values_list("near_id", flat=True)
    return frozenset(far) | frozenset(near)


def _union(*sides: Ids | None) -> Ids | None:
    found = NOBODY
    for side in sides:
        if side is None:
            return None
        found |= side
    return found
