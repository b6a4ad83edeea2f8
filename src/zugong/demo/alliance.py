"""The alliance of 禾汀镇 since last June: its members, its four lists, three meetings and what waits for the next.

The secretary of the alliance is the township's own clerk: she gets a second part, over the alliance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial

from zugong.accounts import actions as accounts
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities.rules import Item, Report
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.demo.accounts import AGREED_BY, Users
from zugong.demo.county import BY, County
from zugong.demo.diary import Diary
from zugong.registry import actions as registry
from zugong.registry.models import Subject
from zugong.registry.rules import ORGANISATION, THING

TOWN, NAME = "禾汀镇", "禾汀镇党建联盟"
FOUNDED, PLANNED = date(2025, 6, 10), date(2025, 12, 18)
SOURCE = "青组发〔2025〕3号"
MEMBERS = (
    *("县卫生健康局", "县教育局", "县司法局", "县民政局", "县人力资源和社会保障局"),
    *("县农业农村局", "县住房和城乡建设局", "县文化和旅游局"),
)
NEEDS = (
    ("独居老人上门量血压", "health"),
    ("暑假和周末孩子没处去", "learning"),
    ("邻里宅基地纠纷要人调解", "law"),
    ("老旧线路检修", "home"),
    ("返乡青年想学电商", "work"),
    ("微心愿：给敬老院添一台收音机", "culture"),
    ("慢性病取药路远", "health"),
)
RESOURCES = (
    ("家庭医生签约服务队", "县卫生健康局", "health"),
    ("流动体检车（每月两天）", "县卫生健康局", "health"),
    ("假期托管志愿教师", "县教育局", "learning"),
    ("公共法律服务站", "县司法局", "law"),
    ("农村电工巡检班", "县住房和城乡建设局", "home"),
    ("电商技能培训名额", "县人力资源和社会保障局", "work"),
    ("流动图书车", "县文化和旅游局", "culture"),
)
PROJECTS = (
    ("每周三健康上门", "县卫生健康局", "health", "独居老人上门量血压"),
    ("周末学堂", "县教育局", "learning", "暑假和周末孩子没处去"),
    ("法律服务赶场日", "县司法局", "law", "邻里宅基地纠纷要人调解"),
)
MET = (
    ("家庭医生签约服务队", "独居老人上门量血压"),
    ("假期托管志愿教师", "暑假和周末孩子没处去"),
    ("公共法律服务站", "邻里宅基地纠纷要人调解"),
)


@dataclass(frozen=True)
class Topic:
    """What is put on the table, which need it answers, who claims it, what they do, and whether that was enough."""

    matter: str
    need: str = ""
    claimer: str = ""
    done: str = ""
    satisfied: bool = True


MEETINGS = (
    (
        date(2025, 6, 24),
        (
            Topic("独居老人量血压要跑到镇上", NEEDS[0][0], "县卫生健康局", "每周三上门，已走访三十二户。"),
            Topic("邻里宅基地纠纷多，村里调不下来", NEEDS[2][0], "县司法局", "赶场日设点，调成七件。"),
        ),
    ),
    (
        date(2025, 8, 26),
        (
            Topic("暑假孩子没人带", NEEDS[1][0], "县教育局", "假期托管两个点，周末学堂接着办。"),
            Topic(
                "集镇线路老化，雨天跳闸",
                NEEDS[3][0],
                "县住房和城乡建设局",
                "换了四百米线，还有两处没换。",
                False,
            ),
        ),
    ),
    (
        date(2025, 10, 28),
        (
            Topic("返乡青年想学电商", NEEDS[4][0], "县人力资源和社会保障局"),
            Topic("敬老院想要一台收音机", NEEDS[5][0], "县文化和旅游局", "收音机和两百本书已送到。"),
        ),
    ),
)
OPEN = (
    (date(2025, 11, 20), Topic("慢性病取药路远", NEEDS[6][0])),
    (date(2025, 12, 2), Topic("集镇停车乱，救护车进出不便")),
)


@dataclass
class Alliance:
    """The alliance as it comes to be, day by day."""

    county: County
    users: Users
    diary: Diary
    body: Subject = field(default_factory=Subject)
    things: dict[str, Subject] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)  # matter → its case

    @property
    def secretary(self) -> User:
        """Who speaks for it."""
        return self.users.clerk(TOWN)

    def found(self, day: date) -> None:
        """Found it: the organisation, its members, its secretary, what is on its lists."""
        self.body = registry.add(
            ORGANISATION,
            klass="alliance",
            name=NAME,
            code="990101-禾汀联盟",
            parent=self.county.subject(TOWN),
            since=day,
            by=BY,
            source=SOURCE,
        )
        accounts.grant(
            self.secretary,
            Role.TOWNSHIP_CLERK,
            since=day,
            by=BY,
            agreed_by=AGREED_BY,
            organisation=self.body,
        )
        for unit in MEMBERS:
            self._tie("alliance", "member", self.county.subject(unit), self.body, day)
        for name, kind in NEEDS:
            self._thing("need", name, self.body, kind, day)
        for name, unit, kind in RESOURCES:
            self._thing("resource", name, self.county.subject(unit), kind, day)
        for name, unit, kind, need in PROJECTS:
            project = self._thing("service-project", name, self.body, kind, day)
            self._tie("four-lists", "serves", project, self.things[need], day)
            self._tie("four-lists", "responsible", self.county.subject(unit), project, day)
        for resource, need in MET:
            self._tie("four-lists", "meets", self.things[resource], self.things[need], day)

    def _thing(self, klass: str, name: str, owner: Subject, kind: str, day: date) -> Subject:
        made = registry.add(
            THING, klass=klass, name=name, parent=owner, since=day, by=BY, fields={"service-kind": kind}
        )
        self.things[name] = made
        return made

    def _tie(self, kind: str, role: str, near: Subject, far: Subject, day: date) -> None:
        registry.tie(self.diary.policy, kind, role, near=near, far=far, since=day, by=BY, source=SOURCE)

    def bring(self, topic: Topic, day: date) -> Case:
        """Bring a topic in."""
        answers: dict[str, object] = {"matter": topic.matter, "topic-source": "网格走访"}
        if topic.need:
            answers["need"] = self.things[topic.need].pk
        return cases.open("topic", about=self.body, day=day, by=self.secretary, answers=answers)

    def meet(self, topics: tuple[Topic, ...], day: date) -> None:
        """Hold a meeting at which each topic is claimed."""
        brought = [(topic, self.bring(topic, day)) for topic in topics]
        matters = [f"{NAME}{topic.matter}（{case.number}）" for topic, case in brought]
        meeting = activities.hold(
            self.diary.policy,
            "alliance-meeting",
            day=day,
            run_by=self.body,
            by=self.secretary,
            today=day,
            report=Report(
                topic=f"{len(topics)}个议题，逐项认领",
                minutes="逐项说明需求，成员单位认领，定了办结日期。",
                agenda=tuple(Item(matter) for matter in matters),
            ),
        )
        calendar = self.diary.policy.workdays
        for (topic, case), item in zip(brought, meeting.agenda.order_by("place"), strict=True):
            ends = topic.done and topic.satisfied
            finish = calendar.after(day, 25).day if ends else PLANNED
            answers = {
                "claimer": self.county.bodies[topic.claimer],
                "finish-by": finish.isoformat(),
            }
            cases.submit(case, by=self.secretary, day=day, item=item, answers=answers)
            self.cases[topic.matter] = case.pk

    def solve(self, topic: Topic, day: date) -> None:
        """Let who claimed it report, and the alliance rate it."""
        pk = self.cases[topic.matter]
        case = Case.objects.get(pk=pk)
        cases.submit(case, by=self.users.liaison(topic.claimer), day=day, answers={"handling": topic.done})
        outcome = "satisfied" if topic.satisfied else "dissatisfied"
        cases.submit(Case.objects.get(pk=pk), by=self.secretary, day=day, outcome=outcome)

    def plan_next(self, day: date) -> None:
        """Set the day of the next meeting."""
        activities.plan(
            self.diary.policy,
            "alliance-meeting",
            day=PLANNED,
            run_by=self.body,
            by=self.secretary,
            today=day,
            topic="年内最后一次联席会议",
        )


def plan(county: County, users: Users, diary: Diary) -> None:
    """Write the alliance into the diary."""
    one = Alliance(county, users, diary)
    diary.on(FOUNDED, one.found)
    for day, topics in MEETINGS:
        diary.on(day, partial(one.meet, topics))
        for topic in topics:
            if topic.done:
                diary.on(diary.policy.workdays.after(day, 15).day, partial(one.solve, topic))
    for day, topic in OPEN:
        diary.on(day, partial(one.bring, topic))
    diary.on(OPEN[-1][0], one.plan_next)
