"""The three trees of 青穆县, its posts, its people and their history: bulk rows, each batch on a day of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random

from zugong.core import clock, journal
from zugong.demo import names
from zugong.registry import actions, bulk
from zugong.registry.models import Appointment, Link, Membership, Particulars, Subject
from zugong.registry.powers import SEAT
from zugong.registry.rules import ORGANISATION, PERSON, PLACE, POST

BY = "演示数据"  # who enters what no person of the story enters
CODE = "990101"
DAY = date(2025, 12, 8)  # a Monday: the demo's own day begins here
BEGUN = date(2023, 1, 3)  # the office began to work with the system
REORGANISED = date(2024, 1, 1)
VILLAGES, CADRES, MEMBERS = 268, 900, 9_000
FOUNDED, ELECTION = date(2003, 6, 1), date(2021, 3, 20)

COUNTY_POSTS = (
    *("县委书记", "县委副书记、县长", "县委副书记", "县委常委、组织部部长", "县委常委、纪委书记"),
    *("县委常委、宣传部部长", "县委常委、统战部部长", "县委常委、政法委书记", "县委常委、常务副县长"),
    *("县委常委、县委办公室主任", "县委常委、人武部部长"),
    *(
        f"副县长（{work}）"
        for work in ("农业农村", "教育卫生", "工业商贸", "城建交通", "公安司法", "文化旅游")
    ),
    *("县人大常委会主任", *(f"县人大常委会副主任（{n}）" for n in "一二三四五")),
    *("县政协主席", *(f"县政协副主席（{n}）" for n in "一二三四五"), "县人民法院院长"),
)
TOWNSHIP_POSTS = (
    ("township-secretary", "党委书记"),
    ("township-head", "党委副书记、镇长"),
    *(("township-deputy", name) for name in ("党委副书记", "人大主席", "纪委书记", "组织委员", "宣传委员")),
    *(("township-deputy", name) for name in ("武装部部长", "副镇长")),
    *(("staff", name) for name in ("组织干事", "党政办主任", "农业办主任", "综治办主任", "经管站站长")),
)
DEPARTMENT_POSTS = (
    ("department-head", "主要负责人"),
    *(("department-deputy", f"副职（{n}）") for n in "一二三"),
    ("liaison-officer", "联络员"),
    *(("staff", name) for name in ("办公室主任", "业务一科科长", "业务二科科长", "科员（一）", "科员（二）")),
)
DESK_POSTS = (
    ("department-deputy", "常务副部长"),
    *(("department-deputy", f"副部长（{n}）") for n in "一二三"),
    *(("staff", f"{name}科科长") for name in ("组织", "干部", "公务员", "人才", "党员教育", "干部监督")),
    *(("staff", name) for name in ("办公室主任", "党建办主任")),
    *(("staff", f"科员（{n}）") for n in range(1, 19)),
)
DISCIPLINE_POSTS = (
    *(("department-deputy", f"副书记（{n}）") for n in "一二"),
    *(("staff", f"工作人员（{n}）") for n in range(1, 15)),
)
EDUCATION = ("junior-high", "senior-high", "college", "bachelor", "master")


# Those whom the pictures and the tutorial call by name, and the posts they hold.
CAST = {
    ("县委", "县委常委、组织部部长"): ("顾衡", "男"),
    ("县委", "县委副书记"): ("沈遥", "女"),
    ("县委", "县委常委、县委办公室主任"): ("闻溪", "男"),
    ("县委组织部", "组织科科长"): ("陈岚", "女"),
    ("禾汀镇", "党委书记"): ("何蔚", "女"),
    ("禾汀镇", "组织干事"): ("王舒", "女"),
    ("麓山乡", "组织干事"): ("叶汀", "女"),
    ("县农业农村局", "联络员"): ("许棠", "女"),
    ("县农业农村局", "科员（一）"): ("周砚", "男"),
    ("县教育局", "副职（一）"): ("陆槿", "女"),
    ("白石村", "党支部书记"): ("李禾", "女"),
}
GRID_WORKER = (("白石村", "网格员"), ("高荷", "女"))


@dataclass
class County:
    """What the story needs to find again: subjects by the names people call them, as ids of the registry."""

    random: Random
    places: dict[str, int] = field(default_factory=dict)  # by code
    bodies: dict[str, int] = field(default_factory=dict)  # 县委, 县委组织部, 禾汀镇, 白石村, 县农业农村局
    councils: dict[str, int] = field(default_factory=dict)  # 禾汀镇, 白石村 → its government or council
    township_of: dict[str, str] = field(default_factory=dict)  # 白石村 → 禾汀镇
    codes: dict[str, str] = field(default_factory=dict)  # 白石村 → 990101100200
    posts: dict[tuple[str, str], int] = field(default_factory=dict)
    classes: dict[tuple[str, str], str] = field(default_factory=dict)  # of posts
    holders: dict[tuple[str, str], int] = field(default_factory=dict)
    called: dict[int, str] = field(default_factory=dict)  # persons with posts → name
    numbers: dict[int, int] = field(default_factory=dict)  # and the numbers of their codes

    @property
    def villages(self) -> list[str]:
        """Every village, in the order of its code."""
        return list(self.township_of)

    @property
    def departments(self) -> list[str]:
        """Every department's unit."""
        return [f"县{name}" for name in names.DEPARTMENTS]

    def subject(self, body: str) -> Subject:
        """Return the party organisation or unit that is called so."""
        return Subject(pk=self.bodies[body], noun=ORGANISATION)


def build(random: Random) -> County:
    """Enter the county as it was when the office began, then what has changed since."""
    county = County(random)
    with clock.standing(BEGUN):
        _add_places(county)
        _add_party(county)
        _add_units(county)
        _join_trees(county)
        _add_posts(county)
        _add_cadres(county)
        _add_members(county)
        _add_takers(county)
        journal.write("demo.begin", by=BY, on=names.COUNTY, cadres=CADRES, members=MEMBERS)
    _correct(county)
    _reorganise(county)
    _move_on(county)
    return county


# --- Trees ----------------------------------------------------------------------------


def _add_places(county: County) -> None:
    """Give every township and village its name, its code and its place."""
    (root,) = bulk.add_all(PLACE, [bulk.New("county", names.COUNTY, CODE)], by=BY)
    county.places[CODE] = root
    towns = [(_before(name), CODE + code) for name, code, _ in names.TOWNSHIPS]
    towns.append((names.MERGED[1], CODE + names.MERGED[2]))
    county.codes |= {_now(name): code for name, code in towns}
    rows = [bulk.New("township", name, code, root) for name, code in towns]
    _keep(county.places, [code for _, code in towns], bulk.add_all(PLACE, rows, by=BY))
    stems = iter(names.village_names(county.random, VILLAGES))
    for town in sorted(names.TOWNSHIPS, key=lambda town: (town[0] != "禾汀镇", town[1])):
        for number in range(town[2]):
            village = next(stems)
            county.township_of[village] = town[0]
            county.codes[village] = f"{CODE}{town[1]}{200 + number}"
    county.township_of = dict(sorted(county.township_of.items(), key=lambda pair: county.codes[pair[0]]))
    rows = [
        bulk.New(
            "village", village, county.codes[village], county.places[county.codes[_home(county, village)]]
        )
        for village in county.villages
    ]
    codes = [county.codes[village] for village in county.villages]
    _keep(county.places, codes, bulk.add_all(PLACE, rows, by=BY))


def _add_party(county: County) -> None:
    """Add the county committee, what stands under it, and every branch."""
    top = [("县委", "中共青穆县委员会", "county-committee", "")]
    middle = [
        ("县委常委会", "中共青穆县委常务委员会", "standing-committee", "县委"),
        ("县委组织部", "中共青穆县委组织部", "organisation-department", "县委"),
        ("县纪委监委", "中共青穆县纪律检查委员会", "discipline-commission", "县委"),
        *((town, _committee(town), "township", "县委") for town in _towns()),
        *(
            (f"{name}党组", f"中共青穆{name}党组", "leading-party-group", "县委")
            for name in county.departments
        ),
    ]
    villages = [
        (village, f"{village}党支部", "village", _home(county, village)) for village in county.villages
    ]
    offices = [
        ("县委机关", "县委办公室党支部", "branch", "县委"),
        ("县委组织部机关", "县委组织部机关党支部", "branch", "县委组织部"),
        ("县纪委监委机关", "县纪委监委机关党支部", "branch", "县纪委监委"),
        *((f"{town}机关", f"{_before(town)}机关党支部", "branch", town) for town in _towns()),
        *((f"{name}机关", f"{name}机关党支部", "branch", f"{name}党组") for name in county.departments),
    ]
    for level in (top, middle, villages, offices):
        _add_level(county, county.bodies, level, "D")


def _add_units(county: County) -> None:
    """Add the county government, its departments, the townships' governments and the villages' councils."""
    _add_level(county, county.councils, [("县人民政府", "青穆县人民政府", "county-government", "")], "Z")
    county.bodies["县人民政府"] = county.councils["县人民政府"]
    departments = [(name, f"青穆{name}", "department", "县人民政府") for name in county.departments]
    _add_level(county, county.bodies, departments, "Z")
    towns = [(town, _government(town), "township-government", "县人民政府") for town in _towns()]
    _add_level(county, county.councils, towns, "Z")
    villages = [
        (village, f"{village}村民委员会", "village-council", _home(county, village))
        for village in county.villages
    ]
    _add_level(county, county.councils, villages, "Z")


def _add_level(
    county: County, into: dict[str, int], level: Sequence[tuple[str, str, str, str]], tree: str
) -> None:
    """Add organisations (short name, name, class, the one above) that all stand under organisations already there."""
    rows = [
        bulk.New(
            klass,
            name,
            code=f"{county.codes.get(short, f'{CODE}-{len(into) + place:03d}')}-{tree}",
            parent=into.get(above) if above else None,
            since=FOUNDED,
        )
        for place, (short, name, klass, above) in enumerate(level)
    ]
    _keep(into, [short for short, *_ in level], bulk.add_all(ORGANISATION, rows, by=BY))


def _join_trees(county: County) -> None:
    """Tie each party organisation to its place and to the unit it leads."""
    places = [(town, county.places[county.codes[town]]) for town in (*_towns(), *county.villages)]
    units = [(name, county.councils[name]) for name in (*_towns(), *county.villages)]
    units += [(f"{name}党组", county.bodies[name]) for name in county.departments]
    units.append(("县委", county.councils["县人民政府"]))
    places.append(("县委", county.places[CODE]))
    ends = [("place", *end) for end in places] + [("unit", *end) for end in units]
    rows = [
        Link(kind=SEAT, role=role, near_id=county.bodies[body], far_id=far, valid=bulk.from_day(FOUNDED))
        for role, body, far in ends
    ]
    bulk.record_all(rows, by=BY)


# --- Posts and people -----------------------------------------------------------------


def _add_posts(county: County) -> None:
    """Add every post: 900 of cadres, and a secretary's in each village."""
    wanted: list[tuple[str, str, str]] = [("县委", "county-leader", name) for name in COUNTY_POSTS]
    wanted += [("县委组织部", klass, name) for klass, name in DESK_POSTS]
    wanted += [("县纪委监委", klass, name) for klass, name in DISCIPLINE_POSTS]
    wanted += [(town, klass, name) for town, *_ in names.TOWNSHIPS for klass, name in TOWNSHIP_POSTS]
    wanted += [(name, klass, post) for name in county.departments for klass, post in DEPARTMENT_POSTS]
    wanted += [(village, "branch-secretary", "党支部书记") for village in county.villages]
    rows = [
        bulk.New(klass, _post_name(body, name), parent=county.bodies[body], since=FOUNDED)
        for body, klass, name in wanted
    ]
    keys = [(body, name) for body, _, name in wanted]
    county.posts |= dict(zip(keys, bulk.add_all(POST, rows, by=BY), strict=True))
    county.classes |= {(body, name): klass for body, klass, name in wanted}


def _add_cadres(county: County) -> None:
    """Give every post its holder, and three in ten posts a holder of the term before."""
    random, invented = county.random, _invented(county)
    people = [CAST.get(key) or next(invented) for key in county.posts]
    rows = [
        bulk.New(
            _person_class(county.classes[key]),
            name,
            code=_person_code(number),
            fields=_about(random, sex, county.classes[key]),
        )
        for number, (key, (name, sex)) in enumerate(zip(county.posts, people, strict=True), start=1)
    ]
    ids = bulk.add_all(PERSON, rows, by=BY)
    county.holders = dict(zip(county.posts, ids, strict=True))
    county.numbers = {id: number for number, id in enumerate(ids, start=1)}
    county.called = {id: name for id, (name, _) in zip(ids, people, strict=True)}
    appointments, holders = [], list(county.holders.items())
    for place, (key, person) in enumerate(holders):
        village = county.classes[key] == "branch-secretary"
        since = ELECTION if village else _some_day(random, date(2019, 3, 1), date(2022, 9, 30))
        appointments.append(_appointment(person, county.posts[key], since))
        before = holders[place - 1][0]
        if random.random() < 0.3 and county.classes[before] == county.classes[key] and not village:
            until = appointments[-2].valid.lower
            first = _some_day(random, date(2015, 3, 1), date(2018, 12, 31))
            appointments.append(
                _appointment(holders[place - 1][1], county.posts[key], first, min(since, until))
            )
    bulk.record_all(_not_twice(appointments), by=BY)


def _add_members(county: County) -> None:
    """Enter 9,000 members: the cadres in the branches of their offices, everybody else in their village."""
    random, invented = county.random, _invented(county)
    shares = [random.randint(18, 42) for _ in county.villages]
    ordinary = MEMBERS - CADRES - VILLAGES
    counts = [share * ordinary // sum(shares) for share in shares]
    for place in range(ordinary - sum(counts)):
        counts[place] += 1
    rows: list[bulk.New] = []
    homes: list[int] = []
    for village, count in zip(county.villages, counts, strict=True):
        for name, sex in (next(invented) for _ in range(count)):
            code = _person_code(CADRES + VILLAGES + len(rows) + 1)
            rows.append(bulk.New("member", name, code=code, fields=_about(random, sex, "member")))
            homes.append(county.bodies[village])
    members = list(zip(bulk.add_all(PERSON, rows, by=BY), homes, strict=True))
    members += [(person, county.bodies[_branch(body)]) for (body, _), person in county.holders.items()]
    bulk.record_all(
        [
            Membership(
                person_id=person,
                organisation_id=branch,
                valid=bulk.from_day(_some_day(random, date(1990, 7, 1), date(2022, 12, 1))),
            )
            for person, branch in members
        ],
        by=BY,
    )


def _add_takers(county: County) -> None:
    """Add who takes requests in: the hotline, and a village's grid worker."""
    _add_level(county, county.bodies, [("县便民热线", "青穆县便民热线", "hotline", "县人民政府")], "Z")
    key, (name, sex) = GRID_WORKER
    body, title = key
    post = bulk.New("grid-worker", _post_name(body, title), parent=county.bodies[body], since=FOUNDED)
    (county.posts[key],) = bulk.add_all(POST, [post], by=BY)
    number = CADRES + VILLAGES + MEMBERS + 1
    fields = {"sex": {"男": "male", "女": "female"}[sex]}
    person = bulk.New("grid-worker", name, code=_person_code(number), fields=fields)
    (county.holders[key],) = bulk.add_all(PERSON, [person], by=BY)
    holder = county.holders[key]
    county.classes[key], county.numbers[holder], county.called[holder] = "grid-worker", number, name
    bulk.record_all([_appointment(holder, county.posts[key], ELECTION)], by=BY)


def _invented(county: County) -> Iterator[tuple[str, str]]:
    """Yield names that nobody of the story bears."""
    cast = {name for name, _ in CAST.values()} | set(county.called.values())
    return (pair for pair in names.person_names(county.random) if pair[0] not in cast)


def _about(random: Random, sex: str, klass: str) -> dict[str, str]:
    """Invent the fields of a person: sex, month of birth, education."""
    first, last = (1965, 2003) if klass == "member" else (1968, 1994)
    least = 0 if klass in ("member", "branch-secretary") else 2
    return {
        "sex": {"男": "male", "女": "female"}[sex],
        "birth": f"{random.randint(first, last)}-{random.randint(1, 12):02d}",
        "education": random.choice(EDUCATION[least:]),
    }


def _appointment(person: int, post: int, since: date, until: date | None = None) -> Appointment:
    return Appointment(person_id=person, post_id=post, valid=bulk.from_day(since, until))


def _not_twice(rows: Iterable[Appointment]) -> list[Appointment]:
    """Leave out a past term that would be empty."""
    return [row for row in rows if row.valid.upper is None or row.valid.lower < row.valid.upper]


# --- What has changed since --------------------------------------------------------------


def _correct(county: County) -> None:
    """Put right two names that were entered wrongly, and were known wrongly until then."""
    for village, wrong, day in (
        ("青林村", "清林村", date(2023, 2, 10)),
        ("杜若村", "杜若庄村", date(2023, 2, 13)),
    ):
        row = Particulars.objects.on(day).get(subject=county.places[county.codes[village]])
        with clock.standing(day):
            mistaken = actions.correct(row, name=wrong, by=BY, source="录入")
        with clock.standing(day + timedelta(days=4)):
            actions.correct(mistaken, name=village, by=BY, source="与民政部门核对")


def _reorganise(county: County) -> None:
    """Two years ago one township was renamed and another went up in its neighbour."""
    new, _ = names.RENAMED
    home, merged, _, _ = names.MERGED
    source = "虚构：关于部分乡镇行政区划调整的批复"
    with clock.standing(date(2023, 12, 28)):
        change = partial(actions.change, since=REORGANISED, by=BY, source=source)
        for kind, name in (("D", _committee(new)), ("Z", _government(new, now=True)), ("P", new)):
            change(_find(county, kind, new), name=name)
        branch = Subject.objects.get(pk=county.bodies[f"{new}机关"])
        change(branch, name=f"{new}机关党支部")
        for village in county.villages:
            if _home(county, village) == merged:
                for kind in "DZP":
                    change(_find(county, kind, village), parent=_find(county, kind, home))
        office = Subject.objects.get(pk=county.bodies[f"{merged}机关"])
        for closed in (office, *(_find(county, kind, merged) for kind in "DZP")):
            actions.close(closed, until=REORGANISED, by=BY, source=source)


def _move_on(county: County) -> None:
    """Let posts change hands since the office began: transfers between departments, and between townships."""
    moves = [
        ("department-deputy", 18, date(2023, 6, 5)),
        ("township-deputy", 12, date(2024, 3, 11)),
        ("department-head", 6, date(2024, 9, 2)),
        ("staff", 14, date(2025, 4, 14)),
    ]
    kept = set(CAST) | {("县农业农村局", "联络员")}
    for klass, count, day in moves:
        keys = [key for key in county.posts if county.classes[key] == klass and key not in kept]
        chosen = county.random.sample(keys, count)
        with clock.standing(day):
            _exchange(county, chosen, day)


def _exchange(county: County, keys: list[tuple[str, str]], day: date) -> None:
    """Release everybody from the posts, then appoint each to the next one."""
    people = [county.holders[key] for key in keys]
    for key in keys:
        actions.release(
            Appointment.objects.on(day).get(post=county.posts[key]), on=day, by=BY, source="干部交流"
        )
    for key, person in zip(keys, people[1:] + people[:1], strict=True):
        actions.appoint(
            Subject(pk=person, noun=PERSON),
            post=Subject(pk=county.posts[key], noun=POST),
            since=day,
            by=BY,
            source="干部交流",
        )
        county.holders[key] = person


def _find(county: County, kind: str, name: str) -> Subject:
    """Return a place (P), party organisation (D) or unit (Z) by the name it goes by now."""
    if kind == "P":
        return Subject.objects.get(pk=county.places[county.codes[name]])
    return Subject.objects.get(pk=(county.bodies if kind == "D" else county.councils)[name])


# --- How things are called ------------------------------------------------------------------


def _towns() -> list[str]:
    """Every township that ever was, by the name it goes by now."""
    return [*(name for name, *_ in names.TOWNSHIPS), names.MERGED[1]]


def _home(county: County, village: str) -> str:
    """Return the township in which a village lay when the office began."""
    town = county.township_of[village]
    number = int(county.codes[village][-3:]) - 200
    return names.MERGED[1] if town == names.MERGED[0] and number < names.MERGED[3] else town


def _before(town: str) -> str:
    """Return what a township was called when the office began."""
    return names.RENAMED[1] if town == names.RENAMED[0] else town


def _now(town: str) -> str:
    return names.RENAMED[0] if town == names.RENAMED[1] else town


def _committee(town: str) -> str:
    return f"{town}党工委" if town.endswith("街道") else f"{town}党委"


def _government(town: str, *, now: bool = False) -> str:
    name = town if now else _before(town)
    return f"{name}办事处" if town.endswith("街道") else f"{name}人民政府"


def _post_name(body: str, name: str) -> str:
    if name.startswith(("县", "副县长")):
        return name
    if body.endswith("街道"):
        name = name.replace("镇长", "主任").replace("党委", "党工委")
    if body.endswith("乡"):
        name = name.replace("镇长", "乡长")
    return f"{body}{name}"


def _person_class(post: str) -> str:
    return {
        "county-leader": "county-leader",
        "township-secretary": "county-managed",
        "township-head": "county-managed",
        "department-head": "county-managed",
        "township-deputy": "township-leader",
        "branch-secretary": "village-cadre",
    }.get(post, "cadre")


def _person_code(number: int) -> str:
    return f"{CODE}-P{number:05d}"


def _branch(body: str) -> str:
    """Return the organisation in which the cadres of a body are members."""
    return f"{body}机关" if body.startswith("县") or not body.endswith("村") else body


def _some_day(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randrange((last - first).days))


def _keep(into: dict[str, int], keys: Sequence[str], ids: Sequence[int]) -> None:
    into |= dict(zip(keys, ids, strict=True))
