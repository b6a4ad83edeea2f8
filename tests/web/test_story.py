"""One village, from its star rating to being struck off, clicked through as somebody would who has no manual."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from python_calamine import CalamineWorkbook

from ground import Demo, clone, environment, free_port, wait_for

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CANDIDATES, TASKS = 27, 6


# --- The demo, and its people at their screens ------------------------------------------


@pytest.fixture(scope="module")
def demo_site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo on its first day, served by processes of its own; yields its address."""
    with clone(demo.dbname, "demo") as name:
        home, url = tmp_path_factory.mktemp("demo"), f"http://127.0.0.1:{free_port()}"
        shutil.copytree(demo.home, home, dirs_exist_ok=True)
        environ = environment(name, home, ZUGONG_DEMO="yes", ZUGONG_URL=url, ZUGONG_PARENT=str(os.getpid()))
        zugong = [sys.executable, "-m", "zugong.cli.main"]
        with open(home / "log", "wb") as log:
            web = subprocess.Popen([*zugong, "web", "--port", url.rsplit(":", 1)[1]], env=environ, stderr=log)
        try:
            wait_for(url, web, home / "log")
            yield url
        finally:
            web.terminate()
            web.wait(30)


class Office:
    """The demo's people, each before a screen of their own."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.contexts: list[BrowserContext] = []
        self.pages: dict[str, Page] = {}
        self.troubles: list[str] = []

    def at(self, who: str, screen: dict[str, int] = DESK) -> Page:
        """Return the desk of one of the people, signed in by a click the first time."""
        if who not in self.pages:
            context = self.browser.new_context(
                viewport=screen,  # type: ignore[arg-type]
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            context.set_default_timeout(
                90_000
            )  # a busy machine computes a year for longer than half a minute
            self.contexts.append(context)
            page = self.pages[who] = context.new_page()
            page.on("pageerror", lambda error: self.troubles.append(str(error)))
            page.on("response", self._note_what_breaks)
            page.goto(self.url)
            page.get_by_role("button", name=who).click()
        self.pages[who].goto(self.url)
        return self.pages[who]

    def _note_what_breaks(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} {response.url}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def office(browser: Browser, demo_site: str) -> Iterator[Office]:
    office = Office(browser, demo_site)
    yield office
    office.close()
    assert not office.troubles


# --- What anybody does ---------------------------------------------------------------


def go(page: Page, name: str) -> None:
    """Follow a line of the menu."""
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name=name).first.click()


def follow(page: Page, name: str) -> None:
    """Follow the link in the page itself that says exactly this."""
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def press(page: Page, name: str) -> None:
    """Press the button in the page itself that says exactly this."""
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def reads(page: Page, *sentences: str) -> None:
    """Wait until the page says all this."""
    for sentence in sentences:
        page.get_by_text(sentence).first.wait_for()


def row(page: Page, words: str) -> Locator:
    """Return the first row of a table that has these words."""
    return page.locator("main").get_by_role("row").filter(has_text=words).first


def work(page: Page, words: str) -> Locator:
    """Return the first line of the desk that has these words, out of its fold where alike work is folded."""
    folded = page.locator("main .work-fold:not([open]) > summary")
    while folded.count():
        folded.first.click()
    return page.locator("main .work-line:not(:has(.work-line))").filter(has_text=words).first


def open_the_case(page: Page) -> None:
    """Go from the menu to the case of the village, asking for it by its initials."""
    go(page, "整顿转化")
    page.get_by_label("组织名称、拼音首字母或编号").fill("bsc")
    press(page, "查询")
    row(page, "白石村党支部").get_by_role("link").first.click()
    page.get_by_role("heading", name="白石村党支部 · 整顿转化").wait_for()


def enter_the_sitting(page: Page) -> None:
    """Say that eleven should have come, ten did, and all ten were in favour."""
    figures = {
        "应到（人）": "11",
        "实到（人）": "10",
        "赞成（票）": "10",
        "反对（票）": "0",
        "弃权（票）": "0",
    }
    for label, figure in figures.items():
        page.get_by_label(label).fill(figure)
    page.get_by_label("会议记录").fill("会议逐项研究，表决通过。")


# --- The story --------------------------------------------------------------------------


def test_one_village_from_its_rating_to_being_struck_off(office: Office, tmp_path: Path) -> None:
    the_year_is_rated(office)
    the_new_year_begins(office)
    the_township_and_the_department_meet(office)
    the_committee_waits_for_supporters(office)
    three_parties_sign_the_plan(office)
    the_tasks_are_done_on_a_phone_and_checked(office)
    the_supporters_visit(office)
    the_village_reports_on_a_phone(office)
    it_is_accepted_on_evidence(office)
    two_people_strike_it_off(office)
    the_bulletin_says_so(office)
    it_is_printed(office, tmp_path)


def the_year_is_rated(office: Office) -> None:
    chen = office.at("陈岚")
    work(chen, "2025年度").get_by_role("link", name="去计算").click()
    press(chen, "按今天的事实计算")
    reads(chen, "第 1 次计算", "由冻结的事实计算")
    chen.get_by_label("名称或编码").fill("白石村")
    press(chen, "查询")
    reads(chen, "52.300")
    assert "一星" in row(chen, "白石村党支部").inner_text()
    follow(chen, "报审")
    chen.get_by_label("会议纪要").fill("部务会 2025年12月8日，〔2025〕9号纪要第二项。")
    press(chen, "报审")
    reads(chen, "已报审")

    gu = office.at("顾衡")
    work(gu, "等您同意公布").get_by_role("link", name="去公布").click()
    follow(gu, "同意公布")
    assert "27" in row(gu, "开立“整顿转化”").inner_text()
    press(gu, "同意公布")
    reads(gu, "已公布。")


def the_new_year_begins(office: Office) -> None:
    chen = office.at("陈岚")
    for _week in range(4):
        chen.get_by_role("button", name="+1 周").click()
        reads(chen, "已走到")
        office.at("陈岚")
    reads(chen, "2026年1月5日")
    go(chen, "评星定级")
    row(chen, "2025年度").get_by_role("link").click()
    chen.locator("main").get_by_role("link", name="27").first.click()
    expect(chen.get_by_text("整〔2026〕")).to_have_count(CANDIDATES)


def the_township_and_the_department_meet(office: Office) -> None:
    wang = office.at("王舒")
    work(wang, "白石村党支部 · 整顿转化").get_by_role("link", name="上会").click()
    wang.get_by_label("弱").check()
    wang.get_by_label("近三年“回头看”情况").fill("近三年未列为整顿对象；书记任职两年，班子缺员一名。")
    enter_the_sitting(wang)
    press(wang, "记录乡镇初定决定")
    reads(wang, "进入“部务会”", "2025年度村党组织评星定级公布")

    chen = office.at("陈岚")
    open_the_case(chen)
    follow(chen, "记录部务会决定")
    enter_the_sitting(chen)
    press(chen, "记录部务会决定")
    reads(chen, "进入“常委会”")


def the_committee_waits_for_supporters(office: Office) -> None:
    the_committee_decides(office)
    reads(office.pages["闻溪"], "还差 1 个“第一书记”")

    chen = office.at("陈岚")
    open_the_case(chen)
    follow(chen, "指定包保")
    for role, who in (("县级领导", "沈遥"), ("联建部门", "青穆县农业农村局"), ("第一书记", "周砚")):
        expect(chen.locator("main .tabs [aria-current]")).to_contain_text(role)
        chen.get_by_label("姓名或名称、拼音或首字母").fill(who)
        press(chen, "查询")
        chen.get_by_label(who).check()
        press(chen, "确定")
        reads(chen, f"已确定{role}：{who}")

    the_committee_decides(office)
    reads(office.pages["闻溪"], "进入“一村一策”")


def the_committee_decides(office: Office) -> None:
    wen = office.at("闻溪")
    work(wen, "白石村党支部").get_by_role("link", name="上会").click()
    enter_the_sitting(wen)
    press(wen, "记录常委会决定")


def three_parties_sign_the_plan(office: Office) -> None:
    li = office.at("李禾", PHONE)
    work(li, "白石村党支部").get_by_role("link", name="报送").click()
    li.get_by_label("整顿方案").fill("配齐支委，书记跟班一个月；周一、三、五坐班；办好一个集体经济项目。")
    press(li, "报送“一村一策”")
    reads(li, "，等禾汀镇党委（")

    for who, after in (("王舒", "，等中共青穆县委组织部（"), ("陈岚", "进入“整顿”")):
        page = office.at(who)
        open_the_case(page)
        follow(page, "会签“一村一策”")
        press(page, "会签“一村一策”")
        reads(page, after)


def the_tasks_are_done_on_a_phone_and_checked(office: Office) -> None:
    zhou = office.at("周砚", PHONE)
    assert zhou.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for _task in range(TASKS):
        work(office.at("周砚"), "任〔2026〕").get_by_role("link", name="去办理").click()
        zhou.get_by_label("完成情况").fill("已完成，材料在村部备查。")
        press(zhou, "办完“办理”，转“核对”")
        reads(zhou, "进入“核对”")

    wang = office.at("王舒")
    for _task in range(TASKS):
        work(office.at("王舒"), "任〔2026〕").get_by_role("link", name="去核对").click()
        press(wang, "办完“核对”，办结")
        reads(wang, "本事项办结")


def the_supporters_visit(office: Office) -> None:
    for who in ("周砚", "沈遥"):
        page = office.at(who, PHONE)
        follow(page, "登记到村")
        press(page, "下一步：做了什么")
        page.get_by_label("一句话说说情况").fill("看坐班和账目，与班子成员谈心。")
        press(page, "下一步：还有谁")
        press(page, "登记")
        reads(page, "已登记，谢谢。")


def the_village_reports_on_a_phone(office: Office) -> None:
    li = office.at("李禾")
    work(li, "白石村党支部").get_by_role("link", name="去整顿").click()
    li.get_by_label("整顿情况报告").fill("六项任务都已办结：班子配齐，坐班上墙，集体经济项目当年见效。")
    press(li, "办完“整顿”，转“验收”")
    reads(li, "进入“验收”")


def it_is_accepted_on_evidence(office: Office) -> None:
    chen = office.at("陈岚")
    open_the_case(chen)
    the_desk_accepts(chen)
    reads(chen, "中至少 1 种证据，现有 0 种")
    follow(chen, "先不办，返回")
    follow(chen, "附证据")
    chen.get_by_label("新登记：实地查看").check()
    chen.get_by_label("看到了什么").fill("村部查看坐班、账目和项目，三项都实。")
    press(chen, "附上")
    reads(chen, "证据已附上")
    the_desk_accepts(chen)
    reads(chen, "进入“销号”")


def the_desk_accepts(chen: Page) -> None:
    follow(chen, "记录验收")
    chen.get_by_label("验收意见").fill("六项任务属实，同意验收。")
    chen.get_by_label("验收合格").check()
    press(chen, "记录验收")


def two_people_strike_it_off(office: Office) -> None:
    chen = office.pages["陈岚"]
    follow(chen, "提出销号")
    chen.get_by_label("同意销号").check()
    press(chen, "提出，由第二人复核")
    reads(chen, "须由第二人复核")
    expect(chen.locator("main").get_by_role("link", name="复核")).to_have_count(0)

    gu = office.at("顾衡")
    open_the_case(gu)
    follow(gu, "复核")
    gu.get_by_label("同意", exact=True).check()
    press(gu, "提交意见")
    reads(gu, "进入“跟踪十二个月”", "2027年1月5日期满")


def the_bulletin_says_so(office: Office) -> None:
    chen = office.at("陈岚")
    chen.get_by_role("button", name="+1 日").click()
    reads(chen, "已走到2026年1月6日")
    go(chen, "通报")
    chen.get_by_label("月份").fill("2026-01")
    press(chen, "按事实起草")
    assert "同意销号" in chen.get_by_role("row").filter(has_text="白石村党支部").last.inner_text()
    press(chen, "呈报签发")
    reads(chen, "已呈报")
    for who in ("顾衡", "闻溪"):
        page = office.at(who)
        work(page, "等您签发").get_by_role("link", name="去签发").click()
        press(page, "同意签发")
        reads(page, "已签发。")
    chen.reload()
    chen.get_by_label("发文字号").fill("青组通〔2026〕1号")
    press(chen, "印发")
    reads(chen, "已印发。")


def it_is_printed(office: Office, folder: Path) -> None:
    chen = office.pages["陈岚"]
    for button, kind in (("Word", "docx"), ("PDF", "pdf"), ("Excel", "xlsx")):
        with chen.expect_download() as download:
            follow(chen, button)
        download.value.save_as(folder / f"bulletin.{kind}")
    document = Document(str(folder / "bulletin.docx"))
    cells = [cell.text for table in document.tables for each in table.rows for cell in each.cells]
    assert "白石村党支部" in cells
    workbook = CalamineWorkbook.from_path(folder / "bulletin.xlsx")
    sheets = [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]
    assert "白石村党支部" in str(sheets)
    assert (folder / "bulletin.pdf").read_bytes().startswith(b"%PDF")
    if pdftotext := shutil.which("pdftotext"):
        printed = subprocess.run(
            [pdftotext, folder / "bulletin.pdf", "-"], check=True, capture_output=True, text=True
        )
        assert "白石村党支部" in printed.stdout
