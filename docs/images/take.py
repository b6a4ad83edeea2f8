"""Walk the story of the tutorial in a browser and take its pictures: `make docs pictures=yes`.

Starts a demo of its own, in a folder that is thrown away, and needs no network. Where the story no longer runs as the
tutorial tells it, the walk stops at that step. `take.py URL` walks in a fresh demo that runs already.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent
CHROMIUM = os.environ.get("ZUGONG_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
VILLAGE = "白石村党支部"


class Walk:
    """One browser, and whoever sits at it now."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.page: Page
        self.case = ""  # the village's case, once it is open

    def sit_down(self, size: dict[str, int] = DESK) -> None:
        """Open a browser in which nobody is signed in."""
        for left in self.browser.contexts:
            left.close()
        context = self.browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size)
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)

    def sign_in(self, who: str, size: dict[str, int] = DESK) -> None:
        """Sit down as one of the demo's people."""
        self.sit_down(size)
        self.go("/signin")
        self.page.click(f'button:has-text("{who}")')
        self.page.wait_for_selector('text="退出"', state="attached")

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(self.url + path)

    def press(self, words: str) -> None:
        """Press the button or follow the link that says so, in the page itself."""
        self.page.locator("main").locator("button, a").filter(has_text=words).first.click()
        self.page.wait_for_load_state()
        if self.page.locator("main .error-summary, main .errors").count():
            raise SystemExit(f"“{words}”: {self.page.locator('main').inner_text()[:600]}")

    def say(self, **answers: str) -> None:
        """Fill in fields by their names; `_` stands for `-`."""
        for name, text in answers.items():
            self.page.fill(f'main [name="{name.replace("_", "-")}"]', text)

    def fill(self, name: str, text: str) -> None:
        """Fill in one field by its exact name."""
        self.page.fill(f'main [name="{name}"]', text)

    def choose(self, name: str, words: str) -> None:
        """Tick what says so."""
        self.page.locator(f'main label:has(input[name="{name}"])').filter(has_text=words).first.click()

    def picture(self, name: str, whole: bool = False) -> None:
        """Take a picture of what is on the screen."""
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)

    def days(self, button: str, times: int = 1) -> None:
        """Move the demo's day."""
        for _ in range(times):
            with self.page.expect_navigation():
                self.page.click(f'button:has-text("{button}")')

    def today(self) -> str:
        """The demo's day as a form wants it."""
        words = self.page.locator("text=/演示 · 今天是/").first.inner_text()
        year, month, day = (int(part) for part in re.findall(r"(\d+)[年月日]", words)[:3])
        return f"{year}-{month:02}-{day:02}"

    def submission(self) -> None:
        """Open the form of the move that the case waits for."""
        self.go(f"{self.case}/submission")

    def meeting(self, minutes: str, should: int, came: int) -> None:
        """Enter a meeting that decided the case today."""
        self.fill("day", self.today())
        for name, number in {"should_attend": should, "attended": came, "in_favour": came}.items():
            self.fill(name, str(number))
        self.fill("minutes", minutes)

    def done(self) -> None:
        """Send the form."""
        self.page.locator("main form.form button").first.click()
        self.page.wait_for_load_state()
        if "有问题需要处理" in self.page.inner_text("main"):
            raise SystemExit(self.page.inner_text("main")[:800])


def rating(walk: Walk) -> None:
    """Compute the year, look at one village, put it forward, agree."""
    walk.go("/signin")
    walk.picture("sign-in")
    walk.sign_in("陈岚")
    walk.picture("desk")
    walk.go("/ratings")
    walk.page.select_option("main [name=card]", "village-stars")
    walk.press("按今天的事实计算")
    walk.page.wait_for_url(re.compile(r"/ratings/\d+$"))
    run = walk.page.url.removeprefix(walk.url)
    walk.picture("rating")
    walk.go(f"{run}?grade=1")
    village = walk.page.locator(f'main a[href*="/units/"]:has-text("{VILLAGE}")').first
    walk.go(str(village.get_attribute("href")))
    walk.picture("village")
    walk.go(f"{run}/decision")
    walk.say(minutes="部务会 2025年12月8日，〔2025〕9号纪要第二项。")
    walk.page.locator("main form button").first.click()
    walk.sign_in("顾衡")
    walk.go(f"{run}/publication")
    walk.picture("publication")
    walk.page.locator("main form button").first.click()
    walk.page.wait_for_load_state()
    walk.days("+1 周", 4)


def three_meetings(walk: Walk) -> None:
    """Township, department, supporters, standing committee."""
    walk.sign_in("王舒")
    link = walk.page.locator(f'main a:has-text("{VILLAGE} · 整顿转化")').first
    walk.case = str(link.get_attribute("href"))
    walk.submission()
    walk.choose("causes", "弱")
    walk.say(look_back="近三年未列为整顿对象；书记任职两年，班子缺员一名。")
    walk.meeting("会议同意将白石村党支部列为拟整顿对象，报县委组织部。", 9, 8)
    walk.picture("township-meeting", whole=True)
    walk.done()
    walk.sign_in("陈岚")
    walk.days("+1 周")
    walk.submission()
    walk.meeting("部务会同意，报县委常委会。", 11, 10)
    walk.done()


def supporters(walk: Walk) -> None:
    """Whom the village is given; then the standing committee."""
    for role, who in (("县级领导", "沈遥"), ("联建部门", "青穆县农业农村局"), ("第一书记", "周砚")):
        walk.go(f"{walk.case}/ties")
        walk.page.locator("main .tabs a").filter(has_text=role).click()
        walk.page.fill("#q-words", who)
        walk.press("查询")
        walk.page.get_by_label(who).check()
        if role == "第一书记":
            walk.picture("supporters")
        walk.press("确定")
    walk.sign_in("闻溪")
    walk.days("+1 周")
    walk.submission()
    walk.meeting("县委常委会会议同意将白石村党支部列为软弱涣散村党组织。", 11, 10)
    walk.done()


def plan(walk: Walk) -> None:
    """One plan for the village: its members, its township, the department, in order."""
    walk.sign_in("李禾", PHONE)
    walk.submission()
    walk.say(
        plan="配齐支委，书记跟班一个月；周一、三、五坐班；办好一个集体经济项目。责任人、时限见任务清单。"
    )
    walk.picture("plan")
    walk.done()
    for who in ("王舒", "陈岚"):
        walk.sign_in(who)
        walk.submission()
        walk.done()
    walk.go(walk.case)
    walk.picture("case")


def tasks(walk: Walk) -> None:
    """Six tasks, done by one and checked by another."""
    walk.sign_in("周砚")
    walk.go(walk.case)
    hrefs = {
        str(link.get_attribute("href"))
        for link in walk.page.query_selector_all('main table a[href^="/cases/"]')
    }
    for who, answers in (("周砚", {"task_result": "已完成，材料在村部备查。"}), ("王舒", {})):
        walk.sign_in(who)
        for task in sorted(hrefs):
            walk.go(f"{task}/submission")
            walk.say(**answers)
            walk.done()


def accepted(walk: Walk) -> None:
    """The village reports; the department looks, accepts, and two people strike it off."""
    walk.sign_in("李禾", PHONE)
    walk.submission()
    walk.say(result="六项任务都已办结：班子配齐，坐班上墙，集体经济项目当年见效，村规民约已修订。")
    walk.picture("report")
    walk.done()
    walk.sign_in("陈岚")
    walk.go(f"{walk.case}/evidence")
    walk.choose("kind", "新登记：实地查看")
    walk.fill("day", walk.today())
    walk.say(topic="村部查看坐班、账目和项目，三项都实。")
    walk.done()
    walk.submission()
    walk.say(finding="六项任务属实，同意验收。")
    walk.choose("outcome", "验收合格")
    walk.picture("acceptance")
    walk.done()
    walk.submission()
    walk.choose("outcome", "同意销号")
    walk.done()
    walk.sign_in("顾衡")
    walk.go(f"{walk.case}/answer")
    walk.choose("answer", "同意")
    walk.picture("second-person")
    walk.done()
    walk.go(walk.case)
    walk.picture("struck-off")


def bulletin(walk: Walk) -> None:
    """The month's bulletin says so; two bodies approve it."""
    walk.sign_in("陈岚")
    walk.days("+1 日")
    walk.go("/bulletins")
    walk.fill("within", walk.today()[:7])
    walk.press("按事实起草")
    there = walk.page.url.removeprefix(walk.url)
    walk.press("呈报签发")
    for who in ("顾衡", "闻溪"):
        walk.sign_in(who)
        walk.go(there)
        walk.press("同意签发")
    walk.sign_in("陈岚")
    walk.go(there)
    walk.fill("number", "青组通〔2026〕1号")
    walk.press("印发")
    walk.picture("bulletin", whole=True)


def books(walk: Walk) -> None:
    """An honour waits for a second person; a grant that was paid already is refused."""
    walk.sign_in("陈岚")
    walk.go("/rolls/honours/entry?q=白石")
    walk.page.get_by_label(VILLAGE).check()
    walk.page.select_option("main [name=value]", "provincial")
    walk.say(reason="省委组织部表彰决定（虚构）")
    walk.picture("roll-entry")
    walk.done()
    walk.sign_in("顾衡")
    walk.go("/motions")
    walk.picture("motions")
    walk.sign_in("陈岚")
    walk.go("/ledgers/basics-grant")
    walk.picture("ledger")


TRACK = "三组的机耕路塌了一段，收割机进不去。"


def requests(walk: Walk) -> None:
    """A villager asks and rates on a phone; a township sorts and calls back; a bureau handles it twice."""
    walk.sit_down(PHONE)
    walk.go("/ask")
    walk.press("群众诉求")
    walk.say(q="白石")
    walk.press("查找")
    walk.press("白石村")
    walk.say(matter=TRACK, spot="三组晒场往南", contact="13900000000")
    walk.picture("ask")
    walk.press("提交")
    walk.picture("receipt")
    number, code = walk.page.locator("main dd").all_inner_texts()[:2]
    sorted_by_the_township(walk)
    handled(walk, "12月8日到现场，用碎石填平。", "塌了的一段已经填平，收割机可以过。")
    walk.sit_down(PHONE)
    walk.go("/ask/follow")
    walk.say(number=number, code=code)
    walk.press("查询")
    walk.picture("follow", whole=True)
    walk.choose("outcome", "不满意")
    walk.say(call_note="只填了一半，下雨又塌了。")
    walk.press("提交评价")
    handled(walk, "12月8日重新夯实，埋了排水管。", "塌方处重新夯实，埋了排水管，请再看看。")
    called_back(walk)
    walk.sign_in("顾衡")
    walk.go("/requests/overview")
    walk.picture("requests-overview")


def sorted_by_the_township(walk: Walk) -> None:
    """The township gives the request to the bureau."""
    walk.sign_in("王舒", PHONE)
    walk.go("/requests/mine")
    walk.picture("requests-mine")
    walk.press(TRACK)
    walk.press("记录分办")
    for name, words in {
        "request-class": "道路桥涵",
        "request-level": "一般",
        "owner": "青穆县农业农村局",
    }.items():
        walk.page.select_option(f'main [name="{name}"]', label=words)
    walk.choose("outcome", "交办")
    walk.done()


def handled(walk: Walk, handling: str, response: str) -> None:
    """The bureau says what it did, and answers whoever asked."""
    walk.sign_in("许棠")
    walk.go("/requests/mine")
    walk.press(TRACK)
    walk.press("记录办理")
    walk.say(handling=handling, response=response)
    walk.choose("outcome", "已经解决")
    walk.done()


def called_back(walk: Walk) -> None:
    """The township reads the sealed contact for a reason, and calls."""
    walk.sign_in("王舒")
    walk.go("/requests/mine")
    walk.press(TRACK)
    walk.press("看联系方式")
    walk.say(reason="电话回访")
    walk.press("看联系方式")
    walk.press("回到这件诉求")
    walk.press("记录回访评价")
    walk.choose("outcome", "满意")
    walk.done()


CHAPTERS = (requests, rating, three_meetings, supporters, plan, tasks, accepted, bulletin, books)


def main(url: str = "") -> None:
    """Walk every chapter in order."""
    with demo() if not url else standing(url) as there, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        walk = Walk(browser, there)
        walk.page = browser.new_page(viewport=DESK, locale="zh-CN")
        for chapter in CHAPTERS:
            print(chapter.__name__, flush=True)
            chapter(walk)
        browser.close()


@contextmanager
def standing(url: str) -> Iterator[str]:
    """A demo that runs already."""
    yield url


@contextmanager
def demo() -> Iterator[str]:
    """A demo of our own, thrown away at the end."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        zugong = [sys.executable, "-m", "zugong.cli.main"]
        environ = {**os.environ, "ZUGONG_HOME": home}
        site = subprocess.Popen([*zugong, "demo", "--port", str(port)], env=environ)
        try:
            wait_for(f"http://127.0.0.1:{port}/health", site)
            yield f"http://127.0.0.1:{port}"
        finally:
            site.terminate()
            site.wait(60)


def wait_for(url: str, site: subprocess.Popen[bytes]) -> None:
    """Wait until the site answers."""
    while site.poll() is None:
        try:
            urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(1)
    raise SystemExit("the demo did not start; the reason stands above")


if __name__ == "__main__":
    main(*sys.argv[1:])
