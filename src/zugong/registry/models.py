"""Nouns through time. Every row says when it was so (valid) and when we knew it (recorded)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from zugong.registry.rules import NOUNS, PLACE, SUBSTANTIVE

# What we know now: rows that no later correction has superseded.
STANDING = Q(recorded__upper_inf=True)


class Subject(models.Model):
    """主体: anything a record can be about: a person, an organisation, a place, a post, a thing.

    The row is only the identity. What is true of it, and since when, is said by `Particulars`.
    """

    noun = models.CharField(max_length=12, choices=NOUNS)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(noun__in=list(NOUNS)), name="a_subject_is_one_of_the_nouns"),
            models.UniqueConstraint(
                fields=["noun", "code"], condition=~Q(code=""), name="a_code_names_one_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.pk}"

    def on(self, day: date, known: datetime | None = None) -> Particulars | None:
        """Return what was true of it on a day, as known at an instant (default: now)."""
        return Particulars.objects.on(day, known).filter(subject=self).first()

    def name_on(self, day: date) -> str:
        """Return its name on a day; a subject that did not exist then is called as it was first."""
        particulars = (
            self.on(day) or Particulars.objects.known().filter(subject=self).order_by("valid").first()
        )
        return particulars.name if particulars else self.code or str(self)


class DatedQuerySet(models.QuerySet[Any]):
    """Questions about rows on two axes of time."""

    def on(self, day: date, known: datetime | None = None) -> Self:
        """Keep the rows that were true on a day, as known at an instant (default: now)."""
        return self.known(known).filter(valid__contains=day)

    def known(self, known: datetime | None = None) -> Self:
        """Keep the rows as known at an instant (default: what no correction has superseded)."""
        return self.filter(STANDING) if known is None else self.filter(recorded__contains=known)

    def during(self, first: date, last: date) -> Self:
        """Keep the rows that were true on any day from first to last, as known now."""
        return self.known().filter(valid__overlap=(first, last, "[]"))


class Dated(models.Model):
    """A row on two axes of time. Rows are superseded, never edited: see `actions.supersede`."""

    valid = DateRangeField()
    recorded = DateTimeRangeField()
    source = models.CharField(max_length=200, blank=True)  # the paper or deed that says so
    by = models.CharField(max_length=200)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True


def never_twice(name: str, *columns: str, also: Q | None = None) -> ExclusionConstraint:
    """Forbid two standing rows with the same columns on the same day."""
    return ExclusionConstraint(
        name=name,
        expressions=[(column, RangeOperators.EQUAL) for column in columns]
        + [("valid", RangeOperators.OVERLAPS)],
        condition=STANDING & also if also else STANDING,
    )


class Particulars(Dated):
    """情况: what a subject is called, which class it is of and whose it is, from a day until a day.

    The parent of an organisation or place is the one above it; of a post, its organisation; of a thing, its owner.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="particulars")
    klass = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    pinyin = models.CharField(max_length=400, blank=True)
    initials = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="children")
    fields = models.JSONField(default=dict)  # answers to fields of the pack

    class Meta:
        constraints = [never_twice("a_subject_is_one_thing_at_a_time", "subject")]
        indexes = [
            models.Index(fields=["klass", "pinyin"], name="particulars_by_class"),
            models.Index(fields=["parent"], name="particulars_by_parent"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="particulars_name_search"),
            models.Index(fields=["initials"], name="particulars_by_initials", opclasses=["text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.name


class Appointment(Dated):
    """任职: one person holding one post from a day until a day."""

    person = models.ForeignKey(Subject, models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Subject, models.PROTECT, related_name="holders")
    kind = models.CharField(max_length=40, default=SUBSTANTIVE)
    # What the pack said of the kind on the day of the appointment.
    exclusive = models.BooleanField(default=True)
    keeps_home = models.BooleanField(default=False)  # the home post stays held meanwhile
    detached = models.BooleanField(default=False)  # and rests
    acts_for = models.BooleanField(default=False)  # 代理: acts for the post and does not hold it
    due_on = models.DateField(null=True)  # its proposed end

    class Meta:
        constraints = [
            never_twice("a_post_is_held_by_one_person_at_a_time", "post", also=Q(exclusive=True)),
            never_twice("a_person_holds_a_post_once_at_a_time", "person", "post"),
            never_twice("a_post_has_one_deputy_at_a_time", "post", also=Q(acts_for=True)),
            models.CheckConstraint(
                condition=Q(acts_for=False) | (Q(valid__upper_inf=False) & ~Q(source="")),
                name="a_deputy_has_a_reason_and_a_last_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.post}"

    @property
    def last_day(self) -> date | None:
        """Until when it is read to have been held: a deputy's last day itself, else the day on which the holder left."""
        until: date | None = self.valid.upper
        return until - timedelta(days=1) if until and self.acts_for else until


class Membership(Dated):
    """组织关系: a party member belongs to one branch at a time."""

    person = models.ForeignKey(Subject, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Subject, models.PROTECT, related_name="members")

    class Meta:
        constraints = [never_twice("a_member_belongs_to_one_branch_at_a_time", "person")]

    def __str__(self) -> str:
        return f"{self.person} {self.organisation}"


class Link(Dated):
    """联系: a typed tie between two subjects: 包保, 联系点, 结对. Its kind and role are the pack's."""

    kind = models.CharField(max_length=40)
    role = models.CharField(max_length=40)
    near = models.ForeignKey(Subject, models.PROTECT, related_name="ties_from")
    far = models.ForeignKey(Subject, models.PROTECT, related_name="ties_to")

    class Meta:
        constraints = [never_twice("two_ends_are_tied_once_at_a_time", "kind", "role", "near", "far")]

    def __str__(self) -> str:
        return f"{self.kind}.{self.role} {self.near} {self.far}"


class Standing(Dated):
    """名册上的一行: a subject stands on a roll, with a value, by a deed."""

    roll = models.CharField(max_length=60)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="standings")
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [never_twice("a_subject_stands_on_a_roll_once_at_a_time", "roll", "subject")]
        indexes = [models.Index(fields=["roll", "value"], name="standing_by_roll")]

    def __str__(self) -> str:
        return f"{self.roll} {self.value}"


class EditionQuerySet(models.QuerySet["Edition"]):
    """Editions, asked for without their texts, which are long."""

    def of(self, rows: models.QuerySet[Any]) -> Self:
        """Keep the editions under which some of these rows stand, oldest first."""
        return self.filter(pk__in=rows.order_by().values("edition")).defer("texts").order_by("pk")


class Edition(models.Model):
    """制度包版本: the texts of a pack and all it extends, in force from a day by two people.

    Files on disk never change a running county; an edition does, and cases keep the one they were opened under.
    """

    pack = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    texts = models.JSONField()  # pack → path → text
    in_force = DateRangeField()
    put_by = models.CharField(max_length=200)
    agreed_by = models.CharField(max_length=200)
    put_at = models.DateTimeField()

    objects = EditionQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_edition_is_in_force_at_a_time", expressions=[("in_force", RangeOperators.OVERLAPS)]
            ),
            models.CheckConstraint(
                condition=~Q(put_by=models.F("agreed_by")), name="two_people_put_an_edition_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


def at_work(day: date) -> DatedQuerySet:
    """Return who holds which post on a day and does not rest: who is detached from the home unit does not act for it.

    A deputy holds nothing.
    """
    held = Appointment.objects.on(day).filter(acts_for=False)
    return held.exclude(kind=SUBSTANTIVE, person__in=held.filter(detached=True).values("person"))


def last_names(subjects: Iterable[int]) -> dict[int, str]:
    """Return what many subjects were last called, those that are no more too, in one query."""
    rows = Particulars.objects.filter(subject__in=set(subjects)).order_by("valid", "recorded")
    return dict(rows.values_list("subject_id", "name"))


def acting_on(day: date) -> DatedQuerySet:
    """Return who acts for which post on a day: the deputy where there is one, else who holds it. Never both."""
    deputies = Appointment.objects.on(day).filter(acts_for=True)
    holders = at_work(day).exclude(post__in=deputies.values("post"))
    return Appointment.objects.filter(Q(pk__in=deputies.values("pk")) | Q(pk__in=holders.values("pk")))


def names_on(day: date, subjects: Iterable[int]) -> dict[int, str]:
    """Return the names of many subjects on a day, in one query."""
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects))
    return dict(rows.values_list("subject_id", "name"))


def places_on(day: date, bodies: Iterable[int]) -> dict[int, str]:
    """Return by which place people know many organisations: the one each is tied to; for the others, their own names."""
    bodies = set(bodies)
    seats: dict[int, set[int]] = {}
    for body, place in (
        Link.objects.on(day).filter(near__in=bodies, far__noun=PLACE).values_list("near_id", "far_id")
    ):
        seats.setdefault(body, set()).add(place)
    known_by = {body: places.pop() if len(places := seats.get(body, set())) == 1 else body for body in bodies}
    names = names_on(day, known_by.values())
    return {body: names[subject] for body, subject in known_by.items() if subject in names}


def parents_on(day: date, subjects: Iterable[int]) -> dict[int, int]:
    """Return what stands directly above each of many subjects on a day; the top has nothing above it."""
    rows = Particulars.objects.on(day).filter(subject__in=set(subjects), parent__isnull=False)
    return dict(rows.values_list("subject_id", "parent_id"))
