"""What can be done to the registry. Each deed is one transaction and one line in the journal.

Rows are never edited: `change` ends what was true and adds what is true from a day on; `correct` supersedes what was
never true. Both keep what we used to know.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.db.models import Q
from pypinyin import Style, lazy_pinyin

from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.once import asked_once
from zugong.core.pending.actions import came_about, forget
from zugong.core.sentences import Sentence
from zugong.core.workdays import months_later
from zugong.packs import loader
from zugong.packs.policy import Policy
from zugong.packs.schema import AppointmentKind
from zugong.registry.happening import Happening, leave
from zugong.registry.models import (
    Appointment,
    Dated,
    DatedQuerySet,
    Edition,
    Link,
    Membership,
    Particulars,
    Standing,
    Subject,
)
from zugong.registry.rules import NOUNS, ORGANISATION, PARENTS, PERSON, POST, SUBSTANTIVE, Cardinality
from zugong.registry.selecting import Asked, below

D = TypeVar("D", bound=Dated)
LONGEST_NAME = 200
_ONE_RULER = 7_391_003  # advisory lock: editions are put in force one after the other


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
    try:
        with transaction.atomic():
            subject = Subject.objects.create(noun=noun, code=code)
    except IntegrityError as error:
        raise Refused(
            "代码“{code}”已经用于另一个{noun}", code=code, noun=NOUNS[noun], field="code"
        ) from error
    row = _particulars_row(subject, klass, name, parent, fields or {}, _days(since, until), source, by)
    row.save(force_insert=True)
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
    """Say what is true of a subject from a day on; what was true before stays true of the days before.

    A change that is already entered for a later day stands: this one holds until then.
    """
    old = Particulars.objects.on(since).select_related("parent").filter(subject=subject).first()
    if old is None:
        raise Refused("{since}当天查不到它的情况，不能从这天起变更", since=since, field="since")
    if parent and parent.pk in below(frozenset({subject.pk}), since):
        raise Refused("不能隶属于它自己或它的下级", field="parent")
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
def correct(
    old: Particulars,
    *,
    by: object,
    source: str,
    name: str = "",
    klass: str = "",
    fields: dict[str, Any] | None = None,
) -> Particulars:
    """Put right what was entered wrongly: the same days, other words. What we used to know stays readable."""
    if not source.strip():
        raise Refused("更正要写明依据", field="source")
    new = _particulars_row(
        old.subject,
        klass or old.klass,
        name or old.name,
        old.parent,
        old.fields | (fields or {}),
        old.valid,
        source,
        by,
    )
    supersede(old, new)
    journal.write("registry.correct", by=by, on=old.subject, before=old.name, after=new.name)
    return new


@transaction.atomic
def close(subject: Subject, *, until: date, by: object, source: str = "") -> None:
    """End a subject on a day: dissolved, merged, struck. It stays readable for every day before.

    Its posts end with it, those who hold them are released, and its ties end. Raises Refused while another
    organisation or place is under it, or members belong to it.
    """
    rows = list(Particulars.objects.during(until, date.max).filter(subject=subject).order_by("valid"))
    if not rows or not _holds_on(rows[0], until):
        raise Refused("这一天它已经不在册", field="until")
    under = Particulars.objects.during(until, date.max).filter(parent=subject)
    posts = Subject.objects.filter(noun=POST, pk__in=under.values("subject"))
    _refuse_left(subject, under.exclude(subject__in=posts), until)
    for post in posts.order_by("pk"):
        close(post, until=until, by=by, source=source)
    for held in (
        Appointment.objects.during(until, date.max).filter(Q(person=subject) | Q(post=subject)).order_by("pk")
    ):
        _release(held, on=max(until, held.valid.lower or until), by=by, source=source)
    ties = Link.objects.during(until, date.max).filter(Q(near=subject) | Q(far=subject)).order_by("pk")
    for row in [*rows, *ties]:
        supersede(row, *_before(row, until))
    journal.write("registry.close", by=by, on=subject, until=str(until), source=source)


def _refuse_left(subject: Subject, under: DatedQuerySet, day: date) -> None:
    """Refuse where on a day or later something is under a subject that does not end with it."""
    members = Membership.objects.during(day, date.max).filter(organisation=subject)
    left = []
    if count := under.count():
        left.append(Sentence("{count} 个下级", count=count))
    if count := members.count():
        left.append(Sentence("{count} 名党员", count=count))
    if left:
        raise Refused("还有 {left}，请先变更隶属或转接组织关系", left=left)


# --- Who holds which post, who belongs where --------------------------------


@transaction.atomic
def appoint(
    person: Subject,
    *,
    post: Subject,
    since: date,
    by: object,
    kind: str = SUBSTANTIVE,
    until: date | None = None,
    source: str = "",
) -> Appointment:
    """Appoint a person to a post, in a way that the pack in force that day knows. Its term proposes an end.

    Raises Refused where somebody else holds it on any of those days, where there is no home post to keep, and where
    somebody who would be detached holds more than that or is detached already.
    """
    _must_be(person, PERSON, since)
    _must_be(post, POST, since)
    way = None if kind == SUBSTANTIVE else policy_on(since).appointment(kind)
    if way:
        _may_go(way, person, since)
    if way and way.acts_for:
        _may_act_for(way, person, post, since, until, way.term.months.on(since), source)
    row = Appointment(
        person=person,
        post=post,
        kind=kind,
        **meant(way, since),
        valid=_days(since, until),
        recorded=_from_now(),
        source=source.strip(),
        by=str(by),
    )
    taken = (
        Sentence("这个职务在这段时间已有人代理，或由本人担任")
        if row.acts_for
        else Sentence("这个职务在这段时间已有人担任，请先办理免职")
    )
    _insert(row, taken)
    journal.write("registry.appoint", by=by, on=person, post=str(post), since=str(since), kind=kind)
    _happen("appointed", row, since, by)
    return row


def meant(way: AppointmentKind | None, since: date | None) -> dict[str, Any]:
    """Return what an appointment is by its kind, as columns; None: as the substantive one is."""
    if way is None:
        return {"exclusive": True, "keeps_home": False, "detached": False, "acts_for": False, "due_on": None}
    months = way.term.months.on(since) if since and not way.acts_for else None
    return {
        "exclusive": way.exclusive and not way.acts_for,
        "keeps_home": bool(way.keeps),
        "detached": way.detached,
        "acts_for": way.acts_for,
        "due_on": months_later(since, months) if since and months else None,
    }


@transaction.atomic
def release(appointment: Appointment, *, on: date, by: object, source: str = "") -> None:
    """Release a person from a post: from this day on they no longer hold it.

    Raises Refused for a home post that an appointment elsewhere keeps for them.
    """
    if is_kept(appointment, on):
        raise Refused("这个人在外任职期间保留原职务，请先结束在外的任职", field="on")
    _release(appointment, on=on, by=by, source=source)


def _release(appointment: Appointment, *, on: date, by: object, source: str) -> None:
    _end(appointment, on)
    ended(appointment, on, by=by)


def ended(appointment: Appointment, day: date, *, by: object) -> None:
    """Journal that an appointment ends on a day and leave what follows: whoever superseded its row, one by one or in bulk.

    What an end that was entered before had left for its own day is taken back; what has come about comes about once.
    """
    causes = _ends(appointment)
    journal.write("registry.release", by=by, on=appointment.person, post=str(appointment.post), day=str(day))
    if not came_about(causes):
        forget(causes)
        _happen("released", appointment, day, by)


def _ends(appointment: Appointment) -> list[str]:
    """Return what each end of an appointment is called as a cause: a row for each time that its end was entered."""
    rows = Appointment.objects.filter(
        person=appointment.person_id, post=appointment.post_id, valid__startswith=appointment.valid.lower
    )
    return [end_of(pk) for pk in rows.values_list("pk", flat=True)]


def end_of(appointment: int) -> str:
    """Name the end of an appointment as the cause of what follows."""
    return f"appointment {appointment} released"


def _happen(event: str, appointment: Appointment, day: date, by: object) -> None:
    """Leave for the engines above what the pack says follows: a hand-over is opened about posts that its kind is about."""
    try:
        policy = policy_on(day)
    except Refused:
        return  # a county that has not ruled anything yet
    entry = policy.entries.get(("appointment", appointment.kind))
    if not isinstance(entry, AppointmentKind) or not entry.enabled:
        return
    paper = policy.sources.get(entry.source)
    if paper and paper.day and paper.day > day:
        return  # nothing follows from a paper before it was issued
    happening = Happening(
        policy,
        event,
        appointment.post,
        day,
        end_of(appointment.pk) if event == "released" else f"appointment {appointment.pk} {event}",
        by,
        entry=entry,
        holder=appointment.person_id,
    )
    for effect in entry.effects.get(f"on {event}", []):
        if not effect.open or appointment.post_id in Asked(policy, day).find(policy.case(effect.open).about):
            policy.appointment(entry.name)
            leave(effect, entry, happening)


def _may_act_for(
    way: AppointmentKind,
    person: Subject,
    post: Subject,
    since: date,
    until: date | None,
    months: int | None,
    reason: str,
) -> None:
    """Refuse a deputy without reason or last day, for longer than the pack allows, or as a second link of a chain."""
    if until is None:
        raise Refused("“{way}”要写明到哪一天为止", way=way, field="until")
    if not reason.strip():
        raise Refused("请写明理由", field="source")
    if months and until > months_later(since, months):
        raise Refused("“{way}”最长 {months} 个月", way=way, months=months, field="until")
    _one_at_a_time(person, post)
    last = until - timedelta(days=1)
    deputies = Appointment.objects.during(since, last).filter(acts_for=True)
    theirs = Appointment.objects.during(since, last).filter(person=person, acts_for=False).values("post")
    if deputies.filter(post__in=theirs).exists():
        raise Refused("这个人自己的职务这段时间由别人代理，不能再代理别的职务", field="person")
    holders = Appointment.objects.during(since, last).filter(post=post, acts_for=False).values("person")
    if deputies.filter(person__in=holders).exists():
        raise Refused("这个职务上的人正代理别的职务，请先结束那次代理", field="person")


def _may_go(way: AppointmentKind, person: Subject, day: date) -> None:
    """Refuse an appointment of a kind to somebody who has not what it keeps, or holds what it detaches from."""
    held = Appointment.objects.on(day).filter(person=person, acts_for=False)
    if way.keeps and not _home_posts(person, day).exists():
        raise Refused("“{way}”保留原职务，这个人{day}没有担任职务", way=way, day=day, field="kind")
    if way.detached and held.filter(detached=True).exists():
        raise Refused("这个人已经在外任职并与原单位脱钩，不能同时“{way}”", way=way, field="kind")
    if way.detached and held.count() > bool(way.keeps):
        raise Refused("“{way}”期间与原单位脱钩，请先免去兼任的职务", way=way, field="kind")


def _home_posts(person: Subject, day: date) -> DatedQuerySet:
    """Return what somebody holds in their own right on a day."""
    return Appointment.objects.on(day).filter(person=person, kind=SUBSTANTIVE)


def is_kept(home: Appointment, day: date) -> bool:
    """Say whether it is the last home post of somebody who must keep one on that day."""
    if home.kind != SUBSTANTIVE:
        return False
    keeping = Appointment.objects.on(day).filter(person=home.person_id, keeps_home=True)
    return keeping.exists() and not _home_posts(home.person, day).exclude(pk=home.pk).exists()


@transaction.atomic
def join(person: Subject, *, organisation: Subject, since: date, by: object, source: str = "") -> Membership:
    """Enter a party member in a branch. Raises Refused where they still belong to another."""
    _must_be(person, PERSON, since)
    _must_be(organisation, ORGANISATION, since)
    row = Membership(
        person=person,
        organisation=organisation,
        valid=DateRange(since, None),
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, Sentence("这名党员的组织关系还在另一个支部，请先办理转接"))
    journal.write("registry.join", by=by, on=person, organisation=str(organisation), since=str(since))
    return row


@transaction.atomic
def transfer(person: Subject, *, to: Subject, since: date, by: object, source: str = "") -> Membership:
    """Move a member from the branch they belong to into another, on a day."""
    for row in Membership.objects.on(since).filter(person=person):
        if row.organisation_id == to.pk:
            raise Refused("组织关系已经在这个支部，不需要转接", field="to")
        _end(row, since)
        journal.write("registry.leave", by=by, on=person, organisation=str(row.organisation), day=str(since))
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
    """Tie two ends, as the pack allows.

    Raises Refused where an end is not what the pack says, or already has as many as it may.
    """
    allowed = policy.link(kind).kinds.get(role)
    if allowed is None:
        raise Refused("“{link}”里没有“{role}”这种关系", link=policy.link(kind), role=role)
    days = _days(since, until)
    _one_at_a_time(near, far)
    asked = Asked(policy, since)
    for end, selector in ((near, allowed.from_), (far, allowed.to)):
        if end.pk not in asked.find(selector):
            raise Refused("“{end}”不能列入“{allowed}”", end=end.name_on(since), allowed=allowed)
    for end, column, cardinality in ((near, "near", allowed.each_from), (far, "far", allowed.each_to)):
        text = cardinality.on(since)
        held = _most_at_once(
            Link.objects.known().filter(kind=kind, role=role, valid__overlap=days, **{column: end}), days
        )
        if text and Cardinality.read(text).exceeds(held + 1):
            raise Refused(
                "“{allowed}”每个{end}只能有 {text} 个，现在已有 {held} 个",
                allowed=allowed,
                end=Sentence("一端") if column == "near" else Sentence("对象"),
                text=text,
                held=held,
            )
    _may_stand(policy, allowed.needs, near, since)
    row = Link(
        kind=kind,
        role=role,
        near=near,
        far=far,
        valid=days,
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, Sentence("这两端已经有“{allowed}”关系", allowed=allowed))
    journal.write("registry.tie", by=by, on=far, kind=f"{kind}.{role}", near=str(near), since=str(since))
    return row


@transaction.atomic
def untie(link: Link, *, on: date, by: object, ground: str = "", source: str = "") -> None:
    """End a tie. Raises Refused while a bar stands, unless the ground is one that releases it."""
    bar = Standing.objects.on(on).filter(roll=bar_of(f"link.{link.kind}"), subject=link.far).first()
    if bar and ground not in bar.value.split():
        raise Refused("制度规定这一关系现在不得解除；属于规定的解除理由的，请写明是哪一项", field="ground")
    _end(link, on)
    journal.write(
        "registry.untie", by=by, on=link.far, kind=f"{link.kind}.{link.role}", ground=ground, source=source
    )


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
    """Enter a subject on a roll. On these days it replaces what stood there; on others that stands as before.

    The same line by the same deed is entered once.
    """
    days = _days(since, until)
    _one_at_a_time(subject)
    old: Standing
    for old in Standing.objects.known().filter(roll=roll, subject=subject, valid__overlap=days):
        if (old.value, old.valid, old.source) == (value, days, source):
            return old
        supersede(old, *_before(old, since), *_from(old, until))
    row = Standing(
        roll=roll,
        subject=subject,
        value=value,
        valid=days,
        recorded=_from_now(),
        source=source,
        by=str(by),
    )
    _insert(row, Sentence("名册上已有这一行"))
    journal.write("registry.enter", by=by, on=subject, roll=roll, value=value, since=str(since))
    return row


def enrol(
    policy: Policy,
    roll: str,
    subject: Subject,
    *,
    since: date,
    by: object,
    value: str = "",
    until: date | None = None,
    source: str = "",
) -> Standing:
    """Enter a subject by hand on a roll of the pack.

    Raises Refused for a subject that may not stand on it, and for a value it does not have.
    """
    entry = policy.roll(roll)
    if subject.pk not in Asked(policy, since).find(entry.of):
        raise Refused("“{subject}”不能列入“{entry}”", subject=subject.name_on(since), entry=entry)
    if (entry.value or value) and value not in entry.value:
        raise Refused("“{entry}”没有“{value}”这个值", entry=entry, value=value, field="value")
    return enter(roll, subject, since=since, by=by, value=value, until=until, source=source)


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

    An edition that is already put in force from a later day stands; one put in force from the same day is replaced.
    Raises PackErrors where the pack does not check, Refused where both people are one.
    """
    if str(by) == str(agreed_by):
        raise Refused("制度包生效须两人办理：提出的人和同意的人不能是同一人")
    policy = loader.load(packs, name)  # raises before anything is written
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_RULER])
    _READ[name, policy.digest] = policy
    later = Edition.objects.filter(in_force__startswith__gt=since).order_by("in_force").first()
    for old in Edition.objects.filter(in_force__contains=since).defer("texts"):
        Edition.objects.filter(pk=old.pk).update(in_force=DateRange(old.in_force.lower, since))
    edition = Edition.objects.create(
        pack=name,
        version=policy.info.version,
        digest=policy.digest,
        texts={pack: dict(packs[pack]) for pack in policy.packs},
        in_force=DateRange(since, later.in_force.lower if later else None),
        put_by=str(by),
        agreed_by=str(agreed_by),
        put_at=clock.now(),
    )
    journal.write("pack.put-in-force", by=by, on=edition, agreed_by=str(agreed_by), digest=policy.digest)
    return edition


@asked_once
def edition_on(day: date) -> Edition:
    """Return the edition in force on a day. Raises Refused where none is."""
    edition = Edition.objects.filter(in_force__contains=day).defer("texts").first()
    if edition is None:
        raise Refused("{day}还没有生效的制度包，请安全管理员先让一个制度包生效", day=day)
    return edition


def policy_on(day: date) -> Policy:
    """Return the policy in force on a day. Raises Refused where none is."""
    return policy_of(edition_on(day))


def policy_of(edition: Edition) -> Policy:
    """Return the policy of an edition, read once for each process: the same texts are the same policy."""
    key = edition.pack, edition.digest
    if key not in _READ:
        _READ[key] = loader.load(edition.texts, edition.pack)
    return _READ[key]


_READ: dict[tuple[str, str], Policy] = {}


# --- Time ---------------------------------------------------------------------------


def supersede(old: Dated, *new: Dated) -> None:
    """Close what we knew and add what we know from the same instant. The database refuses overlaps among what stands."""
    moment = max(filter(None, (clock.now(), old.recorded.lower)))
    closed = (
        type(old)
        .objects.filter(pk=old.pk, recorded__upper_inf=True)
        .update(recorded=DateTimeTZRange(old.recorded.lower, moment))
    )
    if not closed:
        raise Refused("这一行刚被别人更正过，请刷新后再办")
    for row in new:
        row.recorded = DateTimeTZRange(moment, None)
        _insert(row, Sentence("更正后与另一行的时间重叠"))


def _end(row: Dated, day: date) -> None:
    """Let a row be true only of the days before a day. Raises Refused where it had ended by then."""
    if not _holds_on(row, day) and (row.valid.lower is None or row.valid.lower < day):
        raise Refused("{day}以前它已经结束", day=day, field="on")
    supersede(row, *_before(row, day))


def _holds_on(row: Dated, day: date) -> bool:
    return spans(row.valid, day)


def _before(row: D, day: date) -> list[D]:
    """Return the row again for the days before a day; none where it began then or later."""
    lower, upper = row.valid.lower, row.valid.upper
    if lower is not None and lower >= day:
        return []
    return [_again(row, DateRange(lower, day if upper is None else min(upper, day)))]


def _from(row: D, day: date | None) -> list[D]:
    """Return the row again for the days from a day on; none where there is no such day or it had ended by then."""
    lower, upper = row.valid.lower, row.valid.upper
    if day is None or (upper is not None and upper <= day):
        return []
    return [_again(row, DateRange(day if lower is None else max(lower, day), upper))]


def _again(row: D, days: DateRange) -> D:
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in ("id", "valid", "recorded")
    }
    return type(row)(**kept, valid=days, recorded=_from_now())


def _days(since: date | None, until: date | None) -> DateRange:
    """Return the days from `since` until the day before `until`. Raises Refused where there is none."""
    if since and until and until <= since:
        raise Refused("截止日要晚于起始日", field="until")
    return DateRange(since, until)


def _most_at_once(rows: Any, days: DateRange) -> int:
    """Return on how many of these rows, at most, one and the same of the days lies."""
    held = [row.valid for row in rows]
    starts = {max(filter(None, (span.lower, days.lower)), default=date.min) for span in held}
    return max((sum(spans(span, day) for span in held) for day in starts), default=0)


def spans(span: DateRange, day: date) -> bool:
    """Say whether a day lies in a range."""
    return (span.lower is None or span.lower <= day) and (span.upper is None or day < span.upper)


def _one_at_a_time(*subjects: Subject) -> None:
    """Let nobody else count or replace what these subjects have until the transaction ends."""
    list(
        Subject.objects.select_for_update(no_key=True)
        .filter(pk__in=[one.pk for one in subjects])
        .order_by("pk")
    )


def _insert(row: Dated, sentence: Sentence) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused.because(sentence) from error


def _from_now() -> DateTimeTZRange:
    return DateTimeTZRange(clock.now(), None)


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
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Refused("名称不能为空，也不能超过 {longest} 字", longest=LONGEST_NAME, field="name")
    if parent and parent.noun not in PARENTS[subject.noun]:
        raise Refused(
            "{noun}不能归在一个{parent}之下",
            noun=NOUNS[subject.noun],
            parent=NOUNS[parent.noun],
            field="parent",
        )
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
            raise Refused("须先列入“{roll}”", roll=policy.roll(roll))


def _must_be(subject: Subject, noun: str, day: date) -> None:
    if subject.noun != noun:
        raise Refused("这里要选一个{noun}", noun=NOUNS[noun], field=noun)
    if not Particulars.objects.on(day).filter(subject=subject).exists():
        raise Refused("所选的{noun}{day}不在册", noun=NOUNS[noun], day=day, field=noun)


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
