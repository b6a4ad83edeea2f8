"""Users, what they may do, how they prove who they are, and what two people have to agree on."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce

from zugong.accounts.rules import ALLOWS, SECOND_FACTOR, THROUGH_OWN_TIES, THROUGH_TIES, May, Role
from zugong.core.sentences import Sentence
from zugong.packs import loader
from zugong.registry.models import Edition, Subject


class UserManager(BaseUserManager["User"]):
    """Finds users by the name they sign in with."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password nobody can sign in as them."""
        fields.setdefault("in_use_since", fields.get("made_on"))
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """用户: an account of one person, or of one of the three administrators, who need not be in the registry."""

    username = models.CharField(max_length=60, unique=True)
    called = models.CharField(max_length=60)  # the name shown; the registry's name for those who are in it
    email = models.EmailField(blank=True)
    person = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="users")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)  # works only in a demo
    made_on = models.DateField()
    in_use_since = models.DateField()  # made or last enabled: an unused account is dormant from here
    password_set_at = models.DateTimeField(null=True)
    session_key = models.CharField(max_length=40, blank=True)  # of the last sign-in

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return f"{self.called}（{self.username}）"

    def grants_on(self, day: date) -> models.QuerySet[Grant]:
        """Return the grants that hold on a day."""
        return self.grants.filter(held__contains=day).select_related("organisation")

    def roots(self, may: May, day: date) -> list[int]:
        """Return the organisations at and below which this user may do something on a day."""
        return [
            grant.organisation_id
            for grant in self.held_on(day)
            if grant.organisation_id and may in grant.allows
        ]

    def tied_as(self, may: May, day: date) -> list[int]:
        """Return whose ties let this user do something where they lead: their person, and what they are the liaison of."""
        own = [self.person_id] if self.person_id and may in THROUGH_OWN_TIES else []
        over = [grant.organisation_id for grant in self.held_on(day) if may in grant.through_ties]
        return own + [pk for pk in over if pk]

    def may(self, may: May, day: date) -> bool:
        """Say whether the user may do something anywhere."""
        return any(may in grant.allows for grant in self.held_on(day))

    def roles(self, day: date) -> set[Role]:
        """Return the roles the user has on a day."""
        return {Role(grant.role) for grant in self.held_on(day)}

    def acts_for(self, day: date) -> set[int]:
        """Return the organisations in whose name the user acts: those of the grants themselves, not those below."""
        return set(self.roots(May.ACT, day))

    def needs_second_factor(self, day: date) -> bool:
        """Say whether a password alone is not enough for this user."""
        return any(grant.allows & SECOND_FACTOR for grant in self.held_on(day))

    def held_on(self, day: date) -> list[Grant]:
        """Read the grants once for each object of a user: a request asks many times."""
        kept: dict[date, list[Grant]] = self.__dict__.setdefault("_grants_on", {})
        if day not in kept:
            kept[day] = list(self.grants_on(day)) if self.is_active else []
        return kept[day]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Questions about grants."""

    def on(self, day: date) -> Self:
        """Keep the grants that hold on a day."""
        return self.filter(held__contains=day)


class Grant(models.Model):
    """授权: a user has a role over an organisation and all below it, from a day until a day, given by two people."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    organisation = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="grants")
    held = DateRangeField()
    given_by = models.CharField(max_length=200)
    agreed_by = models.CharField(max_length=200)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(given_by=models.F("agreed_by")), name="two_people_give_a_grant"
            ),
            ExclusionConstraint(
                name="a_role_over_an_organisation_is_granted_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("organisation_id", 0), RangeOperators.EQUAL),
                    ("held", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def allows(self) -> frozenset[May]:
        """What the grant's role allows."""
        return ALLOWS[Role(self.role)]

    @property
    def through_ties(self) -> frozenset[May]:
        """What the grant's role allows at whatever its organisation is tied to."""
        return THROUGH_TIES.get(Role(self.role), frozenset())


class PastPassword(models.Model):
    """旧密码: the hash of a password once used, so that it is not used again soon."""

    user = models.ForeignKey(User, models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-set_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


class SignInCode(models.Model):
    """一次性登录码: opens an account once; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%Y-%m-%d %H:%M}"


class SecondFactor(models.Model):
    """二次验证: the key a phone shares with us (TOTP, RFC 6238) and the hashes of the recovery codes not yet used."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = models.TextField()  # encrypted
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # a code is accepted once
    recovery = models.JSONField(default=list)
    failures = models.IntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user)


class Proposal(models.Model):
    """提请: a deed that one person asks for and another agrees to. Which deeds there are is said in `actions`."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        AGREED = "agreed"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    deed = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)
    template = models.CharField(max_length=200)  # what is asked, read in the language of its reader
    words = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="proposals")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="answers")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome="agreed") | ~models.Q(asked_by=models.F("closed_by")),
                name="two_people_agree_on_a_proposal",
            )
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> Sentence:
        """What is asked."""
        return Sentence.again(self.template, self.words)


PUT_FORWARD = (Proposal.Outcome.OPEN, Proposal.Outcome.AGREED)


class Draft(models.Model):
    """草稿: the texts of a pack that one person works on, over an edition; put forward, it becomes the next edition.

    Only its author reads it, until it is put forward; from then on it stands still.
    """

    author = models.ForeignKey(User, models.PROTECT, related_name="drafts")
    pack = models.CharField(max_length=60)
    base = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="drafts")
    texts = models.JSONField()  # path → text
    since = models.DateField()  # the day from which it is meant to hold; new lines carry it
    changed_at = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="draft")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.pack}"

    @property
    def is_put_forward(self) -> bool:
        """Waiting for a second person, or agreed to."""
        return self.proposal is not None and self.proposal.outcome in PUT_FORWARD

    @property
    def packs(self) -> dict[str, dict[str, str]]:
        """The pack with all that it may extend: as its base has them, else as they lie on the disk."""
        beneath = self.base.texts if self.base else {}
        return loader.library(settings.PACKS) | beneath | {self.pack: self.texts}


class Key(models.Model):
    """密钥: with it another system brings in what somebody asked there. Only its digest is kept."""

    label = models.CharField(max_length=60)  # the system that holds it
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)  # the last day

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["label"], condition=models.Q(revoked_at=None), name="a_system_has_one_key_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.label
