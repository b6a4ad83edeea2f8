"""Routing is trained on the county's own closed requests, switched on by a person, and held to what people chose."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from little_county import county, in_force
from little_requests import PACK, messages
from zugong.accounts.rules import Role
from zugong.cases import actions, intake, jobs, learning
from zugong.cases.models import Case, Proposed, RoutingModel
from zugong.cases.powers import kind_of
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
AT = datetime(2025, 3, 10, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CLASSES = {"供水": "water", "教育": "school", "环境": "air"}
FIELD = "  sort-of: {label: 诉求类别, kind: choice, options: [{id: water, label: 供水}, {id: school, label: 教育}, {id: air, label: 环境}]}\n"
REQUEST = (
    PACK["case"]
    .split("---")[0]
    .replace("matter: matter, contact", "matter: matter, sorts: sort-of, propose: 500, contact")
    .replace("body: town, needs: [inner]", "body: town, needs: [sort-of]")
)


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(learning, "LEAST", 30)
    in_force(**PACK | {"fields": PACK["fields"] + FIELD, "case": REQUEST})
    found = county()
    found.town = found.user(Role.TOWNSHIP_CLERK, found.townships[0])
    found.office = found.user(Role.DESK, found.office)
    return found


def taken(place, matter) -> Case:
    receipt, _code = intake.receive(
        "request", about=place.villages[0], answers={"matter": matter}, channel="public",
        day=DAY, at=AT, by=None, key=f"{Case.objects.count()}".ljust(32, "k"),
    )  # fmt: skip
    return receipt.case


def settled(place, matter, sort) -> Case:
    case = taken(place, matter)
    actions.submit(case, by=place.town, day=DAY, answers={"sort-of": sort})
    actions.submit(case, by=place.town, day=DAY, outcome="answered", answers={"reply": "已处理"})
    actions.submit(case, by=place.office, day=DAY, outcome="satisfied")
    return case


@pytest.fixture
def trained(place):
    texts, labels = messages(45)
    for text, label in zip(texts, labels, strict=True):
        settled(place, text, CLASSES[label])
    place.model = learning.train(kind_of(Case.objects.first()), day=DAY, by="t")
    return place


def test_too_few_closed_requests_teach_nothing(place):
    case = settled(place, "水管漏水", "water")
    with pytest.raises(Refused, match="满30件才训练"):
        learning.train(kind_of(case), day=DAY, by="t")


def test_a_new_version_proposes_nothing_until_it_is_switched_on_and_nothing_once_it_is_off(trained):
    case = taken(trained, "石桥镇水管漏水，水压太低")
    assert learning.advice(case, DAY) is None
    learning.switch(trained.model, on=True, by="张三")
    given = learning.advice(case, DAY)
    assert given.proposals[0].label == "water"
    assert given.proposals[0].certainty >= 500
    assert any("水" in words for words in given.proposals[0].words)
    learning.switch(trained.model, on=False, by="张三")
    assert learning.advice(case, DAY) is None
    assert Entry.objects.filter(deed__startswith="routing.switch", by="张三").count() == 2


def test_what_was_proposed_and_what_was_chosen_stay_with_the_step(trained):
    learning.switch(trained.model, on=True, by="t")
    for sort in ("water", "air"):
        case = taken(trained, "石桥镇水管漏水，水压太低")
        given = learning.advice(case, DAY)
        step = actions.submit(case, by=trained.town, day=DAY, answers={"sort-of": sort})
        learning.remember(step, given)
    assert set(Proposed.objects.values_list("chosen", flat=True)) == {"water", "air"}
    found = learning.hits(trained.model)
    assert (found.proposed, found.first) == (2, 1)


def test_below_the_packs_threshold_and_at_another_stage_nothing_is_proposed(trained):
    learning.switch(trained.model, on=True, by="t")
    assert learning.advice(taken(trained, "囧囧"), DAY) is None
    case = taken(trained, "水管漏水，水压太低")
    actions.submit(case, by=trained.town, day=DAY, answers={"sort-of": "water"})
    assert learning.advice(case, DAY) is None


def test_it_learns_what_was_chosen_at_last_and_not_from_what_was_merged(trained):
    kind = kind_of(Case.objects.first())
    before = len(learning.closed(kind))
    open_one, gone = taken(trained, "水管漏水"), taken(trained, "水管漏水")
    actions.submit(gone, by=trained.town, day=DAY, answers={"sort-of": "water"})
    actions.submit(open_one, by=trained.town, day=DAY, answers={"sort-of": "water"})
    actions.merge(gone, open_one, by=trained.town, day=DAY, reason="同一件")
    assert len(learning.closed(kind)) == before


def test_the_job_trains_on_the_first_of_a_month_and_puts_nothing_in_use(trained):
    assert jobs.train(date(2025, 4, 2)) == 0
    assert jobs.train(date(2025, 4, 1)) == 1
    assert list(RoutingModel.objects.values_list("version", "active")) == [(1, False), (2, False)]


def test_numbers_of_old_versions_are_not_kept_and_one_without_cannot_be_switched_on(trained):
    RoutingModel.objects.filter(pk=trained.model.pk).update(content=b"")
    trained.model.refresh_from_db()
    with pytest.raises(Refused, match="不再保存"):
        learning.switch(trained.model, on=True, by="t")
