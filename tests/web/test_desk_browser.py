"""The main pages in a real browser: nothing wrong by axe, on a desk and on a phone, and kept to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from cast import Cast, cast, person, tie_supporters
from ground import Live
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import Role
from zugong.activities import actions as activities
from zugong.activities.models import Activity
from zugong.activities.rules import Item, Report
from zugong.cases import actions as cases
from zugong.cases import excluding, intake, learning, moving
from zugong.cases.models import Answer, Case, Proposed, RoutingModel
from zugong.core import clock, journal
from zugong.duties import handing
from zugong.ledgers.keeping import Deed, keep
from zugong.ledgers.models import Book, Posting
from zugong.registry import actions as registry
from zugong.registry import deputies
from zugong.registry.models import Appointment, Standing, Subject

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).parents[2] / "var" / "shots"


@dataclass
class Site:
    """A running site with the cast on it, one case that has come some way, and who enters."""

    live: Live
    cast: Cast
    case: Case
    sitting: Activity
    known: dict[str, int]  # what else has a page: hand-over, leave, post, edition, move …

    def enter(self, page: Page, name: str, *, phone: bool = False) -> None:
        """Sign in as one of the cast, on a screen of that size."""
        page.set_viewport_size({"width": 390, "height": 844} if phone else {"width": 1440, "height": 900})
        with self.live.database():
            cookie = self.cast.cookie(name)
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.live.url}])


def asked(county: Cast) -> int:
    """Two requests: one waits for the township to sort it, one lies with a department and is to be left out."""
    today = clock.today()
    for key in ("one", "two"):
        receipt, _code = intake.receive(
            "request",
            about=county.villages["杜若村"],
            answers={"matter": "村口路灯不亮"},
            channel="public",
            day=today,
            at=clock.now(),
            by=None,
            key=key,
        )
    given = {"request-class": "power", "request-level": "ordinary", "owner": county.bureau.pk}
    wang = county.users["wang"]
    step = cases.submit(receipt.case, by=wang, day=today, outcome="dispatch", answers=given)
    excluding.propose(receipt.case, reason="同一件事重复登记", by=wang, day=today, at=clock.now())
    version = RoutingModel.objects.create(
        kind="request", field="request-class", version=1, trained_on=today, trained_by=journal.SYSTEM, rows=412,
        scores={"measured": 82, "macro_f1": 905, "accuracy": 913, "accuracy_at_80": 968}, content=b"1",
    )  # fmt: skip
    learning.switch(version, on=True, by=county.users["chen"])
    Proposed.objects.create(step=step, model=version, labels=[["roads", 620], ["power", 310]], chosen="power")
    return receipt.case.pk


@pytest.fixture(scope="module")
def site(live: Live) -> Site:
    with live.database():
        county, today = cast(), clock.today()
        one = county.open(day=today - timedelta(days=20))
        county.open("青林村", day=today)
        county.open("杜若村", day=today)
        county.open("云坪村", day=today)
        sitting = passed(county, one)
        tie_supporters(county, "白石村", since=today)
        for name, role in ADMINISTRATORS.items():
            person(county, name, f"{name}管理员", "staff", county.office, [(role, None)])
        registry.enter("model-candidates", county.villages["青林村"], since=today, by="t")
        grant = Deed(Book.LEDGER, "basics-grant", "fill", "拨款单", amount=1_000_000)
        honour = Deed(
            Book.ROLL, "honours", "enter", "表彰", subject=county.villages["白石村"].pk, value="county"
        )
        for deed in (grant, honour):
            keep(county.policy, deed, by=county.users["chen"], day=today)
        known = {"request": asked(county)} | comings_and_goings(county) | moved(county) | allied(county)
    return Site(live, county, one, sitting, known)


def allied(county: Cast) -> dict[str, int]:
    """An alliance with a member, something on each list, a topic that waits for a meeting and one that is claimed."""
    today, chen, town = clock.today(), county.users["chen"], county.townships["禾汀镇"]

    def add(noun: str, klass: str, name: str, parent: Subject) -> Subject:
        fields = {"service-kind": "health"} if noun == "thing" else {}
        return registry.add(noun, klass=klass, name=name, parent=parent, since=today, by="t", fields=fields)

    def tie(link: str, near: Subject, far: Subject) -> None:
        kind, _, role = link.partition(".")
        registry.tie(county.policy, kind, role, near=near, far=far, since=today, by="t")

    alliance = add("organisation", "alliance", "禾汀镇党建联盟", town)
    Grant.objects.create(
        user=chen,
        role=Role.TOWNSHIP_CLERK,
        organisation=alliance,
        held=(today, None),
        given_by="甲",
        agreed_by="乙",
    )
    county.users["chen"] = chen = User.objects.get(pk=chen.pk)  # with the grant just given
    tie("alliance.member", county.bureau, alliance)
    need = add("thing", "need", "独居老人量血压", alliance)
    add("thing", "resource", "流动体检车", county.bureau)
    project = add("thing", "service-project", "健康上门", alliance)
    tie("four-lists.serves", project, need)
    tie("four-lists.responsible", county.bureau, project)
    for matter in ("取药路远", "停车乱"):
        topic = cases.open("topic", about=alliance, day=today, by=chen, answers={"matter": matter})
    meeting = activities.hold(
        county.policy, "alliance-meeting", day=today, run_by=alliance, by=chen, today=today,
        report=Report(minutes="逐项认领", agenda=(Item("停车乱"),)),
    )  # fmt: skip
    claimed = {"claimer": county.bureau.pk, "finish-by": f"{today + timedelta(days=9)}"}
    cases.submit(topic, by=chen, day=today, item=meeting.agenda.get(), answers=claimed)
    return {"alliance": alliance.pk}


def comings_and_goings(county: Cast) -> dict[str, int]:
    """A secretary who left and whose successor has no grant, one for whom somebody stands in, one on leave."""
    today, zhou = clock.today(), county.users["zhou"]
    for name, called, village in (("ji", "季安", "柳浦村"), ("lu", "陆青", "桥西村")):
        person(county, name, called, "branch-secretary", county.villages[village], [(Role.CADRE, None)])
    posts = {name: Appointment.objects.get(person=county.people[name]) for name in ("ji", "lu")}
    registry.release(posts["ji"], on=today, by="t")
    registry.appoint(county.people["cai"], post=posts["ji"].post, since=today, by="t")
    handing.follow(today)
    deputies.depute(
        posts["lu"].post, to=county.people["li"], kind="deputy", since=today, until=today + timedelta(days=9),
        reason="住院", by=county.users["lu"], day=today,
    )  # fmt: skip
    away = cases.open("leave", about=county.people["zhou"], day=today, by=zhou)
    days = {"leave-from": f"{today}", "leave-until": f"{today + timedelta(days=3)}", "reason": "家中有事"}
    cases.submit(away, by=zhou, day=today, answers=days)
    return {
        "post": posts["ji"].post_id,
        "post-in": posts["lu"].post_id,
        "hand-over": Case.objects.get(kind="hand-over").pk,
        "leave": away.pk,
        "filled": Posting.objects.latest("pk").pk,
        "away": county.people["zhou"].pk,
    }


def moved(county: Cast) -> dict[str, int]:
    """Another edition in force from today, and a case that shall go on under it."""
    today, file = clock.today(), "cases/rectification.yaml"
    one, old = county.open("苇塘村", day=today), registry.edition_on(today)
    texts = old.texts["qingmu"]
    own = texts | {file: texts[file].replace("label: 乡镇初定", "label: 乡镇复定", 1)}
    new = registry.put_in_force(old.texts | {"qingmu": own}, "qingmu", since=today, by="甲", agreed_by="乙")
    asked = moving.propose(
        [one], to=new, reason="新办法已印发", by=county.users["chen"], day=today, at=clock.instant()
    )
    return {"edition": new.pk, "move": asked.pk, "moving": one.pk}


def passed(county: Cast, one: Case) -> Activity:
    """The township's meeting, at which the case was passed on."""
    today, wang = clock.today(), county.users["wang"]
    sitting = activities.hold(
        county.policy,
        "township-meeting",
        day=today,
        run_by=county.townships["禾汀镇"],
        by=wang,
        today=today,
        report=Report(
            minutes="逐村审议。", should_attend=9, attended=9, agenda=(Item("白石村", "", 9, 0, 0),)
        ),
    )
    answers = {"causes": ["weak", "sick"], "look-back": "2023年曾整顿，集体经济年收入 2.1 万元。"}
    cases.submit(one, by=wang, day=today, answers=answers, item=sitting.agenda.get())
    return sitting


PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(16)
ADMINISTRATORS = {
    "system": Role.SYSTEM_ADMINISTRATOR,
    "security": Role.SECURITY_ADMINISTRATOR,
    "audit": Role.AUDIT_ADMINISTRATOR,
}

PAGES = {
    "desk": ("wang", "desk", ""),
    "cases": ("chen", "cases", ""),
    "progress": ("chen", "cases-progress", ""),
    "case": ("chen", "case", "case"),
    "submission": ("chen", "case-submission", "case"),
    "evidence": ("chen", "case-evidence", "case"),
    "ties": ("chen", "case-ties", "case"),
    "organisations": ("chen", "organisations", ""),
    "township": ("chen", "organisation", "township"),
    "village": ("chen", "organisation", "village"),
    "gaps": ("chen", "organisations-gaps", ""),
    "alliance": ("chen", "alliance", "alliance"),
    "people": ("chen", "people", ""),
    "person": ("chen", "person", "person"),
    "activities": ("wang", "activities", ""),
    "activity": ("wang", "activity", "sitting"),
    "decisions": ("wang", "activity-decisions", "sitting"),
    "duties": ("chen", "duties", ""),
    "burden": ("chen", "burden", ""),
    "search": ("chen", "search", ""),
    "stuck": ("chen", "cases-stuck", ""),
    "requests-mine": ("wang", "requests-mine", ""),
    "requests-overview": ("han", "requests-overview", ""),
    "requests": ("wang", "requests", ""),
    "requests-exclusions": ("han", "requests-exclusions", ""),
    "request-exclusion": ("han", "request-exclusion", "request"),
    "requests-routing": ("chen", "requests-routing", ""),
    "ledgers-own": ("chen", "ledgers-own", ""),
    "case-new": ("chen", "case-new", ""),
    "activity-new": ("wang", "activity-new", ""),
    "rolls": ("wang", "rolls", ""),
    "roll": ("chen", "roll", "model-candidates"),
    "roll-entry": ("chen", "roll-entry", "honours"),
    "roll-striking": ("chen", "roll-striking", "struck"),
    "ledgers": ("chen", "ledgers", ""),
    "ledger": ("chen", "ledger", "basics-grant"),
    "ledger-payment": ("chen", "ledger-payment", "basics-grant"),
    "ledger-filling": ("chen", "ledger-filling", "basics-grant"),
    "ledger-reversal": ("chen", "ledger-reversal", "taken-back"),
    "motions": ("han", "motions", ""),
    "post": ("chen", "post", "post"),
    "post-deputised": ("chen", "post", "post-in"),
    "post-deputy": ("chen", "post-deputy", "post"),
    "post-release": ("chen", "post-release", "post"),
    "post-appointment": ("chen", "post-appointment", "post"),
    "hand-over": ("chen", "case", "hand-over"),
    "hand-over-handing": ("ji", "case-submission", "hand-over"),
    "leave": ("zhou", "case", "leave"),
    "leave-filing": ("li", "case-submission", "leave"),
    "person-away": ("zhou", "person", "away"),
    "edition-running": ("chen", "pack-running", "edition"),
    "edition-move": ("chen", "pack-move", "edition"),
    "case-edition": ("chen", "case-edition", "case"),
    "moves": ("chen", "moves", ""),
    "move": ("han", "move", "move"),
    "organisation-ties": ("chen", "organisation-ties", "village"),
    "imports": ("chen", "imports", ""),
    "import-new": ("chen", "import-new", "organisation"),
    "drafts": ("security", "drafts", ""),
    "in-force": ("security", "in-force", ""),
    "users": ("system", "accounts", ""),
    "user-new": ("system", "account-new", ""),
    "proposals": ("system", "proposals", ""),
    "jobs": ("system", "jobs", ""),
    "journal": ("audit", "journal", ""),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_page_has_nothing_wrong(site: Site, page: Page, name: str, phone: bool) -> None:
    who, address, about = PAGES[name]
    site.enter(page, who, phone=phone)
    query = {"search": "?q=bsc", "edition-move": f"?case={site.case.pk}"}.get(name, "")
    page.goto(site.live.url + reverse(address, args=subject(site, about)) + query)
    page.screenshot(path=shot(name, phone=phone), full_page=True)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page is too wide"


def subject(site: Site, about: str) -> list[object]:
    villages = site.cast.villages
    known = {
        "case": site.case.pk,
        "sitting": site.sitting.pk,
        "township": site.cast.townships["禾汀镇"].pk,
        "village": villages["白石村"].pk,
        "person": site.cast.people["li"].pk,
        **site.known,
    }
    if about == "taken-back":
        return ["basics-grant", site.known["filled"]]
    if about == "struck":
        return ["model-candidates", villages["青林村"].pk]
    return [known.get(about, about)] if about else []


def findings(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [
        f"{found['id']}: {node['html']}"
        for found in results.response["violations"]
        for node in found["nodes"]
    ]


def shot(name: str, *, phone: bool) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS / f"{name}{'-phone' if phone else ''}.png"


def test_a_visit_is_entered_on_a_phone_in_three_steps(site: Site, page: Page) -> None:
    site.enter(page, "zhou", phone=True)
    page.goto(site.live.url + reverse("visit-new"))
    page.get_by_label("白石村党支部").check()
    page.get_by_role("button", name="下一步：做了什么").click()
    page.screenshot(path=shot("visit-2", phone=True), full_page=True)
    page.get_by_label("到村指导").check()
    page.get_by_label("一句话说说情况").fill("场所每天开放")
    page.get_by_role("button", name="下一步：还有谁").click()
    page.get_by_label("李禾").check()
    page.get_by_label("照片").set_input_files({"name": "场所.png", "mimeType": "image/png", "buffer": PHOTO})
    page.screenshot(path=shot("visit-3", phone=True), full_page=True)
    assert findings(page) == []
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_text("已登记，谢谢。").wait_for()
    with site.live.database():
        visit = Activity.objects.get(kind="village-visit", topic="场所每天开放")
        assert [one.file.name for one in visit.evidence.all()] == ["场所.png"]


def test_switching_the_language_keeps_what_was_typed(site: Site, page: Page) -> None:
    site.enter(page, "wang")
    page.goto(site.live.url + reverse("activity-new") + "?kind=township-meeting")
    page.fill("[name=topic]", "走访三户")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="中文").wait_for()
    assert page.input_value("[name=topic]") == "走访三户"
    page.reload()
    assert page.input_value("[name=topic]") == ""


def test_switching_the_language_amid_a_visit_stays_at_its_step(site: Site, page: Page) -> None:
    site.enter(page, "zhou", phone=True)
    page.goto(site.live.url + reverse("visit-new"))
    page.get_by_label("白石村党支部").check()
    page.get_by_role("button", name="下一步：做了什么").click()
    page.get_by_label("一句话说说情况").fill("场所每天开放")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="中文").wait_for()
    assert page.input_value("[name=topic]") == "场所每天开放"
    assert page.locator("[name=at]").input_value() == str(site.cast.villages["白石村"].pk)


def test_what_is_typed_into_the_search_box_is_found_at_once(site: Site, page: Page) -> None:
    site.enter(page, "chen")
    page.goto(site.live.url + reverse("desk"))
    page.keyboard.press("Control+k")
    page.keyboard.type("bsc")
    page.get_by_role("option", name="白石村党支部 · 整顿转化").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:'))")


def test_what_one_person_typed_is_not_shown_to_the_next_and_signing_out_forgets_it(
    site: Site, page: Page
) -> None:
    with site.live.database():
        one = Case.objects.get(about=site.cast.villages["云坪村"])
    site.enter(page, "zhao")
    there = site.live.url + reverse("case-submission", args=[one.pk])
    page.goto(there)
    page.fill("[name=look-back]", "情况尚未公开")
    page.keyboard.press("Tab")
    assert drafts(page) == [f"draft:{site.cast.users['zhao'].pk}:case-{one.pk}-{one.round}"]
    page.goto(there)
    assert page.input_value("[name=look-back]") == "情况尚未公开"
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/signin?why=out")
    assert drafts(page) == []


def test_what_was_typed_is_forgotten_when_the_deed_is_done_and_kept_when_it_is_refused(
    site: Site, page: Page
) -> None:
    with site.live.database():
        one = Case.objects.get(about=site.cast.villages["青林村"])
    site.enter(page, "wang")
    page.goto(site.live.url + reverse("case-submission", args=[one.pk]))
    page.fill("[name=look-back]", "2023年曾整顿")
    send = page.locator("main form button.button-primary")
    send.click()
    page.locator(".errors").wait_for()
    assert len(drafts(page)) == 1
    page.locator("[name=causes]").first.check()
    for name, value in {"should_attend": "9", "attended": "8", "minutes": "研究", "in_favour": "8"}.items():
        page.fill(f"[name={name}]", value)
    for name in ("against", "abstained"):
        page.fill(f"[name={name}]", "0")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    send.evaluate("button => { button.click(); setTimeout(() => button.click(), 20); }")
    page.locator("[data-done]").wait_for()
    assert len(sent) == 1  # a double click is one deed
    assert drafts(page) == []


@pytest.mark.parametrize(("large", "most"), [("0", 150), ("1", 190)])
def test_on_a_phone_the_page_begins_near_the_top(site: Site, page: Page, large: str, most: int) -> None:
    site.enter(page, "zhou", phone=True)
    page.context.add_cookies([{"name": "large", "value": large, "url": site.live.url}])
    page.goto(site.live.url + reverse("desk"))
    assert page.evaluate("document.getElementById('page').getBoundingClientRect().top") <= most
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# What the keyboard can reach on a page, in the order of the document; one of a group of radio buttons stands for all.
REACHABLE = """() => {
  const groups = new Set();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(one => {
    if (one.disabled || one.type === 'hidden' || one.tabIndex < 0 || !one.getClientRects().length) return false;
    const folded = one.closest('details:not([open])');
    if (folded && one !== folded.querySelector('summary')) return false;
    if (one.type !== 'radio') return true;
    const first = !groups.has(one.name); groups.add(one.name); return first;
  }).length;
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  if (!one.dataset.met) one.dataset.met = String(document.querySelectorAll('[data-met]').length + 1);
  const ringed = each => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  };  // the search box draws its ring around itself and its key
  return {met: one.dataset.met, seen: ringed(one) || ringed(one.parentElement), html: one.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize(
    "name", ["desk", "case", "submission", "roll-entry", "ledger", "stuck", "organisation-ties", "alliance"]
)
def test_the_keyboard_reaches_all_of_a_page_in_order_and_sees_where_it_is(
    site: Site, page: Page, name: str
) -> None:
    who, address, about = PAGES[name]
    site.enter(page, who)
    page.goto(site.live.url + reverse(address, args=subject(site, about)))
    many, met = page.evaluate(REACHABLE), []
    for _ in range(many + 12):  # a date is several stops
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        assert at["seen"], f"no one can see that it has the focus: {at['html']}"
        met.append(int(at["met"]))
    assert met == sorted(met), "back where it was: a trap, or another order than the page's"
    assert len(set(met)) >= many


def tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {selector}")


def test_a_roll_is_entered_by_the_keyboard_alone(site: Site, page: Page) -> None:
    village = site.cast.villages["杜若村"].pk
    site.enter(page, "chen")
    page.goto(site.live.url + reverse("roll", args=["model-candidates"]))
    tab_to(page, "main a[href$='/entry']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entry")
    tab_to(page, "#q-words")
    page.keyboard.type("drc")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=drc*")
    tab_to(page, "main input[name=subject]")
    page.keyboard.press("Space")
    tab_to(page, "main input[name=reason]")
    page.keyboard.type("部务会纪要")
    page.keyboard.press("Enter")
    page.get_by_text("已办理。").wait_for()
    with site.live.database():
        assert Standing.objects.on(clock.today()).filter(roll="model-candidates", subject=village).exists()


def test_escape_closes_what_opened_over_the_page(site: Site, page: Page) -> None:
    site.enter(page, "chen")
    page.goto(site.live.url + reverse("desk"))
    page.keyboard.press("Control+k")
    page.keyboard.type("bsc")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("option").first.wait_for(state="hidden")


def test_on_a_phone_what_a_village_must_do_now_is_on_the_first_screen(site: Site, page: Page) -> None:
    today = clock.today()
    with site.live.database():
        one = site.cast.open("柳浦村", day=today - timedelta(days=90))
        person(site.cast, "hu", "胡禾", "branch-secretary", one.about, [(Role.VILLAGE_SECRETARY, one.about)])
        registry.tie(
            site.cast.policy,
            "supporter",
            "department",
            near=site.cast.bureau,
            far=one.about,
            since=today,
            by="t",
        )
        labels = (
            "培养一个带头人",
            "建设一支骨干队伍",
            "选准一条工作思路",
            "发展一个村级集体经济项目",
            "健全规章制度",
        )
        for label in labels:
            cases.open("task", about=one.about, day=today, by=None, parent=one, label=label)
        step = site.case.steps.get()
        for place, name in enumerate(("causes", "look-back", "plan")):
            value = ["weak", "sick"] if name == "causes" else "一村一策方案，分六条写明。" * 9
            Answer.objects.create(case=one, step=step, field=name, version=place + 1, value=value)
        for n in range(4):
            cases.extend(
                one,
                by=site.cast.users["chen"],
                day=today,
                until=today + timedelta(days=40 + n),
                reason="汛期",
            )
        Case.objects.filter(pk=one.pk).update(stage="work", state="underway", round=5)
    site.enter(page, "hu", phone=True)
    page.goto(f"{site.live.url}/cases/{one.pk}")
    page.screenshot(path=shot("case-village", phone=True), full_page=True)
    box = page.get_by_role("link", name="办完“整顿”").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollHeight") <= 1870
    past = page.locator(".timeline").first
    assert not past.is_visible()
    page.get_by_text("看最近 6 条").click()
    assert past.is_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    assert past.is_visible()
    assert page.get_by_text("一村一策方案，分六条写明。").first.is_visible()
