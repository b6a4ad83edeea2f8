"""A case on its page: what it shows, what it asks, and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast, cast, person, tie_supporters
from ground import due
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities.models import Activity
from zugong.activities.rules import Item, Report
from zugong.cases import actions as cases
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry
from zugong.registry.models import Link
from zugong.web.cases import showing, timeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Cast:
    return cast()


@pytest.fixture
def opened(county: Cast) -> Case:
    return county.open(day=clock.today())


MEETING = {
    "meeting": "new",
    "should_attend": "9",
    "attended": "8",
    "minutes": "会议认为应列为拟整顿对象。",
    "in_favour": "8",
    "against": "0",
    "abstained": "0",
}


def liaison_of_the_bureau(county: Cast) -> Client:
    """A browser of the officer who answers for the bureau, wherever it is tied."""
    person(county, "xu", "许棠", "staff", county.bureau, [(Role.LIAISON, county.bureau)])
    return county.client("xu")


def test_a_departments_tie_opens_the_village_to_its_liaison_officer_from_that_day(
    county: Cast, opened: Case
) -> None:
    xu, village = liaison_of_the_bureau(county), opened.about
    pages = [reverse("case", args=[opened.pk]), reverse("organisation", args=[village.pk])]
    assert [xu.get(page).status_code for page in pages] == [404, 404]
    tie_supporters(county, "白石村", since=clock.today())
    assert [xu.get(page).status_code for page in pages] == [200, 200]
    assert "白石村党支部" in xu.get(reverse("cases")).content.decode()
    assert "白石村党支部" in xu.get(reverse("visit-new")).content.decode()
    other = county.open("青林村", day=clock.today())
    assert xu.get(reverse("case", args=[other.pk])).status_code == 404
    assert xu.get(reverse("organisation", args=[other.about_id])).status_code == 404


def test_a_departments_tie_opens_nothing_to_who_is_not_its_liaison_officer(
    county: Cast, opened: Case
) -> None:
    person(county, "xu", "许棠", "staff", county.bureau, [(Role.CADRE, county.bureau)])
    tie_supporters(county, "白石村", since=clock.today())
    assert county.client("xu").get(reverse("case", args=[opened.pk])).status_code == 404


def at_department_meeting(county: Cast, village: str = "白石村") -> Case:
    """A case that its township has passed on."""
    one, today, wang = county.open(village, day=clock.today()), clock.today(), county.users["wang"]
    held = activities.hold(
        county.policy,
        "township-meeting",
        day=today,
        run_by=county.townships["禾汀镇"],
        by=wang,
        today=today,
        report=Report(minutes="研究", should_attend=9, attended=9, agenda=(Item(one.number, "", 9, 0, 0),)),
    )
    answers = {"causes": ["weak"], "look-back": "2023年曾整顿"}
    cases.submit(one, by=wang, day=today, answers=answers, item=held.agenda.get())
    return one


def test_the_page_says_what_the_stage_needs_and_by_which_article(county: Cast, opened: Case) -> None:
    page = county.client("wang").get(reverse("case", args=[opened.pk])).content.decode()
    assert "病根" in page
    assert "请填写“病根”" in page
    assert "青组发〔2024〕2号 第五条" in page
    assert "记录乡镇初定决定" in page


def test_a_township_enters_its_meeting_and_passes_the_stage_on_in_one_form(
    county: Cast, opened: Case
) -> None:
    address = reverse("case-submission", args=[opened.pk])
    given = MEETING | {"causes": ["weak", "sick"], "look-back": "2023年曾整顿", "day": str(clock.today())}
    response = county.client("wang").post(address, given)
    assert response.status_code == 302, response.content.decode()
    opened.refresh_from_db()
    assert opened.stage == "department-meeting"
    step = opened.steps.get()
    assert step.item is not None
    assert step.item.in_favour == 8
    assert step.activity is not None
    assert step.activity.run_by == county.townships["禾汀镇"]


def test_what_is_refused_keeps_what_was_typed_and_enters_no_meeting(county: Cast, opened: Case) -> None:
    address = reverse("case-submission", args=[opened.pk])
    given = MEETING | {"look-back": "写了很久的一段话", "in_favour": "3", "against": "5"}
    page = county.client("wang").post(address, given).content.decode()
    assert "写了很久的一段话" in page
    assert "请填写“病根”" in page
    assert "有问题需要处理" in page
    assert not Activity.objects.exists()
    assert "<title>错误：" in page


def drawn_on(client: Client, address: str) -> dict[str, str]:
    """What a form remembers of when it was drawn."""
    return {"rests_on": client.get(address).context["rests_on"]}


def test_a_form_that_was_overtaken_says_by_whom_and_keeps_what_was_typed(county: Cast, opened: Case) -> None:
    person(
        county,
        "su",
        "苏黎",
        "staff",
        county.townships["禾汀镇"],
        [(Role.TOWNSHIP_CLERK, county.townships["禾汀镇"])],
    )
    address, wang, su = (
        reverse("case-submission", args=[opened.pk]),
        county.client("wang"),
        county.client("su"),
    )
    given = MEETING | {"causes": ["weak", "sick"], "look-back": "2023年曾整顿", "day": str(clock.today())}
    first, second = given | drawn_on(wang, address), given | drawn_on(su, address)
    assert wang.post(address, first).status_code == 302
    late = su.post(address, second | {"look-back": "写了很久的一段话"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "王舒在" in page
    assert "乡镇初定" in page
    assert "现在到“部务会”" in page
    assert "写了很久的一段话" in page
    assert opened.steps.count() == 1
    again = wang.post(address, first).content.decode()
    assert "您已在" in again
    assert opened.steps.count() == 1


def test_a_second_person_who_comes_second_reads_who_agreed(county: Cast) -> None:
    one = at_acceptance(county)
    strike(county, one)
    person(
        county, "lu", "陆鸣", "staff", county.office, [(Role.HEAD, county.county), (Role.HEAD, county.office)]
    )
    answer, han, lu = reverse("case-answer", args=[one.pk]), county.client("han"), county.client("lu")
    first, second = drawn_on(han, answer), drawn_on(lu, answer)
    assert han.post(answer, first | {"answer": "agree"}).status_code == 302
    late = lu.post(answer, second | {"answer": "decline", "note": "账目没有上墙"})
    assert late.status_code == 409
    assert "韩澈在" in late.content.decode()
    assert "账目没有上墙" in late.content.decode()


def test_one_township_does_not_find_the_case_of_another(county: Cast, opened: Case) -> None:
    zhao = county.client("zhao")
    for name in ("case", "case-submission", "case-return", "case-evidence", "case-holder", "case-ties"):
        assert zhao.get(reverse(name, args=[opened.pk])).status_code == 404


def test_who_is_not_asked_is_refused_with_a_sentence(county: Cast, opened: Case) -> None:
    page = county.client("li").post(reverse("case-submission", args=[opened.pk]), MEETING).content.decode()
    assert "由乡镇（街道）党（工）委办理" in page
    opened.refresh_from_db()
    assert opened.stage == "township-meeting"


FORMS = (
    ("li", "case-submission", "“乡镇初定”这一步由乡镇（街道）党（工）委办理。"),
    ("chen", "case-submission", "“乡镇初定”这一步由乡镇（街道）党（工）委办理。"),
    ("chen", "case-evidence", "“乡镇初定”这一步由乡镇（街道）党（工）委办理。"),
    ("wang", "case-answer", "“乡镇初定”这一步不能这样办。"),
    ("wang", "case-extension", "承办人不能给自己延期。"),
    ("wang", "case-withdrawal", "只有提出这件事项的人可以撤回。"),
    ("wang", "case-holder", "这件事项不用分派。"),
)


@pytest.mark.parametrize(("who", "address", "sentence"), FORMS)
def test_a_form_that_is_not_the_askers_is_not_offered_and_says_who_may(
    county: Cast, opened: Case, who: str, address: str, sentence: str
) -> None:
    page = county.client(who).get(reverse(address, args=[opened.pk])).content.decode()
    assert sentence in page
    assert 'enctype="multipart/form-data"' not in page


def test_a_form_of_an_ended_case_is_not_offered(county: Cast, opened: Case) -> None:
    Case.objects.filter(pk=opened.pk).update(state="closed", closed_on=clock.today())
    page = county.client("wang").get(reverse("case-submission", args=[opened.pk])).content.decode()
    assert "这件事项已经结束，不用再办。" in page


def test_sending_back_needs_a_reason_and_the_line_shows_it(county: Cast) -> None:
    one, chen = at_department_meeting(county), county.client("chen")
    address = reverse("case-return", args=[one.pk])
    assert "请填写“理由”" in chen.post(address, {"note": " "}).content.decode()
    assert chen.post(address, {"note": "病根没有找准"}).status_code == 302
    page = chen.get(reverse("case", args=[one.pk])).content.decode()
    assert "病根没有找准" in page
    assert "日退回" in page
    again = county.client("wang").get(reverse("case-submission", args=[one.pk])).content.decode()
    assert "日退回：病根没有找准" in again


def test_an_extension_asks_for_a_later_day(county: Cast, opened: Case) -> None:
    chen, address = county.client("chen"), reverse("case-extension", args=[opened.pk])
    early = chen.post(address, {"until": str(clock.today()), "note": "会期冲突"}).content.decode()
    assert "新的期限要晚于现在的" in early
    later = clock.today() + timedelta(days=200)
    own = county.client("wang").post(address, {"until": str(later), "note": "会期冲突"}).content.decode()
    assert "承办人不能给自己延期" in own
    assert chen.post(address, {"until": str(later), "note": "会期冲突"}).status_code == 302
    opened.refresh_from_db()
    assert opened.due_on == later


def test_two_people_strike_off(county: Cast) -> None:
    one = at_acceptance(county)
    strike(county, one)
    chen, han = county.client("chen"), county.client("han")
    answer = reverse("case-answer", args=[one.pk])
    assert "提出的人和同意的人不能是同一人" in chen.post(answer, {"answer": "agree"}).content.decode()
    assert "须由第二人复核" in han.get(reverse("case", args=[one.pk])).content.decode()
    assert han.post(answer, {"answer": "agree"}).status_code == 302
    one.refresh_from_db()
    assert one.stage == "follow-up"


def at_acceptance(county: Cast, village: str = "白石村") -> Case:
    """A case that was worked on and stands before its acceptance."""
    from zugong.cases.rules import State

    one = county.open(village, day=clock.today())
    one.stage, one.state, one.round = "acceptance", State.WAITING, 6
    one.save()
    return one


def strike(county: Cast, one: Case) -> None:
    chen = county.client("chen")
    lay = {"kind": "site-visit", "day": str(clock.today()), "topic": "场所每天开放，账目上墙"}
    assert chen.post(reverse("case-evidence", args=[one.pk]), lay).status_code == 302
    accept = {"finding": "六项任务完成", "outcome": "accepted"}
    done = chen.post(reverse("case-submission", args=[one.pk]), accept)
    assert done.status_code == 302, done.content.decode()
    assert chen.post(reverse("case-submission", args=[one.pk]), {"outcome": "struck-off"}).status_code == 302


def test_what_happened_on_one_day_is_told_in_the_order_in_which_it_happened(county: Cast) -> None:
    one = at_acceptance(county)
    strike(county, one)
    told = [
        row["text"] for row in county.client("chen").get(reverse("case", args=[one.pk])).context["events"]
    ]
    newest = ("销号", "验收", "证据", "立项")
    assert [text.startswith(word) for text, word in zip(told, newest, strict=True)] == [True] * 4, told


def test_an_ended_task_says_when_it_was_done_and_whether_in_time(county: Cast, opened: Case) -> None:
    today = clock.today()
    done = cases.open("task", about=opened.about, day=today, by=None, parent=opened, label="健全规章制度")
    ended = {"state": "closed", "closed_on": today, "in_time": False, "due_on": today + timedelta(days=30)}
    Case.objects.filter(pk=done.pk).update(**ended)
    (task,) = county.client("chen").get(reverse("case", args=[opened.pk])).context["tasks_ended"]
    assert (task["ended"]["day"], task["ended"]["word"]) == (today, "办结，有环节逾期")
    page = county.client("chen").get(reverse("cases"), {"kind": "task", "state": "closed"})
    assert [row["ended"]["word"] for row in page.context["rows"]] == ["办结，有环节逾期"]
    assert "还剩 " not in page.content.decode()
    Case.objects.filter(pk=done.pk).update(**due(today - timedelta(days=1)))
    done.refresh_from_db()
    assert showing.ended(done)["word"] == "逾期办结"


def test_acceptance_without_evidence_is_refused(county: Cast) -> None:
    one = at_acceptance(county)
    given = {"finding": "六项任务完成", "outcome": "accepted"}
    asked = county.client("chen").get(reverse("case-submission", args=[one.pk]))
    assert any("至少 1 种证据" in lack for lack in asked.context["lacks"])
    page = county.client("chen").post(reverse("case-submission", args=[one.pk]), given).content.decode()
    assert "须有 实地查看、专项调研、电话抽查 中至少 1 种证据" in page


def test_a_file_laid_with_a_case_is_given_back_to_who_sees_the_case(county: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    one = at_acceptance(county)
    photo = SimpleUploadedFile("场所.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    chen = county.client("chen")
    assert (
        chen.post(reverse("case-evidence", args=[one.pk]), {"kind": "file", "file": photo}).status_code == 302
    )
    proof = one.proofs.get()
    there = reverse("case-file", args=[one.pk, proof.file_id])
    assert b"".join(chen.get(there).streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert county.client("zhao").get(there).status_code == 404


def test_evidence_of_which_only_a_file_can_be_asks_for_the_file_alone(county: Cast, opened: Case) -> None:
    wang, there = county.client("wang"), reverse("case-evidence", args=[opened.pk])
    page = wang.get(there)
    form = page.context["form"]
    assert [name for name in form.fields if not form[name].is_hidden] == ["file"]
    assert "哪一种证据" not in page.content.decode()
    assert "请选择要上传的文件" in wang.post(there, {"kind": "file"}).content.decode()


def test_what_was_seen_is_not_dropped_beside_a_file(county: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    one = at_acceptance(county)
    photo = SimpleUploadedFile("场所.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    given = {"kind": "file", "file": photo, "topic": "场所每天开放"}
    page = county.client("chen").post(reverse("case-evidence", args=[one.pk]), given).content.decode()
    assert "新登记的才填；上传文件、选已登记的，请清空这一项。" in page
    assert "场所每天开放" in page


def test_an_activity_that_is_there_is_offered_as_evidence_by_its_day_and_what_it_was_about(
    county: Cast,
) -> None:
    one, today = at_acceptance(county), clock.today()
    activities.hold(
        county.policy,
        "site-visit",
        day=today,
        run_by=county.office,
        at=one.about,
        by=county.users["chen"],
        today=today,
        report=Report(topic="账目上墙"),
    )
    page = county.client("chen").get(reverse("case-evidence", args=[one.pk])).content.decode()
    assert f"已登记：{today.year}年{today.month}月{today.day}日 实地查看 账目上墙" in page


def test_who_keeps_the_registry_ties_the_supporters(county: Cast, opened: Case) -> None:
    chen = county.client("chen")
    given = {"role": "leader", "near": str(county.people["shen"].pk)}
    assert chen.post(reverse("case-ties", args=[opened.pk]), given).status_code == 302
    assert "沈遥" in chen.get(reverse("case", args=[opened.pk])).content.decode()
    told = county.client("shen").get(reverse("desk")).context["told"]
    assert [(one["sentence"], one["rows"][0]["name"]) for one in told] == [
        ("您已确定为“县级领导”", "白石村党支部")
    ]
    again = chen.post(reverse("case-ties", args=[opened.pk]), given).content.decode()
    assert "每个对象只能有 1 个" in again
    assert county.client("wang").get(reverse("case-ties", args=[opened.pk])).status_code == 404


def offered(county: Cast, one: Case, **asked: str) -> list[tuple[str, int]]:
    """Who is offered as supporter, with how many villages each supports already."""
    rows = county.client("chen").get(reverse("case-ties", args=[one.pk]), asked).context["rows"]
    return [(row["name"], row["held"]) for row in rows]


def test_only_whom_the_role_allows_is_offered_by_pinyin_with_how_many_each_supports(
    county: Cast, opened: Case
) -> None:
    county.open("青林村", day=clock.today())
    tie_supporters(county, "青林村", since=clock.today())
    assert offered(county, opened, role="leader") == [("沈遥", 1)]
    assert offered(county, opened, role="department") == [("县农业农村局", 1), ("县委组织部", 0)]
    assert offered(county, opened, role="first-secretary") == []  # 周砚 is the only one trained, and has one
    registry.enter("trained", county.people["wang"], since=clock.today(), by="测试")
    registry.enter("trained", county.people["cai"], since=clock.today(), by="测试")
    assert offered(county, opened, role="first-secretary") == [("蔡言", 0), ("王舒", 0)]
    assert offered(county, opened, role="first-secretary", q="ws") == [("王舒", 0)]
    assert offered(county, opened, role="first-secretary", q="cai") == [("蔡言", 0)]


def test_a_role_that_is_filled_offers_nobody_and_says_so(county: Cast, opened: Case) -> None:
    tie_supporters(county, "白石村", since=clock.today())
    assert offered(county, opened, role="leader") == []
    page = county.client("chen").get(reverse("case-ties", args=[opened.pk]), {"role": "leader"})
    assert "县级领导已有 1 个，不用再定" in page.content.decode()
    assert "陈岚 · 组织部经办人" in page.content.decode()  # the frame's own word for its reader stands


def test_a_tie_ends_on_the_grounds_that_the_pack_names_and_only_while_a_bar_stands(
    county: Cast, opened: Case
) -> None:
    tie_supporters(county, "白石村", since=clock.today())
    leader, department, *_others = Link.objects.filter(far=opened.about).order_by("pk")
    chen = county.client("chen")
    free = reverse("case-tie", args=[opened.pk, leader.pk])
    assert "因病" not in chen.get(free).content.decode()
    assert chen.post(free, {"source": "常委会〔2026〕3号"}).status_code == 302
    barred = "illness end-of-term"
    registry.enter("bar-untie-supporter", opened.about, since=clock.today(), value=barred, by="测试")
    held = reverse("case-tie", args=[opened.pk, department.pk])
    page = chen.get(held).content.decode()
    assert ["因病" in page, "任期届满" in page, "照顾家庭" in page] == [True, True, False]
    assert "请选择" in chen.post(held, {"source": "口头"}).content.decode()
    assert chen.post(held, {"ground": "illness"}).status_code == 302


def test_a_supporter_who_was_named_and_let_go_is_told_in_order(county: Cast) -> None:
    before = clock.today() - timedelta(days=5)
    one = county.open(day=before)
    with clock.standing(before):
        tie_supporters(county, "白石村", since=before)
    held = Link.objects.filter(far=one.about).order_by("pk")[0]
    name = held.near.name_on(before)
    with clock.standing(before + timedelta(days=1)):
        cases.accept(one, by=county.users["wang"], day=before + timedelta(days=1))
    registry.untie(held, on=clock.today(), by="测试", source="常委会〔2026〕3号")
    page = county.client("chen").get(reverse("case", args=[one.pk])).content.decode()
    story = page[page.index("经过") :]
    told = [story.index(words) for words in (f"解除县级领导：{name}", "签收", f"确定县级领导：{name}")]
    assert told == sorted(told)
    assert Entry.objects.get(deed="registry.untie").detail["source"] == "常委会〔2026〕3号"


def test_nothing_is_chosen_beforehand_of_what_a_matter_is_about(county: Cast) -> None:
    page = county.client("chen").get(reverse("case-new")).content.decode()
    about = page[page.index('name="about"') :]
    assert about.index("请选择") < about.index("白石村")


def test_earlier_versions_of_an_answer_stay_readable(county: Cast) -> None:
    from zugong.cases.models import Answer

    one = at_department_meeting(county)
    step = one.steps.get()
    Answer.objects.create(case=one, step=step, field="look-back", version=2, value="补写：2022年也整顿过")
    page = county.client("chen").get(reverse("case", args=[one.pk])).content.decode()
    assert "第 2 版" in page
    assert "2023年曾整顿" in page


def test_the_list_asks_the_same_number_of_questions_for_one_as_for_many(
    county: Cast, django_assert_num_queries
) -> None:
    for village in county.villages:
        county.open(village, day=clock.today())
    chen = county.client("chen")
    chen.get(reverse("cases"))
    with django_assert_num_queries(LIST):
        page = chen.get(reverse("cases")).content.decode()
    assert page.count("整〔") == len(county.villages)


LIST = 33


def test_a_case_page_asks_a_fixed_number_of_questions(
    county: Cast, opened: Case, django_assert_max_num_queries
) -> None:
    tie_supporters(county, "白石村", since=clock.today())
    chen = county.client("chen")
    with django_assert_max_num_queries(59):
        chen.get(reverse("case", args=[opened.pk]))


def test_the_list_finds_by_initials_number_township_and_state(county: Cast, opened: Case) -> None:
    county.open("云坪村", day=clock.today())
    chen = county.client("chen")

    def found(**asked: str) -> list[str]:
        rows = chen.get(reverse("cases"), asked).context["rows"]
        return [row["name"] for row in rows]

    assert found(q="bsc") == ["白石村党支部"]
    assert found(q=opened.number) == ["白石村党支部"]
    assert found(township=str(county.townships["麓山乡"].pk)) == ["云坪村党支部"]
    assert found(state="late") == []
    assert found(kind="rectification", stage="township-meeting") == ["白石村党支部", "云坪村党支部"]


def test_progress_counts_by_township_as_of_a_day(county: Cast) -> None:
    at_department_meeting(county)
    county.open("云坪村", day=clock.today())
    chen = county.client("chen")
    now = chen.get(reverse("cases-progress")).context
    assert {row["name"]: row["all"] for row in now["table"]} == {"禾汀镇党委": 1, "麓山乡党委": 1}
    before = chen.get(reverse("cases-progress"), {"on": str(date(2021, 1, 1))}).context
    assert before["table"] == []


def test_a_township_brings_in_a_negative_finding(county: Cast) -> None:
    wang = county.client("wang")
    given = {"kind": "negative-hit", "about": str(county.villages["白石村"].pk), "cause": "值班空岗"}
    response = wang.post(reverse("case-new"), given)
    assert response.status_code == 302, response.content.decode()
    assert Case.objects.get().kind == "negative-hit"
    assert "没有可以由您提出的事项" in county.client("yu").get(reverse("case-new")).content.decode()


def test_in_english_the_page_speaks_english(county: Cast, opened: Case) -> None:
    client = county.client("wang")
    client.cookies["language"] = "en"
    page = client.get(reverse("case", args=[opened.pk])).content.decode()
    assert "Township meeting" in page
    assert "Causes" in page


@pytest.mark.parametrize(
    ("kind", "stage", "label"),
    [
        ("task", "do", "办完“办理”，转“核对”"),
        ("task", "check", "办完“核对”，办结"),
        ("rectification", "work", "办完“整顿”，转“验收”"),
        ("rectification", "township-meeting", "记录乡镇初定决定"),
        ("rectification", "acceptance", "记录验收"),
        ("rectification", "plan", "报送“一村一策”"),
    ],
)
def test_a_button_names_the_deed_by_its_stage_and_where_the_case_then_goes(
    county: Cast, kind: str, stage: str, label: str
) -> None:
    entry = county.policy.case(kind)
    assert showing.passing(entry.stage(stage), entry) == label


def test_whoever_signs_reads_the_paper_and_need_not_write_it(county: Cast) -> None:
    one = at_department_meeting(county)
    Case.objects.filter(pk=one.pk).update(stage="plan", round=4)
    there, li = reverse("case-submission", args=[one.pk]), county.client("li")
    assert li.get(there).context["paper"] == []
    assert li.post(there, {"plan": "配齐支委"}).status_code == 302
    page = county.client("wang").get(there)
    assert (page.context["title"], page.context["paper"]) == (
        "会签“一村一策”",
        [("整顿方案（一村一策）", "配齐支委")],
    )
    assert "要改动的，在这里改" in page.content.decode()


def test_a_rule_that_is_met_says_what_follows_and_never_that_something_is_there(county: Cast) -> None:
    one = at_department_meeting(county)
    Case.objects.filter(pk=one.pk).update(stage="plan", round=4)
    there = reverse("case", args=[one.pk])
    (_plan, rule) = county.client("wang").get(there).context["needs"]
    assert rule["met"] == "弱：带头人作用弱，应采取：书记跟班培训、与先进村结对"
    assert rule["guides"], "what is still to be done is not ticked as if it were there"
    none = county.open("青林村", day=clock.today())
    Case.objects.filter(pk=none.pk).update(stage="plan", round=4)
    (_plan, rule) = county.client("wang").get(reverse("case", args=[none.pk])).context["needs"]
    assert (rule["met"], bool(rule["lacks"])) == ("", True)


def test_the_causes_are_said_once_and_what_is_over_is_folded(county: Cast) -> None:
    one = at_department_meeting(county)
    for label in ("健全规章制度", "培养一个带头人"):
        task = cases.open("task", about=one.about, day=clock.today(), by=None, parent=one, label=label)
    Case.objects.filter(pk=task.pk).update(state="closed", closed_on=clock.today(), in_time=True)
    page = county.client("chen").get(reverse("case", args=[one.pk]))
    text = page.content.decode()
    main = text[text.index("<main") :]
    assert main.count(">病根<") == 1
    assert [row["label"] for row in page.context["tasks"]] == ["健全规章制度"]
    assert [row["label"] for row in page.context["tasks_ended"]] == ["培养一个带头人"]
    assert "已办结 1 项</summary>" in main
    assert "第 2 步，共" in main


def test_of_a_long_past_the_latest_stands_open(county: Cast, opened: Case) -> None:
    today, there = clock.today(), reverse("case", args=[opened.pk])
    chen = county.client("chen")

    def told() -> tuple[int, int]:
        page = chen.get(there).context
        return len(page["events"]), len(page["earlier"])

    for n in range(1, 9):
        cases.extend(
            opened,
            by=county.users["chen"],
            day=today,
            until=today + timedelta(days=40 + 7 * n),
            reason="汛期",
        )
        assert told() == ((n + 1, 0) if n < 7 else (5, n - 4))


def test_each_thing_that_is_lacking_is_said_beside_its_own_question(county: Cast, opened: Case) -> None:
    address = reverse("case-submission", args=[opened.pk])
    page = county.client("wang").post(address, {"attended": "8", "minutes": "研究"}).content.decode()
    for name, sentence in (("causes", "请填写“病根”"), ("look-back", "请填写“近三年‘回头看’情况”")):
        assert f'<a href="#id_{name}' in page
        assert sentence in page.split(f'id="id_{name}_error"')[1].split("</div>")[0]
    assert 'id="id_should_attend_error"' in page
    assert "弱：带头人能力不足，推不动工作" in page


def test_everybody_reads_whose_turn_it_is_and_until_when(county: Cast, opened: Case) -> None:
    for who in ("li", "chen", "wang"):
        page = county.client(who).get(reverse("case", args=[opened.pk])).content.decode()
        assert "现在轮到：<strong>禾汀镇党委（王舒）</strong>" in page
    assert "整顿转化" in county.client("chen").get(reverse("desk")).content.decode()


def test_with_whom_tasks_still_lie_is_said_on_the_case_the_list_and_the_desk(
    county: Cast, opened: Case
) -> None:
    today, li = clock.today(), county.client("li")
    tie_supporters(county, "白石村", since=today)
    tasks = [
        cases.open("task", about=opened.about, day=today, by=None, parent=opened, label=label)
        for label in ("健全规章制度", "培养一个带头人", "解决一批突出问题")
    ]
    Case.objects.filter(pk=opened.pk).update(stage="work", state="underway", round=5)
    Case.objects.filter(parent=opened).update(**due(date(today.year, 10, 31)))
    Case.objects.filter(pk=tasks[0].pk).update(**due(date(today.year, 3, 5)))

    lists = (reverse("cases"), reverse("desk"))

    def says(*sentences: str) -> None:
        for address, sentence in zip((reverse("case", args=[opened.pk]), *lists), sentences, strict=True):
            assert sentence in li.get(address).content.decode(), address

    both = "还在等：驻村第一书记 3 项任务，最早一项3月5日到期"
    says(both.replace("书记", "书记 周砚"), both, both)
    Case.objects.filter(pk=tasks[0].pk).update(state="closed", closed_on=today)
    Case.objects.filter(pk=tasks[2].pk).update(holder=county.people["li"])
    rest = "1 项任务，最早一项10月31日到期；李禾 1 项任务，最早一项10月31日到期"
    says(f"还在等：驻村第一书记 周砚 {rest}", *[f"还在等：驻村第一书记 {rest}"] * 2)


def test_who_was_named_to_support_and_when_they_came_is_part_of_the_past(county: Cast, opened: Case) -> None:
    day = clock.today()
    shen, village = county.people["shen"], opened.about
    registry.tie(
        county.policy, "supporter", "leader", near=shen, far=village, since=day, by="t", source="会议"
    )
    activities.hold(
        county.policy, "village-visit", day=day, run_by=shen, at=village, by=county.users["shen"], today=day,
        report=Report(topic="看账目", present=(shen.pk,)),
    )  # fmt: skip
    told = county.client("chen").get(reverse("case", args=[opened.pk])).context["events"]
    assert ("到村指导 看账目", "沈遥") in [(row["text"], row["by"]) for row in told]
    assert ("确定县级领导：沈遥", "会议") in [(row["text"], row["by"]) for row in told]
    desk = county.client("shen").get("/").content.decode()
    assert f"您联系{village.name_on(day)}（县级领导）" in desk


def test_a_case_that_another_opened_says_which(county: Cast, opened: Case) -> None:
    assert timeline._cause(f"{opened} round 3 done")["by"] == f"由“整顿转化”{opened.number}引出"


def test_what_a_form_cannot_give_is_said_before_it_and_whose_work_it_is(county: Cast) -> None:
    one = county.open(day=clock.today())
    Case.objects.filter(pk=one.pk).update(stage="standing-committee", round=3)
    page = county.client("yu").get(reverse("case-submission", args=[one.pk]))
    assert len(page.context["lacks"]) == 3
    assert all("陈岚" in lack and lack.endswith("指定") for lack in page.context["lacks"]), page.context[
        "lacks"
    ]
    tie_supporters(county, "白石村", since=clock.today())
    assert county.client("yu").get(page.request["PATH_INFO"]).context["lacks"] == []


def test_a_cadre_who_was_sent_to_a_village_is_called_by_that(county: Cast, opened: Case) -> None:
    person(county, "lu", "陆言", "staff", county.bureau, [(Role.CADRE, county.bureau)])
    assert "干部本人" in county.client("lu").get("/").content.decode()
    registry.enter("trained", county.people["lu"], since=clock.today(), by="t")
    registry.tie(
        county.policy, "supporter", "first-secretary", near=county.people["lu"], far=opened.about,
        since=clock.today(), by="t",
    )  # fmt: skip
    page = county.client("lu").get("/").content.decode()
    assert "第一书记" in page
    assert "干部本人" not in page


def test_whoever_decides_reads_on_the_form_what_was_reported_and_laid(county: Cast) -> None:
    one = at_department_meeting(county)
    page = county.client("chen").get(reverse("case-submission", args=[one.pk])).content.decode()
    assert "2023年曾整顿" in page
    assert f"白石村党支部 · 整顿转化　{one.number}" in page
    struck = at_acceptance(county, "青林村")
    strike(county, struck)
    page = county.client("han").get(reverse("case-answer", args=[struck.pk])).content.decode()
    assert "六项任务完成" in page
    assert "证据：实地查看 场所每天开放，账目上墙" in page


def test_a_stage_that_may_be_sent_back_says_so_on_its_form(county: Cast) -> None:
    one = at_department_meeting(county)
    page = county.client("chen").get(reverse("case-submission", args=[one.pk])).content.decode()
    assert reverse("case-return", args=[one.pk]) in page


def test_the_only_outcome_there_is_is_chosen_already_and_one_of_two_is_not(county: Cast) -> None:
    one, chen = at_acceptance(county), county.client("chen")
    form = reverse("case-submission", args=[one.pk])
    assert chen.get(form).context["form"]["outcome"].value() is None
    Case.objects.filter(pk=one.pk).update(stage="strike-off", round=7)
    assert chen.get(form).context["form"]["outcome"].value() == "struck-off"


def test_naming_goes_on_to_the_next_role_that_lacks_somebody_and_says_who_was_named(
    county: Cast, opened: Case
) -> None:
    chen, there = county.client("chen"), reverse("case-ties", args=[opened.pk])
    leader = chen.post(there, {"role": "leader", "near": str(county.people["shen"].pk)})
    page = chen.get(leader["Location"])
    assert page.context["place"].role == "department"
    assert "已确定县级领导：沈遥" in page.content.decode()
    assert chen.post(there, {"role": "department", "near": str(county.bureau.pk)})["Location"].startswith(
        there
    )
    last = chen.post(there, {"role": "first-secretary", "near": str(county.people["zhou"].pk)})
    assert last["Location"] == reverse("case", args=[opened.pk])


def test_what_was_proposed_is_not_said_to_be_done_and_who_answers_is_named(county: Cast) -> None:
    one, chen = at_acceptance(county), county.client("chen")
    Case.objects.filter(pk=one.pk).update(stage="strike-off", round=7)
    there = reverse("case-submission", args=[one.pk])
    page = chen.post(there, {"outcome": "struck-off"}, follow=True).content.decode()
    assert "已提出“销号”，等" in page
    assert "（韩澈）复核" in page
