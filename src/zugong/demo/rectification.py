"""The year 2025 of twenty-seven villages, told by the same deeds that users do, each on its day.

Nine were struck off, one asks to be (two people), fourteen wait for acceptance, one was found not yet cured and
waits to be extended or rolled over, and in 禾堰村 one task is left and the deadline has passed. 白石村 is none of them: its year is to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import cycle

from zugong.accounts.models import User
from zugong.activities import actions as activities
from zugong.activities.models import Activity
from zugong.activities.rules import Item, Report
from zugong.cases import actions as cases
from zugong.cases import jobs
from zugong.cases.models import Case
from zugong.demo.accounts import Users
from zugong.demo.county import CAST, County
from zugong.demo.diary import Diary
from zugong.demo.names import FIRST_VILLAGES
from zugong.duties import jobs as duties
from zugong.ledgers import actions as ledgers
from zugong.packs.policy import Policy
from zugong.registry import actions as registry
from zugong.registry import bulk
from zugong.registry.models import Subject
from zugong.registry.rules import PERSON, POST

STUCK = "禾堰村"
STRUCK_OFF, TO_STRIKE_OFF, TO_ACCEPT, TO_ROLL_OVER = 9, 2, 14, 1  # and 禾堰村 itself: 27
LEADERS, DEPARTMENTS = 23, 50
TRAINED = ("县农业农村局", "科员（一）")  # 周砚, who waits to be posted
SHOULD, CAME = 11, 10
CAUSES = (["weak"], ["idle", "disorderly"], ["paralysed"], ["weak", "idle"], ["disorderly"], ["sick", "weak"])
TASK_DAYS = ((4, 15), (5, 20), (6, 18), (8, 14), (9, 16), (10, 22))


@dataclass(frozen=True)
class Village:
    """One of the twenty-seven: its case, who supports it, and how far it comes."""

    name: str
    about: Subject
    leader: int
    departments: tuple[str, ...]
    posted: tuple[str, str]  # the post from which the first secretary comes
    causes: list[str]
    ends: str  # struck-off, to-strike-off, to-accept, to-roll-over, at-work

    @property
    def case(self) -> Case:
        """Its case."""
        return Case.objects.get(kind="rectification", about=self.about)


def chosen(county: County) -> list[str]:
    """Choose the twenty-seven: 禾堰村 and others from every corner, but none of those that the pictures show."""
    others = [name for name in county.villages if name not in FIRST_VILLAGES]
    return [STUCK, *sorted(county.random.sample(others, 26), key=county.villages.index)]


def plan(county: County, users: Users, diary: Diary, names: Sequence[str]) -> list[Village]:
    """Write the year into the diary. The cases must have been left to be opened on the year's first day."""
    villages, policy = _villages(county, names), diary.policy
    diary.on(date(2025, 1, 1), jobs.come_about)
    for month in range(1, 13):
        diary.on(date(2025, month, 1), partial(_open_month, month))
    _meetings(county, users, diary, villages)
    diary.on(date(2025, 2, 5), partial(_support, county, users, policy, villages))
    diary.on(date(2025, 2, 17), partial(_fill_pool, users, policy))
    for village in villages:
        _plan(county, users, diary, village)
        _work(county, users, diary, village)
        _end(users, diary, village)
    diary.on(date(2025, 11, 24), partial(_train, county, users))
    return villages


def _villages(county: County, names: Sequence[str]) -> list[Village]:
    random = county.random
    at_large = [key for key in county.holders if key[0] == "县委" and key not in CAST]
    turn = cycle(random.sample([county.holders[key] for key in at_large], LEADERS))
    departments = random.sample([name for name in county.departments if name != TRAINED[0]], DEPARTMENTS)
    ends = (
        ["at-work"]
        + ["struck-off"] * STRUCK_OFF
        + ["to-strike-off"] * TO_STRIKE_OFF
        + ["to-accept"] * TO_ACCEPT
        + ["to-roll-over"] * TO_ROLL_OVER
    )
    villages = []
    for place, name in enumerate(names):
        first = departments.pop()
        second = (departments.pop(),) if len(departments) > len(names) - place - 1 else ()
        villages.append(
            Village(
                name,
                county.subject(name),
                next(turn),
                (first, *second),
                (first, "科员（一）"),
                CAUSES[place % len(CAUSES)],
                ends[place],
            )
        )
    return villages


def _open_month(month: int, _: date) -> None:
    """Open the duties that begin with a month, as the night's job would have."""
    duties.open_due(date(2025, month, 1))


# --- January and February: three meetings ------------------------------------------------


def _meetings(county: County, users: Users, diary: Diary, villages: Sequence[Village]) -> None:
    of_town: dict[str, list[Village]] = defaultdict(list)
    for village in villages:
        of_town[county.township_of[village.name]].append(village)
    for place, (town, its) in enumerate(of_town.items()):
        diary.on(
            date(2025, 1, 13) + timedelta(days=place % 5),
            partial(_township_meets, county, users, diary, town, its),
        )
    for day, kind, body, by in (
        (date(2025, 1, 22), "department-meeting", "县委组织部", users.desk),
        (date(2025, 2, 14), "standing-committee-meeting", "县委常委会", users.committee),
    ):
        diary.on(day, partial(_county_meets, county, diary, kind, body, by, villages))


def _township_meets(
    county: County, users: Users, diary: Diary, town: str, villages: Sequence[Village], day: date
) -> None:
    clerk = users.clerk(town)
    meeting = _meet(diary.policy, "township-meeting", county.subject(town), villages, clerk, day)
    for village, item in zip(villages, meeting.agenda.order_by("place"), strict=True):
        case = village.case
        cases.accept(case, by=clerk, day=day)
        answers = {
            "causes": village.causes,
            "look-back": "近三年未被列为整顿对象；书记调整一次，班子成员年龄偏大，后备力量不足。",
        }
        cases.submit(case, by=clerk, day=day, answers=answers, item=item)


def _county_meets(
    county: County,
    diary: Diary,
    kind: str,
    body: str,
    by: User,
    villages: Sequence[Village],
    day: date,
) -> None:
    meeting = _meet(diary.policy, kind, county.subject(body), villages, by, day)
    for village, item in zip(villages, meeting.agenda.order_by("place"), strict=True):
        cases.submit(village.case, by=by, day=day, item=item)


def _meet(
    policy: Policy, kind: str, body: Subject, villages: Sequence[Village], by: User, day: date
) -> Activity:
    """Hold one sitting that decides about all these villages."""
    report = Report(
        topic="研究确定整顿对象",
        minutes=f"会议逐村研究 {len(villages)} 个村党组织的情况，逐项表决通过。",
        should_attend=SHOULD,
        attended=CAME,
        agenda=tuple(
            Item(f"{village.name}党支部列为整顿对象", "同意", in_favour=CAME, against=0, abstained=0)
            for village in villages
        ),
    )
    return activities.hold(policy, kind, day=day, run_by=body, by=by, today=day, report=report)


# --- February: supporters, money, plans --------------------------------------------------


def _support(county: County, users: Users, policy: Policy, villages: Sequence[Village], day: date) -> None:
    """Post a trained first secretary to each village, and tie leader, departments and first secretary to it."""
    rows = [
        bulk.New("first-secretary", f"{village.name}第一书记", parent=village.about.pk, since=day)
        for village in villages
    ]
    posts = bulk.add_all(POST, rows, by=str(users.desk))
    for village, post in zip(villages, posts, strict=True):
        person = Subject(pk=county.holders[village.posted], noun=PERSON)
        by = users.desk
        registry.enter("trained", person, since=day, by=by, source="2025年第一书记岗前培训班")
        registry.appoint(person, post=Subject(pk=post, noun=POST), since=day, by=by, kind="secondment")
        tie = partial(registry.tie, policy, "supporter", far=village.about, since=day, by=by)
        tie("leader", near=Subject(pk=village.leader, noun=PERSON))
        tie("first-secretary", near=person)
        for department in village.departments:
            tie("department", near=county.subject(department))
        users.posted(village.name, village.posted)


def _train(county: County, users: Users, day: date) -> None:
    """Train who may be posted next year."""
    person = Subject(pk=county.holders[TRAINED], noun=PERSON)
    registry.enter("trained", person, since=day, by=users.desk, source="2026年第一书记岗前培训班")


def _fill_pool(users: Users, policy: Policy, day: date) -> None:
    ledger = policy.ledger("basics-grant")
    ledgers.post(
        ledger,
        "fill 2025",
        source=ledgers.outside(ledger.name),
        target=ledgers.pool(ledger.name),
        amount=20_000_000,
        day=day,
        deed="虚构：青财行〔2025〕7号 拨付基础设施以奖代补资金",
        by=users.desk,
    )


def _plan(county: County, users: Users, diary: Diary, village: Village) -> None:
    """A plan is signed by the members' meeting, the township and the department, in this order."""
    text = "一是配强班子，书记跟班培训一个月；二是每周一、三、五坐班；三是办好一个集体经济项目；责任人、时限见任务清单。"
    by = (
        (date(2025, 2, 18), partial(users.secretary, village.name)),
        (date(2025, 2, 21), partial(users.clerk, county.township_of[village.name])),
        (date(2025, 2, 26), lambda: users.desk),
    )
    for day, signer in by:
        diary.on(day, partial(_sign, village, signer, {"plan": text}))


def _sign(village: Village, signer: Callable[[], User], answers: dict[str, str], day: date) -> None:
    cases.submit(village.case, by=signer(), day=day, answers=answers)


# --- March to November: the work ------------------------------------------------------------


def _work(county: County, users: Users, diary: Diary, village: Village) -> None:
    random = county.random
    for place, (month, day) in enumerate(TASK_DAYS):
        if village.name == STUCK and place == len(TASK_DAYS) - 1:
            diary.on(date(2025, 10, 30), partial(_ask_for_time, users, village))
            continue
        done = date(2025, month, day) + timedelta(days=random.randrange(5))
        diary.on(done, partial(_do_task, users, village, place))
        diary.on(done + timedelta(days=2), partial(_check_task, county, users, village, place))


def _task(village: Village, place: int) -> Case:
    return village.case.children.order_by("id")[place]


def _do_task(users: Users, village: Village, place: int, day: date) -> None:
    by = users.posted(village.name, village.posted)
    cases.submit(
        _task(village, place), by=by, day=day, answers={"task-result": "已按方案完成，佐证材料存村档案。"}
    )


def _check_task(county: County, users: Users, village: Village, place: int, day: date) -> None:
    cases.submit(
        _task(village, place), by=users.clerk(county.township_of[village.name]), day=day, note="属实"
    )


def _ask_for_time(users: Users, village: Village, day: date) -> None:
    cases.extend(
        _task(village, len(TASK_DAYS) - 1),
        by=users.clerk(users.county.township_of[village.name]),
        day=day,
        until=date(2025, 12, 12),
        reason="村规民约须经村民会议表决，会议定在12月上旬。",
    )


# --- November and December: how far each has come ----------------------------------------------


def _end(users: Users, diary: Diary, village: Village) -> None:
    ends = village.ends
    if ends == "at-work":
        diary.on(date(2025, 11, 19), partial(_extend_work, users, village))
        return
    late = ends in ("to-accept", "to-roll-over")
    diary.on(date(2025, 11, 18 if late else 5), partial(_report, users, village))
    if ends == "to-accept":
        diary.on(date(2025, 12, 1), partial(_put_off, users, village))
        return
    accepted = {
        "struck-off": date(2025, 11, 17),
        "to-strike-off": date(2025, 12, 3),
        "to-roll-over": date(2025, 12, 2),
    }
    outcome = "not-yet" if ends == "to-roll-over" else "accepted"
    diary.on(
        date(2025, 11, 14) if not late else accepted[ends], partial(_visit, users, diary.policy, village)
    )
    if ends == "to-strike-off":
        diary.on(date(2025, 11, 17), partial(_put_off, users, village))
    diary.on(accepted[ends], partial(_accept, users, village, outcome))
    if ends == "struck-off":
        diary.on(date(2025, 11, 20), partial(_propose_strike, users, village))
        diary.on(date(2025, 11, 21), partial(_agree_strike, users, village))
    if ends == "to-strike-off" and village.posted:
        diary.on(date(2025, 12, 5), partial(_propose_strike, users, village))


def _report(users: Users, village: Village, day: date) -> None:
    answers = {"result": "六项任务全部办结；班子配齐，坐班正常，集体经济项目已签约。"}
    cases.submit(village.case, by=users.secretary(village.name), day=day, answers=answers)


def _extend_work(users: Users, village: Village, day: date) -> None:
    cases.extend(
        village.case,
        by=users.desk,
        day=day,
        until=date(2025, 12, 5),
        reason="还有一项任务等村民会议表决，村里申请延期，同意",
    )


def _put_off(users: Users, village: Village, day: date) -> None:
    cases.extend(
        village.case, by=users.committee, day=day, until=date(2025, 12, 19), reason="12月中旬集中验收"
    )


def _visit(users: Users, policy: Policy, village: Village, day: date) -> None:
    """See for oneself, and lay the visit with the case."""
    office = Subject.objects.get(pk=users.county.bodies["县委组织部"])
    report = Report(topic=f"到{village.name}实地查看整顿情况")
    visit = activities.hold(
        policy,
        "site-visit",
        day=day,
        run_by=office,
        by=users.desk,
        today=day,
        at=village.about,
        report=report,
    )
    cases.lay(village.case, by=users.desk, day=day, activity=visit)


def _accept(users: Users, village: Village, outcome: str, day: date) -> None:
    finding = (
        "群众知晓率高，班子运行正常。" if outcome == "accepted" else "书记人选仍未到位，集体经济项目停滞。"
    )
    cases.submit(village.case, by=users.desk, day=day, outcome=outcome, answers={"finding": finding})


def _propose_strike(users: Users, village: Village, day: date) -> None:
    cases.submit(village.case, by=users.desk, day=day, outcome="struck-off", note="验收合格，提请销号")


def _agree_strike(users: Users, village: Village, day: date) -> None:
    cases.agree(village.case, by=users.head, day=day)
