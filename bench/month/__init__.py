"""A month of a county, lived through by the real engines: what residents ask, and what sixty departments make of it.

The month is the one with 中秋 and 国庆 in it: a Sunday and a Saturday are worked, ten weekdays are not. Everybody's part
is drawn from a seed. A life is a generator: it yields the instant at which it goes on, and then does its next deed by
the same actions that the pages call. Every day begins with the jobs of the day.
"""

from __future__ import annotations

import heapq
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from zugong.core.workdays import SHANGHAI, Workdays, day_of

PACK = Path(__file__).parent / "pack"
NATIONAL = Path(__file__).parents[2] / "packs" / "national"
SINCE = date(2026, 9, 1)
FIRST, LAST, END = (
    date(2026, 9, 18),
    date(2026, 10, 17),
    date(2026, 11, 7),
)  # asked from, asked until, lived until
TOWNSHIPS, VILLAGES, DEPARTMENTS = 12, 10, 60  # villages of each township
CLASSES = ("roads", "water", "power", "environment", "welfare")
CHANNELS = ("public", "grid", "hotline", "open-day", "visit", "meeting", "api")
WEIGHTS = (35, 20, 25, 3, 5, 2, 10)
MATTERS = ("路面塌了一段", "自来水停了两天", "路灯不亮", "垃圾没有清运", "高龄补贴没有到账", "水渠堵了")
MINUTE, HOUR, ONE_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Life = Iterator[datetime]


# --- The county -------------------------------------------------------------------------


@dataclass
class County:
    """青穆县 for a month: who there is, and who acts for whom (subject → user)."""

    policy: Any
    villages: list[Any] = field(default_factory=list)
    departments: list[Any] = field(default_factory=list)
    township_of: dict[int, int] = field(default_factory=dict)
    secretaries: list[Any] = field(
        default_factory=list
    )  # persons: of a village, or at the head of a township
    users: dict[int, Any] = field(default_factory=dict)  # by organisation
    grid: dict[int, Any] = field(default_factory=dict)  # by village
    hotline: Any = None
    desk: Any = None
    head: Any = None
    second: Any = None  # of the office that keeps the funds


def county() -> County:
    """Put the pack in force and enter the county."""
    from zugong.accounts.rules import Role
    from zugong.registry import actions as registry

    packs = {
        name: {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}
        for name, folder in (("national", NATIONAL), ("month", PACK))
    }  # fmt: skip
    edition = registry.put_in_force(packs, "month", since=SINCE, by="甲", agreed_by="乙")
    root = _add("organisation", "county-committee", "青穆县委")
    desk = _add("organisation", "organisation-department", "县委组织部", root)
    found = County(registry.policy_of(edition))
    found.users = {
        one.pk: _user(one, Role.DESK if one is desk else Role.TOWNSHIP_CLERK) for one in (root, desk)
    }
    commission = _add("organisation", "discipline-commission", "县纪委监委", root)
    hotline = _add("organisation", "hotline", "便民热线", root)
    for one in (commission, hotline):
        found.users[one.pk] = _user(one, Role.LIAISON)
    found.hotline, found.desk = found.users[hotline.pk], found.users[desk.pk]
    found.head, found.second = _user(root, Role.HEAD, "head"), _user(desk, Role.HEAD, "second")
    for number in range(1, DEPARTMENTS + 1):
        department = _add("organisation", "department", f"第{number}局", root)
        found.departments.append(department)
        found.users[department.pk] = _user(department, Role.LIAISON)
    for number in range(1, TOWNSHIPS + 1):
        _township(found, root, number)
    return found


def _township(found: County, root: Any, number: int) -> None:
    from zugong.accounts.rules import Role

    township = _add("organisation", "township", f"第{number}镇", root)
    found.users[township.pk] = _user(township, Role.TOWNSHIP_CLERK)
    found.secretaries.append(_serving(township, "head", f"{number}镇书记"))
    for place in range(1, VILLAGES + 1):
        village = _add("organisation", "village", f"第{number}镇{place}村", township)
        found.villages.append(village)
        found.township_of[village.pk] = township.pk
        secretary = _serving(village, "branch-secretary", f"{number}镇{place}村书记")
        found.secretaries.append(secretary)
        found.users[village.pk] = _user(village, Role.VILLAGE_SECRETARY, person=secretary)
        worker = _serving(village, "grid-worker", f"{number}镇{place}村网格员")
        found.grid[village.pk] = _user(None, None, f"g{worker.pk}", person=worker)


def _add(noun: str, klass: str, name: str, parent: Any = None) -> Any:
    from zugong.registry import actions as registry

    return registry.add(noun, klass=klass, name=name, parent=parent, since=SINCE, by="甲")


def _serving(at: Any, post: str, name: str) -> Any:
    """Enter a person, in a post."""
    from zugong.registry import actions as registry

    person = _add("person", "cadre", name)
    registry.appoint(person, post=_add("post", post, name, at), since=SINCE, by="甲")
    return person


def _user(over: Any, role: Any, name: str = "", person: Any = None) -> Any:
    from django.db.backends.postgresql.psycopg_any import DateRange

    from zugong.accounts.models import Grant, User

    name = name or f"o{over.pk}"
    user = User.objects.create_user(name, called=name, made_on=SINCE, person=person)
    if role:
        held = DateRange(SINCE, None)
        Grant.objects.create(
            user=user, role=role, organisation=over, held=held, given_by="甲", agreed_by="乙"
        )
    return user


# --- The month --------------------------------------------------------------------------


class Luck(Random):
    """What a life draws. Each has its own, so that the engine's lots change no other life."""

    def fork(self) -> Luck:
        """Return the luck of another life."""
        return Luck(self.getrandbits(64))

    def chance(self, thousandths: int) -> bool:
        """Draw a lot."""
        return self.randrange(1000) < thousandths

    def any_time(self) -> datetime:
        """Return when somebody asks: on any day and at any hour, though mostly by day."""
        day = FIRST + ONE_DAY * self.randrange((LAST - FIRST).days + 1)
        hour = self.choices(range(24), [1] * 6 + [3] + [10] * 13 + [5] * 4)[0]
        return datetime.combine(day, time(hour, self.randrange(60), self.randrange(60)), SHANGHAI)

    def soon(self, now: datetime, hours: int) -> datetime:
        """Return an instant within so many hours, by night or on a day off."""
        return now + timedelta(seconds=self.randrange(60, hours * 3600))

    def office(self, calendar: Workdays, now: datetime, working_days: int) -> datetime:
        """Return an office hour so many working days on: later the same day where that is none and hours are left."""
        day = calendar.after(day_of(now), working_days).day
        begins = max(_at(day, 8), now + MINUTE) if day == day_of(now) else _at(day, 8)
        if not calendar.is_working(day) or begins >= _at(day, 18):
            begins = _at(calendar.next(day), 8)
        left = int((_at(day_of(begins), 18) - begins).total_seconds())
        return begins + timedelta(seconds=self.randrange(max(left, 1)))


@dataclass
class Month:
    """What is lived through, and what was met: how often each thing happened, which keys were acknowledged."""

    county: County
    requests: int
    random: Luck
    met: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, str] = field(default_factory=dict)  # key → the number that was acknowledged
    jobs_seconds: float = 0.0
    _agenda: list[tuple[datetime, int, Life]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def live(self, morning: Callable[[date], None] = lambda day: None) -> None:
        """Live from the first day to the last; `morning` looks at what stands when the jobs of a day have run."""
        self._plan()
        for day in _days(FIRST, END):
            self._begin(day)
            morning(day)
            self._spend(day)

    def _plan(self) -> None:
        complaints = max(3, self.requests // 100)
        for _ in range(self.requests - complaints):
            self._join(_Request(self, self.random.fork()).life())
        for _ in range(complaints):
            self._join(_complaint(self))
        for life in (_funds(self), _points(self)):
            self._join(life)

    def _join(self, life: Life) -> None:
        heapq.heappush(self._agenda, (next(life), next(self._order), life))

    def _begin(self, day: date) -> None:
        """Run the jobs of a day, ten minutes after midnight, and seal the journal."""
        from zugong.core import clock
        from zugong.core.install import days
        from zugong.core.journal import actions as journal

        start = perf_counter()
        with clock.standing(day, 0, 10):
            days.run_day(day)
            journal.seal()
        self.jobs_seconds += perf_counter() - start

    def _spend(self, day: date) -> None:
        from zugong.core import clock
        from zugong.core.once import once

        with once():  # the registry and the pack stand still within a day
            while self._agenda and day_of(self._agenda[0][0]) <= day:
                instant, _, life = heapq.heappop(self._agenda)
                with clock.standing_at(instant):
                    following = next(life, None)
                if following:
                    heapq.heappush(self._agenda, (following, next(self._order), life))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + ONE_DAY * number for number in range((last - first).days + 1))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def _case(pk: int) -> Any:
    from zugong.cases.models import Case

    return Case.objects.select_related("edition", "about", "holder").defer("edition__texts").get(pk=pk)


# --- The life of a request --------------------------------------------------------------


class _Request:
    """One request: a resident, what is asked, and what everybody does about it."""

    def __init__(self, month: Month, random: Luck) -> None:
        self.month, self.random, self.county = month, random, month.county
        self.village = random.choice(self.county.villages)
        self.channel = random.choices(CHANNELS, WEIGHTS)[0]
        self.matter = f"{random.choice(MATTERS)}，{random.randrange(10_000)}号附近"
        self.klass = random.choice(CLASSES)
        self.now = random.any_time()
        self.key = f"{random.getrandbits(64):x}"
        self.pk = 0
        self.code = ""

    @property
    def case(self) -> Any:
        """The case it became."""
        return _case(self.pk)

    @property
    def township(self) -> Any:
        """Who sorts and calls back."""
        return self.county.users[self.county.township_of[self.village.pk]]

    @property
    def desk(self) -> Any:
        """Who decides what others do not agree on."""
        return self.county.desk

    def later(self, *choices: int) -> datetime:
        """Let so many working days pass, drawn from these."""
        self.now = self.random.office(self.county.policy.workdays, self.now, self.random.choice(choices))
        return self.now

    def soon(self, hours: int) -> datetime:
        """Let some of these hours pass."""
        self.now = self.random.soon(self.now, hours)
        return self.now

    def met(self, what: str) -> None:
        """Note that it happened."""
        self.month.met[what] += 1

    def life(self) -> Life:
        """Live: asked, perhaps twice, sorted, handled, called back."""
        yield self.now
        self.ask()
        if self.random.chance(30):
            yield self.soon(2)
            self.ask_again()
        if self.random.chance(10):
            yield self.soon(30)
            if self.take_back():
                return
        if self.random.chance(25):
            twin = self.twin()
            yield twin.soon(1)
            twin.ask()
            self.now = twin.now
            yield self.later(0)
            self.merge(twin)
        if self.random.chance(20):
            yield self.later(1)
            self.leave_out()
        yield from self.sorted()

    def ask(self) -> None:
        """Ask, by the way that was drawn."""
        from zugong.cases import intake

        receipt, self.code = intake.receive("request", **self._asked(self.key))
        self.month.receipts[self.key] = receipt.number
        self.pk = receipt.case_id
        self.met(f"asked by {self.channel}")

    def _asked(self, key: str) -> dict[str, Any]:
        contact = {"contact": f"电话{self.key[:10]}"} if int(self.key, 16) % 2 else {}
        return {
            "about": self.village,
            "answers": {"matter": self.matter, **contact},
            "channel": self.channel,
            "day": day_of(self.now),
            "at": self.now,
            "by": self._taker(),
            "key": key,
            "outside_number": f"热-{self.key}" if self.channel in ("hotline", "api") else "",
        }

    def _taker(self) -> Any:
        if self.channel in ("public", "api"):
            return None
        if self.channel == "grid":
            return self.county.grid[self.village.pk]
        if self.channel == "hotline":
            return self.county.hotline
        return self.county.users[self.village.pk]

    def ask_again(self) -> None:
        """Send the same form again, or the same number of the hotline's under another key."""
        from zugong.cases import intake

        again, code = intake.receive("request", **self._asked(self.key))
        assert (again.number, code) == (self.month.receipts[self.key], self.code)
        self.met("the same key")
        if self.channel in ("hotline", "api"):
            with suppress(intake.TakenInAlready):
                intake.receive("request", **self._asked(f"{self.key} again"))
                self.met("a number taken in twice")
            self.met("the same number")

    def take_back(self) -> bool:
        """Withdraw what one's own people entered; who asked without an account cannot."""
        from zugong.cases import actions

        if (taker := self._taker()) is None:
            return False
        actions.withdraw(self.case, by=taker, day=day_of(self.now), reason="重复登记")
        self.met("withdrawn")
        return True

    def twin(self) -> _Request:
        """Let a neighbour ask the same."""
        twin = _Request(self.month, self.random.fork())
        twin.village, twin.matter, twin.now, twin.channel = self.village, self.matter, self.now, "public"
        return twin

    def merge(self, twin: _Request) -> None:
        """Let the neighbour's go on in this one."""
        from zugong.cases import actions

        actions.merge(twin.case, self.case, by=self.township, day=day_of(self.now), reason="同一处、同一件事")
        self.met("merged")

    def leave_out(self) -> None:
        """Ask that it counts in no rate, and let a second person agree, or not."""
        from zugong.cases import excluding

        proposal = excluding.propose(
            self.case, reason="不属于本县", by=self.township, day=day_of(self.now), at=self.now
        )
        if self.random.random() < 0.7:
            excluding.agree(proposal, by=self.county.head, day=day_of(self.now), at=self.now)
            self.met("left out")

    # --- Sorted ---------------------------------------------------------------------

    def sorted(self) -> Life:
        """Say whose it is: one's, several's, nobody's."""
        yield self.later(0, 0, 1, 1, 2, 4)
        lot = self.random.random()
        if lot < 0.05:
            self.pass_on(self.township, "no-owner", reason="职责清单里没有")
            yield self.later(1, 2, 4)
            self.pass_on(self.desk, "found", owner=self.department().pk)
            yield from self.handled()
        elif lot < 0.15:
            yield from self.whistled()
        else:
            self.pass_on(self.township, "dispatch", **self.sorting(), owner=self.department().pk)
            yield from self.handled()

    def sorting(self) -> dict[str, Any]:
        """Say of which class and level it is."""
        return {
            "request-class": self.klass,
            "request-level": "urgent" if self.random.chance(120) else "ordinary",
        }

    def department(self) -> Any:
        """Draw a department."""
        return self.random.choice(self.county.departments)

    def whistled(self) -> Life:
        """Call one or several departments beside the lead; each comes, or says that it is not theirs."""
        from zugong.cases.models import Case

        lead, *called = self.random.sample(self.county.departments, self.random.choice((2, 3, 4)))
        self.pass_on(
            self.township, "whistle", **self.sorting(), owner=lead.pk, called=[one.pk for one in called]
        )
        for pk in Case.objects.filter(parent=self.pk).order_by("pk").values_list("pk", flat=True):
            yield from self.attended(pk)
        yield from self.paused(60)
        yield self.later(0, 1, 1, 3)
        self.answer()
        yield from self.called_back()

    def attended(self, task: int) -> Life:
        """Come when called; or say that it is not theirs and be told."""
        yield self.soon(8)
        if self.random.chance(120):
            self.step(task, None, "not-ours", reason="不在职责清单内")
            yield self.later(0, 1, 2)
            stands = self.random.chance(600)
            self.step(task, self.desk, "stands" if stands else "released", reason="按职责清单")
            if not stands:
                return
            yield self.soon(8)
        self.step(task, None, "arrived")
        yield self.later(0, 1)
        self.step(task, None, handling="已到场处置")

    # --- Handled --------------------------------------------------------------------

    def handled(self) -> Life:
        """Refuse it, or do it: at once, with a pause or an extension, late, very late, never."""
        if self.random.chance(80):
            yield self.later(0, 1)
            self.pass_on(None, "not-ours", reason="不属本单位")
            yield self.later(0, 1, 2)
            if self.random.chance(400):
                self.pass_on(self.desk, "elsewhere", reason="另行分办")
                yield from self.sorted()
                return
            self.pass_on(self.desk, "stands", reason="仍由原单位办")
        yield from self.paused(80)
        yield from self.extended()
        if self.random.chance(8):
            return  # nobody ever does it
        yield self.later(*((0, 1, 2, 3, 4) if self.random.chance(850) else (6, 7, 9, 12)))
        self.answer()
        yield from self.called_back()

    def paused(self, thousandths: int) -> Life:
        """Let the clock stand for a reason: until a day, or until somebody lets it run on before."""
        from zugong.cases import actions

        if not self.random.chance(thousandths):
            return
        yield self.later(0, 1)
        case, day = self.case, day_of(self.now)
        by = self.county.users[case.holder_id]
        actions.accept(case, by=by, day=day)
        until = day + ONE_DAY * self.random.randrange(1, 9)
        actions.pause(case, by=by, day=day, until=until, reason="等材料到货")
        self.met("paused")
        if self.random.chance(500):
            yield self.soon(20)
            case = self.case
            if case.state == "paused":
                actions.resume(case, by=by, day=day_of(self.now))
                self.met("resumed")
        else:
            self.now = _at(until + ONE_DAY, 8)
            self.met("resumed by the calendar")

    def extended(self) -> Life:
        """Ask for more time, which nobody gives to themselves."""
        from zugong.cases import actions
        from zugong.core.errors import Refused

        if not self.random.chance(60):
            return
        yield self.later(1, 2, 6)
        case = self.case
        until = max(case.due_on, day_of(self.now)) + ONE_DAY * self.random.randrange(1, 10)
        more = {"day": day_of(self.now), "until": until, "reason": "涉及几个村"}
        with suppress(Refused):
            actions.extend(case, by=self.county.users[case.holder_id], **more)
            self.met("extended by its holder")
        actions.extend(case, by=self.desk, **more)
        self.met("extended")

    def answer(self) -> None:
        """Answer: solved, or explained."""
        outcome = "solved" if self.random.chance(850) else "explained"
        self.pass_on(None, outcome, handling="已到现场办理", response="已办好，谢谢反映")

    # --- Called back ----------------------------------------------------------------

    def called_back(self) -> Life:
        """Let the resident say, or the township ask; some are checked by lot, some go on after their end."""
        from zugong.cases import actions

        yield self.later(0, 1, 2, 4) if self.random.chance(600) else self.soon(60)
        outcome = self.random.choices(("satisfied", "dissatisfied", "unreachable"), (80, 10, 10))[0]
        said = {"call-note": "还没有彻底解决"} if outcome == "dissatisfied" else {}
        if self.code and outcome != "unreachable" and self.random.chance(500):
            case = self.rate(outcome, said)
        else:
            case = self.pass_on(self.township, outcome, **said)
        if case.stage == "spot-check" and case.is_open():
            yield self.later(1, 2, 3)
            doubtful = self.random.chance(150)
            case = self.pass_on(self.desk, "doubtful" if doubtful else "confirmed", **{"call-note": "已核实"})
        if case.is_open():
            yield from self.handled()
        elif self.random.chance(20):
            yield self.later(1, 3)
            by = self.desk if case.stage == "spot-check" else self.township
            actions.reopen(self.case, by=by, day=day_of(self.now), reason="又坏了")
            self.met("reopened")
            yield from self.handled()

    def rate(self, outcome: str, said: dict[str, Any]) -> Any:
        """Rate it with the receipt's code, as the public page does; return the case."""
        from zugong.cases import actions, intake

        receipt = intake.found_by(self.month.receipts[self.key], self.code)
        assert receipt is not None
        actions.submit_as_asker(receipt.case, day=day_of(self.now), outcome=outcome, answers=said)
        self.met(f"rated {outcome}")
        return receipt.case

    def pass_on(self, by: Any, outcome: str, **answers: Any) -> Any:
        """Pass the request on."""
        return self.step(self.pk, by, outcome, **answers)

    def step(self, pk: int, by: Any, outcome: str = "", **answers: Any) -> Any:
        """Pass a case on, by whoever holds it where nobody is named; return it as it stands then."""
        from zugong.cases import actions

        case = _case(pk)
        by = by or self.county.users[case.holder_id]
        actions.submit(case, by=by, day=day_of(self.now), outcome=outcome, answers=answers)
        self.met(outcome or "done")
        return case


def _complaint(month: Month) -> Life:
    """Somebody complains of an official: checked by who stands above, never by the one complained of."""
    from zugong.cases import actions, intake, powers
    from zugong.core.errors import Refused

    county, random = month.county, month.random.fork()
    now, village = random.any_time(), random.choice(county.villages)
    against = random.choice(county.secretaries)
    yield now
    receipt, _ = intake.receive(
        "complaint",
        about=village,
        answers={"matter": "办事不公", "complained-of": against.pk},
        channel="public",
        day=day_of(now),
        at=now,
        by=None,
        key=f"complaint {random.getrandbits(64):x}",
    )
    month.met["complaint"] += 1
    now = random.office(county.policy.workdays, now, random.choice((1, 3, 8, 12)))
    yield now
    said = {"outcome": "founded", "answers": {"handling": "已核查", "response": "已处理"}}
    case, day = _case(receipt.case_id), day_of(now)
    asked = powers.at_turn(case, day)[1]
    for outsider in [user for user in county.users.values() if user.person_id == against.pk]:
        with suppress(Refused):
            actions.submit(case, by=outsider, day=day, **said)
            month.met["complaint decided by whom it is against"] += 1
    actions.submit(case, by=asked[0], day=day, **said)
    month.met["founded"] += 1


# --- Points and funds -------------------------------------------------------------------


def _funds(month: Month) -> Life:
    """Every few days fill a fund and pay from it: two people each time, some twice, some too much, some taken back."""
    from zugong.core.errors import Refused
    from zugong.ledgers import keeping
    from zugong.ledgers.models import Book, Posting

    county, random, now = month.county, month.random.fork(), _at(FIRST, 9)

    def keep(deed: Any) -> None:
        """Do it by two people."""
        day = day_of(now)
        motion = keeping.keep(county.policy, deed, by=county.desk, day=day)
        if random.random() < 0.05:
            keeping.answer(county.policy, motion, agreed=False, by=county.second, day=day)
            month.met["not agreed"] += 1
            return
        with suppress(Refused):
            keeping.answer(county.policy, motion, agreed=True, by=county.desk, day=day)
            month.met["agreed by who asked"] += 1
        keeping.answer(county.policy, motion, agreed=True, by=county.second, day=day)
        month.met[f"{deed.verb} {deed.name}"] += 1

    for turn in range((END - FIRST).days - 3):
        now = random.office(county.policy.workdays, now, 1)
        if day_of(now) > END:
            return
        yield now
        if turn % 5 == 0:
            for fund in ("relief-fund", "basics-grant"):
                keep(keeping.Deed(Book.LEDGER, fund, "fill", f"青财〔2026〕{turn}号", amount=1_000_000))
        for village in random.sample(county.villages, 2):
            paper, amount = (
                f"青组审〔2026〕{turn}-{village.pk}号",
                random.choice((20_000, 150_000, 9_000_000)),
            )
            with suppress(Refused):
                keep(
                    keeping.Deed(Book.LEDGER, "relief-fund", "pay", paper, subject=village.pk, amount=amount)
                )
            with suppress(Refused):
                keep(keeping.Deed(Book.LEDGER, "basics-grant", "pay", paper, subject=village.pk))
        if turn % 4 == 3:
            paid = Posting.objects.filter(ledger="relief-fund", target__holder__isnull=False, reverses=None)
            last = paid.filter(reversed_by=None).last()
            if last:
                with suppress(Refused):
                    keep(
                        keeping.Deed(Book.LEDGER, "relief-fund", "reverse", f"付错了 {turn}", posting=last.pk)
                    )


def _points(month: Month) -> Life:
    """Every week some departments spend their points, by both rules."""
    from zugong.core.errors import Refused
    from zugong.ledgers import actions as ledgers

    county, random, now = month.county, month.random.fork(), _at(FIRST, 9)
    while day_of(now := random.office(county.policy.workdays, now, 4)) <= END:
        yield now
        for department in random.sample(county.departments, 8):
            for benefit in ("praise", "study"):
                with suppress(Refused):
                    ledgers.redeem(
                        county.policy, "service-points", benefit, holder=department, day=day_of(now), by=county.desk
                    )  # fmt: skip
                    month.met[f"redeem {benefit}"] += 1


# --- The benchmark ----------------------------------------------------------------------


def main(many: int = 500) -> None:
    """Print one JSON object: how many requests a second live from their opening to their closing, and bare SQL beside it."""
    from bench.site import machine
    from zugong.cli import site

    site.set_up()
    print(json.dumps({"requests": measure(many), **machine()}, ensure_ascii=False, indent=1))


def measure(many: int) -> dict[str, object]:
    """Live a month in a database of its own; then write the same rows again by bare SQL."""
    from bench.requests311 import written_bare
    from zugong.cases.models import Case, Step
    from zugong.scenarios import scratch

    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with scratch.database(environ):
        month = Month(county(), many, Luck(9))
        start = perf_counter()
        month.live()
        seconds = perf_counter() - start
        closed = Case.objects.filter(receipt__isnull=False, closed_on__isnull=False).count()
        bare = written_bare(round(Step.objects.count() / Case.objects.count()))
    return {
        "requests": many,
        "closed": closed,
        "seconds": round(seconds, 1),
        "closed_per_second": round(closed / seconds, 1),
        "jobs_seconds": round(month.jobs_seconds, 1),
        "bare_seconds": round(bare, 1),
        "ratio": round(seconds / bare, 1),
    }
