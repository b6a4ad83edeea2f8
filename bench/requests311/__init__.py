"""A city's real requests through the real intake and stages, and the on-time verdict beside the city's own.

The requests of the second half of 2011 (Analyze Boston, PDDL 1.0) are read from ``$ZUGONG_DATA/requests311``. Each is taken
in at the second at which the city opened it, with the moment the city promised, given to its queue, and closed at the
second at which the city closed it. The verdict is the case's own: its clock over the whole, as known at the end of 2019.
The city calls on time whatever it promised nothing for; so does the verdict, which is late or not late.
"""

from __future__ import annotations

import csv
import gzip
import heapq
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from zugong.core.workdays import SHANGHAI, day_of, end_of

PACK = Path(__file__).parent / "pack"
FILE = Path("requests311") / "boston311_2011h2.csv.gz"
SINCE = date(2011, 1, 1)
AS_OF = end_of(date(2019, 12, 31))
LATE = {"ONTIME": False, "OVERDUE": True}


@dataclass(frozen=True)
class Request:
    """One line of the city's: instants to the second, `late` as the city flagged it (None: it did not)."""

    number: str
    matter: str
    neighbourhood: str
    department: str
    queue: str
    closure: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    late: bool | None


def read(folder: Path) -> list[Request]:
    """Read the city's requests in the order in which they were opened."""
    with gzip.open(folder / FILE, "rt", encoding="utf-8") as lines:
        return sorted(map(_request, csv.DictReader(lines)), key=lambda one: (one.opened, one.number))


def _request(row: dict[str, str]) -> Request:
    return Request(
        number=row["case_enquiry_id"],
        matter=f"{row['case_title']} · {row['type']}",
        neighbourhood=row["neighborhood"].strip() or "—",
        department=row["department"],
        queue=row["queue"],
        closure=row["closure_reason"].strip() or "—",
        opened=_instant(row["open_dt"]) or end_of(SINCE),
        target=_instant(row["target_dt"]),
        closed=_instant(row["closed_dt"]),
        late=LATE.get(row["ontime"]),
    )


def _instant(text: str) -> datetime | None:
    """Read a local time; only what lies between two instants matters, so the county's zone stands for the city's."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) if text else None


def sample(requests: Sequence[Request], many: int, seed: int = 311) -> list[Request]:
    """Draw so many requests, and always those that the city did not close, or promised before they were opened."""
    odd = [one for one in requests if one.target and (one.target < one.opened or one.closed is None)][:50]
    drawn = random.Random(seed).sample([one for one in requests if one not in odd], many - len(odd))
    return sorted([*odd, *drawn], key=lambda one: (one.opened, one.number))


@dataclass
class City:
    """Who takes in, who sorts, who handles."""

    neighbourhoods: dict[str, Any]
    queues: dict[str, Any]
    dispatch: Any
    users: dict[str, Any] = field(default_factory=dict)


def city(requests: Iterable[Request]) -> City:
    """Put the pack in force, and enter the neighbourhoods, departments and queues that the requests name."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from zugong.accounts.models import Grant, User
    from zugong.accounts.rules import Role
    from zugong.registry import actions as registry

    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(PACK.glob("*.yaml"))}
    registry.put_in_force({"requests311": texts}, "requests311", since=SINCE, by="甲", agreed_by="乙")

    def organisation(klass: str, name: str, parent: Any) -> Any:
        return registry.add("organisation", klass=klass, name=name, parent=parent, since=SINCE, by="甲")

    def user(name: str, over: Any) -> Any:
        made = User.objects.create_user(name, called=name, made_on=SINCE)
        Grant.objects.create(
            user=made, role=Role.TOWNSHIP_CLERK, organisation=over, held=DateRange(SINCE, None), given_by="甲", agreed_by="乙"
        )  # fmt: skip
        return made

    root = organisation("city", "市", None)
    hotline = organisation("dispatch", "热线", root)
    places = {name: organisation("neighbourhood", name, root) for name in _names(requests, "neighbourhood")}
    departments = {name: organisation("department", name, root) for name in _names(requests, "department")}
    parents = {one.queue: one.department for one in requests}
    queues = {
        name: organisation("queue", name, departments[parents[name]]) for name in _names(requests, "queue")
    }
    users = {name: user(f"q{place}", queues[name]) for place, name in enumerate(queues)}
    return City(places, queues, user("hotline", hotline), users)


def _names(requests: Iterable[Request], what: str) -> list[str]:
    return sorted({getattr(one, what) for one in requests})


def replay(requests: Sequence[Request], workers: int = 1) -> dict[str, int]:
    """Let every request live through: taken in, given, closed, each at its second. Returns number → case.

    Several workers share the requests out among them; each request is one worker's from beginning to end.
    """
    there = city(requests)
    if workers == 1:
        return _lived(requests, there)
    from django.db import connection

    connection.close()  # nobody shares one with a process that follows
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        parts = [requests[first::workers] for first in range(workers)]
        return {
            number: case for part in pool.map(_lived, parts, repeat(there)) for number, case in part.items()
        }


def _lived(requests: Sequence[Request], there: City) -> dict[str, int]:
    from zugong.core.once import once

    cases = dict[str, int]()
    for _, deeds in groupby(_deeds(requests), key=lambda deed: day_of(deed[0])):
        with once():  # the registry and the pack stand still within a day
            for instant, _, _, one in deeds:
                if one.number in cases:
                    _close(one, cases[one.number], there, instant)
                else:
                    cases[one.number] = _take_in(one, there, instant)
    return cases


def _deeds(requests: Iterable[Request]) -> Iterator[tuple[datetime, int, str, Request]]:
    """Yield openings and closings in the order in which they happened; what is closed at once is opened before."""
    opened = ((one.opened, 0, one.number, one) for one in requests)
    ended = sorted((one.closed, 1, one.number, one) for one in requests if one.closed)
    return heapq.merge(opened, ended, key=lambda deed: deed[:3])


def _take_in(one: Request, there: City, instant: datetime) -> int:
    from zugong.cases import actions, intake
    from zugong.core import clock

    day = day_of(instant)
    target = {"target": one.target.isoformat()} if one.target else {}
    with clock.standing_at(instant):
        receipt, _ = intake.receive(
            "request",
            about=there.neighbourhoods[one.neighbourhood],
            answers={"matter": one.matter, **target},
            channel="api",
            day=day,
            at=instant,
            by=None,
            key=one.number,
            outside_number=one.number,
        )
        case = receipt.case
        actions.submit(case, by=there.dispatch, day=day, answers={"queue": there.queues[one.queue].pk})
    return case.pk


def _close(one: Request, case: int, there: City, instant: datetime) -> None:
    from zugong.cases import actions
    from zugong.cases.models import Case
    from zugong.core import clock

    with clock.standing_at(instant):
        actions.submit(
            Case.objects.select_related("edition", "about", "holder").defer("edition__texts").get(pk=case),
            by=there.users[one.queue],
            day=day_of(instant),
            outcome="closed",
            answers={"closure": one.closure},
        )


@dataclass(frozen=True)
class Verdicts:
    """How the verdicts of the cases and of the city compare."""

    flagged: int
    agreed: int
    differing: list[str]
    unflagged: list[str]


def compared(requests: Iterable[Request], cases: dict[str, int], as_of: datetime = AS_OF) -> Verdicts:
    """Compare each case's own verdict, as known at an instant, with what the city flagged."""
    from zugong.cases.models import Case

    kept = Case.objects.only("whole_due_at", "ended_at").in_bulk(cases.values())
    flagged = [one for one in requests if one.late is not None]
    differing = [
        one.number for one in flagged if (kept[cases[one.number]].on_time(as_of) is False) is not one.late
    ]
    unflagged = [one.number for one in requests if one.late is None]
    return Verdicts(len(flagged), len(flagged) - len(differing), differing, unflagged)


# --- The benchmark ----------------------------------------------------------------------


def main(many: int = 0, workers: int = 1) -> int:
    """Print one JSON object: flagged, agreed, unflagged, seconds, requests per second, the ratio to bare SQL.

    Of all requests, or of a seeded sample of so many; by one process, or by several. Returns 1 where a verdict is not the city's, 2 without the data.
    """
    from zugong.cli import site

    folder = Path(os.environ.get("ZUGONG_DATA", "/nowhere"))
    if not (folder / FILE).exists():
        print(f"没有 {FILE}：请设置 ZUGONG_DATA。 No {FILE}: set ZUGONG_DATA", file=sys.stderr)
        return 2
    requests = read(folder)
    site.set_up()
    found = measure(sample(requests, many) if many else requests, workers)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0 if found["agreed"] == found["flagged"] else 1


def measure(requests: Sequence[Request], workers: int = 1) -> dict[str, object]:
    """Replay in a database of its own, compare, and write the same rows again by bare SQL."""
    from zugong.scenarios import scratch

    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with scratch.database(environ):
        start = time.perf_counter()
        cases = replay(requests, workers)
        seconds = time.perf_counter() - start
        found = compared(requests, cases)
        bare = written_bare()
    return {
        "requests": len(requests),
        "workers": workers,
        "flagged": found.flagged,
        "agreed": found.agreed,
        "differing": found.differing,
        "unflagged": found.unflagged,
        "seconds": round(seconds, 1),
        "requests_per_second": round(len(requests) / seconds),
        "bare_seconds": round(bare, 1),
        "ratio": round(seconds / bare, 1),
    }


# What the life of a request writes, beside the case itself.
LIFE = ("cases_receipt", "cases_step", "cases_answer", "journal_entry", "outbox_message")
DEEDS = 3  # of a case: taken in, given, closed
MOVED = "UPDATE bare_cases_case SET stage = stage, state = state, round = round + 1 WHERE number = %s"


def written_bare(each: int = DEEDS) -> float:
    """Write the rows of the replay again into tables of the same shape, by bare statements; give the seconds it takes.

    One insert for each row, one update of the case for each deed after its opening, a transaction for each deed;
    `each` is how many deeds a case has.
    """
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        rows = {table: _texts(cursor, table) for table in ("cases_case", *LIFE)}
        numbers = _numbers(cursor)
        deeds = each * len(numbers)
        start = time.perf_counter()
        for deed in range(deeds):
            case, move = divmod(deed, each)
            with transaction.atomic():
                if move:
                    cursor.execute(MOVED, [numbers[case]])
                else:
                    _insert(cursor, "cases_case", rows["cases_case"][case])
                for table in LIFE:
                    many = len(rows[table])
                    for row in rows[table][many * deed // deeds : many * (deed + 1) // deeds]:
                        _insert(cursor, table, row)
        return time.perf_counter() - start


def _texts(cursor: Any, table: str) -> list[str]:
    """Return a table's rows as PostgreSQL writes them, and make a table of the same shape beside it."""
    cursor.execute(f"CREATE TEMP TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
    cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
    return [row for (row,) in cursor]


def _numbers(cursor: Any) -> list[str]:
    cursor.execute("SELECT number FROM cases_case ORDER BY id")
    return [number for (number,) in cursor]


def _insert(cursor: Any, table: str, row: str) -> None:
    cursor.execute(f"INSERT INTO bare_{table} SELECT (%s::{table}).*", [row])
