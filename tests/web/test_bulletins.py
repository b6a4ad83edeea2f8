"""The bulletin from draft to issue, in a browser's eyes."""

from __future__ import annotations

from datetime import date
from functools import partial
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from counties import signing_county
from zugong.bulletins.models import Bulletin, BulletinState
from zugong.bulletins.papers import typefaces
from zugong.core import clock

pytestmark = pytest.mark.django_db
DAY = date(2025, 12, 3)


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made() -> Cast:
    return signing_county()


def drafted(made: Cast) -> Bulletin:
    made.open("白石村", day=date(2025, 11, 5))
    made.client("chen").post("/bulletins", {"kind": "monthly", "within": "2025-11"})
    return Bulletin.objects.get()


def text(answer) -> str:
    return answer.content.decode()


def test_the_desk_drafts_a_month_and_reads_what_will_be_printed(made: Cast) -> None:
    page = text(made.client("chen").get(f"/bulletins/{drafted(made).pk}"))
    assert "截至2025年11月30日，在办 1 件" in page
    assert page.count("<svg") >= 1
    assert "呈报签发" in page


def test_what_is_overdue_is_named_and_leads_to_the_case_of_whoever_may_see_it(made: Cast) -> None:
    late = made.open("青林村", day=date(2025, 9, 5))
    pk = drafted(made).pk
    assert f'逾期的：<a href="/cases/{late.pk}">青林村党支部</a>。' in text(
        made.client("chen").get(f"/bulletins/{pk}")
    )
    Bulletin.objects.update(state=BulletinState.ISSUED)
    assert "逾期的：青林村党支部。" in text(made.client("zhao").get(f"/bulletins/{pk}"))


def test_its_author_removes_a_draft_until_it_was_submitted(made: Cast) -> None:
    there = f"/bulletins/{drafted(made).pk}"
    assert "删去草稿" in text(made.client("chen").get(there))
    made.client("chen").post(f"{there}/submission", {"remark": ""})
    assert "删去草稿" not in text(made.client("chen").get(there))
    assert made.client("chen").post(f"{there}/removal", follow=True).redirect_chain == [(there, 302)]
    made.client("han").post(f"{there}/return", {"reason": "数字不符"})
    assert "删去草稿" not in text(made.client("chen").get(there))
    Bulletin.objects.update(round=1)
    answer = made.client("chen").post(f"{there}/removal", follow=True)
    assert answer.redirect_chain == [("/bulletins", 302)]
    assert "草稿已删去" in text(answer)


def test_the_desk_leads_to_the_bulletin_itself(made: Cast) -> None:
    bulletin = drafted(made)
    there = f"/bulletins/{bulletin.pk}"

    def rows(name: str) -> list[tuple[str, str]]:
        rows = made.client(name).get("/").context["rows"]
        return [(row["deed"], row["does"]) for row in rows if row["does"] == there]

    made.client("chen").post(f"{there}/submission", {"remark": ""})
    assert rows("han") == [("去签发", there)]
    for name in ("han", "sun"):
        made.client(name).post(f"{there}/approval", {"note": ""})
    assert rows("han") == []
    assert rows("chen") == [("去印发", there)]


def test_the_same_facts_are_said_in_english(made: Cast) -> None:
    client = made.client("chen")
    pk = drafted(made).pk
    client.cookies["language"] = "en"
    page = text(client.get(f"/bulletins/{pk}"))
    assert "1 under way" in page
    assert "Township meeting" in page


def test_from_draft_to_issue_by_three_people(made: Cast) -> None:
    bulletin = drafted(made)
    there = f"/bulletins/{bulletin.pk}"
    made.client("chen").post(f"{there}/submission", {"remark": "抓紧整改。"})
    for name in ("han", "sun"):
        assert "同意签发" in text(made.client(name).get(there))
        made.client(name).post(f"{there}/approval", {"note": ""})
    signed = text(made.client("chen").get("/bulletins"))
    assert "已签，待印发" in signed
    assert "待签发" not in signed
    wrong = text(made.client("chen").post(f"{there}/issue", {"number": "第3号"}))
    assert "GB/T 9704" in wrong or "发文字号由机关代字" in wrong
    assert 'value="第3号"' in wrong
    made.client("chen").post(f"{there}/issue", {"number": "青组通〔2025〕3号"})
    bulletin.refresh_from_db()
    assert bulletin.state == BulletinState.ISSUED
    assert "青组通〔2025〕3号" in text(made.client("wang").get(there))


def test_sent_back_needs_a_reason(made: Cast) -> None:
    bulletin = drafted(made)
    made.client("chen").post(f"/bulletins/{bulletin.pk}/submission", {"remark": ""})
    assert "请填写“退回的理由”" in text(
        made.client("han").post(f"/bulletins/{bulletin.pk}/return", {"reason": ""})
    )
    made.client("han").post(f"/bulletins/{bulletin.pk}/return", {"reason": "数字不符"})
    bulletin.refresh_from_db()
    assert bulletin.state == BulletinState.DRAFT


@pytest.mark.parametrize("name", ["wang", "li", "cai"])
def test_a_draft_and_its_papers_are_not_there_for_others(made: Cast, name: str) -> None:
    there = f"/bulletins/{drafted(made).pk}"
    for part in ("", "/paper.docx", "/paper.pdf", "/paper.xlsx"):
        assert made.client(name).get(there + part).status_code in (403, 404)
    for part in ("/facts", "/removal", "/submission", "/approval", "/return", "/issue"):
        assert made.client(name).post(there + part).status_code in (403, 404)


@pytest.mark.parametrize(("kind", "begins"), [("docx", b"PK"), ("pdf", b"%PDF"), ("xlsx", b"PK")])
def test_it_prints(made: Cast, kind: str, begins: bytes) -> None:
    answer = made.client("chen").get(f"/bulletins/{drafted(made).pk}/paper.{kind}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_without_a_chinese_font_it_says_so_and_prints_nothing(made: Cast) -> None:
    pk = drafted(made).pk
    bare = partial(typefaces.find.__wrapped__, system=False)  # really asked on a machine with no font at all
    with patch.object(typefaces, "find", bare):
        answer = made.client("chen").get(f"/bulletins/{pk}/paper.pdf")
        page = text(made.client("chen").get(f"/bulletins/{pk}"))
    assert answer.status_code == 503
    assert "宁可不印" in text(answer)
    assert not answer.content.startswith(b"%PDF")
    assert "印不出 PDF" in page


def test_the_list_asks_as_often_for_two_as_for_one(made: Cast) -> None:
    drafted(made)
    client = made.client("chen")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/bulletins")
        return len(queries)

    asked()
    one = asked()
    client.post("/bulletins", {"kind": "monthly", "within": "2025-10"})
    assert asked() == one
