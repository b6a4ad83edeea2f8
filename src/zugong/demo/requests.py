"""What residents asked in the last sixty days: 150 lives, each planned to its end.

What a life plans for the demo's first day or later is left to whoever signs in: so every desk has something on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random

from zugong.accounts.models import User
from zugong.cases import actions as cases
from zugong.cases import intake
from zugong.cases.models import Case
from zugong.core import clock
from zugong.demo import DAY, SEED
from zugong.demo.accounts import Users
from zugong.demo.county import County
from zugong.demo.diary import Diary
from zugong.packs.schema.cases import Channel

MANY, DAYS = 150, 60
HOME, HOME_SHARE = "禾汀镇", 0.4  # where most people of the story are
FRESH, FRESH_SHARE = 14, 0.45  # of the last so many days
CHANNELS: tuple[tuple[Channel, int], ...] = (("public", 45), ("grid", 25), ("hotline", 30))
GRID_VILLAGE = "白石村"


@dataclass(frozen=True)
class Matter:
    """What is asked, of which class, whose it is, who comes along when it takes several, and how it ends."""

    klass: str
    words: str
    owner: str
    called: tuple[str, ...]
    done: str


MATTERS = (
    Matter(
        "roads",
        "通村路塌了一段，三轮车过不去",
        "县交通运输局",
        ("县应急管理局", "县自然资源局"),
        "塌方已清理，路基已夯实。",
    ),
    Matter("roads", "桥头护栏断了两根，孩子上学不安全", "县交通运输局", (), "护栏已更换。"),
    Matter("roads", "村口路面坑洼，下雨积水", "县交通运输局", (), "坑洼已填补，排水沟已疏通。"),
    Matter("water", "三组自来水停了两天", "县水利局", (), "主管爆裂处已更换，已恢复供水。"),
    Matter(
        "water",
        "灌渠堵了，水上不到地里",
        "县农业农村局",
        ("县水利局", "县河湖事务中心"),
        "渠道已清淤，已放水到田。",
    ),
    Matter(
        "water", "井水发黄，不敢喝", "县水利局", ("县生态环境分局", "县卫生健康局"), "已取样检测并冲洗管网。"
    ),
    Matter("water", "高标准农田的出水口坏了三处", "县农业农村局", (), "三处出水口已更换。"),
    Matter("power", "村口路灯三天不亮", "县住房和城乡建设局", (), "线路已修复，路灯已亮。"),
    Matter("power", "晚上电压低，电饭锅煮不熟饭", "县工业和信息化局", (), "已协调供电所调整线路。"),
    Matter("housing", "老屋后墙裂缝变宽，下雨漏水", "县住房和城乡建设局", (), "已鉴定，列入危房改造。"),
    Matter("environment", "垃圾池一周没有清运", "县城市管理局", (), "已清运，改为两天一次。"),
    Matter(
        "environment",
        "养猪场的污水流进水沟，气味很大",
        "县农业农村局",
        ("县生态环境分局", "县畜牧水产中心"),
        "养殖户已封堵排口，限期建沉淀池。",
    ),
    Matter(
        "environment",
        "河边倒了几车建筑垃圾",
        "县城市管理局",
        ("县生态环境分局", "县水利局"),
        "已清走，已装监控。",
    ),
    Matter(
        "nuisance",
        "集市占道，救护车进不来",
        "县城市管理局",
        ("县公安局", "县市场监督管理局"),
        "摊位已划线归位。",
    ),
    Matter("nuisance", "夜里切割机施工，睡不着", "县城市管理局", (), "已要求二十二时后停工。"),
    Matter("land", "两户宅基地的界址说不清", "县自然资源局", (), "已现场测量，双方签字确认。"),
    Matter("land", "公益林边上有人开荒", "县林业局", (), "已制止，限期复绿。"),
    Matter("land", "流转土地的租金今年还没有给", "县农业农村局", (), "已调解，承租方已付清。"),
    Matter("welfare", "老人的高龄补贴两个月没有到账", "县民政局", (), "银行卡信息已更正，已补发。"),
    Matter("welfare", "低保复核要哪些材料", "县民政局", (), "已告知材料清单，村里代为提交。"),
    Matter("welfare", "农机购置补贴什么时候发", "县农业农村局", (), "已公示，本月二十日前发放。"),
)
NOBODYS = ("想在村口给古树立一块碑", "路边的旧电话亭没有人管", "两村交界的荒塘没有护栏")
PLACES = ("村东头", "村西头", "小学旁边", "三组晒场边", "老井旁", "祠堂前", "桥头", "卫生室对面")
AGAIN = "回访时说还没有彻底解决。"


@dataclass
class Life:
    """One request: where and when it was asked, by which way, and what becomes of it."""

    county: County
    users: Users
    diary: Diary
    random: Random
    number: int
    village: str
    on: date
    channel: Channel
    matter: Matter
    pk: int = field(default=0)

    @property
    def case(self) -> Case:
        """The case it became."""
        return Case.objects.get(pk=self.pk)

    @property
    def clerk(self) -> User:
        """Who sorts and calls back for the township."""
        return self.users.clerk(self.county.township_of[self.village])

    def owner(self) -> User:
        """Who answers for the department in charge."""
        return self.users.liaison(self.matter.owner)

    def plan(self, deeds: Iterator[tuple[int, Callable[[date], object]]]) -> None:
        """Write a life into the diary: each deed so many working days after the one before, none on the demo's day."""
        day, calendar = self.on, self.diary.policy.workdays
        day = day if calendar.is_working(day) else calendar.next(day)
        for gap, deed in deeds:
            day = calendar.after(day, gap).day if gap else day
            if day >= DAY:
                return
            self.diary.on(day, deed)

    def ask(self, words: str, day: date) -> None:
        """Ask, by the way it came."""
        answers = {"matter": f"{self.random.choice(PLACES)}：{words}。"}
        if self.random.random() < 0.6:
            answers["contact"] = f"{self.village} 尾号{self.random.randrange(40) + 100:04d}"
        receipt, _ = intake.receive(
            "request",
            about=self.county.subject(self.village),
            answers=answers,
            channel=self.channel,
            day=day,
            at=clock.now(),
            by=self._taker(),
            key=f"demo {self.number}",
            outside_number=f"便民-{day:%y%m%d}-{self.number:03d}" if self.channel == "hotline" else "",
        )
        self.pk = receipt.case_id

    def _taker(self) -> User | None:
        if self.channel == "hotline":
            return self.users["qinli"]
        if self.channel == "grid":
            return self.users["gaohe"] if self.village == GRID_VILLAGE else self.users.secretary(self.village)
        return None

    def sort(self, day: date, *, outcome: str = "dispatch") -> None:
        """Say of which class it is and whose."""
        level = "urgent" if self.number % 9 == 0 else "ordinary"
        answers: dict[str, object] = {"request-class": self.matter.klass, "request-level": level}
        if outcome == "no-owner":
            answers = {"request-class": "other", "reason": "职责清单以外，没有单位管。"}
        else:
            answers["owner"] = self.county.bodies[self.matter.owner]
        if outcome == "whistle":
            answers["called"] = [self.county.bodies[name] for name in self.matter.called]
        cases.submit(self.case, by=self.clerk, day=day, outcome=outcome, answers=answers)

    def take_over(self, day: date) -> None:
        """Accept what came."""
        cases.accept(self.case, by=self.owner(), day=day)

    def handle(self, day: date, *, outcome: str = "solved") -> None:
        """Do it, or say why it cannot be done yet, and answer."""
        said = self.matter.done if outcome == "solved" else "已列入明年计划，今年暂不能办，已向本人说明。"
        answers = {"handling": f"已到现场查看。{said}", "response": said}
        cases.submit(self.case, by=self.owner(), day=day, outcome=outcome, answers=answers)

    def rate(self, day: date, *, outcome: str, by_asker: bool = False) -> None:
        """Say how it was: whoever asked, or whoever calls them back."""
        answers = {"call-note": AGAIN} if outcome == "dissatisfied" else {}
        if by_asker and outcome != "unreachable":
            cases.submit_as_asker(self.case, day=day, outcome=outcome, answers=answers)
        else:
            cases.submit(self.case, by=self.clerk, day=day, outcome=outcome, answers=answers)

    def refuse(self, day: date) -> None:
        """Say that it is somebody else's."""
        answers = {"reason": "不在本单位职责清单内，请另行交办。"}
        cases.submit(self.case, by=self.owner(), day=day, outcome="not-ours", answers=answers)

    def decide(self, day: date) -> None:
        """Decide that it stays where it is."""
        answers = {"reason": "按职责清单由该单位承办。"}
        cases.submit(self.case, by=self.users.desk, day=day, outcome="stands", answers=answers)

    def find_owner(self, day: date) -> None:
        """Say whose it is, though it is on nobody's list."""
        answers = {"owner": self.county.bodies[self.matter.owner]}
        cases.submit(self.case, by=self.users.desk, day=day, outcome="found", answers=answers)

    def arrive(self, name: str, day: date) -> None:
        """Come when called."""
        cases.submit(self._task(name), by=self.users.liaison(name), day=day, outcome="arrived")

    def act(self, name: str, day: date) -> None:
        """Do one's part."""
        answers = {"handling": f"{name.removeprefix('县')}已到场处置。"}
        cases.submit(self._task(name), by=self.users.liaison(name), day=day, answers=answers)

    def _task(self, name: str) -> Case:
        return Case.objects.get(parent=self.pk, holder=self.county.bodies[name])

    def merge(self, into: Life, day: date) -> None:
        """Let the second of two about the same go on in the first."""
        cases.merge(self.case, into.case, by=self.clerk, day=day, reason="同一处、同一件事，并案办理。")


def plan(county: County, users: Users, diary: Diary) -> None:
    """Write 150 lives into the diary: by every way, most in one township, some late, some refused, some asked twice."""
    random = Random(SEED + 1)  # noqa: S311 - the same requests every time, and the county's own chance untouched
    for number in range(1, MANY + 1):
        life = _drawn(county, users, diary, random, number)
        if number % 24 == 0:
            _ask_twice(life)
        else:
            life.plan(_deeds(life))


def _drawn(county: County, users: Users, diary: Diary, random: Random, number: int) -> Life:
    at_home = [village for village in county.villages if county.township_of[village] == HOME]
    villages = at_home if random.random() < HOME_SHARE else county.villages
    village = GRID_VILLAGE if number % 12 == 0 else random.choice(villages)
    back = random.randrange(1, FRESH) if random.random() < FRESH_SHARE else random.randrange(FRESH, DAYS)
    ways, weights = zip(*CHANNELS, strict=True)
    matters = [one for one in MATTERS if one.called] if number % 10 == 0 else MATTERS
    return Life(
        county,
        users,
        diary,
        random,
        number,
        village,
        DAY - timedelta(days=back),
        random.choices(ways, weights)[0],
        random.choice(matters),
    )


def _deeds(life: Life) -> Iterator[tuple[int, Callable[[date], object]]]:
    """Yield what becomes of a request, each with the working days since what came before."""
    if life.number % 49 == 0:
        yield 0, partial(life.ask, NOBODYS[life.number // 49 - 1])
        yield 1, partial(life.sort, outcome="no-owner")
        yield 2 if life.number < MANY // 2 else DAYS, life.find_owner
        yield 4, life.handle
        return
    yield 0, partial(life.ask, life.matter.words)
    yield (
        life.random.choice((0, 1, 1, 2)),
        partial(life.sort, outcome="whistle" if _whistles(life) else "dispatch"),
    )
    yield from _attended(life) if _whistles(life) else _handled(life)
    outcome = "explained" if life.number % 8 == 0 else "solved"
    yield (
        life.random.choice((1, 2, 3, 4, 8 if life.number % 3 == 0 else 3)),
        partial(life.handle, outcome=outcome),
    )
    yield from _rated(life)


def _whistles(life: Life) -> bool:
    return life.number % 10 == 0


def _handled(life: Life) -> Iterator[tuple[int, Callable[[date], object]]]:
    if life.number % 17 == 0:
        yield 1, life.refuse
        yield 1, life.decide
    if life.number % 3 == 0:
        yield life.random.choice((0, 1)), life.take_over


def _attended(life: Life) -> Iterator[tuple[int, Callable[[date], object]]]:
    for name in life.matter.called:
        yield life.random.choice((0, 1, 2)), partial(life.arrive, name)
    for name in life.matter.called:
        yield life.random.choice((0, 1)), partial(life.act, name)


def _rated(life: Life) -> Iterator[tuple[int, Callable[[date], object]]]:
    by_asker = life.channel == "public" and life.random.random() < 0.5
    if life.number % 11 == 0:
        yield 1, partial(life.rate, outcome="dissatisfied", by_asker=by_asker)
        yield 3, life.handle
    outcome = "unreachable" if life.number % 14 == 0 else "satisfied"
    yield life.random.choice((1, 2)), partial(life.rate, outcome=outcome, by_asker=by_asker)


def _ask_twice(life: Life) -> None:
    """Two people ask the same on the same day; the second goes on in the first."""
    second = Life(
        life.county,
        life.users,
        life.diary,
        life.random,
        life.number + MANY,
        life.village,
        life.on,
        "public",
        life.matter,
    )
    merged = partial(second.merge, life)
    asked = (
        (0, partial(life.ask, life.matter.words)),
        (0, partial(second.ask, f"{life.matter.words}，请来看看")),
    )
    life.plan(iter((*asked, (1, merged), (0, life.sort), *_handled(life), (3, life.handle), *_rated(life))))
