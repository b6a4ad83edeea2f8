"""Two ratings: 2024 as it was decided, and the facts of 2025, from which the same six counts follow when computed.

The facts are made backwards. Each village is meant to reach a total in the range of a grade; what meetings, income,
standards, problems and honours give is drawn first, and the marks of raters make up the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from zugong.activities.models import Activity, Presence
from zugong.activities.rules import State
from zugong.cases import actions as cases
from zugong.core import clock, journal
from zugong.core.period import period
from zugong.demo.accounts import Users
from zugong.demo.county import BY, DAY, County
from zugong.demo.rectification import Village
from zugong.duties import actions as duties
from zugong.duties.models import Answer, Fulfilment, Occurrence
from zugong.duties.rules import outcome
from zugong.packs.policy import Policy
from zugong.registry import actions as registry
from zugong.registry.models import Appointment
from zugong.scorecards import actions as scorecards
from zugong.scorecards.models import Mark

CARD, NOT_RATED = "village-stars", "not-rated"
COUNTS = {"5": 22, "4": 25, "3": 92, "2": 102, "1": 25, NOT_RATED: 2}
YEAR = 2025
# Grade → the totals that give it, in thousandths, so far from the limits 90, 85, 75 and 60 that
# what December's meetings change moves nobody.
TOTALS = {
    "5": (90_800, 96_000),
    "4": (85_800, 89_200),
    "3": (75_800, 84_200),
    "2": (60_800, 74_200),
    "1": (38_000, 58_800),
    NOT_RATED: (50_000, 70_000),
}
DUE = 36  # meetings due on the demo's first day: eleven of three kinds, and three members' meetings
PROBLEMS = ("党务公开不及时", "村务账目公示缺一季", "民主评议漏一户", "议事记录不全", "党费收缴晚一月")
PROBLEM_VILLAGES = 20


@dataclass(frozen=True)
class Made:
    """What is made for one village so that its total comes out as meant."""

    village: str
    grade: str
    total: int
    meetings: int
    income: int  # yuan
    standards: int
    problems: int
    honours: int

    @property
    def rest(self) -> int:
        """What raters must give for the team and for service, in thousandths."""
        return self.total - self.facts

    @property
    def facts(self) -> int:
        """What the facts give, in thousandths, by the card of 2025."""
        return (
            (self.meetings * 20_000 + DUE) // (2 * DUE)
            + next(marks for least, marks in INCOME if self.income >= least)
            + self.standards * 2_500
            + 10_000
            - self.problems * 2_000
            + self.honours * 2_500
        )


INCOME = ((500_000, 20_000), (200_000, 16_000), (100_000, 12_000), (50_000, 8_000), (0, 4_000))


# --- 2024, as decided ---------------------------------------------------------------------


def decide_2024(county: County, users: Users, candidates: Sequence[str]) -> None:
    """Enter the grades of 2024, which the department decided without a score, and publish them by two people."""
    grades = _grades_2024(county, candidates)
    day, units = date(2024, 12, 30), {county.bodies[village]: grade for village, grade in grades.items()}
    with clock.standing(day, 15):
        minutes = "部务会2024年12月30日逐村审定2024年度星级；当年系统刚启用，指标未录入，等次由会议决定。"
        run = scorecards.decide_without_score(CARD, day=day, grades=units, minutes=minutes, by=users.desk)
        scorecards.decide(run, by=users.desk, day=day, minutes=minutes)
    with clock.standing(date(2024, 12, 31), 9):
        scorecards.publish(run, by=users.head, day=date(2024, 12, 31))


def _grades_2024(county: County, candidates: Sequence[str]) -> dict[str, str]:
    """The candidates have one star, the last two of them none; everybody else is drawn for the rest."""
    low = dict.fromkeys(candidates[:-2], "1") | dict.fromkeys(candidates[-2:], NOT_RATED)
    others = [village for village in county.villages if village not in low]
    drawn = [grade for grade in ("5", "4", "3", "2") for _ in range(COUNTS[grade])]
    county.random.shuffle(drawn)
    return dict(zip(others, drawn, strict=True)) | low


# --- 2025, as it will be computed -------------------------------------------------------------


def make_2025(county: County, users: Users, policy: Policy, villages: Sequence[Village]) -> list[Made]:
    """Make every fact of 2025 and the marks of the township raters. Nothing is frozen or computed."""
    made = _meant(county, villages)
    _hold_meetings(county, made)
    _answer_income(county, made)
    _check_standards(county, policy, made)
    _visit(county, villages)
    _uphold(county, users, made)
    _leave_posts(county, users, made)
    _honour(county, users, made)
    with clock.standing(date(2025, 12, 5), 16):
        _mark(county, made)
        journal.write("demo.facts", by=BY, on=f"{YEAR}年度", villages=len(made))
    return made


def _meant(county: County, villages: Sequence[Village]) -> list[Made]:
    random = county.random
    fixed = {
        "青林村": Made("青林村", "5", 91_250, 36, 620_000, 8, 0, 1),
        "杜若村": Made(
            "杜若村", "3", 86_600, 35, 230_000, 8, 1, 0
        ),  # four stars but for an empty duty roster
        "白石村": Made("白石村", "1", 52_300, 28, 21_000, 4, 0, 0),
    }
    better = {village.name for village in villages} | set(fixed)  # nobody becomes a candidate twice
    free = [name for name in county.villages if name not in better]
    random.shuffle(free)
    grades = {name: one.grade for name, one in fixed.items()}
    for grade in (NOT_RATED, "1", "5", "4"):
        while sum(found == grade for found in grades.values()) < COUNTS[grade]:
            grades[free.pop()] = grade
    rest = [name for name in county.villages if name not in grades]
    threes = COUNTS["3"] - sum(found == "3" for found in grades.values())
    chosen = set(random.sample(rest, threes))
    grades |= {name: "3" if name in chosen else "2" for name in rest}
    with_problems = set(random.sample([name for name in rest if name not in fixed], PROBLEM_VILLAGES))
    return [
        fixed.get(name) or _made(random, name, grades[name], int(name in with_problems))
        for name in county.villages
    ]


def _made(random: Random, name: str, grade: str, problems: int) -> Made:
    """Draw facts until what raters must give lies within what they can give."""
    low = grade in ("1", NOT_RATED)
    high = grade in ("5", "4")
    while True:
        made = Made(
            name,
            grade,
            random.randrange(*TOTALS[grade]),
            random.randint(*((20, 28) if low else (34, 36) if high else (27, 35))),
            random.choice(
                (8_000, 26_000, 63_000)
                if low
                else (210_000, 340_000, 560_000)
                if high
                else (57_000, 120_000, 260_000)
            )
            + random.randrange(20_000),
            random.randint(*((3, 5) if low else (7, 8) if high else (4, 7))),
            problems,
            int(grade == "5" and random.random() < 0.4),
        )
        if 12_000 <= made.rest <= 38_000:
            return made


def _hold_meetings(county: County, made: Sequence[Made]) -> None:
    """Hold each village's meetings but those it let fall, and count each for its duty."""
    random = county.random
    owed: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in Occurrence.objects.filter(duty__in=TOPICS, first__year=YEAR).order_by("duty", "first"):
        owed[occurrence.who_id].append(occurrence)
    held: list[tuple[Occurrence, Activity]] = []
    for one in made:
        village = county.bodies[one.village]
        due = [occurrence for occurrence in owed[village] if occurrence.last < DAY]
        kept = set(random.sample(range(len(due)), one.meetings))
        early = [
            occurrence for occurrence in owed[village] if occurrence.last >= DAY and one.grade in ("5", "4")
        ]
        secretary = _secretary(county, one.village)
        for occurrence in [occurrence for place, occurrence in enumerate(due) if place in kept] + early:
            held.append((occurrence, _meeting(occurrence, secretary, random)))
    Activity.objects.bulk_create([activity for _, activity in held], batch_size=2000)
    Fulfilment.objects.bulk_create(
        [Fulfilment(occurrence=occurrence, activity=activity) for occurrence, activity in held],
        batch_size=2000,
    )
    for occurrence, _ in held:
        occurrence.done = 1
    _settle([occurrence for its in owed.values() for occurrence in its])


def _settle(occurrences: Sequence[Occurrence]) -> None:
    """Write down what became of occurrences, as the jobs of the days past would have."""
    alike: dict[tuple[int, int, date], list[int]] = defaultdict(list)
    for occurrence in occurrences:
        alike[occurrence.needed, occurrence.done, occurrence.last].append(occurrence.pk)
    for (needed, done, last), ids in alike.items():
        found = outcome(needed=needed, done=done, excused=False) if last < DAY else ""
        settled_on = last + timedelta(days=1) if found else None
        Occurrence.objects.filter(pk__in=ids).update(done=done, outcome=found, settled_on=settled_on)


def _secretary(county: County, village: str) -> str:
    return f"{county.called[county.holders[village, '党支部书记']]}（{village}）"


def _meeting(owed: Occurrence, by: str, random: Random) -> Activity:
    """Hold a meeting on a day of its period that is past on the demo's first day."""
    last = min(owed.last, DAY - timedelta(days=3))
    day = owed.first + timedelta(days=random.randrange((last - owed.first).days + 1))
    noted = owed.duty in ("members-meeting", "branch-committee")
    should = {"branch-committee": 5, "party-group": 11}.get(owed.duty, 28)
    return Activity(
        kind=owed.duty,
        state=State.HELD,
        day=day,
        run_by_id=owed.who_id,
        topic=TOPICS[owed.duty][day.month % len(TOPICS[owed.duty])],
        minutes="会议按议程进行，到会党员发表意见，形成决定。" if noted else "",
        should_attend=should,
        attended=should - random.randint(0, should // 5),
        entered_by=by,
        entered_at=_at(day),
    )


TOPICS = {
    "branch-committee": ("研究党员发展", "研究集体经济项目", "研究为民服务事项", "研究村务公开"),
    "party-group": ("学习讨论", "联系服务群众", "组织生活准备"),
    "themed-day": ("主题党日：环境整治", "主题党日：政策宣讲", "主题党日：志愿服务"),
    "members-meeting": ("党员大会：季度工作", "党员大会：民主评议"),
}


def _at(day: date) -> datetime:
    return datetime.combine(day, time(18), clock.SHANGHAI)


def _answer_income(county: County, made: Sequence[Made]) -> None:
    """Answer the yearly question about income, each figure checked against the township's annual report."""
    owed = {one.who_id: one for one in Occurrence.objects.filter(duty="village-income", first__year=YEAR)}
    answered = date(YEAR, 12, 2)
    rows = [
        Answer(
            occurrence=owed[county.bodies[one.village]],
            field="income",
            version=1,
            value=one.income * 100,
            unit="fen",
            exact="exact",
            as_of=date(YEAR, 11, 30),
            source="虚构：乡镇经管站年报",
            by=_secretary(county, one.village),
            at=_at(answered),
            checked_by=_clerk(county, county.township_of[one.village]),
            checked_on=date(YEAR, 12, 4),
        )
        for one in made
    ]
    Answer.objects.bulk_create(rows, batch_size=2000)
    for occurrence in owed.values():
        occurrence.done = 1
    _settle(list(owed.values()))


def _clerk(county: County, town: str) -> str:
    return f"{county.called[county.holders[town, '组织干事']]}（{town}）"


def _check_standards(county: County, policy: Policy, made: Sequence[Made]) -> None:
    """Let each township check each of its villages against the eight standards."""
    fields = policy.activity("standards-check").fields
    rows = []
    for place, one in enumerate(made):
        met = set(county.random.sample(fields, one.standards))
        town, day = county.township_of[one.village], date(YEAR, 11, 10 + place % 10)
        rows.append(
            Activity(
                kind="standards-check",
                state=State.HELD,
                day=day,
                run_by_id=county.bodies[town],
                at_id=county.bodies[one.village],
                topic="对照标准逐项检查",
                fields={field: field in met for field in fields},
                entered_by=_clerk(county, town),
                entered_at=_at(day),
            )
        )
    Activity.objects.bulk_create(rows, batch_size=2000)


def _visit(county: County, villages: Sequence[Village]) -> None:
    """Let leaders come to their villages every month since March, and township heads four times a month."""
    random, rows, who = county.random, [], []
    for village in villages:
        head = county.holders[county.township_of[village.name], "党委副书记、镇长"]
        for month in range(3, 12):
            for person, times in ((village.leader, 1), (head, 4)):
                for week in range(times if random.random() < 0.97 else times - 1):
                    day = date(YEAR, month, min(1 + week * 7 + random.randrange(6), 28))
                    rows.append(
                        Activity(
                            kind="village-visit",
                            state=State.HELD,
                            day=day,
                            run_by_id=person,
                            at_id=village.about.pk,
                            topic="到村指导整顿",
                            attended=1,
                            entered_by=_secretary(county, village.name),
                            entered_at=_at(day),
                        )
                    )
                    who.append(person)
    Activity.objects.bulk_create(rows, batch_size=2000)
    Presence.objects.bulk_create(
        [Presence(activity=activity, person_id=person) for activity, person in zip(rows, who, strict=True)],
        batch_size=2000,
    )
    visits = list(Occurrence.objects.filter(duty__in=("leader-visit", "township-visit")).with_edition())
    duties.count(visits)
    _settle(visits)


# --- Findings, posts left, honours, marks: deeds of people --------------------------------------


def _uphold(county: County, users: Users, made: Sequence[Made]) -> None:
    """State each problem, hear the village, and decide by two people."""
    places = [one for one in made if one.problems]
    for place, one in enumerate(places):
        empty_roster = one.village == "杜若村"
        about, start = county.subject(one.village), date(YEAR, 6, 2) + timedelta(days=place * 5)
        clerk = users.clerk(county.township_of[one.village])
        fact = (
            "6月抽查三次，值班室两次无人。"
            if empty_roster
            else f"{PROBLEMS[place % len(PROBLEMS)]}，有检查记录。"
        )
        with clock.standing(start, 10):
            case = cases.open(
                "negative-hit", about=about, day=start, by=clerk, label="duty-vacant" if empty_roster else ""
            )
            cases.submit(case, by=clerk, day=start, answers={"fact": fact})
        second = start + timedelta(days=3)
        with clock.standing(second, 10):
            by = users.secretary(one.village)
            cases.submit(case, by=by, day=second, answers={"reply": "情况属实，已经整改。"})
        third = start + timedelta(days=7)
        with clock.standing(third, 10):
            cases.submit(case, by=users.desk, day=third, outcome="upheld", answers={"reason": "事实清楚"})
            cases.agree(case, by=users.head, day=third)


def _leave_posts(county: County, users: Users, made: Sequence[Made]) -> None:
    """Release the secretaries of the two villages that will not be rated; nobody has followed them yet."""
    day = date(YEAR, 10, 20)
    with clock.standing(day, 11):
        for one in made:
            if one.grade == NOT_RATED:
                post = county.posts[one.village, "党支部书记"]
                registry.release(
                    Appointment.objects.on(day).get(post=post), on=day, by=users.desk, source="因病辞职"
                )


def _honour(county: County, users: Users, made: Sequence[Made]) -> None:
    """Enter honours, each with the paper that proves it."""
    day = date(YEAR, 7, 1)
    with clock.standing(day, 11):
        for one in made:
            if one.honours:
                registry.enter(
                    "honours",
                    county.subject(one.village),
                    since=day,
                    by=users.desk,
                    value="county",
                    source="虚构：青委发〔2025〕11号",
                )


def _mark(county: County, made: Sequence[Made]) -> None:
    """Let townships rate their own villages and two peers each of them, so that 40% and 60% make up what is meant."""
    towns = list(dict.fromkeys(county.township_of.values()))
    span, rows = period("year", date(YEAR, 1, 1)), []
    for one in made:
        town = county.township_of[one.village]
        peers = [towns[(towns.index(town) + step) % len(towns)] for step in (1, 2)]
        team = min(max(one.rest // 2 + county.random.randrange(-900, 900), 0), 19_000)
        team = max(team, one.rest - 19_000)
        for indicator, marks in (("team", team), ("service", one.rest - team)):
            lean = min(600, (19_800 - marks) // 3 * 3)
            given = [("self", town, marks + lean)]
            given += [("mutual", peer, marks - lean * 2 // 3) for peer in peers]
            rows += [
                Mark(
                    card=CARD,
                    period=span.name,
                    unit_id=county.bodies[one.village],
                    indicator=indicator,
                    stage=stage,
                    rater_id=county.bodies[rater],
                    marks=figure,
                    by=_clerk(county, rater),
                    entered_at=clock.now(),
                )
                for stage, rater, figure in given
            ]
    Mark.objects.bulk_create(rows, batch_size=2000)
