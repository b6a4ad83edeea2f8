"""A county keeps the texts it ruled by: packs edited on disk change no page, and texts of another version are one sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cast import Cast, cast
from zugong.accounts import actions as accounts
from zugong.accounts.rules import Role
from zugong.cases.models import Case
from zugong.core import clock
from zugong.core.errors import PackErrors
from zugong.duties import jobs as duties
from zugong.packs import loader
from zugong.registry import actions as registry
from zugong.registry.models import Edition

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
PAGES = [
    "/",
    "/organisations",
    "/cases",
    "/ratings",
    "/bulletins",
    "/duties",
    "/activities",
    "/packs",
    "/search",
]


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(monkeypatch) -> Cast:
    made = cast()
    made.open(day=DAY)
    monkeypatch.setattr(registry, "_READ", {})
    return made


def keep(texts: dict[str, dict[str, str]]) -> None:
    """Let the edition in force hold other texts."""
    Edition.objects.update(texts=texts, digest=loader.digest(texts))


def of_another_version(texts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Texts with a word that this version of the program does not know."""
    return {
        pack: {
            path: f"{text}\nword-of-another-version: 1\n" if path == "pack.yaml" else text
            for path, text in files.items()
        }
        for pack, files in texts.items()
    }


def test_pages_read_the_texts_that_were_kept_and_not_the_disk(made: Cast, settings, tmp_path: Path) -> None:
    settings.PACKS = tmp_path
    client = made.client("chen")
    assert {page: client.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_texts_of_another_version_are_one_sentence_that_says_what_to_do(made: Cast) -> None:
    case = Case.objects.get()
    keep(of_another_version(Edition.objects.get().texts))
    for page in [*PAGES, f"/cases/{case.pk}"]:
        answer = made.client("chen").get(page)
        assert answer.status_code == (200 if page in {"/packs", "/search"} else 503), page
        assert "请安全管理员" in answer.content.decode() or page in {"/packs", "/search"}
    assert "word-of-another-version" in answer.content.decode()


def test_the_way_out_is_open_where_texts_are_of_another_version(made: Cast) -> None:
    texts = dict(Edition.objects.get().texts)
    keep(of_another_version(texts))
    made.users["anquan"] = accounts.make_user("anquan", called="安全管理员", day=DAY, by="测试")
    accounts.set_password(made.users["anquan"], "Kwai-Chang-1972", at=clock.instant(), by="测试")
    accounts.grant(made.users["anquan"], Role.SECURITY_ADMINISTRATOR, since=DAY, by="甲", agreed_by="乙")
    assert made.client("anquan").get("/in-force").status_code == 200
    registry.put_in_force(texts, "qingmu", since=DAY, by="甲", agreed_by="乙")
    assert made.client("chen").get("/organisations").status_code == 200
    listed = made.client("chen").get("/packs")
    assert "这个版本的程序读不了" in listed.content.decode()
    assert made.client("chen").get(f"/cases/{Case.objects.get().pk}").status_code == 503


def test_a_job_does_not_pass_over_a_day_whose_rules_it_cannot_read(made: Cast) -> None:
    keep(of_another_version(Edition.objects.get().texts))
    with pytest.raises(PackErrors, match="word-of-another-version"):
        duties.open_due(DAY)
