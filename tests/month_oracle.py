"""What must be true of a month of requests, worked out again from its rows, slowly and by nothing of the engine.

The rows are read by SQL. The calendar, the time limits and who stands for which stage are written here a second time, as
the papers have them; from the steps alone the oracle follows every case, and says each morning what differs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)

# --- The calendar of 2026, as the notice has it -----------------------------------------

OFF = {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}


def works(day: date) -> bool:
    return day in WORKED or (day not in OFF and day.isoweekday() < 6)


def nth_working(day: date, n: int) -> date:
    while n > 0:
        day += DAY
        n -= works(day)
    return day


def working_between(first: date, last: date) -> int:
    found = 0
    while first < last:
        first += DAY
        found += works(first)
    return found


def moved_on(day: date) -> date:
    while not works(day):
        day += DAY
    return day


def local(instant: datetime) -> datetime:
    return instant.astimezone(ZONE)


def last_second(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), ZONE)


# --- The time limits and who is told, as the trial rules have them ------------------------


@dataclass(frozen=True)
class Limit:
    unit: str
    n: int
    remind: int | None = None
    overdue: str = ""
    levels: tuple[tuple[int, str], ...] = ()


LIMITS = {
    ("request", "sort"): Limit("working", 1, None, "township", ((1, "desk"),)),
    ("request", "handle"): Limit("working", 5, 1, "township", ((1, "desk"), (3, "county"))),
    ("request", "arbitrate"): Limit("working", 1, None, "county"),
    ("request", "attend"): Limit("days", 7, 1, "township", ((2, "county"),)),
    ("request", "call-back"): Limit("working", 3, None, "hotline"),
    ("request", "find-owner"): Limit("working", 2, None, "county"),
    ("request", "spot-check"): Limit("month", 1),
    ("report-task", "arrive"): Limit("hours", 4, None, "hotline", ((1, "desk"),)),
    ("report-task", "arbitrate"): Limit("working", 1, None, "county"),
    ("complaint", "check"): Limit("working", 10, 3, "commission"),
}
WHOLE = {"request": Limit("working", 10, 2, "hotline", ((2, "desk"), (4, "county")))}
FIRST_STAGE = {"request": "sort", "report-task": "arrive", "complaint": "check"}
LEADS = {
    ("request", "sort"): {"dispatch": "handle", "whistle": "attend", "no-owner": "find-owner"},
    ("request", "handle"): {"solved": "call-back", "explained": "call-back", "not-ours": "arbitrate"},
    ("request", "arbitrate"): {"stands": "handle", "elsewhere": "sort"},
    ("request", "attend"): {"solved": "call-back", "explained": "call-back"},
    ("request", "call-back"): {"satisfied": "spot-check", "dissatisfied": "handle", "unreachable": ""},
    ("request", "find-owner"): {"found": "handle"},
    ("request", "spot-check"): {"confirmed": "", "doubtful": "handle"},
    ("report-task", "arrive"): {"arrived": "act", "not-ours": "arbitrate"},
    ("report-task", "arbitrate"): {"stands": "arrive", "released": ""},
    ("report-task", "act"): {"": ""},
    ("complaint", "check"): {"founded": "", "unfounded": ""},
}
OPEN = ("waiting", "underway", "paused")
PASSES = ("submit", "agree")


@dataclass
class Followed:
    """A case as the oracle has followed it through its steps."""

    pk: int
    number: str
    kind: str
    about: int
    parent: int | None
    holder: int | None
    opened: datetime
    stage: str = ""
    state: str = "waiting"
    round: int = 1
    entered: datetime | None = None
    unit: str = ""
    due: datetime | None = None
    whole: datetime | None = None
    ended: datetime | None = None
    closed_on: date | None = None
    in_time: bool | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    paused: datetime | None = None
    until: date | None = None
    reason: str = ""
    said: dict[str, str] = field(default_factory=dict)  # answered, solved, satisfaction
    merged: bool = False

    @property
    def limit(self) -> Limit | None:
        """How long the stage may take: one that is urgent, or for the poor, is counted in hours."""
        found = LIMITS.get((self.kind, self.stage))
        if found and self.stage == "handle":
            level, klass = self.answers.get("request-level"), self.answers.get("request-class")
            if level == "urgent":
                return Limit("hours", 24, found.remind, found.overdue, found.levels)
            if level == "ordinary" and klass == "welfare":
                return Limit("hours", 72, found.remind, found.overdue, found.levels)
        return found

    def enter(self, stage: str, at: datetime) -> None:
        """Enter a stage: its clock begins."""
        self.stage, self.entered = stage, at
        limit = self.limit
        self.unit = limit.unit if limit else ""
        self.due = run(limit, at) if limit else None


def run(limit: Limit, at: datetime) -> datetime:
    """Return the last second of a limit that began at an instant."""
    day = local(at).date()
    if limit.unit == "hours":
        return at + timedelta(hours=limit.n)
    if limit.unit == "working":
        return last_second(nth_working(day, limit.n))
    if limit.unit == "days":
        return last_second(moved_on(day + limit.n * DAY))
    assert (limit.unit, limit.n) == ("month", 1)
    later = day.replace(month=day.month + 1, day=min(day.day, {9: 30, 11: 30}.get(day.month + 1, 31)))
    return last_second(moved_on(later))


def stood(due: datetime, first: datetime, last: datetime, unit: str) -> datetime:
    """Return a deadline after its clock stood still between two instants."""
    day = local(due).date()
    if due != last_second(day):
        return due + (last - first)
    first_day, last_day = local(first).date(), local(last).date()
    if unit == "working":
        return last_second(nth_working(day, working_between(first_day, last_day)))
    return last_second(moved_on(day + (last_day - first_day)))


# --- The oracle ---------------------------------------------------------------------------


def rows(sql: str, *given: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


Told = tuple[str, str, str, str]  # to whom, of which case, what, until which day


class Oracle:
    """Follows every case from the rows, and keeps what differs from what the engine says."""

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.cases: dict[int, Followed] = {}
        self.seen = {"case": 0, "step": 0, "message": 0, "answer": 0}
        self.to_be_told: set[str] = set()
        self.was_told: set[str] = set()
        self.letters_owed: set[tuple[str, ...]] = set()
        self.owed: Counter[Told] = Counter()
        self.earned: Counter[tuple[int, date]] = Counter()
        self.looked = Counter[str]()
        self.seconds = 0.0
        self._know_the_county()

    def _know_the_county(self) -> None:
        found = rows(
            "SELECT subject_id, klass, parent_id FROM registry_particulars WHERE upper_inf(recorded)"
        )
        self.above = {one["subject_id"]: one["parent_id"] for one in found}
        kinds = {one["klass"]: one["subject_id"] for one in found}
        self.bodies = {
            "desk": kinds["organisation-department"],
            "county": kinds["county-committee"],
            "hotline": kinds["hotline"],
            "commission": kinds["discipline-commission"],
        }
        self.departments = {one["subject_id"] for one in found if one["klass"] == "department"}
        self.townships = {one["subject_id"] for one in found if one["klass"] == "township"}
        self.people: dict[int, list[str]] = defaultdict(list)
        grants = rows(
            "SELECT organisation_id, username FROM accounts_grant g JOIN accounts_user u ON u.id = g.user_id"
        )
        for one in grants:
            self.people[one["organisation_id"]].append(one["username"])
        served = rows("SELECT person_id, post_id FROM registry_appointment")
        self.serves_at = {one["person_id"]: self.above[one["post_id"]] for one in served}
        users = rows("SELECT username, person_id FROM accounts_user WHERE person_id IS NOT NULL")
        self.users_of = {one["person_id"]: one["username"] for one in users}

    # --- Following --------------------------------------------------------------------

    def hear(self) -> list[Followed]:
        """Read what has been written since; return the cases that it touched."""
        opened = rows(
            "SELECT id, number, kind, about_id, parent_id, holder_id, opened_at FROM cases_case WHERE id > %s ORDER BY id",
            self.seen["case"],
        )
        for one in opened:
            self._open(one)
        answers: dict[int, dict[str, Any]] = defaultdict(dict)
        for one in rows(
            "SELECT id, step_id, field, value #>> '{}' AS value FROM cases_answer WHERE id > %s ORDER BY id",
            self.seen["answer"],
        ):
            answers[one["step_id"]][one["field"]] = one["value"]
            self.seen["answer"] = one["id"]
        touched = {one["id"] for one in opened}
        for step in rows("SELECT * FROM cases_step WHERE id > %s ORDER BY id", self.seen["step"]):
            self._follow(self.cases[step["case_id"]], step, answers[step["id"]])
            touched.add(step["case_id"])
            self.seen["step"] = step["id"]
        return [self.cases[pk] for pk in touched]

    def _open(self, one: dict[str, Any]) -> None:
        holder = one["holder_id"] if one["kind"] == "report-task" else None
        case = Followed(
            one["id"], one["number"], one["kind"], one["about_id"], one["parent_id"], holder, one["opened_at"]
        )
        if limit := WHOLE.get(case.kind):
            case.whole = run(limit, case.opened)
        case.enter(FIRST_STAGE[case.kind], case.opened)
        self.cases[case.pk] = case
        self.seen["case"] = case.pk

    def _follow(self, case: Followed, step: dict[str, Any], answers: dict[str, Any]) -> None:
        at, move, before = step["at"].replace(microsecond=0), step["move"], case.stage
        self.looked["steps"] += 1
        case.answers |= answers
        if (step["stage"], step["round"]) != (before, case.round):
            self.fault("path", case, f"step {step['id']} is not where the case was")
        match move:
            case "submit" | "agree":
                self._pass(case, step, at)
            case "extend":
                self._extend(case, step)
            case "pause":
                case.paused, case.until, case.reason = at, step["until"], step["note"]
            case "resume":
                self._resume(case, at)
            case "reopen":
                case.said.clear()
            case "merge":
                case.merged = True
        case.state = step["to_state"]
        case.closed_on = step["day"] if case.state in ("closed", "withdrawn") else None
        if case.state == "closed" and case.ended is None:
            case.ended = at
        if case.state in OPEN and (step["to_stage"] != before or move in ("return", "reopen")):
            case.round += 1
            case.enter(step["to_stage"], at)
        case.stage = step["to_stage"]

    def _pass(self, case: Followed, step: dict[str, Any], at: datetime) -> None:
        if step["due_at"] != case.due:
            self.fault("due", case, f"{case.stage} passed with {step['due_at']}, not {case.due}")
        if case.due:
            case.in_time = case.in_time is not False and at <= case.due
        outcome, led = step["outcome"], LEADS[case.kind, case.stage]
        ends = step["to_state"] == "closed"
        if outcome not in led or (step["to_stage"] != led[outcome] and not (ends and not led[outcome])):
            self.fault("path", case, f"{outcome} led from {case.stage} to {step['to_stage']}")
        if outcome == "satisfied" and case.kind == "request":
            self.looked["lots"] += 1
            self.looked["lots drawn"] += not ends
        self._say(case, outcome)
        self._give(case, outcome)
        self._earn(case, outcome, step["day"], ends)

    def _say(self, case: Followed, outcome: str) -> None:
        if outcome in ("solved", "explained", "founded", "unfounded"):
            case.said |= {"answered": "yes", "solved": "yes" if outcome in ("solved", "founded") else "no"}
        if outcome in ("satisfied", "dissatisfied", "unreachable"):
            case.said["satisfaction"] = outcome

    def _give(self, case: Followed, outcome: str) -> None:
        if outcome in ("dispatch", "whistle", "found"):
            case.holder = int(case.answers["owner"])
        if outcome == "no-owner":
            case.holder, case.reason = None, case.answers.get("reason", "")

    def _earn(self, case: Followed, outcome: str, day: date, ends: bool) -> None:
        points = 5 if outcome == "satisfied" else 3 if case.kind == "report-task" and ends else 0
        if points and case.holder in self.departments:
            self.earned[case.holder, day.replace(day=1)] += points

    def _extend(self, case: Followed, step: dict[str, Any]) -> None:
        until = last_second(step["until"])
        if case.due is None or until <= case.due:
            self.fault("due", case, "an extension that makes nothing later")
        case.due = until
        if case.whole and not case.ended and until > case.whole:
            case.whole = until

    def _resume(self, case: Followed, at: datetime) -> None:
        assert case.paused is not None
        if case.due:
            case.due = stood(case.due, case.paused, at, case.unit)
        if case.whole and not case.ended:
            case.whole = stood(case.whole, case.paused, at, "working")
        case.paused = case.until = None

    # --- Every morning ------------------------------------------------------------------

    def morning(self, day: date) -> None:
        """Look at everything as it stands when the jobs of a day have run."""
        start = perf_counter()
        touched = self.hear()
        self._compare({case.pk for case in touched} | {case.pk for case in self._open_ones()})
        for case in self._open_ones():
            self._is_somebodys(case, day)
            self._owe_letters(case, day)
        self._told_next()
        self._letters()
        self._balances()
        self._erased(day)
        self.looked["mornings"] += 1
        self.seconds += perf_counter() - start

    def _open_ones(self) -> list[Followed]:
        return [case for case in self.cases.values() if case.state in OPEN]

    def _compare(self, wanted: Iterable[int]) -> None:
        found = rows(
            "SELECT id, stage, state, round, holder_id, entered_at, due_on, due_at, whole_due_at, ended_at, in_time,"
            " closed_on FROM cases_case WHERE id = ANY(%s)",
            list(wanted),
        )
        for one in found:
            case = self.cases[one["id"]]
            self.looked["cases"] += 1
            stands = (case.stage, case.state, case.round, case.holder, case.closed_on)
            if stands != (one["stage"], one["state"], one["round"], one["holder_id"], one["closed_on"]):
                self.fault("path", case, f"stands at {one}, not at {stands}")
            if case.state in OPEN and (one["due_at"], one["entered_at"]) != (case.due, case.entered):
                self.fault("due", case, f"{case.stage} is due {one['due_at']}, not {case.due}")
            if case.state in OPEN and one["due_on"] != (local(case.due).date() if case.due else None):
                self.fault("due", case, f"people read {one['due_on']}, not {case.due}")
            if (one["whole_due_at"], one["ended_at"]) != (case.whole, case.ended):
                self.fault(
                    "whole", case, f"{one['whole_due_at']}, {one['ended_at']}, not {case.whole}, {case.ended}"
                )
            if one["in_time"] is not case.in_time:
                self.fault("in time", case, f"{one['in_time']}, not {case.in_time}")

    # --- An owner, or a reason ------------------------------------------------------------

    def owner(self, case: Followed) -> int | None:
        """Return whose turn it is: an organisation."""
        match case.kind, case.stage:
            case _, "handle" | "attend" | "arrive" | "act":
                return case.holder
            case "complaint", _:
                township = self.above[case.about]
                against = int(case.answers["complained-of"])
                return self.bodies["county"] if self.serves_at[against] == township else township
            case _, "sort" | "call-back":
                return self.above[case.about]
        return self.bodies["desk"]

    def _is_somebodys(self, case: Followed, day: date) -> None:
        owner = self.owner(case)
        if owner is None or not self.people[owner]:
            self.fault("owner", case, f"at {case.stage} nobody has it")
            return
        if case.stage == "find-owner" and not case.reason:
            self.fault("owner", case, "nobody's, and no reason")
        if case.state == "paused" and not (case.reason and case.until and case.until >= day):
            self.fault("owner", case, f"stands still until {case.until} for {case.reason!r}")
        self.to_be_told |= {
            f"case {case.number} round {case.round} {one}" for one in self._apart(case, owner)
        }

    def _apart(self, case: Followed, body: int) -> list[str]:
        """Return who acts for a body, without the one complained of."""
        against = case.answers.get("complained-of")
        out = self.users_of.get(int(against)) if against else None
        return [one for one in self.people[body] if one != out]

    def _told_next(self) -> None:
        """Whoever has it was told so."""
        new = self.to_be_told - self.was_told
        found = {one["key"] for one in rows("SELECT key FROM outbox_message WHERE key = ANY(%s)", list(new))}
        self.faults["owner"] += [f"nobody was told: {key}" for key in new - found]
        self.was_told |= new
        self.to_be_told.clear()

    # --- Told once ----------------------------------------------------------------------

    def _owe_letters(self, case: Followed, day: date) -> None:
        if case.state == "paused":
            return
        if (limit := case.limit) and case.due:
            self._owe(case, f"round {case.round}", limit, case.due, day)
        whole = WHOLE.get(case.kind)
        if whole and case.whole and not case.ended:
            self._owe(case, "whole", whole, case.whole, day)

    def _owe(self, case: Followed, what: str, limit: Limit, due: datetime, day: date) -> None:
        due_on = local(due).date()
        if due_on >= day:
            if limit.remind is not None and working_between(day, due_on) <= limit.remind:
                self._owe_to(case, what, "快到期限", self.owner(case), due_on)
            return
        if limit.overdue:
            self._owe_to(case, what, "已过期限", self._body(case, limit.overdue), due_on)
        for level, (after, body) in enumerate(limit.levels):
            if working_between(due_on, day) >= after:
                self._owe_to(
                    case, f"{what} level {level}", f"已过期限 {after}", self._body(case, body), due_on
                )

    def _body(self, case: Followed, name: str) -> int:
        return self.above[case.about] if name == "township" else self.bodies[name]

    def _owe_to(self, case: Followed, what: str, words: str, body: int | None, due_on: date) -> None:
        for name in self._apart(case, body or 0):
            owed = (case.number, what, words, str(due_on), name)
            if owed not in self.letters_owed:
                self.letters_owed.add(owed)
                self.owed[name, f"/cases/{case.pk}", words, str(due_on)] += 1

    def _letters(self) -> None:
        """Everything that is owed was told since, each once; and nothing else was."""
        found = rows(
            "SELECT id, \"to\", link, template, words ->> 'days' AS days, until FROM outbox_message WHERE id > %s"
            " AND (template LIKE '快到期限%%' OR template LIKE '已过期限%%') ORDER BY id",
            self.seen["message"],
        )
        told = Counter[Told]()
        for one in found:
            self.seen["message"] = one["id"]
            words = one["template"][:4] + (f" {one['days']}" if one["days"] else "")
            told[one["to"], one["link"], words, str(one["until"])] += 1
        for owed, times in (self.owed - told).items():
            self.faults["told"].append(f"{times} × not told: {owed}")
        for more, times in (told - self.owed).items():
            self.faults["told"].append(f"{times} × told without being owed: {more}")
        self.looked["letters"] += told.total()
        self.owed.clear()

    # --- Ledgers ------------------------------------------------------------------------

    def _balances(self) -> None:
        """Every ledger adds up to nothing, and every account to its entries."""
        for one in rows(
            "SELECT a.id, a.ledger, a.outside, a.balance,"
            " coalesce((SELECT sum(amount) FROM ledgers_posting p WHERE p.target_id = a.id), 0)"
            " - coalesce((SELECT sum(amount) FROM ledgers_posting p WHERE p.source_id = a.id), 0) AS entries"
            " FROM ledgers_account a"
        ):
            if one["balance"] != one["entries"] or (one["balance"] < 0 and not one["outside"]):
                self.faults["ledger"].append(str(one))
        for one in rows("SELECT ledger, sum(balance) AS all FROM ledgers_account GROUP BY ledger"):
            if one["all"]:
                self.faults["ledger"].append(f"{one['ledger']} adds up to {one['all']}")

    def _erased(self, day: date) -> None:
        """What was closed before today holds no contact, nor its caller's mark once nobody looks back so far.

        What was merged is answered with the other, and keeps it as long.
        """
        kept = rows(
            "SELECT c.number FROM cases_case c JOIN cases_receipt r ON r.case_id = c.id"
            " JOIN cases_case m ON m.id = coalesce(c.merged_into_id, c.id) WHERE m.closed_on < %s AND"
            " (r.caller <> '' AND c.opened_on < %s OR EXISTS (SELECT 1 FROM cases_answer a WHERE a.case_id = c.id"
            " AND a.field = 'contact' AND NOT jsonb_exists(a.value, 'erased')))",
            day,
            day - 30 * DAY,
        )
        self.faults["contact"] += [f"kept: {one['number']}" for one in kept]

    # --- At the end ---------------------------------------------------------------------

    def rates(self, only: Iterable[Followed], end: date) -> dict[str, Any]:
        """Count the rates by hand, as known at the end of a day."""
        left = {
            one["case_id"] for one in rows("SELECT case_id FROM cases_receipt WHERE excluded_id IS NOT NULL")
        }
        asked = [case for case in only if case.parent is None]
        counted = [case for case in asked if not case.merged and case.pk not in left]
        judged = [case.said["solved"] for case in counted if "solved" in case.said]
        said = [case.said.get("satisfaction") for case in counted]
        times = [self._on_time(case, last_second(end)) for case in counted]
        return {
            "response": (sum("answered" in case.said for case in counted), len(counted)),
            "solution": (judged.count("yes"), len(judged)),
            "satisfaction": (
                said.count("satisfied"),
                said.count("satisfied") + said.count("dissatisfied"),
            ),
            "on_time": (times.count(True), times.count(True) + times.count(False)),
            "unreachable": said.count("unreachable"),
            "merged": sum(case.merged for case in asked),
            "excluded": sum(case.pk in left and not case.merged for case in asked),
        }

    def _on_time(self, case: Followed, now: datetime) -> bool | None:
        if case.whole is None:
            return None
        if case.ended is None:
            return False if case.whole < now else None
        return case.ended <= case.whole

    def points(self) -> None:
        """Departments earned what their work was worth, up to the month's cap, and lost what is a month old."""
        postings = rows(
            "SELECT p.day, p.amount, p.deed, s.holder_id AS giver, t.holder_id AS taker FROM ledgers_posting p"
            " JOIN ledgers_account s ON s.id = p.source_id JOIN ledgers_account t ON t.id = p.target_id"
            " WHERE p.ledger = 'service-points' ORDER BY p.id"
        )
        got: Counter[tuple[int, date]] = Counter()
        purses: dict[int, list[list[Any]]] = defaultdict(list)
        for one in postings:
            if one["taker"]:
                got[one["taker"], one["day"].replace(day=1)] += one["amount"]
                purses[one["taker"]].append([one["day"], one["amount"]])
            else:
                self._spend(purses[one["giver"]], one)
        wanted = {key: min(points, 600) for key, points in self.earned.items()}
        if got != wanted:
            self.faults["points"] += [
                f"{key}: {got[key]}, not {wanted.get(key)}"
                for key in got.keys() | wanted.keys()
                if got[key] != wanted.get(key, 0)
            ]
        self.looked["points"] = got.total()

    def _spend(self, purse: list[list[Any]], one: dict[str, Any]) -> None:
        """Take the oldest points first. What lapses is all that is a month old, and only that."""
        old = [earned for earned in purse if lapses(earned[0]) <= one["day"]]
        if one["deed"] == "expire":
            self.looked["lapsed"] += one["amount"]
            if one["amount"] != sum(amount for _, amount in old):
                self.faults["points"].append(f"lapsed {one['amount']} of {old} on {one['day']}")
        elif old:
            self.faults["points"].append(f"on {one['day']} these should have lapsed: {old}")
        left = one["amount"]
        while left:
            taken = min(left, purse[0][1])
            purse[0][1] -= taken
            left -= taken
            if not purse[0][1]:
                purse.pop(0)

    def fault(self, kind: str, case: Followed, words: str) -> None:
        """Keep what differs."""
        self.faults[kind].append(f"{case.kind} {case.number}: {words}")


def lapses(day: date) -> date:
    """Return the same day of the next month."""
    return day.replace(month=day.month + 1, day=min(day.day, {9: 30, 11: 30}.get(day.month + 1, 31)))
