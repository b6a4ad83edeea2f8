"""What can be done to the registry. Each deed is one transaction and one line in the journal.

Rows are never edited: `change` ends what was true and adds what is true from a day on; `correct` supersedes what was
never true. Both keep what we used to know.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from pypinyin import Style, lazy_pinyin

from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.packs import loader
from zugong.packs.policy import Policy
from zugong.registry.models import (
    Appointment,
    Dated,
    Edition,
    Link,
    Membership,
    Particulars,
    Standing,
    Subject,
)
from zugong.registry.rules import NOUNS, Cardinality

D = TypeVar("D", bound=Dated)


# --- Subjects ----------------------------------------------------------------


@transaction.atomic
def add(
    noun: str,
    *,
    klass: str,
    name: str,
    since: date | None,
    by: object,
    code: str = "",
    parent: Subject | None = None,
    fields: dict[str, Any] | None = None,
    until: date | None = None,
    source: str = "",
) -> Subject:
    """Add a person, organisation, place, post or thing that is so named from a day (None: 起始日期不详).

    Raises Refused where the code already names another.
    """
    if code and Subject.objects.filter(noun=noun, code=code).exists():
        raise Refused(f"代码“{code}”已经用于另一个{NOUNS[noun]}", field="code")
    subject = Subject.objects.create(noun=noun, code=code)
    _particulars(subject, klass, name, parent, fields or {}, since, until, source, by)
    journal.write("registry.add", by=by, on=subject, name=name, klass=klass)
    return subject


@transaction.atomic
def change(
    subject: Subject,
    *,
    since: date,
    by: object,
    klass: str = "",
    name: str = "",
    parent: Subject | None = None,
    fields: dict[str, Any] | None = None,
    source: str = "",
) -> Particulars:
    """Say what is true of a subject from a day on; what was true before stays true of the days before."""
    old = Particulars.objects.on(since).select_related("parent").filter(subject=subject).first()
    if old is None:
        raise Refused(f"{since:%Y年%-m月%-d日}当天查不到它的情况，不能从这天起变更", field="since")
    new = _particulars_row(
        subject,
        klass or old.klass,
        name or old.name,
        parent or old.parent,
        old.fields | (fields or {}),
        DateRange(since, old.valid.upper),
        source,
        by,
    )
    supersede(old, *_before(old, since), new)
    journal.write("registry.change", by=by, on=subject, since=str(since), name=new.name)
    return new


@transaction.atomic
def correct(old: Particulars, *, by: object, source: str, name: str = "", klass: str = "") -> Particulars:
    """Put right what was entered wrongly: the same days, other words. What we used to know stays readable."""
    new = _particulars_row(
        old.subject, klass or old.klass, name or old.name, old.parent, old.fields, old.valid, source, by
    )
    supersede(old, new)
    journal.write("registry.correct", by=by, on=old.subject, before=old.name, after=new.name)
    return new


@transaction.atomic
def close(subject: Subject, *, until: date, by: object, source: str = "") -> None:
    """End a subject on a day: dissolved, merged, struck. It stays readable for every day before."""
    row = Particulars.objects.on(until).filter(subject=subject).first()
    if row is None:
        raise Refused("这一天它已经不在册")
    supersede(row, *_before(row, until))
    journal.write("registry.close", by=by, on=subject, until=str(until), source=source)


# --- Who holds which post, who belongs where --------------------------------


@transaction.atomic
def appoint(
    person: Subject,
    *,
    post: Subject,
    since: date,
    by: object,
    kind: str = "substantive",
    until: date | None = None,
    exclusive: bool = True,
    source: str = "",
) -> Appointment:
    """Appoint a person to a post. Raises Refused where somebody else holds it on any of those days."""
    row = Appointment(
        person=person,
        post=post,
        kind=kind,
        exclusive=exclusive,
        valid=DateRange(since, until),
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, "这个职务在这段时间已有人担任，请先办理免职")
    journal.write("registry.appoint", by=by, on=person, post=str(post), since=str(since), kind=kind)
    return row


@transaction.atomic
def release(appointment: Appointment, *, on: date, by: object, source: str = "") -> None:
    """Release a person from a post: from this day on they no longer hold it."""
    supersede(appointment, *_before(appointment, on))
    journal.write("registry.release", by=by, on=appointment.person, post=str(appointment.post), day=str(on))


@transaction.atomic
def join(person: Subject, *, organisation: Subject, since: date, by: object, source: str = "") -> Membership:
    """Enter a party member in a branch. Raises Refused where they still belong to another."""
    row = Membership(
        person=person,
        organisation=organisation,
        valid=DateRange(since, None),
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, "这名党员的组织关系还在另一个支部，请先办理转接")
    journal.write("registry.join", by=by, on=person, organisation=str(organisation), since=str(since))
    return row


@transaction.atomic
def transfer(person: Subject, *, to: Subject, since: date, by: object, source: str = "") -> Membership:
    """Move a member from the branch they belong to into another, on a day."""
    for row in Membership.objects.on(since).filter(person=person):
        supersede(row, *_before(row, since))
    return join(person, organisation=to, since=since, by=by, source=source)


# --- Ties and rolls ------------------------------------------------------------


@transaction.atomic
def tie(
    policy: Policy,
    kind: str,
    role: str,
    *,
    near: Subject,
    far: Subject,
    since: date,
    by: object,
    until: date | None = None,
    source: str = "",
) -> Link:
    """Tie two ends, as the pack allows. Raises Refused where an end already has as many as it may."""
    allowed = policy.link(kind).kinds[role]
    for end, column, cardinality in ((near, "near", allowed.each_from), (far, "far", allowed.each_to)):
        text = cardinality.on(since)
        held = Link.objects.on(since).filter(kind=kind, role=role, **{column: end}).count()
        if text and Cardinality.read(text).exceeds(held + 1):
            raise Refused(
                f"“{allowed.label}”每个{'一端' if column == 'near' else '对象'}只能有 {text} 个，现在已有 {held} 个"
            )
    _may_stand(policy, allowed.needs, near, since)
    row = Link(
        kind=kind,
        role=role,
        near=near,
        far=far,
        valid=DateRange(since, until),
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, f"这两端已经有“{allowed.label}”关系")
    journal.write("registry.tie", by=by, on=far, kind=f"{kind}.{role}", near=str(near), since=str(since))
    return row


@transaction.atomic
def untie(link: Link, *, on: date, by: object, ground: str = "", source: str = "") -> None:
    """End a tie. Raises Refused while a bar stands, unless the ground is one that releases it."""
    bar = Standing.objects.on(on).filter(roll=bar_of(f"link.{link.kind}"), subject=link.far).first()
    if bar and ground not in bar.value.split():
        raise Refused(
            "整顿转化不到位期间，包保关系暂不调整；因病、照顾家庭、任期届满、职务撤销的可以说明理由解除"
        )
    supersede(link, *_before(link, on))
    journal.write("registry.untie", by=by, on=link.far, kind=f"{link.kind}.{link.role}", ground=ground)


@transaction.atomic
def enter(
    roll: str,
    subject: Subject,
    *,
    since: date,
    by: object,
    value: str = "",
    until: date | None = None,
    source: str = "",
) -> Standing:
    """Enter a subject on a roll; a different value from the same day on replaces the standing one."""
    for old in Standing.objects.during(since, until or date.max).filter(roll=roll, subject=subject):
        supersede(old, *_before(old, since))
    row = Standing(
        roll=roll,
        subject=subject,
        value=value,
        valid=DateRange(since, until),
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, "名册上已有这一行")
    journal.write("registry.enter", by=by, on=subject, roll=roll, value=value, since=str(since))
    return row


@transaction.atomic
def strike(roll: str, subject: Subject, *, on: date, by: object, source: str = "") -> None:
    """Strike a subject from a roll on a day; it stays readable for every day before."""
    for row in Standing.objects.on(on).filter(roll=roll, subject=subject):
        supersede(row, *_before(row, on))
        journal.write("registry.strike", by=by, on=subject, roll=roll, day=str(on), source=source)


def bar_of(tie: str) -> str:
    """Name the roll on which those stand whose ties may not be undone."""
    return f"bar-untie-{tie.removeprefix('link.')}"


# --- What the county has ruled ----------------------------------------------------


@transaction.atomic
def put_in_force(packs: loader.Library, name: str, *, since: date, by: object, agreed_by: object) -> Edition:
    """Put a version of a pack in force from a day, by two people. What ran before keeps the edition it ran under.

    Raises PackErrors where the pack does not check, Refused where both people are one.
    """
    if str(by) == str(agreed_by):
        raise Refused("制度包生效须两人办理：提出的人和同意的人不能是同一人")
    policy = loader.load(packs, name)  # raises before anything is written
    for old in Edition.objects.filter(in_force__contains=since):
        Edition.objects.filter(pk=old.pk).update(in_force=DateRange(old.in_force.lower, since))
    edition = Edition.objects.create(
        pack=name,
        version=policy.info.version,
        digest=policy.digest,
        texts=loader.closure(packs, name),
        in_force=DateRange(since, None),
        put_by=str(by),
        agreed_by=str(agreed_by),
        put_at=clock.now(),
    )
    journal.write("pack.put-in-force", by=by, on=edition, agreed_by=str(agreed_by), digest=policy.digest)
    return edition


def edition_on(day: date) -> Edition:
    """Return the edition in force on a day. Raises Refused where none is."""
    edition = Edition.objects.filter(in_force__contains=day).defer("texts").first()
    if edition is None:
        raise Refused(f"{day:%Y年%-m月%-d日}还没有生效的制度包，请安全管理员先让一个制度包生效")
    return edition


def policy_on(day: date) -> Policy:
    """Return the policy in force on a day. Raises Refused where none is."""
    return policy_of(edition_on(day))


def policy_of(edition: Edition) -> Policy:
    """Return the policy of an edition, read once for each process."""
    return _policy(edition.pack, edition.digest)


@cache
def _policy(pack: str, digest: str) -> Policy:
    """The same texts are the same policy, whichever edition holds them."""
    edition = Edition.objects.filter(pack=pack, digest=digest).latest("pk")
    return loader.load(edition.texts, pack)


# --- Time ---------------------------------------------------------------------------


def supersede(old: Dated, *new: Dated) -> None:
    """Close what we knew and add what we know. The database refuses overlaps among what stands."""
    model = type(old)
    moment = max(clock.now(), old.recorded.lower)
    closed = model.objects.filter(pk=old.pk, recorded__upper_inf=True).update(
        recorded=DateTimeTZRange(old.recorded.lower, moment)
    )
    if not closed:
        raise Refused("这一行刚被别人更正过，请刷新后再办")
    for row in new:
        _insert(row, "更正后与另一行的时间重叠")


def _before(row: D, day: date) -> list[D]:
    """Return the row again for the days before a day; none where it began then or later."""
    lower = row.valid.lower
    if lower is not None and lower >= day:
        return []
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in ("id", "valid", "recorded")
    }
    return [type(row)(**kept, valid=DateRange(lower, day), recorded=_from_now())]


def _insert(row: Dated, sentence: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(sentence) from error


def _from_now() -> DateTimeTZRange:
    return DateTimeTZRange(clock.now(), None)


def _particulars(
    subject: Subject,
    klass: str,
    name: str,
    parent: Subject | None,
    fields: dict[str, Any],
    since: date | None,
    until: date | None,
    source: str,
    by: object,
) -> Particulars:
    row = _particulars_row(subject, klass, name, parent, fields, DateRange(since, until), source, by)
    row.save(force_insert=True)
    return row


def _particulars_row(
    subject: Subject,
    klass: str,
    name: str,
    parent: Subject | None,
    fields: dict[str, Any],
    valid: DateRange,
    source: str,
    by: object,
) -> Particulars:
    if not name.strip():
        raise Refused("名称不能为空", field="name")
    pinyin, initials = spelled(name)
    return Particulars(
        subject=subject,
        klass=klass,
        name=name.strip(),
        pinyin=pinyin,
        initials=initials,
        parent=parent,
        fields=fields,
        valid=valid,
        recorded=_from_now(),
        source=source,
        by=str(by),
    )


def spelled(name: str) -> tuple[str, str]:
    """Return the pinyin of a name for sorting, and its initials for search."""
    syllables = lazy_pinyin(name, style=Style.NORMAL)
    return " ".join(syllables)[:400], "".join(syllable[0] for syllable in syllables if syllable)[:100].lower()


def _may_stand(policy: Policy, needs: list[str], near: Subject, day: date) -> None:
    for need in needs:
        roll = need.removeprefix("on ")
        if not Standing.objects.on(day).filter(roll=roll, subject=near).exists():
            raise Refused(f"须先列入“{policy.roll(roll).label}”")
