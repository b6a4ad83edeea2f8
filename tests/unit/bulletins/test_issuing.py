"""A bulletin is drawn from facts, approved by two bodies, issued once, and every print says the same."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from docx import Document
from python_calamine import CalamineWorkbook

from cast import Cast
from counties import granted, signing_county
from zugong.accounts.models import Grant
from zugong.accounts.rules import Role
from zugong.bulletins import actions, powers, printing
from zugong.bulletins.models import Approval, Bulletin, BulletinState, Item
from zugong.bulletins.papers import excel, word
from zugong.bulletins.papers.paper import Paragraph
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry
from zugong.core.pending.actions import leave
from zugong.duties.models import Occurrence

pytestmark = pytest.mark.django_db
NOVEMBER, DAY = date(2025, 11, 1), date(2025, 12, 3)


@pytest.fixture
def made() -> Cast:
    return signing_county()


def drafted(made: Cast) -> Bulletin:
    return actions.compose("monthly", within=NOVEMBER, day=DAY, by=made.users["chen"])


def submitted(made: Cast) -> Bulletin:
    bulletin = drafted(made)
    actions.submit(bulletin, remark="抓紧整改。", day=DAY, by=made.users["chen"])
    return bulletin


def section(bulletin: Bulletin, label: str) -> dict:
    return next(one for one in bulletin.facts["sections"] if one["label"] == label)


def test_a_draft_is_as_of_the_end_of_its_month(made: Cast) -> None:
    bulletin = drafted(made)
    assert (bulletin.period, bulletin.as_of, bulletin.state) == ("2025年11月", date(2025, 11, 30), "draft")


def test_progress_counts_the_cases_at_each_stage(made: Cast) -> None:
    made.open("白石村", day=date(2025, 11, 5))
    made.open("青林村", day=date(2025, 12, 2))  # after the month
    progress = section(drafted(made), "总体进展")
    assert progress["sentence"]["zh"] == "截至2025年11月30日，在办 1 件，其中逾期 0 件；已结束 0 件。"
    assert progress["rows"][0] == [{"zh": "乡镇初定", "en": "Township meeting"}, 1]
    assert progress["chart"]["points"] == progress["rows"]


def test_what_is_overdue_is_named_in_every_print(made: Cast) -> None:
    for village in ("青林村", "白石村"):
        made.open(village, day=date(2025, 9, 5 if village == "白石村" else 8))
    made.open("杜若村", day=date(2025, 11, 20))
    bulletin = drafted(made)
    assert "其中逾期 2 件" in section(bulletin, "总体进展")["sentence"]["zh"]
    named = "逾期的：白石村党支部、青林村党支部。"
    described = printing.paper(bulletin)
    assert named in [block.text for block in described.blocks if isinstance(block, Paragraph)]
    assert named in [line.text for line in Document(BytesIO(word.render(described))).paragraphs]
    sheets = CalamineWorkbook.from_filelike(BytesIO(excel.render(described)))
    assert any(
        named in row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()
    )


def test_a_person_is_named_in_no_bulletin(made: Cast) -> None:
    one = made.open("白石村", day=date(2025, 9, 5))
    type(one).objects.filter(pk=one.pk).update(about=made.people["li"])
    assert section(drafted(made), "总体进展")["late"] == []


def test_duties_count_what_was_owed_and_not_what_was_excused(made: Cast) -> None:
    def owed(person: str, done: int, **more) -> None:
        Occurrence.objects.create(
            duty="leader-visit",
            edition_id=edition(),
            who=made.people[person],
            first=NOVEMBER,
            last=date(2025, 11, 30),
            period="2025年11月",
            needed=1,
            done=done,
            **more,
        )

    owed("shen", 1)
    owed("han", 0)
    owed("yu", 0, outcome="excused", settled_on=DAY, excused="病假")
    assert section(drafted(made), "到村指导")["rows"] == [
        [
            {"zh": "县级领导到村指导", "en": section(Bulletin.objects.get(), "到村指导")["rows"][0][0]["en"]},
            2,
            1,
            1,  # nothing has become of it yet
            0,
        ]
    ]
    Occurrence.objects.filter(who=made.people["han"]).update(outcome="missed", settled_on=DAY)
    actions.redraw(Bulletin.objects.get(), day=DAY, by=made.users["chen"])
    assert section(Bulletin.objects.get(), "到村指导")["rows"][0][1:] == [2, 1, 0, 1]


def edition() -> int:
    from zugong.registry.models import Edition

    return Edition.objects.get().pk


def put(made: Cast, key: str, day: date) -> None:
    leave(
        key=key,
        verb="put",
        name="monthly",
        subject=made.villages["白石村"].pk,
        due_on=day,
        cause="case 1",
        of="rectification",
        event="struck-off",
    )


def test_what_happened_today_is_in_a_draft_of_today_and_drawn_again_what_happened_since(made: Cast) -> None:
    put(made, "k1", DAY)
    bulletin = actions.compose("monthly", within=DAY, day=DAY, by=made.users["chen"])
    assert [row[0] for row in section(bulletin, "本月变化")["rows"]] == ["2025-12-03"]
    put(made, "k2", DAY)
    actions.redraw(bulletin, day=DAY, by=made.users["chen"])
    assert len(section(bulletin, "本月变化")["rows"]) == 2


def test_what_engines_put_in_it_is_said_by_its_own_word(made: Cast) -> None:
    put(made, "k1", date(2025, 11, 20))
    assert actions.take_items(DAY) == 1
    assert actions.take_items(DAY) == 0
    assert Item.objects.count() == 1
    (row,) = section(drafted(made), "本月变化")["rows"]
    assert row[:3] == ["2025-11-20", "禾汀镇党委", "白石村党支部"]
    assert row[3] == {"zh": "同意销号", "en": "Struck off"}


def test_a_month_has_one_bulletin_and_the_future_none(made: Cast) -> None:
    drafted(made)
    with pytest.raises(Refused, match="已经起草"):
        drafted(made)
    with pytest.raises(Refused, match="还没有开始"):
        actions.compose("monthly", within=date(2026, 1, 1), day=DAY, by=made.users["chen"])


@pytest.mark.parametrize("name", ["wang", "han", "yu", "li"])
def test_only_the_department_drafts(made: Cast, name: str) -> None:
    with pytest.raises(Refused, match="经办人起草"):
        actions.compose("monthly", within=NOVEMBER, day=DAY, by=made.users[name])


def test_a_draft_is_drawn_again_and_a_submitted_one_is_not(made: Cast) -> None:
    bulletin = drafted(made)
    made.open("白石村", day=date(2025, 11, 5))
    actions.redraw(bulletin, day=DAY, by=made.users["chen"])
    assert "在办 1 件" in section(bulletin, "总体进展")["sentence"]["zh"]
    actions.submit(bulletin, remark="", day=DAY, by=made.users["chen"])
    with pytest.raises(Refused, match="只有草稿"):
        actions.redraw(bulletin, day=DAY, by=made.users["chen"])


def test_two_bodies_approve_then_it_is_issued_with_its_number(made: Cast) -> None:
    bulletin = submitted(made)
    with pytest.raises(Refused, match="还差"):
        actions.issue(bulletin, number="", day=DAY, by=made.users["chen"])
    for name in ("han", "sun"):
        actions.approve(bulletin, day=DAY, by=made.users[name])
    with pytest.raises(Refused) as refused:
        actions.issue(bulletin, number="青组通[2025]第3号", day=DAY, by=made.users["chen"])
    assert refused.value.field == "number"
    actions.issue(bulletin, number="青组通〔2025〕3号", day=DAY, by=made.users["chen"])
    assert (bulletin.state, bulletin.issued_on) == (BulletinState.ISSUED, DAY)
    deeds = Entry.objects.filter(deed__startswith="bulletin.").order_by("id").values_list("deed", flat=True)
    assert list(deeds) == [
        f"bulletin.{deed}" for deed in ("compose", "submit", "approve", "approve", "issue")
    ]


def test_a_person_and_a_body_approve_once(made: Cast) -> None:
    bulletin = submitted(made)
    actions.approve(bulletin, day=DAY, by=made.users["han"])
    for name, why in (("han", "不需要您签发"), ("chen", "起草的人不能签发"), ("wang", "不需要您签发")):
        with pytest.raises(Refused, match=why):
            actions.approve(bulletin, day=DAY, by=made.users[name])


def test_who_drafted_a_bulletin_does_not_approve_it_even_as_head(made: Cast) -> None:
    bulletin, chen = submitted(made), made.users["chen"]
    Grant.objects.create(
        user=chen,
        role=Role.HEAD,
        organisation=made.office,
        held=DateRange(date(2020, 1, 1), None),
        given_by="甲",
        agreed_by="乙",
    )
    assert powers.awaiting(chen, DAY) == []
    with pytest.raises(Refused, match="起草的人不能签发"):
        actions.approve(bulletin, day=DAY, by=chen)


def test_what_is_sent_back_is_approved_anew_and_the_first_approval_stays_readable(made: Cast) -> None:
    bulletin = submitted(made)
    actions.approve(bulletin, day=DAY, by=made.users["han"])
    with pytest.raises(Refused) as refused:
        actions.send_back(bulletin, day=DAY, by=made.users["sun"], reason=" ")
    assert refused.value.field == "reason"
    actions.send_back(bulletin, day=DAY, by=made.users["sun"], reason="数字不符")
    assert bulletin.state == BulletinState.DRAFT
    actions.submit(bulletin, remark="", day=DAY, by=made.users["chen"])
    assert bulletin.given == []
    actions.approve(bulletin, day=DAY, by=made.users["han"])
    assert Approval.objects.count() == 2


def test_an_approver_is_told_what_waits(made: Cast) -> None:
    bulletin = submitted(made)
    assert [len(powers.awaiting(made.users[name], DAY)) for name in ("han", "sun", "chen", "wang")] == [
        1,
        1,
        0,
        0,
    ]
    actions.approve(bulletin, day=DAY, by=made.users["han"])
    assert powers.awaiting(made.users["han"], DAY) == []


def test_what_everybody_approved_waits_for_whom_issues_it(made: Cast) -> None:
    bulletin, chen = submitted(made), made.users["chen"]
    actions.approve(bulletin, day=DAY, by=made.users["han"])
    assert powers.to_issue(chen, DAY) == []
    actions.approve(bulletin, day=DAY, by=made.users["sun"])
    assert powers.to_issue(chen, DAY) == [bulletin]
    assert powers.to_issue(made.users["han"], DAY) == []
    actions.issue(bulletin, number="", day=DAY, by=chen)
    assert powers.to_issue(chen, DAY) == []


def test_a_draft_is_removed_by_its_author_and_the_month_is_free_again(made: Cast) -> None:
    bulletin = drafted(made)
    actions.remove(bulletin, day=DAY, by=made.users["chen"])
    assert not Bulletin.objects.exists()
    assert Entry.objects.filter(deed="bulletin.remove", on="bulletin monthly 2025年11月").count() == 1
    assert drafted(made).state == BulletinState.DRAFT


@pytest.mark.parametrize("name", ["han", "wang", "other"])
def test_a_draft_is_removed_by_nobody_else(made: Cast, name: str) -> None:
    bulletin = drafted(made)
    made.users["other"] = granted("other", "别人", Role.DESK, made.county)
    with pytest.raises(Refused, match="起草的人"):
        actions.remove(bulletin, day=DAY, by=made.users[name])
    assert Bulletin.objects.exists()


def test_what_was_ever_submitted_is_not_removed(made: Cast) -> None:
    bulletin = submitted(made)
    for sent_back in (False, True):
        if sent_back:
            actions.send_back(bulletin, day=DAY, by=made.users["han"], reason="数字不符")
        with pytest.raises(Refused, match="没有呈报过"):
            actions.remove(bulletin, day=DAY, by=made.users["chen"])


def test_a_draft_is_not_there_for_a_township(made: Cast) -> None:
    bulletin = submitted(made)
    assert not powers.visible(made.users["wang"], DAY).exists()
    with pytest.raises(Bulletin.DoesNotExist):
        powers.bulletin(made.users["wang"], bulletin.pk, DAY)


def test_word_and_excel_say_what_the_page_says(made: Cast) -> None:
    made.open("白石村", day=date(2025, 11, 5))
    paper = printing.paper(submitted(made))
    assert paper.title == "2025年11月整顿转化月通报（未印发）"
    assert "虚构县" in paper.note
    text = "\n".join(one.text for one in Document(BytesIO(word.render(paper))).paragraphs)
    assert "在办 1 件" in text
    assert "抓紧整改。" in text
    book = CalamineWorkbook.from_filelike(BytesIO(excel.render(paper)))
    cells = {
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    }
    assert "乡镇初定" in cells


def test_the_people_of_a_body_that_must_approve_see_what_waits_for_it(made: Cast) -> None:
    only_standing = granted("wen", "闻溪", Role.HEAD, made.standing)
    draft = drafted(made)
    assert not powers.visible(only_standing, DAY).exists()
    actions.submit(draft, remark="", day=DAY, by=made.users["chen"])
    assert powers.awaiting(only_standing, DAY) == [draft]
    actions.approve(powers.bulletin(only_standing, draft.pk, DAY), day=DAY, by=only_standing)
    assert powers.bulletin(only_standing, draft.pk, DAY) == draft
