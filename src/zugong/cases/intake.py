"""What somebody outside asks: taken in once, under a receipt whose code is kept nowhere.

The code is drawn from the form's own key and the installation's secret, so that a form sent again shows the same one,
and neither the tables nor a backup of them can tell it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from zugong.accounts.models import Key, User
from zugong.cases import actions, likeness, powers
from zugong.cases.models import Case, Receipt, Step
from zugong.cases.needs import answers_of
from zugong.cases.rules import Move
from zugong.core import journal
from zugong.core.errors import Refused
from zugong.core.sentences import Label, Sentence
from zugong.packs.keeping import is_erased
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind, Channel, Fact
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Subject

CHANNELS: dict[str, Label] = {
    "public": Label("网上提交", "online"),
    "grid": Label("网格员登记", "grid worker"),
    "hotline": Label("热线", "hotline"),
    "open-day": Label("开放日", "open day"),
    "visit": Label("走访", "visit"),
    "meeting": Label("会议", "meeting"),
    "api": Label("其他系统", "another system"),
}
WITHOUT_ACCOUNT = ("public", "api")
EXCLUDING: tuple[tuple[Fact, ...], ...] = (
    ("answered",),
    ("solved", "unsolved"),
    ("satisfied", "dissatisfied", "unreachable"),
)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32, none of which is taken for another
GROUPS, GROUP = 4, 4  # 16 letters of 5 bits: 80 bits
ALIKE = str.maketrans("OILU", "011V")  # what people read instead
DIGITS = 12


class TakenInAlready(Refused):
    """The hotline's own number was taken in before: `receipt` is what it became."""

    receipt: Receipt


@transaction.atomic
def receive(
    kind: str,
    *,
    about: Subject,
    answers: Mapping[str, Any],
    channel: Channel,
    day: date,
    at: datetime,
    by: User | None,
    key: str,
    outside_number: str = "",
    through: Key | None = None,
) -> tuple[Receipt, str]:
    """Take in what somebody asks: a case, and a receipt with its number and code. `by` is None where the asker did it,
    `through` the key of the other system where one brought it.

    The same key takes in nothing a second time: it returns the first receipt, with the same code. Raises Refused where
    the kind is no request, does not come in by this channel or not by this person, or lacks an answer; TakenInAlready
    where the hotline's own number is there.
    """
    if first := received(key):
        return first, code_of(first, key)
    edition = edition_on(day)
    entry = policy_of(edition).case(kind)
    _may_come_in(entry, channel, by)
    outside_number = _squeezed(outside_number)
    _once_by_number(channel, outside_number)
    case = actions.open_first(
        kind,
        about=about,
        day=day,
        by=by,
        party="" if by else actions.ASKER,
        cause=f"request {channel}",
        key=_kept(key),
        edition=edition,
        answers=answers,
    )
    _can_be_passed_up(entry, case, day)
    number = _number()
    receipt = Receipt.objects.create(
        case=case,
        number=number,
        code=_digest(number, _code(key)),
        channel=channel,
        outside_number=outside_number,
        caller=mark(_contact(entry, answers)),
        words=likeness.marks(entry, answers),
        taken_by=by,
        through=through,
        at=at,
    )
    journal.write(
        "request.receive", by=by or through or journal.SYSTEM, on=case, channel=channel, receipt=number
    )  # never who asked
    return receipt, code_of(receipt, key)


def received(key: str) -> Receipt | None:
    """Return what a form with this key became; nobody else takes in the same key until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_kept(key)])
    return Receipt.objects.select_related("case").filter(case__key=_kept(key)).first()


def code_of(receipt: Receipt, key: str) -> str:
    """Return the code of a receipt to whoever holds the key of its form; nothing once the secret is another."""
    code = _code(key)
    return code if hmac.compare_digest(receipt.code, _digest(receipt.number, code)) else ""


def found_by(number: str, code: str) -> Receipt | None:
    """Return the receipt of a number and its code, however they were typed; None as long for either being wrong."""
    number, code = re.sub(r"\D", "", _plain(number)), _typed(code)
    found = Receipt.objects.select_related("case__edition").filter(number=number).first()
    kept = found.code if found and found.code else _digest("", secrets.token_hex())
    return found if hmac.compare_digest(kept, _digest(number, code)) and found else None


def mark(contact: str) -> str:
    """Return the mark by which a caller is known again: a keyed digest, which tells no number. Empty for no contact."""
    plain = _plain(contact).lower()
    digits = re.sub(r"\D", "", plain)
    if len(digits) >= 7:  # a telephone, however it is written
        plain = re.sub(r"^(00)?86(?=1\d{10}$)", "", digits)
    plain = "".join(plain.split())
    return salted_hmac("zugong.cases.caller", plain, algorithm="sha256").hexdigest() if plain else ""


def earlier(kind: CaseKind, contact: str, day: date) -> QuerySet[Receipt]:
    """Return what the same caller asked within the days the kind looks back, newest first. A count; never a label."""
    days, caller = kind.intake.look_back.on(day) if kind.intake else None, mark(contact)
    if not days or not caller:
        return Receipt.objects.none()
    rows = Receipt.objects.filter(caller=caller, case__opened_on__gte=day - timedelta(days=int(days)))
    return rows.order_by("-at", "-pk")


def read_contact(case: Case, *, by: User, day: date, reason: str) -> str:
    """Return the contact to whoever acts on the stage, for a reason; the reading is journaled, the contact is not.

    Raises Refused for anybody else, and where there is none.
    """
    if not powers.acting(by, case, day):
        raise Refused("联系方式只给正在办理的人看")
    if not reason.strip():
        raise Refused("请写明理由", field="reason")
    contact = _contact(powers.kind_of(case), answers_of(case))
    if not contact:
        raise Refused("这件诉求没有留联系方式，或已按规定删除")
    journal.write("request.contact", by=by, on=case, reason=reason.strip())
    return contact


def facts(cases: Iterable[Case]) -> dict[int, dict[Fact, datetime]]:
    """Return the three facts of requests: whether and when each was answered, solved or not, satisfied or not."""
    rows = {case.pk: case for case in cases}
    steps: dict[int, list[Step]] = {pk: [] for pk in rows}
    for step in (
        Step.objects.filter(case__in=rows).order_by("pk").only("case", "move", "outcome", "day", "at")
    ):
        steps[step.case_id].append(step)
    return {pk: facts_of(taken, powers.kind_of(rows[pk])) for pk, taken in steps.items()}


def facts_of(steps: Iterable[Step], kind: CaseKind) -> dict[Fact, datetime]:
    """Return each fact's instant, by the outcomes that the pack names: the last since the last reopening.

    Of those that exclude one another the last one counts.
    """
    counts = kind.intake.counts if kind.intake else {}
    found: dict[Fact, datetime] = {}
    for step in steps:
        if step.move == Move.REOPEN:
            found = {}
        if step.move not in actions.PASSING:
            continue
        for fact in (fact for fact, outcomes in counts.items() if step.outcome in outcomes):
            for other in next(group for group in EXCLUDING if fact in group):
                found.pop(other, None)
            found[fact] = step.moment
    return found


def kinds(policy: Policy, channels: Iterable[str]) -> list[CaseKind]:
    """Return the kinds of request that come in by one of these channels."""
    wanted = set(channels)
    return [
        kind for kind in policy.all("case", CaseKind) if kind.intake and wanted & set(kind.intake.channels)
    ]


def taken_by_staff(kind: CaseKind) -> bool:
    """Say whether requests of a kind are taken in by somebody with an account, and not only from outside."""
    return bool(kind.intake and set(kind.intake.channels) - set(WITHOUT_ACCOUNT))


def sealed(kind: CaseKind) -> set[str]:
    """Return the fields that are shown on no page and leave in no file: the contact."""
    return {kind.intake.contact} if kind.intake and kind.intake.contact else set()


# --- Small questions --------------------------------------------------------------


def _may_come_in(entry: CaseKind, channel: Channel, by: User | None) -> None:
    if entry.intake is None:
        raise Refused("“{entry}”不是群众诉求，不能这样受理", entry=entry)
    if channel not in entry.intake.channels:
        raise Refused("“{entry}”不从这里受理（{channel}）", entry=entry, channel=CHANNELS[channel])
    if by is None and channel not in WITHOUT_ACCOUNT:
        raise Refused("{channel}的诉求要登录后登记", channel=CHANNELS[channel])


def _can_be_passed_up(entry: CaseKind, case: Case, day: date) -> None:
    """Take in nothing that the person complained of could keep from being passed up."""
    if case.stage == powers.beyond(entry) and not powers.awaited(case, day):
        raise Refused("被反映的人管着这里能接收的单位，这里不收：请直接向上一级纪检监察机关反映")


def _once_by_number(channel: Channel, number: str) -> None:
    first = number and Receipt.objects.filter(channel=channel, outside_number=number).first()
    if first:
        sentence = Sentence("这个编号已经受理过，受理号 {number}", number=first.number)
        refused = TakenInAlready.because(sentence, field="outside_number")
        refused.receipt = first
        raise refused


def _contact(entry: CaseKind, answers: Mapping[str, Any]) -> str:
    given = answers.get(entry.intake.contact or "") if entry.intake else None
    return "" if given is None or is_erased(given) else str(given)


def _number() -> str:
    """Draw a number that is not there: digits without a meaning, so that none tells how many there are."""
    while True:
        number = str(secrets.randbelow(9 * 10 ** (DIGITS - 1)) + 10 ** (DIGITS - 1))
        if not Receipt.objects.filter(number=number).exists():
            return number


def _code(key: str) -> str:
    """Draw the code of a key: groups of letters that can be read aloud."""
    drawn = int.from_bytes(salted_hmac("zugong.cases.code", key, algorithm="sha256").digest()[:10])
    letters = [LETTERS[drawn >> 5 * place & 31] for place in range(GROUPS * GROUP)]
    return "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))


def _kept(key: str) -> str:
    """Return what is kept of a form's key: who reads the table cannot send the form again."""
    return f"request {hashlib.new('sm3', key.encode()).hexdigest()}"


def _digest(number: str, code: str) -> str:
    return hashlib.new("sm3", f"{number} {_typed(code)}".encode()).hexdigest()


def _typed(code: str) -> str:
    """Return a code as it was meant: in capitals, without what stands between the groups."""
    return re.sub(r"[^0-9A-Z]", "", _plain(code).upper()).translate(ALIKE)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _squeezed(text: str) -> str:
    return " ".join(_plain(text).split())
