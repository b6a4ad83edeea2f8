"""A sheet comes in: shown first, done whole or not at all, undone until something depends on it."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest

import sheets
from cast import LONG_AGO, cast
from zugong.activities.models import Activity
from zugong.cases.models import Case, Receipt
from zugong.cases.needs import answers_of
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.duties import actions as duties
from zugong.duties.models import Answer, Occurrence
from zugong.imports import actions as imports
from zugong.imports import jobs
from zugong.imports.models import Import, State
from zugong.ledgers import actions as ledgers
from zugong.registry import actions as registry
from zugong.registry.models import Appointment, Link, Membership, Particulars, Standing, Subject
from zugong.scorecards.models import Mark

DAY = date(2025, 3, 10)


@pytest.fixture
def made(db):
    return cast()


def upload(made, entity, rows, user="chen", content=None):
    template = imports.template(made.users[user], entity, day=DAY)
    return imports.upload(
        made.users[user], entity, file="表.xlsx", content=content or sheets.filled(template, rows), day=DAY
    )


def imported(made, entity, rows, **more):
    return imports.confirm(made.users["chen"], upload(made, entity, rows, **more).pk, day=DAY)


def counts(one):
    return one.added, one.changed, one.same, one.wrong


def faults(one):
    return {
        label: sentence for _, _, _, told in one.lines if isinstance(told, list) for label, sentence in told
    }


PERSONS = [
    {"代码": "0001", "姓名": "乔木", "类别": "党员", "性别": "男", "文化程度": "大专"},
    {"代码": "0002", "姓名": "苏禾", "类别": "村干部", "性别": "女"},
]


def test_nothing_is_written_before_it_is_confirmed(made):
    before, told = (Subject.objects.count(), Particulars.objects.count()), Entry.objects.count()
    one = upload(made, "person", PERSONS)
    assert counts(one) == (2, 0, 0, 0)
    assert before == (Subject.objects.count(), Particulars.objects.count())
    assert [entry.deed for entry in Entry.objects.order_by("pk")[told:]] == ["import.upload"]
    imports.throw_away(made.users["chen"], one.pk, day=DAY)
    assert Entry.objects.latest("pk").deed == "import.throw-away"


def test_confirmed_it_is_one_line_in_the_journal_and_leading_zeros_stay(made):
    one = imported(made, "person", PERSONS)
    row = Particulars.objects.get(subject__code="0001", subject__noun="person")
    assert (row.name, row.klass, row.fields) == ("乔木", "member", {"sex": "male", "education": "college"})
    assert row.source == f"导入 {one.pk}：表.xlsx"
    (entry,) = Entry.objects.filter(deed="import.confirm")
    assert (entry.by, entry.detail["added"]) == (str(made.users["chen"]), 2)


def test_the_same_file_twice_adds_nothing(made):
    imported(made, "person", PERSONS)
    again = upload(made, "person", PERSONS)
    assert counts(again) == (0, 0, 2, 0)
    with pytest.raises(Refused, match="没有要新增或变更的行"):
        imports.confirm(made.users["chen"], again.pk, day=DAY)


def test_what_goes_out_comes_in_unchanged_for_every_book(made):
    imported(made, "person", PERSONS)
    registry.enter("stars", made.villages["白石村"], since=LONG_AGO, value="3", by="t")
    asked = imports.powers.asking(made.users["chen"], DAY)
    for book in imports.powers.open_books(asked):
        out = imports.export(made.users["chen"], book.name, day=DAY)
        if sheets.read(out):
            one = upload(made, book.name, [], content=out)
            assert counts(one)[:2] + counts(one)[3:] == (0, 0, 0), (book.name, one.lines[:5])


def test_an_export_edited_changes_only_what_was_edited(made):
    out = imports.export(made.users["chen"], "organisation", day=DAY)
    number = next(at for at, row in enumerate(sheets.read(out), 4) if row["名称"] == "白石村党支部")
    one = upload(made, "organisation", [], content=sheets.edited(out, {(number, "名称"): "白石村党总支"}))
    assert counts(one)[:2] == (0, 1)
    imports.confirm(made.users["chen"], one.pk, day=DAY)
    assert made.villages["白石村"].name_on(DAY) == "白石村党总支"
    assert made.villages["白石村"].name_on(LONG_AGO) == "白石村党总支"  # the same days: it was put right


def test_a_later_day_changes_from_that_day_on(made):
    rows = [{"名称": "白石村党支部", "类别": "党支部", "上级组织": "禾汀镇党委", "起始日期": "2025年3月1日"}]
    one = imported(made, "organisation", rows)
    assert counts(one) == (0, 1, 0, 0)
    village = made.villages["白石村"]
    assert (village.on(date(2025, 2, 28)).klass, village.on(date(2025, 3, 1)).klass) == ("village", "branch")


def test_a_tree_comes_in_at_once_whatever_its_order(made):
    rows = [
        {"代码": "B2", "名称": "第二小组", "类别": "党小组", "上级组织": "B1"},
        {"代码": "B1", "名称": "新设党支部", "类别": "党支部", "上级组织": "白石村党支部"},
    ]
    imported(made, "organisation", rows)
    group = Subject.objects.get(noun="organisation", code="B2")
    assert group.on(DAY).parent.code == "B1"
    assert group.on(DAY).parent.on(DAY).parent == made.villages["白石村"]


def test_nothing_comes_to_stand_under_itself(made):
    rows = [{"名称": "禾汀镇党委", "类别": "乡镇党委", "上级组织": "白石村党支部"}]
    one = upload(made, "organisation", rows)
    assert faults(one) == {"上级组织": "不能隶属于它自己或它的下级"}


def test_one_wrong_cell_keeps_everything_out_unless_somebody_says_so(made):
    one = upload(made, "person", [*PERSONS, {"代码": "0003", "姓名": "", "类别": "飞行员"}])
    assert counts(one) == (2, 0, 0, 1)
    assert set(faults(one)) == {"姓名", "类别"}
    with pytest.raises(Refused, match="有 1 行有误，什么都没有导入"):
        imports.confirm(made.users["chen"], one.pk, day=DAY)
    assert not Subject.objects.filter(code="0001").exists()
    imports.confirm(made.users["chen"], one.pk, day=DAY, only_good=True)
    assert set(Subject.objects.filter(code__startswith="000").values_list("code", flat=True)) == {
        "0001",
        "0002",
    }


def test_the_error_workbook_marks_each_bad_cell_and_can_be_put_right_and_sent_again(made):
    one = upload(made, "person", [*PERSONS, {"代码": "0003", "姓名": "=1+1", "类别": "飞行员"}])
    marked = imports.errors(made.users["chen"], one.pk, day=DAY)
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["填报"]
    places = sheets.places_of(sheet)
    bad = sheet.cell(6, places["类别"])
    assert bad.value == "飞行员"
    assert "请从下拉列表里选" in bad.comment.text
    assert bad.fill.fgColor.rgb.endswith("FFD9D9")
    assert sheet.cell(6, places["姓名"]).comment.text.startswith("这里是公式")
    assert sheet.cell(6, places["错误说明"]).value.startswith("姓名：这里是公式")
    assert sheet.cell(4, places["类别"]).comment is None
    right = sheets.edited(marked, {(6, "类别"): "党员", (6, "姓名"): "简宁"})
    assert counts(upload(made, "person", [], content=right)) == (3, 0, 0, 0)


def test_undone_as_a_whole_and_then_the_same_file_adds_it_again(made):
    one = imported(made, "person", PERSONS)
    imports.undo(made.users["chen"], one.pk, reason="传错了文件", day=DAY)
    assert not Particulars.objects.known().filter(subject__code="0001").exists()
    assert Import.objects.get().state == State.UNDONE
    assert Entry.objects.filter(deed="import.undo", detail__reason="传错了文件").exists()
    assert counts(imported(made, "person", PERSONS)) == (2, 0, 0, 0)
    assert Subject.objects.filter(code="0001").count() == 1


def test_what_something_depends_on_is_not_undone(made):
    one = imported(made, "person", PERSONS)
    person = Subject.objects.get(code="0001")
    registry.join(person, organisation=made.villages["白石村"], since=DAY, by="t")
    with pytest.raises(Refused, match="1 条组织关系"):
        imports.undo(made.users["chen"], one.pk, reason="传错了", day=DAY)
    assert person.on(DAY).name == "乔木"


def test_a_change_that_was_changed_again_is_not_undone(made):
    rows = [{"名称": "白石村党支部", "类别": "党支部", "起始日期": "2025-03-01"}]
    one = imported(made, "organisation", rows)
    registry.change(made.villages["白石村"], since=date(2025, 3, 5), by="t", name="白石党支部")
    with pytest.raises(Refused, match="后来又变更或更正过"):
        imports.undo(made.users["chen"], one.pk, reason="错", day=DAY)


def test_undoing_a_change_lets_the_old_words_stand_again(made):
    rows = [{"名称": "白石村党支部", "类别": "党支部", "起始日期": "2025-03-01"}]
    imports.undo(made.users["chen"], imported(made, "organisation", rows).pk, reason="错", day=DAY)
    assert made.villages["白石村"].on(DAY).klass == "village"
    assert made.villages["白石村"].on(DAY).valid.upper is None


def test_what_changed_after_the_preview_is_shown_again(made):
    one = upload(made, "person", PERSONS)
    registry.add("person", klass="member", name="乔木", code="0001", since=LONG_AGO, by="t")
    with pytest.raises(Refused, match="请重新上传"):
        imports.confirm(made.users["chen"], one.pk, day=DAY)


def test_names_that_two_have_need_a_code(made):
    for code in ("7", "8"):
        registry.add("person", klass="member", name="尹一", code=code, since=LONG_AGO, by="t")
    rows = [{"党员": "尹一", "所在支部": "白石村党支部", "起始日期": "2024-01-01"}]
    assert faults(upload(made, "membership", rows)) == {
        "党员": "有 2 个都叫“尹一”，请写明是哪一个：尹一〔7〕、尹一〔8〕"
    }
    rows[0]["党员"] = "尹一〔8〕"
    imported(made, "membership", rows)
    assert Membership.objects.known().filter(person__code="8").exists()


def test_a_name_beside_another_ones_code_is_noticed(made):
    registry.add("person", klass="member", name="尹一", code="7", since=LONG_AGO, by="t")
    rows = [{"党员": "尹二〔7〕", "所在支部": "白石村党支部", "起始日期": "2024-01-01"}]
    assert "与所填的“尹二”不符" in faults(upload(made, "membership", rows))["党员"]


def test_a_post_is_held_by_one_person_at_a_time(made):
    imported(made, "post", [{"名称": "禾汀镇镇长", "类别": "正职", "所在组织": "禾汀镇党委"}])
    rows = [
        {"人员": "王舒", "职务": "禾汀镇镇长", "起始日期": "2024-01-01", "终止日期": "2025-01-01"},
        {"人员": "李禾", "职务": "禾汀镇镇长", "起始日期": "2024-12-31"},
    ]
    one = upload(made, "appointment", rows)
    assert "与这一行的时间重叠" in faults(one)["起始日期"]
    rows[1]["起始日期"] = "2025-01-01"
    imported(made, "appointment", rows)
    assert Appointment.objects.known().filter(person=made.people["li"]).count() == 2


def test_an_end_that_is_filled_in_ends_what_stands(made):
    rows = [{"党员": "李禾", "所在支部": "白石村党支部", "起始日期": LONG_AGO, "终止日期": "2025-01-01"}]
    one = imported(made, "membership", rows)
    assert counts(one) == (0, 1, 0, 0)
    assert not Membership.objects.on(DAY).filter(person=made.people["li"]).exists()
    imports.undo(made.users["chen"], one.pk, reason="还在", day=DAY)
    assert Membership.objects.on(DAY).filter(person=made.people["li"]).exists()


def test_ties_are_held_against_the_pack(made):
    rows = [{"县级领导": "沈遥", "对象": "白石村党支部", "起始日期": "2025-03-01"}]
    assert "不能列入“县级领导”" in faults(upload(made, "link.supporter.leader", rows))["对象"]
    registry.enter("weak-candidates", made.villages["白石村"], since=date(2025, 1, 1), by="t")
    imported(made, "link.supporter.leader", rows)
    assert Link.objects.on(DAY).get().far == made.villages["白石村"]
    other = made.people["cai"]
    seat = registry.add("post", klass="county-leader", name="二", parent=made.county, since=LONG_AGO, by="t")
    registry.appoint(other, post=seat, since=LONG_AGO, by="t")
    rows[0]["县级领导"] = "蔡言"
    assert "只能有 1 个，已经满了" in faults(upload(made, "link.supporter.leader", rows))["对象"]


def test_a_roll_takes_only_its_values(made):
    rows = [{"对象": "白石村党支部", "内容": "9", "起始日期": "2024-01-01"}]
    assert "没有“9”这一项" in faults(upload(made, "roll.stars", rows))["内容"]
    rows[0]["内容"] = 4
    imported(made, "roll.stars", rows)
    assert Standing.objects.on(DAY).get(roll="stars").value == "4"


def test_who_keeps_no_registry_imports_none(made):
    for name in ("wang", "shen", "cai"):
        with pytest.raises(Refused, match="不由您导入"):
            imports.template(made.users[name], "person", day=DAY)


def test_an_upload_is_its_senders_alone(made):
    one = upload(made, "person", PERSONS)
    with pytest.raises(Import.DoesNotExist):
        imports.confirm(made.users["yu"], one.pk, day=DAY)


def test_what_nobody_confirms_is_forgotten_after_a_week(made):
    upload(made, "person", PERSONS)
    assert jobs.forget(date(2025, 3, 17)) == 0
    assert jobs.forget(date(2025, 3, 18)) == 1


def test_a_sheet_of_another_table_is_refused_in_one_sentence(made):
    content = imports.template(made.users["chen"], "post", day=DAY)
    with pytest.raises(Refused, match="这不是“人员”的表"):
        upload(made, "person", [], content=content)


def test_ten_thousand_rows_cost_the_same_number_of_questions_as_ten(made, django_assert_max_num_queries):
    rows = [{"代码": f"P{n:05}", "姓名": f"人{n}", "类别": "党员", "性别": "男"} for n in range(300)]
    template = imports.template(made.users["chen"], "person", day=DAY)
    content = sheets.filled(template, rows)
    with django_assert_max_num_queries(24):  # four for each scorecard of the pack
        one = upload(made, "person", [], content=content)
    with django_assert_max_num_queries(40):
        imports.confirm(made.users["chen"], one.pk, day=DAY)
    assert counts(one) == (300, 0, 0, 0)


def test_activities_come_in_as_they_were_held_once_and_are_cancelled_when_undone(made):
    rows = [
        {"日期": "2025-03-01", "由谁开展": "白石村党支部", "主题": "三月党课", "应到人数": 30, "实到人数": 28}
    ]
    one = upload(made, "activity.members-meeting", rows, user="li")
    imports.confirm(made.users["li"], one.pk, day=DAY)
    held = Activity.objects.get()
    assert (held.attended, held.topic, held.state) == (28, "三月党课", "held")
    assert counts(upload(made, "activity.members-meeting", rows, user="li")) == (0, 0, 1, 0)
    imports.undo(made.users["li"], one.pk, reason="传错了", day=DAY)
    held.refresh_from_db()
    assert held.state == "cancelled"


def test_many_activities_cost_the_same_number_of_questions_as_few(made, django_assert_max_num_queries):
    """And each has its own line in the journal, entered and cancelled."""
    rows = [
        {"日期": f"2025-03-0{1 + n % 2}", "由谁开展": "白石村党支部", "主题": f"会议 {n}"} for n in range(200)
    ]
    li = made.users["li"]
    content = sheets.filled(imports.template(li, "activity.members-meeting", day=DAY), rows)
    with django_assert_max_num_queries(40):
        one = upload(made, "activity.members-meeting", [], user="li", content=content)
    with django_assert_max_num_queries(60):
        imports.confirm(li, one.pk, day=DAY)
    assert Entry.objects.filter(deed="activity.hold").count() == Activity.objects.count() == 200
    with django_assert_max_num_queries(60):
        imports.undo(li, one.pk, reason="传错了", day=DAY)
    assert Entry.objects.filter(deed="activity.cancel").count() == 200
    assert set(Activity.objects.values_list("state", "cancelled_for")) == {("cancelled", "传错了")}


def test_an_activity_of_a_day_before_its_branch_was_is_refused_with_its_row_and_none_is_entered(made):
    rows = [
        {"日期": "2025-03-01", "由谁开展": "白石村党支部"},
        {"日期": "2019-03-01", "由谁开展": "白石村党支部"},
    ]
    one = upload(made, "activity.members-meeting", rows, user="li")
    with pytest.raises(Refused, match="第 5 行：2019年3月1日还没有"):
        imports.confirm(made.users["li"], one.pk, day=DAY)
    assert not Activity.objects.exists()


def test_a_confirmed_activity_is_not_undone(made):
    rows = [{"日期": "2025-03-01", "由谁开展": "白石村党支部", "主题": "三月党课"}]
    one = upload(made, "activity.members-meeting", rows, user="li")
    imports.confirm(made.users["li"], one.pk, day=DAY)
    Activity.objects.update(confirmed_by="王舒（wang）")
    with pytest.raises(Refused, match="1 次已由第二人确认"):
        imports.undo(made.users["li"], one.pk, reason="传错了", day=DAY)


def test_nobody_enters_another_ones_activity(made):
    rows = [{"日期": "2025-03-01", "由谁开展": "云坪村党支部"}]
    assert "找不到" in faults(upload(made, "activity.members-meeting", rows, user="li"))["由谁开展"]


def test_marks_come_in_by_the_rater_and_the_marks_before_stand_again_when_undone(made):
    book = next(
        one for one in imports.powers.open_books(imports.powers.asking(made.users["wang"], DAY))
        if one.name.startswith("marks.") and one.name.endswith(".self")
    )  # fmt: skip
    indicator = book.columns[2].label
    rows = [{"打分单位": "禾汀镇党委", "评分对象": "白石村党支部", indicator: 1.5}]
    first = upload(made, book.name, rows, user="wang")
    imports.confirm(made.users["wang"], first.pk, day=DAY)
    rows[0][indicator] = 2
    second = upload(made, book.name, rows, user="wang")
    assert counts(second) == (0, 1, 0, 0)
    imports.confirm(made.users["wang"], second.pk, day=DAY)
    assert Mark.objects.get(superseded=False).marks == 2000
    imports.undo(made.users["wang"], second.pk, reason="错", day=DAY)
    assert Mark.objects.get(superseded=False).marks == 1500
    rows[0]["评分对象"] = "云坪村党支部"
    assert "不由这个单位给它打分" in faults(upload(made, book.name, rows, user="wang"))["评分对象"]


def test_payments_are_made_once_and_reversed_when_undone(made):
    rows = [{"发给": "白石村党支部", "日期": "2025-03-01", "事由和文号": "青组发〔2025〕9号"}]
    ledgers.fill(made.policy, "basics-grant", amount=900_000, day=DAY, deed="预算", by=made.users["chen"])
    one = imported(made, "ledger.basics-grant", rows)
    assert ledgers.balance("basics-grant", made.villages["白石村"]) == 500_000
    assert counts(upload(made, "ledger.basics-grant", rows)) == (0, 0, 1, 0)
    imports.undo(made.users["chen"], one.pk, reason="错", day=DAY)
    assert ledgers.balance("basics-grant", made.villages["白石村"]) == 0
    two = [*rows, {**rows[0], "发给": "青林村党支部"}]
    with pytest.raises(Refused, match="第 5 行：余额"):
        imported(made, "ledger.basics-grant", two)
    assert ledgers.balance("basics-grant", made.villages["白石村"]) == 0


def test_payments_of_one_sheet_are_paid_together_and_the_balances_are_their_sum(
    made, django_assert_max_num_queries
):
    chen, villages = made.users["chen"], made.villages
    ledgers.fill(made.policy, "basics-grant", amount=500_000 * 9, day=DAY, deed="预算", by=chen)
    rows = [{"发给": f"{name}党支部", "日期": "2025-03-01", "事由和文号": "9号"} for name in villages]
    content = sheets.filled(imports.template(chen, "ledger.basics-grant", day=DAY), rows)
    one = upload(made, "ledger.basics-grant", [], content=content)
    with django_assert_max_num_queries(60):
        imports.confirm(chen, one.pk, day=DAY)
    assert {ledgers.balance("basics-grant", village) for village in villages.values()} == {500_000}
    assert ledgers.balance("basics-grant") == 0
    assert Entry.objects.filter(deed="ledger.post", detail__cause="9号").count() == len(villages)
    with django_assert_max_num_queries(60):
        imports.undo(chen, one.pk, reason="错", day=DAY)
    assert ledgers.balance("basics-grant") == 500_000 * 9
    imports.confirm(
        chen, upload(made, "ledger.basics-grant", [], content=content).pk, day=DAY
    )  # a turn later
    assert ledgers.balance("basics-grant") == 0


def many_years(made, many):
    """The village's yearly figure, owed for many years; the labels of their periods."""
    edition = registry.edition_on(DAY)
    rows = [
        Occurrence(
            duty="village-income", edition=edition, who=made.villages["白石村"], needed=1, period=f"第{n}期",
            first=date(1990, 1, 1) + timedelta(days=n), last=DAY,
        )
        for n in range(many)
    ]  # fmt: skip
    return [one.period for one in Occurrence.objects.bulk_create(rows)]


def figures(periods, income=1234.5):
    same = {"填报单位": "白石村党支部", "数据日期": "2025-03-01", "数据来源": "经管站年报"}
    return [{**same, "期": period, "村集体经营性收入（元）": income} for period in periods]


def test_many_figures_cost_the_same_number_of_questions_as_few(made, django_assert_max_num_queries):
    """And each has its own line in the journal, given and withdrawn."""
    li, name = made.users["li"], "figures.village-income"
    rows = figures(many_years(made, 200))
    content = sheets.filled(imports.template(li, name, day=DAY), rows)
    with django_assert_max_num_queries(40):
        one = upload(made, name, [], user="li", content=content)
    assert counts(one) == (200, 0, 0, 0)
    with django_assert_max_num_queries(60):
        imports.confirm(li, one.pk, day=DAY)
    assert set(Answer.objects.values_list("value", "version", "by")) == {(123_450, 1, str(li))}
    assert Entry.objects.filter(deed="duty.answer", by=str(li)).count() == Answer.objects.count() == 200
    assert counts(upload(made, name, rows, user="li")) == (0, 0, 200, 0)
    with django_assert_max_num_queries(60):
        imports.undo(li, one.pk, reason="传错了", day=DAY)
    assert Entry.objects.filter(deed="duty.withdraw", detail__reason="传错了").count() == 200
    assert not Answer.objects.standing().exists()


def test_figures_that_were_withdrawn_let_those_before_stand_again_with_their_check(made):
    name, wang = "figures.village-income", made.users["wang"]
    (period,) = many_years(made, 1)
    imports.confirm(made.users["li"], upload(made, name, figures([period]), user="li").pk, day=DAY)
    duties.check(Answer.objects.get(), by=wang, today=DAY)
    second = upload(made, name, figures([period], 99), user="li")
    assert counts(second) == (0, 1, 0, 0)
    imports.confirm(made.users["li"], second.pk, day=DAY)
    assert Occurrence.objects.get().done == 0
    imports.undo(made.users["li"], second.pk, reason="传错了", day=DAY)
    assert Occurrence.objects.get().done == 1
    again = upload(made, name, figures([period], 99), user="li")
    imports.confirm(made.users["li"], again.pk, day=DAY)
    assert list(Answer.objects.standing().values_list("version", "value")) == [(1, 123_450), (3, 9_900)]


def test_figures_that_were_checked_or_given_again_are_not_withdrawn(made):
    name = "figures.village-income"
    (period,) = many_years(made, 1)
    one = upload(made, name, figures([period]), user="li")
    imports.confirm(made.users["li"], one.pk, day=DAY)
    duties.check(Answer.objects.get(), by=made.users["wang"], today=DAY)
    with pytest.raises(Refused, match="1 个数已由第二人核对"):
        imports.undo(made.users["li"], one.pk, reason="错", day=DAY)
    imports.confirm(made.users["li"], upload(made, name, figures([period], 1), user="li").pk, day=DAY)
    with pytest.raises(Refused, match="1 个数后来又重报过"):
        imports.undo(made.users["li"], one.pk, reason="错", day=DAY)


OPENED = [
    {"对象": "白石村党支部", "由来": "排查发现"},
    {"对象": "云坪村党支部", "由来": "排查发现"},
]


def test_cases_are_opened_once_and_withdrawn_when_the_import_is_undone(made):
    one = imported(made, "case.rectification", OPENED)
    assert counts(one) == (2, 0, 0, 0)
    opened = Case.objects.filter(kind="rectification", parent=None)
    assert {(case.about_id, case.cause, case.opened_by) for case in opened} == {
        (made.villages[name].pk, "排查发现", str(made.users["chen"])) for name in ("白石村", "云坪村")
    }
    assert counts(upload(made, "case.rectification", OPENED)) == (0, 0, 2, 0)
    rows = sheets.read(imports.export(made.users["chen"], "case.rectification", day=DAY))
    assert {row["由来"] for row in rows} == {"排查发现"}
    imports.undo(made.users["chen"], one.pk, reason="传错了", day=DAY)
    assert set(opened.values_list("state", flat=True)) == {"withdrawn"}


def test_a_case_that_went_on_is_not_withdrawn_by_undoing(made):
    one = imported(made, "case.rectification", OPENED)
    Case.objects.filter(about=made.villages["白石村"]).update(round=2)
    with pytest.raises(Refused, match="1 件已经在办"):
        imports.undo(made.users["chen"], one.pk, reason="传错了", day=DAY)


def test_nobody_opens_by_a_sheet_what_they_may_not_open_on_the_page(made):
    names = {book.name for book in imports.powers.open_books(imports.powers.asking(made.users["li"], DAY))}
    assert "case.rectification" not in names
    rows = [{"对象": "县农业农村局", "由来": "排查发现"}]
    assert "不能以它为对象" in faults(upload(made, "case.rectification", rows))["对象"]


def test_a_roll_that_two_people_keep_goes_out_and_takes_nothing_from_one_sender(made):
    registry.enter("honours", made.villages["白石村"], since=LONG_AGO, value="county", by="t")
    (row,) = sheets.read(imports.export(made.users["chen"], "roll.honours", day=DAY))
    assert row["内容"] == "县级"
    given = [{"对象": "云坪村党支部", "内容": "县级", "起始日期": "2025-03-01"}]
    assert "须两人办理" in faults(upload(made, "roll.honours", given))["对象"]


REQUESTS = [
    {
        "事情在哪里": "白石村党支部",
        "从哪里来": "热线",
        "热线工单号": "0012",
        "诉求内容": "路灯不亮",
        "联系方式": "13900000000",
    },
    {"事情在哪里": "白石村党支部", "从哪里来": "网格员登记", "诉求内容": "井盖坏了"},
]


def test_requests_of_the_hotline_come_in_once_by_their_own_number_and_no_contact_goes_out(made):
    wang, name = made.users["wang"], "case.request"
    one = imports.confirm(wang, upload(made, name, REQUESTS, user="wang").pk, day=DAY)
    assert counts(one) == (2, 0, 0, 0)
    assert Receipt.objects.get(outside_number="0012").channel == "hotline"
    assert answers_of(Case.objects.get(receipt__outside_number="0012"))["contact"] == "13900000000"
    again = [REQUESTS[0] | {"诉求内容": "换了个说法"}, REQUESTS[1]]
    assert counts(upload(made, name, again, user="wang")) == (0, 0, 2, 0)
    out = sheets.read(imports.export(wang, name, day=DAY))
    assert [(row["热线工单号"], row["诉求内容"], row["联系方式"]) for row in out] == [
        ("0012", "路灯不亮", None), (None, "井盖坏了", None),
    ]  # fmt: skip
    assert "必须填写" in faults(upload(made, name, [REQUESTS[1] | {"诉求内容": ""}], user="wang"))["诉求内容"]
    imports.undo(wang, one.pk, reason="传错了", day=DAY)
    assert set(Case.objects.values_list("state", flat=True)) == {"withdrawn"}
