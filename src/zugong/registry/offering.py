"""Who may still be tied to a subject: whom the pack allows in a role, and who has room for one more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from zugong.packs.policy import Policy
from zugong.packs.schema.registry import LinkRole
from zugong.registry.models import Link, Particulars, Subject
from zugong.registry.rules import Cardinality
from zugong.registry.selecting import Asked, Ids, standing_on


@dataclass(frozen=True)
class Place:
    """One role of a kind of link, seen from the subject that somebody may be tied to."""

    policy: Policy
    kind: str
    role: str
    far: Subject
    day: date

    @property
    def has(self) -> int:
        """How many the subject has in this role."""
        return self._ties().filter(far=self.far).count()

    @property
    def wants(self) -> Cardinality | None:
        """How many the pack says it must have. None: the pack says nothing."""
        text = self._allowed.each_to.on(self.day)
        return Cardinality.read(text) if text else None

    @property
    def is_full(self) -> bool:
        """Say whether one more would be too many."""
        return self.wants is not None and self.wants.exceeds(self.has + 1) > 0

    @property
    def lacks(self) -> bool:
        """Say whether the pack says it must have more."""
        return self.wants is not None and self.wants.lacks(self.has) > 0

    def offered(self) -> QuerySet[Particulars]:
        """Return who may be tied now, by pinyin: nobody where the subject may not be, or has all it may have."""
        asked = Asked(self.policy, self.day)
        if self.is_full or self.far.pk not in asked.find(self._allowed.to):
            return Particulars.objects.none()
        allowed = asked.find(self._allowed.from_)
        for need in self._allowed.needs:
            allowed &= standing_on(need.removeprefix("on "), self.day)
        rows = Particulars.objects.on(self.day).filter(subject__in=allowed - self._taken())
        return rows.order_by("pinyin", "subject")

    def _taken(self) -> Ids:
        """Return who is tied to the subject already, or has as many as the pack allows."""
        taken = set(self._ties().filter(far=self.far).values_list("near_id", flat=True))
        text = self._allowed.each_from.on(self.day)
        most = Cardinality.read(text).most if text else None
        if most is not None:
            held = self._ties().values("near").annotate(held=Count("pk")).filter(held__gte=most)
            taken |= set(held.values_list("near", flat=True))
        return frozenset(taken)

    def _ties(self) -> QuerySet[Link]:
        return Link.objects.on(self.day).filter(kind=self.kind, role=self.role)

    @property
    def _allowed(self) -> LinkRole:
        return self.policy.link(self.kind).kinds[self.role]


def held_by(kind: str, near: Iterable[int], day: date) -> dict[int, int]:
    """Return near end → to how many subjects it is tied by a kind of link, in whatever role."""
    rows = Link.objects.on(day).filter(kind=kind, near__in=set(near)).values("near")
    return dict(rows.annotate(many=Count("far", distinct=True)).values_list("near", "many"))
