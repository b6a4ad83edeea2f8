"""Take in what another system brings: its parameters as the answers of the kind, in whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from zugong.accounts import keys
from zugong.accounts.models import Key
from zugong.cases import intake, powers
from zugong.cases.actions import ASKER
from zugong.cases.models import Receipt
from zugong.core.errors import Refused
from zugong.core.pacing import actions as pacing
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.names import FieldSpec
from zugong.registry.models import Subject, names_on, parents_on
from zugong.registry.selecting import Asked, Ids
from zugong.web.asking import said
from zugong.web.open311 import services
from zugong.web.open311.requests import moment_of
from zugong.web.open311.writing import Wrong
from zugong.web.public.places import candidates
from zugong.web.questions import kept, question

LONGEST = 4000  # characters of a description, by the specification
ATTRIBUTE = re.compile(r"attribute\[([^\[\]]+)\](?:\[\])?")
OF_PLACE = re.compile(r".+(?:[村区镇乡县市旗]|街道)")  # a name up to its place: 白石村 of 白石村党支部
BAD = HTTPStatus.BAD_REQUEST


@dataclass
class Said:
    """What a request says, read piece by piece; what is wrong is gathered, so that all of it is said at once."""

    policy: Policy
    kind: CaseKind
    day: date
    given: QueryDict
    wrong: list[str]

    def one(self, name: str) -> str:
        """Return the last thing said under a name, without the spaces around it."""
        return str(self.given.get(name, "")).strip()


def take_in(request: HttpRequest, policy: Policy | None, day: date, at: datetime) -> tuple[Receipt, str]:
    """Take in a request under the key that it shows. Returns its receipt and code. Raises Wrong."""
    key = _key(request.POST)
    kind = _service(policy, request.POST)
    again = request.headers.get("Idempotency-Key", "").strip()
    once = f"open311 {key.digest} {again or token_hex(16)}"  # whoever guesses the rest sends nothing again
    if again and (first := intake.received(once)):
        return first, intake.code_of(first, once)
    assert policy is not None  # it has the service
    told = Said(policy, kind, day, request.POST, [])
    answers, about = _answers(told), _place(told)
    if told.wrong or about is None:
        raise Wrong(BAD, *told.wrong)
    _not_too_often(key, at)
    keys.used(key, day)
    try:
        return intake.receive(
            kind.name, about=about, answers=answers, channel="api", day=day, at=at, by=None, key=once, through=key
        )  # fmt: skip
    except Refused as refused:
        raise Wrong(BAD, *(said(part) for part in refused.parts or (refused,))) from refused


def _key(given: QueryDict) -> Key:
    key = keys.known(given.get("api_key", ""))
    if key is None:
        raise Wrong(HTTPStatus.FORBIDDEN, _("api_key 没有写、不对或已经收回"))
    return key


def _service(policy: Policy | None, given: QueryDict) -> CaseKind:
    code = given.get("service_code", "")
    if not code:
        raise Wrong(BAD, _("没有写 service_code"))
    kind = services.of_code(policy, code)
    if kind is None:
        raise Wrong(HTTPStatus.NOT_FOUND, _("没有 service_code 为这个代码的事项"))
    return kind


def _not_too_often(key: Key, at: datetime) -> None:
    if not pacing.count("api", address=str(key.pk), at=at, most=settings.PUBLIC_ASKS_IN_ALL):
        raise Wrong(HTTPStatus.TOO_MANY_REQUESTS, _("这一小时提交得太多，这一件没有收下，请过一会儿再交"))


# --- Answers --------------------------------------------------------------------------


def _answers(told: Said) -> dict[str, Any]:
    """Return the answers to what the kind asks, as they are kept."""
    answers = _attributes(told) | _own(told)
    known = services.parameters(told.kind)
    for name in told.kind.asks:
        if name not in answers and name not in _named(told):
            told.wrong.append(_("没有写 %(name)s") % {"name": known.get(name, f"attribute[{name}]")})
    return answers


def _own(told: Said) -> dict[str, str]:
    """Return what the specification has a parameter for. Whoever asked is called as the pack has them called back."""
    words = told.one("description")
    if len(words) > LONGEST:
        told.wrong.append(_("description 最多 %(most)d 个字") % {"most": LONGEST})
    said_as = {"description": words, "address_string": told.one("address_string"), "phone": _contact(told)}
    at_opening = set(told.kind.at_opening)
    own = {field: said_as[name] for field, name in services.parameters(told.kind).items()}
    return {field: words for field, words in own.items() if words and field in at_opening}


def _contact(told: Said) -> str:
    """Say who asked and how they are reached: no more than is needed to call back."""
    name = f"{told.one('last_name')}{told.one('first_name')}"
    reached = told.one("phone") or told.one("email")
    return f"{name} {reached}".strip() if reached else ""


def _attributes(told: Said) -> dict[str, Any]:
    asked = services.asked(told.policy, told.kind)
    found = {}
    for name, texts in _given(told):
        if name not in asked:
            told.wrong.append(_("这个事项不问 attribute[%(name)s]") % {"name": name[:60]})
        elif texts:
            found[name] = _cleaned(told, name, asked[name], texts)
    whole = {name: answer for name, answer in found.items() if answer is not None}
    return kept(told.policy, whole, by=ASKER)


def _named(told: Said) -> set[str]:
    return {name for name, texts in _given(told) if texts}


def _given(told: Said) -> Iterator[tuple[str, list[str]]]:
    for name, texts in told.given.lists():
        if fits := ATTRIBUTE.fullmatch(name):
            yield fits[1], [text.strip() for text in texts if text.strip()]


def _cleaned(told: Said, name: str, spec: FieldSpec, texts: list[str]) -> Any:
    """Read an answer as the page's own question reads it; None where it cannot be read."""
    try:
        places = Asked(told.policy, told.day).find(told.kind.about)  # which of them is found out later
        seen = powers.asked_of(told.policy, places, powers.NOBODY, told.day)
        asks = question(told.policy, name, told.day, required=True, asked=seen)
        return asks.clean(texts if spec.many else _written(spec, texts[-1]))
    except ValidationError as wrong:
        told.wrong.append(f"attribute[{name}]: {' '.join(wrong.messages)}")
        return None


def _written(spec: FieldSpec, text: str) -> str:
    """Return an instant as the day or the minute that it was here; any other text as it is."""
    moment = moment_of(text) if spec.kind in ("day", "moment") else None
    if moment is None:
        return text
    return moment.strftime("%Y-%m-%d" if spec.kind == "day" else "%Y-%m-%dT%H:%M")


# --- Where ----------------------------------------------------------------------------


def _place(told: Said) -> Subject | None:
    """Return what it is about: the code's, the one that the address names, or the only one above all."""
    found = candidates(told.policy, told.kind, told.day)
    code, address = told.one("address_id"), told.one("address_string")
    if not (code or address or _is_somewhere(told)):
        told.wrong.append(_("没有写在哪里：address_string、address_id 或 lat 加 long 要写一样"))
        return None
    if code:
        about = Subject.objects.filter(pk__in=found, code=code).first()
        if about is None:
            told.wrong.append(_("没有 address_id 为这个代码的地方"))
        return about
    there = _told_by(address, found, told.day) or _above_all(found, told.day)
    if there is None:
        told.wrong.append(
            _("看不出是哪个村、社区：address_string 里写全乡镇和村名，或者用 address_id 写代码")
        )
    return Subject.objects.get(pk=there) if there else None


def _is_somewhere(told: Said) -> bool:
    """Say whether coordinates are whole. They are kept nowhere: where somebody stood is nobody's business."""
    try:
        north, east = float(told.one("lat")), float(told.one("long"))
    except ValueError:
        return False
    return -90 <= north <= 90 and -180 <= east <= 180


def _told_by(address: str, found: Ids, day: date) -> int | None:
    """Return the lowest place whose name stands in an address; of two of a name, the one whose upper place does too."""
    parents = parents_on(day, found)
    names = {pk: _short(name) for pk, name in names_on(day, {*found, *parents.values()}).items()}
    there = {pk for pk in found if names.get(pk) and names[pk] in address}
    above = {names.get(upper) for pk in there for upper in _uppers(pk, parents)}
    lowest = {pk for pk in there if names[pk] not in above}
    if len(lowest) > 1:
        lowest = {pk for pk in lowest if (names.get(parents.get(pk, 0)) or "\0") in address}
    return lowest.pop() if len(lowest) == 1 else None


def _short(name: str) -> str:
    """Return the name of a body's place; nothing for one that is called after none: 县委组织部."""
    fits = OF_PLACE.match(name)
    return fits[0] if fits else ""


def _uppers(pk: int, parents: Mapping[int, int]) -> Iterator[int]:
    while pk in parents:
        pk = parents[pk]
        yield pk


def _above_all(found: Ids, day: date) -> int | None:
    parents = parents_on(day, found)
    tops = [pk for pk in found if parents.get(pk) not in found]
    return tops[0] if len(tops) == 1 else None
