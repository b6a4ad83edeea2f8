"""Roles and what each may do. One table, read by people; deny by default. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from zugong.core.sentences import Sentence


class May(StrEnum):
    """What a grant allows, inside its part of the county."""

    SEE = "see"  # organisations, ratings, cases, duties, bulletins
    SEE_PERSONS = "see-persons"  # a person's file: needs a second factor, and every reading is journaled
    ACT = "act"  # act for the organisation in cases and duties
    KEEP = "keep"  # keep the registry: organisations, posts, appointments, links
    RATE = "rate"  # enter marks for the organisation
    RUN = "run"  # freeze, score, grade and publish a rating
    APPROVE = "approve"  # be the second person
    MOVE = "move"  # ask that what runs goes on under another edition of the pack
    ISSUE = "issue"  # compose bulletins
    OVERVIEW = "overview"  # figures of the whole, without names
    SYSTEM = "system"  # users, jobs, backups
    SECURITY = "security"  # grants, packs put in force
    AUDIT = "audit"  # the journal


class Role(StrEnum):
    """角色."""

    SYSTEM_ADMINISTRATOR = "system-administrator"
    SECURITY_ADMINISTRATOR = "security-administrator"
    AUDIT_ADMINISTRATOR = "audit-administrator"
    DESK = "desk"
    HEAD = "head"
    TOWNSHIP_CLERK = "township-clerk"
    TOWNSHIP_SECRETARY = "township-secretary"
    VILLAGE_SECRETARY = "village-secretary"
    FIRST_SECRETARY = "first-secretary"
    LIAISON = "liaison"
    LEADER = "leader"
    CADRE = "cadre"


CALLED: dict[Role, Sentence] = {
    Role.SYSTEM_ADMINISTRATOR: Sentence("系统管理员"),
    Role.SECURITY_ADMINISTRATOR: Sentence("安全管理员"),
    Role.AUDIT_ADMINISTRATOR: Sentence("审计管理员"),
    Role.DESK: Sentence("组织部经办人"),
    Role.HEAD: Sentence("组织部负责人"),
    Role.TOWNSHIP_CLERK: Sentence("乡镇组织干事"),
    Role.TOWNSHIP_SECRETARY: Sentence("乡镇党委书记"),
    Role.VILLAGE_SECRETARY: Sentence("村党支部书记"),
    Role.FIRST_SECRETARY: Sentence("第一书记"),
    Role.LIAISON: Sentence("部门联络员"),
    Role.LEADER: Sentence("县级领导"),
    Role.CADRE: Sentence("干部本人"),
}

ALLOWS: dict[Role, frozenset[May]] = {
    Role.SYSTEM_ADMINISTRATOR: frozenset({May.SYSTEM}),
    Role.SECURITY_ADMINISTRATOR: frozenset({May.SECURITY}),
    Role.AUDIT_ADMINISTRATOR: frozenset({May.AUDIT}),
    Role.DESK: frozenset(
        {May.SEE, May.SEE_PERSONS, May.ACT, May.KEEP, May.RATE, May.RUN, May.ISSUE, May.MOVE}
    ),
    Role.HEAD: frozenset({May.SEE, May.SEE_PERSONS, May.ACT, May.RATE, May.APPROVE, May.OVERVIEW}),
    Role.TOWNSHIP_CLERK: frozenset({May.SEE, May.ACT, May.RATE}),
    Role.TOWNSHIP_SECRETARY: frozenset({May.SEE, May.ACT, May.RATE, May.APPROVE}),
    Role.VILLAGE_SECRETARY: frozenset({May.SEE, May.ACT}),
    Role.FIRST_SECRETARY: frozenset({May.SEE}),
    Role.LIAISON: frozenset({May.SEE, May.ACT}),
    Role.LEADER: frozenset({May.SEE, May.OVERVIEW}),
    Role.CADRE: frozenset(),
}

# A tie of the registry (包保, 联建) reaches further than the tree: what a role may do through the ties of the
# organisation it is held over. Everybody may see what their own person is tied to.
THROUGH_TIES: dict[Role, frozenset[May]] = {Role.LIAISON: frozenset({May.SEE})}
THROUGH_OWN_TIES = frozenset({May.SEE})

# 三员: nobody holds two of them, and none of them holds anything else.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})

# Whoever may open these needs a second factor (DESIGN §7).
SECOND_FACTOR = frozenset({May.SYSTEM, May.SECURITY, May.AUDIT, May.SEE_PERSONS})


# The deeds for two people that are the administrators' own; other engines have theirs.
MOVE_CASES, MOVE_PERIOD = "move-cases", "move-period"  # to another edition: 换版
GIVE_UP = "give-up-period"  # of a rating: 放弃本期
ADMINISTRATIVE = frozenset({"grant", "reset-second-factor", "put-in-force"})

# A one-time code opens an account once, within a day.
CODE_HOURS = 24
# An account nobody has used for so long is disabled (等保 8.1.4.2: no spare accounts).
DORMANT_DAYS = 90
# Wrong second factors in a row, and how long the account then rests.
FACTOR_FAILURES, FACTOR_REST_MINUTES = 5, 20
RECOVERY_CODES = 8


def clash(held: frozenset[Role], asked: Role) -> Sentence | None:
    """Say in a sentence why somebody who holds these roles may not have another; None where they may."""
    if held - {asked} and (held | {asked}) & ADMINISTRATORS:
        return Sentence("系统、安全、审计管理员互不兼任，也不兼其他角色（三员分立）")
    return None


def classes(password: str) -> int:
    """Count the classes of characters: small letters, capital letters, digits, everything else."""
    kinds = {
        "small" if sign.islower() else "capital" if sign.isupper() else "digit" if sign.isdigit() else "other"
        for sign in password
    }
    return len(kinds)


def has_aged(set_at: datetime | None, now: datetime, days: int) -> bool:
    """Say whether a password must be set: there is none yet, or it is older than so many days (0: never ages)."""
    return set_at is None or (days > 0 and now - set_at > timedelta(days=days))


def as_username(text: str) -> str:
    """Return a user name as it is kept: full-width letters are the same letters (NFKC), capitals too."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_username(text: str) -> bool:
    """Say whether a text can be signed in with: 2 to 60 letters, digits, dots, dashes."""
    return re.fullmatch(r"[\w.-]{2,60}", text) is not None
