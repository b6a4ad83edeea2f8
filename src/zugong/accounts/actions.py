"""What can be done with accounts. Each deed is one transaction and one line in the journal.

A day is a day of the county; an instant (`at`) is a real one: codes and passwords do not follow a demo's day.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from zugong.accounts.models import Draft, Grant, PastPassword, Proposal, SecondFactor, User
from zugong.accounts.rules import (
    ADMINISTRATORS,
    ALLOWS,
    CODE_HOURS,
    DORMANT_DAYS,
    FACTOR_FAILURES,
    FACTOR_REST_MINUTES,
    RECOVERY_CODES,
    May,
    Role,
    as_username,
    clash,
    classes,
    is_username,
)
from zugong.core import journal, sealing
from zugong.core.errors import Refused
from zugong.core.sentences import Sentence
from zugong.packs import loader
from zugong.registry import actions as registry
from zugong.registry.models import Subject

_ONE_GRANTER = 7_391_002  # advisory lock: what two grants would break together, each alone would not see
STRANGER = Sentence(
    "数据是从别的机器恢复来的，这里读不出您手机的密钥：请输一个恢复码，或请安全管理员提请重置二次验证，再绑定一次手机"
)


# --- Accounts ------------------------------------------------------------------


@transaction.atomic
def make_user(
    username: str,
    *,
    called: str,
    day: date,
    by: object,
    person: Subject | None = None,
    email: str = "",
    demo: bool = False,
) -> User:
    """Make an account that nobody can sign in to yet: see `give_code`. Raises Refused."""
    username = as_username(username)
    if not is_username(username):
        raise Refused("用户名用 2 至 60 个字母、数字、点或短横", field="username")
    if not called.strip():
        raise Refused("请填写姓名", field="called")
    if User.objects.filter(username=username).exists():
        raise Refused("用户名“{username}”已经有人用了", username=username, field="username")
    user = User.objects.create_user(
        username, called=called.strip(), made_on=day, person=person, email=email, is_demo=demo
    )
    journal.write("account.make", by=by, on=user)
    return user


@transaction.atomic
def disable(user: User, *, day: date, by: object, reason: str) -> None:
    """Close an account; whoever is signed in with it is out at their next click. Raises Refused."""
    _refuse_last_administrator(user, day)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    journal.write("account.disable", by=by, on=user, reason=reason)


@transaction.atomic
def enable(user: User, *, day: date, by: object) -> None:
    """Open an account again; its grants are as they were."""
    User.objects.filter(pk=user.pk).update(is_active=True, in_use_since=day)
    user.is_active = True
    journal.write("account.enable", by=by, on=user)


def disable_dormant(day: date, *, by: object) -> int:
    """Close the accounts nobody has used for ninety days, but not a demo's and not the last administrator of a kind."""
    longest = day - timedelta(days=DORMANT_DAYS)
    unused = User.objects.filter(is_active=True, is_demo=False, in_use_since__lt=longest)
    closed = 0
    for user in unused.exclude(last_login__date__gte=longest):
        try:
            disable(user, day=day, by=by, reason=f"{DORMANT_DAYS} 天没有登录")
        except Refused:
            continue
        closed += 1
    return closed


# --- How somebody proves who they are ------------------------------------------


@transaction.atomic
def give_code(user: User, *, at: datetime, by: object) -> str:
    """Return a code that signs in once within a day, and ends the codes before it. It is shown only now."""
    if user.is_demo:
        raise Refused("演示账号不用密码，也不发登录码")
    code = sealing.new_code()
    user.codes.filter(used_at=None).delete()
    user.codes.create(digest=_digest(code), expires_at=at + timedelta(hours=CODE_HOURS))
    journal.write("account.give-code", by=by, on=user)
    return code


@transaction.atomic
def use_code(user: User, code: str, *, at: datetime) -> bool:
    """Use up a code. The password of before is gone: whoever needed a code sets a new one."""
    used = user.codes.filter(digest=_digest(code), used_at=None, expires_at__gt=at).update(used_at=at)
    if not used:
        return False
    user.set_unusable_password()
    user.password_set_at = None
    user.save(update_fields=["password", "password_set_at"])
    journal.write("account.use-code", by=user, on=user)
    return True


@transaction.atomic
def set_password(user: User, password: str, *, at: datetime, by: object) -> None:
    """Set a password that the county's profile allows. Raises Refused with every reason."""
    if user.is_demo:
        raise Refused("演示账号不设密码", field="password")
    try:
        validate_password(password, user)
    except ValidationError as error:
        parts = [Refused("{why}", why=why, field="password") for why in error.messages]
        raise Refused.all_of(parts) from None
    if len(user.username) > 3 and user.username in password.lower():
        raise Refused("密码里不要有用户名", field="password")
    if classes(password) < settings.PASSWORD_MIN_CLASSES:
        raise Refused(
            "大写字母、小写字母、数字、符号中至少要有 {least} 类",
            least=settings.PASSWORD_MIN_CLASSES,
            field="password",
        )
    _refuse_used(user, password)
    user.set_password(password)
    user.password_set_at = at
    user.save(update_fields=["password", "password_set_at"])
    PastPassword.objects.create(user=user, password=user.password, set_at=at)
    journal.write("account.set-password", by=by, on=user)


def begin_second_factor(user: User) -> str:
    """Return the key to put on a phone; until a code confirms it, the same key is shown again."""
    factor, _ = SecondFactor.objects.get_or_create(
        user=user, defaults={"secret": _sealed(pyotp.random_base32())}
    )
    if factor.confirmed_at:
        raise Refused("已经绑定过二次验证")
    if not _opened(factor.secret):
        factor.secret = _sealed(pyotp.random_base32())
        factor.save()
    return _opened(factor.secret)


def offered_second_factor(user: User) -> str:
    """Return the key that waits to be put on a phone; empty where none was begun, or it is bound."""
    factor = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    return _opened(factor.secret) if factor else ""


@transaction.atomic
def confirm_second_factor(user: User, code: str, *, at: datetime) -> list[str]:
    """Bind the phone by its first code. Returns the recovery codes, which are shown only now. Raises Refused."""
    factor = _factor(user)
    if factor.confirmed_at:
        raise Refused("已经绑定过二次验证")
    if not _accepts(factor, code, at):
        raise Refused("验证码不对：请看手机上现在显示的六位数字，并核对手机时间", field="code")
    recovery = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    factor.recovery = [_digest(one) for one in recovery]
    factor.confirmed_at = at
    factor.save()
    journal.write("account.bind-second-factor", by=user, on=user)
    return recovery


def pass_second_factor(user: User, code: str, *, at: datetime) -> None:
    """Let pass who types the phone's code, or a recovery code, which is then used up. Raises Refused."""
    with transaction.atomic():
        sentence = _try_second_factor(user, code, at)
    if sentence:  # outside the transaction: the failure stays counted
        raise Refused.because(sentence, field="code")


@transaction.atomic
def reset_second_factor(user: User, *, by: object, agreed_by: object) -> None:
    """Forget a lost phone: at the next sign-in another one is bound. A deed of two people."""
    _refuse_one_person(by, agreed_by)
    SecondFactor.objects.filter(user=user).delete()
    journal.write("account.reset-second-factor", by=by, on=user, agreed_by=str(agreed_by))


def strangers_to_this_machine() -> list[User]:
    """Return those whose phone's key this machine cannot read: their data were restored without the secret key."""
    bound = (
        SecondFactor.objects.filter(confirmed_at__isnull=False)
        .select_related("user")
        .order_by("user__username")
    )
    return [factor.user for factor in bound if not _opened(factor.secret)]


@transaction.atomic
def rebind_after_restore(user: User, *, by: object) -> None:
    """Forget a phone whose key this machine cannot read: at the next sign-in another one is bound.

    The deed of whoever keeps the machine, for an administrator whom nobody else can let in. Raises Refused where the
    key can be read: then it is a deed of two people.
    """
    factor = _factor(user)
    if not factor.confirmed_at or _opened(factor.secret):
        raise Refused(
            "{username} 的手机密钥在这台机器上读得出：换手机请由两人办理重置", username=user.username
        )
    factor.delete()
    journal.write("account.rebind-after-restore", by=by, on=user)


def has_second_factor(user: User) -> bool:
    """Say whether a phone is bound."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


# --- Grants --------------------------------------------------------------------


@transaction.atomic
def grant(
    user: User,
    role: Role,
    *,
    since: date,
    by: object,
    agreed_by: object,
    organisation: Subject | None = None,
    until: date | None = None,
) -> Grant:
    """Give a role over an organisation and all below it, from a day until a day. A deed of two people.

    Raises Refused where the three administrators' parts would meet in one person, on any of those days.
    """
    _refuse_one_person(by, agreed_by)
    _one_granter()
    held = DateRange(since, until)
    _refuse_grant(user, role, organisation, since, until)
    try:
        with transaction.atomic():
            given = Grant.objects.create(
                user=user,
                role=role,
                organisation=organisation,
                held=held,
                given_by=str(by),
                agreed_by=str(agreed_by),
            )
    except IntegrityError as error:
        raise Refused("这段时间已经有这项授权", field="role") from error
    user.__dict__.pop("_grants_on", None)
    journal.write(
        "account.grant",
        by=by,
        on=user,
        role=role.value,
        organisation=str(organisation or ""),
        agreed_by=str(agreed_by),
    )
    return given


@transaction.atomic
def revoke(given: Grant, *, day: date, by: object) -> None:
    """Take a grant back from a day on; one person is enough to take away. Raises Refused."""
    _one_granter()
    if Role(given.role) in ADMINISTRATORS:
        _refuse_last_administrator(given.user, day)
    if given.held.lower >= day:
        given.delete()
    else:
        given.held = DateRange(given.held.lower, day)
        given.save(update_fields=["held"])
    given.user.__dict__.pop("_grants_on", None)
    journal.write("account.revoke", by=by, on=given.user, role=given.role, day=str(day))


# --- Deeds of two people ---------------------------------------------------------


@transaction.atomic
def propose(deed: str, sentence: Sentence, *, by: User, at: datetime, **detail: Any) -> Proposal:
    """Ask for a deed that another person must agree to; `deed` is one of DEEDS, or of an engine's own.

    Raises Refused for a grant that could not be given whoever agreed.
    """
    if deed == GRANT:
        _refuse_grant(*_as_asked(detail))
    proposal = Proposal.objects.create(
        deed=deed,
        detail=detail,
        template=sentence.template,
        words=sentence.kept(),
        asked_by=by,
        asked_at=at,
    )
    journal.write("proposal.ask", by=by, on=proposal, kind=deed, **detail)
    return proposal


@transaction.atomic
def agree(
    proposal: Proposal,
    *,
    by: User,
    at: datetime,
    deeds: Mapping[str, Callable[[Proposal, User], None]] | None = None,
) -> None:
    """Agree, and so do what was asked, in both names. Raises Refused, PackErrors.

    `deeds` are those of the engine whose deed it is; without them, those of the administrators.
    """
    _close(proposal, Proposal.Outcome.AGREED, by, at)
    (DEEDS if deeds is None else deeds)[proposal.deed](proposal, by)


@transaction.atomic
def decline(proposal: Proposal, *, by: User, at: datetime) -> None:
    """Say no, or take back what one asked oneself; nothing is done."""
    own = proposal.asked_by_id == by.pk
    _close(proposal, Proposal.Outcome.WITHDRAWN if own else Proposal.Outcome.DECLINED, by, at)


def _close(proposal: Proposal, outcome: Proposal.Outcome, by: User, at: datetime) -> None:
    open_one = Proposal.objects.filter(pk=proposal.pk, outcome=Proposal.Outcome.OPEN)
    if outcome == Proposal.Outcome.AGREED:
        _refuse_one_person(proposal.asked_by, by)
    if not open_one.update(outcome=outcome, closed_by=by, closed_at=at):
        raise Refused("这一件已经有了结果")
    journal.write(f"proposal.{outcome}", by=by, on=proposal)


def _grant_asked(proposal: Proposal, by: User) -> None:
    user, role, organisation, since, until = _as_asked(proposal.detail)
    two: dict[str, Any] = {"by": proposal.asked_by, "agreed_by": by}
    grant(user, role, organisation=organisation, since=since, until=until, **two)


def _as_asked(detail: dict[str, Any]) -> tuple[User, Role, Subject | None, date, date | None]:
    return (
        User.objects.get(pk=detail["user"]),
        Role(detail["role"]),
        Subject.objects.filter(pk=detail["organisation"]).first(),
        date.fromisoformat(detail["since"]),
        date.fromisoformat(detail["until"]) if detail["until"] else None,
    )


def _reset_asked(proposal: Proposal, by: User) -> None:
    user = User.objects.get(pk=proposal.detail["user"])
    reset_second_factor(user, by=proposal.asked_by, agreed_by=by)


def may_put_in_force(asker: User, day: date) -> bool:
    """Say whether somebody may ask for a pack to be in force: the security administrator; the system's one agrees."""
    return asker.may(May.SECURITY, day)


def refuse_past(since: date, paper: str, day: date) -> None:
    """Refuse a day that is past, unless a document says that it is a correction."""
    if since < day and not paper.strip():
        raise Refused("生效日不能早于今天（{day}）；更正过去的，写明依据哪份文件", day=day, field="paper")


def _in_force_asked(proposal: Proposal, by: User) -> None:
    asked = proposal.detail
    draft = Draft.objects.filter(proposal=proposal).first()
    packs = draft.packs if draft else loader.library(settings.PACKS)
    if asked["digest"] != loader.load(packs, asked["pack"]).digest:
        raise Refused("提请以后制度包的内容变了，请重新提请")
    registry.put_in_force(
        packs,
        asked["pack"],
        since=date.fromisoformat(asked["since"]),
        by=proposal.asked_by,
        agreed_by=by,
    )


GRANT, RESET_SECOND_FACTOR, PUT_IN_FORCE = "grant", "reset-second-factor", "put-in-force"
DEEDS: dict[str, Callable[[Proposal, User], None]] = {
    GRANT: _grant_asked,
    RESET_SECOND_FACTOR: _reset_asked,
    PUT_IN_FORCE: _in_force_asked,
}


# --- Beneath ---------------------------------------------------------------------


def _one_granter() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_GRANTER])


def _roles_of_one(user: User, held: DateRange) -> frozenset[Role]:
    """Return the roles of all accounts of one person on any of those days."""
    grants = Grant.objects.filter(held__overlap=held)
    grants = grants.filter(user__person=user.person_id) if user.person_id else grants.filter(user=user)
    return frozenset(Role(role) for role in grants.values_list("role", flat=True))


def _refuse_grant(
    user: User, role: Role, organisation: Subject | None, since: date, until: date | None
) -> None:
    """Refuse what nobody could agree to: when it is asked for as well as when it is given."""
    if organisation and role in ADMINISTRATORS:
        raise Refused("三员的授权不属于哪个组织", field="organisation")
    if organisation is None and ALLOWS[role] and role not in ADMINISTRATORS:
        raise Refused("请选择在哪个组织行使", field="organisation")
    if until and until <= since:
        raise Refused("止日应晚于起日", field="until")
    if sentence := clash(_roles_of_one(user, DateRange(since, until)), role):
        raise Refused.because(sentence, clause="GB/T 22239—2019 8.1.4.2", field="role")


def _refuse_one_person(by: object, agreed_by: object) -> None:
    if str(by) == str(agreed_by):
        raise Refused("这件事须两人办理：提出的人和同意的人不能是同一人")


def _refuse_last_administrator(user: User, day: date) -> None:
    for role in user.roles(day) & ADMINISTRATORS:
        others = Grant.objects.on(day).filter(role=role, user__is_active=True).exclude(user=user)
        if not others.exists():
            raise Refused("这是最后一名这一类管理员，请先另设一名")


def _refuse_used(user: User, password: str) -> None:
    kept = settings.PASSWORD_HISTORY
    for past in user.past_passwords.all()[:kept]:
        if check_password(password, past.password):
            raise Refused("最近 {kept} 次用过的密码不能再用", kept=kept, field="password")


def _factor(user: User) -> SecondFactor:
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        raise Refused("还没有绑定二次验证")
    return factor


def _try_second_factor(user: User, code: str, at: datetime) -> Sentence | None:
    factor = _factor(user)
    if not factor.confirmed_at:
        return Sentence("还没有绑定二次验证")
    if factor.rests_until and factor.rests_until > at:
        return Sentence(
            "验证码连续错了 {failures} 次，请 {minutes} 分钟后再试",
            failures=FACTOR_FAILURES,
            minutes=FACTOR_REST_MINUTES,
        )
    if _accepts(factor, code, at) or _recovers(factor, code):
        factor.failures, factor.rests_until = 0, None
        factor.save()
        return None
    factor.failures += 1
    if factor.failures >= FACTOR_FAILURES:
        factor.failures, factor.rests_until = 0, at + timedelta(minutes=FACTOR_REST_MINUTES)
    factor.save()
    journal.write("account.second-factor-failed", by=user, on=user)
    return Sentence("验证码不对") if _opened(factor.secret) else STRANGER


def _accepts(factor: SecondFactor, code: str, at: datetime) -> bool:
    """Accept the code of this half minute or its neighbours, each once."""
    secret = _opened(factor.secret)
    if not secret or not code.isascii():
        return False
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    for step in (now - 1, now, now + 1):
        if step > factor.last_step and secrets.compare_digest(totp.generate_otp(step), code.strip()):
            factor.last_step = step
            return True
    return False


def _recovers(factor: SecondFactor, code: str) -> bool:
    digest = _digest(code)
    if digest not in factor.recovery:
        return False
    factor.recovery = [one for one in factor.recovery if one != digest]
    journal.write("account.use-recovery-code", by=factor.user, on=factor.user, left=len(factor.recovery))
    return True


def _digest(code: str) -> str:
    """Hash a random code; it is long enough to need no salt, and typed however the hand likes."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _sealed(secret: str) -> str:
    return sealing.seal("second-factor", secret)


def _opened(sealed: str) -> str:
    """Read a phone's key; nothing where it was sealed under another machine's secret key."""
    try:
        return sealing.unseal("second-factor", sealed)
    except sealing.Unreadable:
        return ""
