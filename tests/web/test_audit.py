"""The journal is read by the audit administrator alone; each of the three administrators does only their part."""

import ast
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import zugong
from zugong.accounts import actions
from zugong.accounts.models import Proposal, User
from zugong.accounts.rules import Role
from zugong.cases.rules import Move
from zugong.core import clock, journal
from zugong.core.journal import actions as sealing
from zugong.core.journal.models import Entry, Head
from zugong.registry import actions as registry
from zugong.registry.models import Edition
from zugong.web.audit import words
from zugong.web.middleware import PASSED

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def signed_in(name: str, role: Role) -> Client:
    user = actions.make_user(name, called=name, day=DAY, by="测试")
    actions.grant(user, role, since=DAY, by="甲", agreed_by="乙")
    actions.set_password(user, "Miao-lin 2026", at=clock.instant(), by="测试")
    client = Client()
    client.force_login(user)
    session = client.session
    session[PASSED] = True
    session.save()
    return client


@pytest.fixture
def audit() -> Client:
    return signed_in("audit", Role.AUDIT_ADMINISTRATOR)


@pytest.fixture
def system() -> Client:
    return signed_in("system", Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def security() -> Client:
    return signed_in("security", Role.SECURITY_ADMINISTRATOR)


def found(client: Client, **asked: str) -> list[str]:
    return [entry.deed for entry, *_ in client.get(reverse("journal"), asked).context["rows"]]


# --- Reading -------------------------------------------------------------------------


def test_the_journal_is_asked_by_whom_what_on_what_and_when(audit: Client) -> None:
    journal.write("person.read", by="查档人（cha）", on="person 7", of="档案")
    journal.write("case.visit", by="王舒（wang）", on="case 3")
    assert found(audit, by="查档人") == ["person.read"]
    assert found(audit, deed="case") == ["case.visit"]
    assert found(audit, on="person 7") == ["person.read"]
    assert "case.visit" in found(audit, first=str(clock.today()), last=str(clock.today()))
    assert found(audit, last="2020-01-01") == []
    assert found(audit, first="2026-02-31", deed="case") == ["case.visit"]  # no such day: not asked


def test_whom_an_entry_is_about_is_read_as_a_name_and_found_by_it(audit: Client) -> None:
    village = registry.add("organisation", klass="village", name="白石村党支部", since=DAY, by="测试")
    registry.close(village, until=DAY + timedelta(days=9), by="测试")
    journal.write("registry.enter", by="甲", on=village)
    row = audit.get(reverse("journal"), {"on": "白石", "deed": "registry.enter"}).context["rows"][0]
    assert row[2] == "白石村党支部"
    assert f'title="organisation {village.pk}"' in audit.get(reverse("journal")).content.decode()


def test_every_deed_that_is_written_has_a_word() -> None:
    deeds = set(written())
    assert len(deeds) > 60
    assert sorted(deeds - set(words.VERBS)) == []


def written() -> Iterator[str]:
    """Every deed that the program writes in the journal."""
    yield from (f"case.{move}" for move in Move)
    for path in Path(zugong.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if node.func.attr == "write" and getattr(node.func.value, "id", "") in {"journal", "journals"}:
                parts = [one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
                yield from (part for part in parts if re.fullmatch(r"[a-z]+\.[a-z-]+", str(part)))


def test_the_page_counts_what_waits_to_be_sealed(audit: Client) -> None:
    assert audit.get(reverse("journal")).context["unsealed"] > 0
    sealing.seal()
    assert audit.get(reverse("journal")).context["unsealed"] == 0


def test_a_detail_may_be_called_by_any_word(audit: Client) -> None:
    journal.write("case.draw", by="t", on="case 1", items=3, keys=4)
    page = audit.get(reverse("journal"))
    assert page.status_code == 200
    assert "<dt>items</dt><dd>3</dd>" in page.content.decode()


def test_what_is_in_the_journal_is_shown_as_text(audit: Client) -> None:
    journal.write("x", by="<script>alert(1)</script>", on="x")
    assert "<script>alert(1)" not in audit.get(reverse("journal")).content.decode()


# --- Verifying and carrying out ----------------------------------------------------------


def test_verifying_says_that_the_chain_holds_and_is_itself_written_down(audit: Client) -> None:
    sealing.seal()
    page = audit.post(reverse("journal-verification"))
    assert page.context["verdict"].holds
    assert Entry.objects.filter(deed="journal.verify").exists()


def test_a_head_from_outside_is_held_against_the_chain(audit: Client) -> None:
    head = sealing.export_head(DAY, by="审计管理员")
    good = audit.post(
        reverse("journal-verification"), {"head": f"{head.sequence}: {head.digest[:8]} {head.digest[8:]}"}
    )
    assert good.context["verdict"].holds
    assert "与外面留存的链头一致" in good.content.decode()
    false = audit.post(reverse("journal-verification"), {"head": f"{head.sequence}:{'f' * 64}"})
    assert not false.context["verdict"].holds
    unread = audit.post(reverse("journal-verification"), {"head": "十七"})
    assert "没看懂" in unread.content.decode()


def test_the_head_of_the_day_is_a_sheet_and_a_file(audit: Client) -> None:
    sheet = audit.post(reverse("journal-head-new"), follow=True)
    head = Head.objects.get()
    assert head.digest[:8] in sheet.content.decode()
    file = audit.get(reverse("journal-head-file", args=[head.pk]))
    assert file.content.decode() == f"{head.sequence}:{head.digest}\n"
    assert "attachment" in file["Content-Disposition"]


# --- Each only their part -----------------------------------------------------------------


def test_only_the_audit_administrator_reads_the_journal(system: Client, security: Client) -> None:
    for client in (system, security):
        assert client.get(reverse("journal")).status_code == 403
        assert client.post(reverse("journal-verification")).status_code == 403
        assert client.post(reverse("journal-head-new")).status_code == 403


def test_the_audit_administrator_changes_nothing(audit: Client) -> None:
    chen = actions.make_user("chen", called="陈岚", day=DAY, by="测试")
    for name in ("account-state", "grant-ask", "second-factor-reset"):
        assert audit.post(reverse(name, args=[chen.pk])).status_code == 403
    assert audit.post(reverse("account-new"), {"called": "x", "username": "xx"}).status_code == 403
    assert audit.get(reverse("accounts")).status_code == 403


def test_the_system_administrator_makes_accounts_and_gives_no_role(system: Client) -> None:
    page = system.post(reverse("account-new"), {"called": "陈岚", "username": "chen"})
    chen = User.objects.get(username="chen")
    assert page.context["code"]
    asked = {"role": "audit-administrator", "since": str(clock.today())}
    assert system.post(reverse("grant-ask", args=[chen.pk]), asked).status_code == 403
    assert not chen.grants.exists()


def test_the_security_administrator_asks_and_makes_no_account(security: Client) -> None:
    chen = actions.make_user("chen", called="陈岚", day=DAY, by="测试")
    assert security.post(reverse("account-new"), {"called": "x", "username": "xx"}).status_code == 403
    assert security.post(reverse("account-state", args=[chen.pk]), {"deed": "close"}).status_code == 403
    assert security.get(reverse("jobs")).status_code == 403
    asked = {"role": "audit-administrator", "since": str(clock.today())}
    assert security.post(reverse("grant-ask", args=[chen.pk]), asked).status_code == 302
    security.post(reverse("proposal-answer", args=[Proposal.objects.get().pk]), {"deed": "agree"})
    assert not chen.grants.exists()


def test_what_was_refused_is_written_down(system: Client) -> None:
    system.get(reverse("journal"))
    line = Entry.objects.get(deed="refused")
    assert (line.by, line.on) == ("system（system）", "/journal")


def test_a_role_for_an_organisation_that_is_not_there_says_so(security: Client) -> None:
    chen = actions.make_user("chen", called="陈岚", day=DAY, by="测试")
    there = reverse("grant-ask", args=[chen.pk])
    asked = {"role": "desk", "organisation": "没有的镇", "since": str(clock.today())}
    assert "没有叫“没有的镇”的组织" in security.post(there, asked).content.decode()
    for number in range(2):
        registry.add("organisation", klass="village", name="同名村", code=f"99{number}", since=DAY, by="测试")
    asked["organisation"] = "同名村"
    assert "不止一个" in security.post(there, asked).content.decode()
    asked["organisation"] = "991"
    assert security.post(there, asked).status_code == 302


def test_a_pack_is_put_in_force_by_two(security: Client, system: Client) -> None:
    asked = {"pack": "qingmu", "since": "2026-03-02"}
    offered = security.get(reverse("in-force")).content.decode()
    assert re.search(r">青穆县（虚构） [\d.]+，保管：产品随附的虚构县（qingmu）</option>", offered)
    assert system.post(reverse("in-force"), asked).status_code == 403
    assert security.post(reverse("in-force"), asked).status_code == 302
    assert not Edition.objects.exists()
    assert Proposal.objects.get().sentence.startswith("制度包 青穆县（虚构） ")
    answer = reverse("proposal-answer", args=[Proposal.objects.get().pk])
    security.post(answer, {"deed": "agree"})
    assert not Edition.objects.exists()
    system.post(answer, {"deed": "agree"})
    edition = Edition.objects.get()
    assert (edition.pack, edition.put_by, edition.agreed_by) == (
        "qingmu",
        "security（security）",
        "system（system）",
    )
    assert "青穆县（虚构）" in system.get(reverse("in-force")).content.decode()


def test_a_lost_phone_is_forgotten_by_two(security: Client, system: Client) -> None:
    chen = actions.make_user("chen", called="陈岚", day=DAY, by="测试")
    actions.begin_second_factor(chen)
    security.post(reverse("second-factor-reset", args=[chen.pk]))
    assert hasattr(User.objects.get(pk=chen.pk), "second_factor")
    system.post(reverse("proposal-answer", args=[Proposal.objects.get().pk]), {"deed": "agree"})
    assert not hasattr(User.objects.get(pk=chen.pk), "second_factor")


def test_a_pack_with_faults_is_not_put_in_force(security: Client, settings, tmp_path: Path) -> None:
    shutil.copytree(settings.PACKS, tmp_path / "packs")
    settings.PACKS = tmp_path / "packs"
    file = settings.PACKS / "qingmu" / "cases" / "rectification.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("opened_by: organisation-department", "opened_by: nobody-such", 1), encoding="utf-8"
    )
    answer = security.post(reverse("in-force"), {"pack": "qingmu", "since": "2026-03-02"})
    assert "这个制度包有错" in answer.content.decode()
    assert not Proposal.objects.exists()
