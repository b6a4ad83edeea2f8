"""Sheets in and out, on pages and in a real browser."""

from __future__ import annotations

import pytest
from django.urls import reverse

import sheets
from cast import Cast, cast
from zugong.core import clock
from zugong.imports import actions as imports
from zugong.imports.models import Import, State

PERSONS = [{"代码": "0001", "姓名": "乔木", "类别": "党员"}, {"代码": "0002", "姓名": "", "类别": "党员"}]


@pytest.fixture
def county(db: None) -> Cast:
    return cast()


def test_a_village_secretary_finds_the_tables_of_the_village_alone(county: Cast) -> None:
    page = county.client("li").get(reverse("imports"))
    names = {one["name"] for _, books in page.context["groups"] for one in books}
    assert "activity.members-meeting" in names
    assert not names & {"person", "organisation", "appointment", "ledger.basics-grant"}
    assert county.client("li").get(reverse("sheet-export", args=["person"])).status_code == 404


def test_an_export_is_a_workbook_under_a_chinese_name(county: Cast) -> None:
    response = county.client("chen").get(reverse("sheet-export", args=["organisation"]))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert len(sheets.read(response.content)) > 10


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_sheet_with_a_bad_cell_is_put_right_confirmed_and_undone(live_server, page, tmp_path) -> None:
    made = cast()
    chen = made.users["chen"]
    page.context.add_cookies([{"name": "sessionid", "value": made.cookie("chen"), "url": live_server.url}])
    template = imports.template(chen, "person", day=clock.today())
    bad, good = tmp_path / "人员.xlsx", tmp_path / "改好.xlsx"
    bad.write_bytes(sheets.filled(template, PERSONS))
    good.write_bytes(sheets.filled(template, [PERSONS[0], {**PERSONS[1], "姓名": "苏禾"}]))
    page.goto(live_server.url + reverse("imports"))
    page.get_by_role("link", name="上传 人员", exact=True).click()
    page.set_input_files("input[type=file]", bad)
    page.get_by_role("button", name="上传并预览").click()
    assert "必填，请填写" in page.inner_text("main")
    page.get_by_role("link", name="重新上传").click()
    page.set_input_files("input[type=file]", good)
    page.get_by_role("button", name="上传并预览").click()
    page.set_viewport_size({"width": 375, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("button", name="确认导入 2 行").click()
    assert "已导入" in page.inner_text("main")
    page.get_by_role("link", name="整批撤销").click()
    page.get_by_label("撤销理由").fill("传错了")
    page.get_by_role("button", name="整批撤销").click()
    assert Import.objects.latest("pk").state == State.UNDONE


def test_a_list_goes_out_for_whom_its_table_is_open_and_for_nobody_else(county: Cast) -> None:
    lists = {
        reverse("organisations"): "organisation",
        reverse("people"): "person",
        reverse("activities") + "?kind=members-meeting": "activity.members-meeting",
    }
    for page, name in lists.items():
        out = reverse("sheet-export", args=[name])
        for who in ("chen", "li", "shen"):
            client = county.client(who)
            shown = client.get(page)
            offered = shown.status_code == 200 and out in shown.content.decode()
            assert offered == (shown.status_code == client.get(out).status_code == 200), (who, name)
    activity = reverse("sheet-export", args=["activity.members-meeting"])
    assert (
        activity in county.client("li").get(f"{reverse('activities')}?kind=members-meeting").content.decode()
    )
