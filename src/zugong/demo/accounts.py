"""Who can sign in to the demo, and the accounts of those who only act in its past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from zugong.accounts import actions
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.core import clock, journal
from zugong.core.outbox.models import Message
from zugong.demo.county import BEGUN, BY, County
from zugong.registry.models import Subject
from zugong.registry.rules import PERSON

AGREED_BY = "演示数据（第二人）"
READ_WITHIN = 14  # days


@dataclass(frozen=True)
class Account:
    """One of the demo's people: what they are called, what they may do, and in whose name."""

    username: str
    called: str
    post: tuple[str, str] | None
    grants: tuple[tuple[Role, str], ...]
    zh: str
    en: str


PEOPLE = (
    Account(
        "chenlan",
        "陈岚",
        ("县委组织部", "组织科科长"),
        ((Role.DESK, "县委"), (Role.DESK, "县委组织部")),
        "组织科科长：评星定级、整顿转化、月通报的经办人，看得见全县。",
        "Section chief of the organisation department: runs ratings, rectification and the bulletin; sees the county.",
    ),
    Account(
        "guheng",
        "顾衡",
        ("县委", "县委常委、组织部部长"),
        ((Role.HEAD, "县委"), (Role.HEAD, "县委组织部")),
        "组织部部长：凡须两人办理的事由他同意，替组织部签发通报。",
        "Head of the department: the second person wherever two are needed; approves the bulletin for the department.",
    ),
    Account(
        "wenxi",
        "闻溪",
        ("县委", "县委常委、县委办公室主任"),
        ((Role.LEADER, "县委"), (Role.HEAD, "县委常委会")),
        "县委办公室主任：替县委常委会登记会议和决定，签发通报。",
        "Head of the committee's office: enters what the standing committee decides and approves the bulletin for it.",
    ),
    Account(
        "shenyao",
        "沈遥",
        ("县委", "县委副书记"),
        ((Role.LEADER, "县委"),),
        "县委副书记，还没有包保村：看全县；定了包保就到村指导。",
        "Deputy secretary of the county, supports no village yet: sees the county, visits the village given to her.",
    ),
    Account(
        "hewei",
        "何蔚",
        ("禾汀镇", "党委书记"),
        ((Role.TOWNSHIP_SECRETARY, "禾汀镇"),),
        "禾汀镇党委书记：看本镇，替镇党委核对和同意。",
        "Party secretary of Heting: sees the town, checks and agrees for its committee.",
    ),
    Account(
        "wangshu",
        "王舒",
        ("禾汀镇", "组织干事"),
        ((Role.TOWNSHIP_CLERK, "禾汀镇"),),
        "禾汀镇组织干事：替镇党委登记会议、自评互评、核对任务。",
        "Clerk of Heting: enters meetings, self and mutual ratings, checks tasks for the town.",
    ),
    Account(
        "lihe",
        "李禾",
        ("白石村", "党支部书记"),
        ((Role.VILLAGE_SECRETARY, "白石村"),),
        "白石村党支部书记：在手机上登记组织生活，会签方案，报送整顿情况。",
        "Secretary of Baishi: on a phone enters organisation life, signs the plan and reports what was done.",
    ),
    Account(
        "zhouyan",
        "周砚",
        ("县农业农村局", "科员（一）"),
        ((Role.CADRE, "县农业农村局"),),
        "县农业农村局干部，已参加第一书记培训，还没有派驻：派到哪个村，就办哪个村的整顿任务。",
        "Cadre of the agriculture bureau, trained as first secretary, not posted yet: does the tasks of the village he is given.",
    ),
    Account(
        "xutang",
        "许棠",
        ("县农业农村局", "联络员"),
        ((Role.LIAISON, "县农业农村局"),),
        "县农业农村局联络员：本局联建了哪个村，就看哪个村，替本局回复。",
        "Liaison officer of the agriculture bureau: sees the villages it comes to support and answers for it.",
    ),
    Account(
        "qinli",
        "秦荔",
        None,
        ((Role.LIAISON, "县便民热线"),),
        "便民热线话务员：替来电的人登记诉求，跟踪每一件到办结。",
        "Clerk of the hotline: enters what callers ask and keeps track of each until it ends.",
    ),
    Account(
        "gaohe",
        "高荷",
        ("白石村", "网格员"),
        ((Role.CADRE, "白石村"),),
        "白石村网格员：走访时在手机上登记诉求，看自己报上去的办到哪一步。",
        "Grid worker of Baishi: enters requests on a phone while visiting, and follows what she reported.",
    ),
    Account(
        "lujin",
        "陆槿",
        ("县教育局", "副职（一）"),
        ((Role.CADRE, "县教育局"),),
        "县教育局干部：只能看自己的档案。",
        "Cadre of the education bureau: may read only her own file.",
    ),
    Account(
        "yeting",
        "叶汀",
        ("麓山乡", "组织干事"),
        ((Role.TOWNSHIP_CLERK, "麓山乡"),),
        "麓山乡组织干事：看得见麓山乡，看不见禾汀镇的任何一件事。",
        "Clerk of Lushan: sees Lushan, and nothing at all of Heting.",
    ),
    Account(
        "xitong",
        "方屿",
        None,
        ((Role.SYSTEM_ADMINISTRATOR, ""),),
        "系统管理员：管账号、任务和备份，看不到业务。",
        "System administrator: accounts, jobs and backups, no matters of the office.",
    ),
    Account(
        "anquan",
        "邵苓",
        None,
        ((Role.SECURITY_ADMINISTRATOR, ""),),
        "安全管理员：管授权和制度包生效，须第二人同意。",
        "Security administrator: grants and packs put in force, with a second person.",
    ),
    Account(
        "shenji",
        "孔岑",
        None,
        ((Role.AUDIT_ADMINISTRATOR, ""),),
        "审计管理员：查看日志、导出链头，不能改任何东西。",
        "Audit administrator: reads the journal and carries its head outside; changes nothing.",
    ),
)


class Users:
    """The accounts of the demo: its people by name, and by office those who act in its past."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.of_person: dict[int, User] = {}
        with clock.standing(BEGUN):
            for account in PEOPLE:
                person = county.holders[account.post] if account.post else None
                self._make(account.username, account.called, person, account.grants, demo=True)
        self.desk, self.head, self.committee = self["chenlan"], self["guheng"], self["wenxi"]

    def __getitem__(self, username: str) -> User:
        return User.objects.get(username=username)

    def clerk(self, town: str) -> User:
        """Return who acts for a township; an account is made the first time."""
        return self._of((town, "组织干事"), Role.TOWNSHIP_CLERK, town)

    def secretary(self, village: str) -> User:
        """Return a village's secretary."""
        return self._of((village, "党支部书记"), Role.VILLAGE_SECRETARY, village)

    def posted(self, village: str, post: tuple[str, str]) -> User:
        """Return the first secretary posted to a village from an office."""
        return self._of(post, Role.FIRST_SECRETARY, village)

    def liaison(self, department: str) -> User:
        """Return who answers for a department."""
        return self._of((department, "联络员"), Role.LIAISON, department)

    def close_past(self) -> None:
        """Close the accounts of those who only acted in the past, and let the others have read what is old."""
        closed = User.objects.filter(is_demo=False).update(is_active=False)
        old = clock.now() - timedelta(days=READ_WITHIN)
        Message.objects.filter(written_at__lt=old, read_at=None).update(read_at=clock.now())
        journal.write("demo.close-accounts", by=BY, on="演示以前的经办人", accounts=closed)

    def _of(self, post: tuple[str, str], role: Role, body: str) -> User:
        person = self.county.holders[post]
        if person not in self.of_person:
            called = self.county.called[person]
            self._make(f"p{self.county.numbers[person]:05d}", called, person, ((role, body),), demo=False)
        return self.of_person[person]

    def _make(
        self,
        username: str,
        called: str,
        person: int | None,
        grants: tuple[tuple[Role, str], ...],
        *,
        demo: bool,
    ) -> None:
        day = clock.today()
        subject = Subject(pk=person, noun=PERSON) if person else None
        user = actions.make_user(username, called=called, day=day, by=BY, person=subject, demo=demo)
        for role, body in grants:
            organisation = self.county.subject(body) if body else None
            actions.grant(
                user,
                role,
                since=date(BEGUN.year, 1, 1),
                by=BY,
                agreed_by=AGREED_BY,
                organisation=organisation,
            )
        if person:
            self.of_person[person] = user
