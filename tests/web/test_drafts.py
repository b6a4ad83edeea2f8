"""A pack version sent in or written, checked, compared, put in force by two; and nobody else sees it before."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from cast import Cast, cast
from zugong.accounts import drafting
from zugong.accounts.models import Draft, Grant, Proposal, User
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.core.errors import PackErrors, Refused
from zugong.core.journal.models import Entry
from zugong.packs.unpacking import packed
from zugong.registry.actions import edition_on, policy_of
from zugong.registry.models import Edition

pytestmark = pytest.mark.django_db
DAY, LATER = date(2025, 11, 20), date(2026, 1, 1)
CARD = "scorecards/village-stars.yaml"
NUMBER = "2024-01-08: {value: 20000, clause: 附件第二项}"


@pytest.fixture(autouse=True)
def today():
    with clock.standing(DAY):
        yield


@pytest.fixture
def made(db) -> Cast:
    found = cast()
    for name, role in (
        ("anquan", Role.SECURITY_ADMINISTRATOR),
        ("xitong", Role.SYSTEM_ADMINISTRATOR),
        ("anquan2", Role.SECURITY_ADMINISTRATOR),
    ):
        user = User.objects.create_user(name, called=name, made_on=DAY, password_set_at=clock.instant())
        Grant.objects.create(
            user=user, role=role, held=(date(2020, 1, 1), None), given_by="甲", agreed_by="乙"
        )
        found.users[name] = user
    return found


@pytest.fixture
def anquan(made: Cast) -> Client:
    return made.client("anquan")


def begun(client: Client, name: str = "", content: bytes = b"") -> Draft:
    files = {"file": SimpleUploadedFile(name, content)} if name else {}
    answer = client.post("/drafts", files)
    assert answer.status_code == 302, answer.content.decode()
    return Draft.objects.get(pk=int(answer["Location"].rsplit("/", 1)[1]))


def text(answer) -> str:
    return answer.content.decode()


def written(client: Client, draft: Draft, path: str, before: str, after: str) -> str:
    there = f"/drafts/{draft.pk}/file?path={path}"
    old = Draft.objects.get(pk=draft.pk).texts[path]
    assert before in old
    return text(client.post(there, {"text": old.replace(before, after)}, follow=True))


def test_from_the_edition_in_force_to_the_next_one_by_two_people(made: Cast, anquan: Client) -> None:
    case = made.open(day=DAY)
    draft = begun(anquan)
    assert "没有发现问题" in text(anquan.get(f"/drafts/{draft.pk}"))
    written(anquan, draft, "cases/rectification.yaml", "number: 整", "number: 改")
    page = text(anquan.get(f"/drafts/{draft.pk}/changes"))
    assert made.policy.case("rectification").label in page
    assert "整顿转化" in page
    assert "青穆县（虚构） 草稿" in page
    assert "仍按哪一版" in page
    assert "2025年11月20日" in page.split("仍按哪一版", 1)[1]  # since when
    answer = anquan.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)})
    assert answer.status_code == 302
    assert Edition.objects.count() == 1
    proposal = Proposal.objects.get()
    system = made.client("xitong")
    assert f"/drafts/{draft.pk}/changes" in text(system.get("/proposals"))
    assert system.get(f"/drafts/{draft.pk}/changes").status_code == 200
    anquan.post(f"/proposals/{proposal.pk}/answer", {"deed": "agree"})
    assert Edition.objects.count() == 1
    system.post(f"/proposals/{proposal.pk}/answer", {"deed": "agree"})
    edition = edition_on(LATER)
    assert edition.texts["qingmu"] == Draft.objects.get().texts
    assert (edition.put_by, edition.agreed_by) == (str(made.users["anquan"]), str(made.users["xitong"]))
    assert edition_on(date(2025, 12, 31)) != edition
    case.refresh_from_db()
    assert case.edition == edition_on(DAY)
    assert policy_of(edition).case("rectification").number == "改"


def test_what_changed_is_said_in_the_words_of_the_office_who_acts_too(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    written(anquan, draft, "cases/request.yaml", "{value: 5, clause: 第八条}", "{value: 6, clause: 第八条}")
    written(anquan, draft, "names/roles.yaml", "label: 村党员大会", "label: 村里的党员大会")
    page = text(anquan.get(f"/drafts/{draft.pk}/changes"))
    assert "环节 › 办理 › 期限 › 工作日 › 2025-09-01" in page
    assert "第八条" in page
    assert "stages.handle" not in page
    assert "村里的党员大会" in page
    assert "谁来办" in page


def test_nobody_else_sees_a_draft(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    for name in sorted(made.users.keys() - {"anquan"}):
        other = made.client(name)
        for path in ("", "/changes", "/archive", "/file?path=pack.yaml"):
            assert other.get(f"/drafts/{draft.pk}{path}").status_code == 404, (name, path)
        for path in ("/bringing", "/away", "/file?path=pack.yaml"):
            assert other.post(f"/drafts/{draft.pk}{path}", {"text": "x"}).status_code == 404, (name, path)
        put = other.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)})
        assert put.status_code in {403, 404}, name
        assert f'"/drafts/{draft.pk}"' not in text(other.get("/drafts")), name
    assert Draft.objects.get().texts == draft.texts


def test_what_is_put_forward_stands_still_and_comes_back_when_withdrawn(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    anquan.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)})
    for deed in (
        lambda: drafting.write(draft, "x.yaml", "x: 1", by=made.users["anquan"], at=clock.instant()),
        lambda: drafting.throw_away(draft, by=made.users["anquan"]),
    ):
        with pytest.raises(Refused, match="已经提请"), transaction.atomic():
            deed()
    system = made.client("xitong")
    anquan.post(f"/proposals/{Proposal.objects.get().pk}/answer", {"deed": "withdraw"})
    assert system.get(f"/drafts/{draft.pk}").status_code == 404
    assert "已撤回，可再改" in text(anquan.get(f"/drafts/{draft.pk}"))
    assert anquan.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)}).status_code == 302
    assert system.get(f"/drafts/{draft.pk}").status_code == 200


def test_a_past_day_is_a_correction_with_its_document(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    asked = {"since": "2025-11-01", "paper": " "}
    assert "更正过去的，写明依据哪份文件" in text(anquan.post(f"/drafts/{draft.pk}/forward", asked))
    assert not Proposal.objects.exists()
    anquan.post(f"/drafts/{draft.pk}/forward", asked | {"paper": "青组发〔2025〕9号"})
    assert "更正，依据青组发〔2025〕9号" in str(Proposal.objects.get().sentence)


def test_a_day_that_passed_while_it_waited_is_not_agreed_to(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    anquan.post(f"/drafts/{draft.pk}/forward", {"since": str(DAY)})
    with clock.standing(LATER):
        page = text(
            made.client("xitong").post(
                f"/proposals/{Proposal.objects.get().pk}/answer", {"deed": "agree"}, follow=True
            )
        )
    assert "生效日不能早于今天" in page
    assert Edition.objects.count() == 1


def test_every_fault_is_shown_at_its_line_and_nothing_faulty_is_put_forward(
    made: Cast, anquan: Client
) -> None:
    draft = begun(anquan)
    page = written(anquan, draft, CARD, "group: county", "gruop: county")
    line = draft.texts[CARD].split("group: county")[0].count("\n") + 1
    assert "gruop" in page
    assert f'href="#line-{line}"' in page
    assert "packs.E010" in page
    assert f"#line-{line}" in text(anquan.get(f"/drafts/{draft.pk}"))
    assert "还有要改的地方" in text(anquan.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)}))
    with pytest.raises(PackErrors):
        drafting.put_forward(
            draft, since=LATER, paper="", by=made.users["anquan"], day=DAY, at=clock.instant()
        )


def test_whole_folders_and_single_files_are_taken_in(made: Cast, anquan: Client) -> None:
    texts = edition_on(DAY).texts["qingmu"]
    draft = begun(anquan, "qingmu.zip", packed("qingmu", texts))
    assert (draft.pack, draft.texts) == ("qingmu", texts)
    changed = texts[CARD].replace(NUMBER, NUMBER.replace("20000", "19000"))
    one = {"file": SimpleUploadedFile("village-stars.yaml", changed.encode())}
    page = text(anquan.post(f"/drafts/{draft.pk}/bringing", one, follow=True))
    assert "已收下" in page
    draft.refresh_from_db()
    assert draft.texts == texts | {CARD: changed}
    archive = anquan.get(f"/drafts/{draft.pk}/archive").content
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.read(f"qingmu/{CARD}").decode() == changed


HOSTILE = [
    ("a.zip", b"PK\x03\x04 nothing", "不是完好的"),
    ("a.zip", packed("x", {"../pack.yaml": "pack: x"}), "文件夹以外"),
    ("a.zip", packed("other", {"pack.yaml": "pack: other\n"}), "上传的是“other”"),
    ("a.yaml", b"\xff\xfe\x00", "UTF-8"),
    ("a.yaml", b"a: \x00", "控制字符"),
    ("a.exe", b"MZ", "写成 .yaml"),
    ("big.yaml", b"#" * 300_000, "太大"),
    ("big.zip", b"0" * 3_000_000, "太大"),
]


def test_what_is_hostile_is_refused_in_a_sentence_and_nothing_is_half_written(
    made: Cast, anquan: Client
) -> None:
    draft = begun(anquan)
    for name, content, sentence in HOSTILE:
        file = SimpleUploadedFile(name, content)
        with pytest.raises(Refused, match=sentence), transaction.atomic():
            drafting.bring(draft, name, content, by=made.users["anquan"], at=clock.instant())
    answer = anquan.post(f"/drafts/{draft.pk}/bringing", {"file": file})
    assert sentence in text(answer)
    assert Draft.objects.get().texts == draft.texts


def test_a_path_outside_the_rules_is_no_page(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    for path in ("../x.yaml", "x.txt", "/etc/x.yaml", "tests/x.yaml", ""):
        assert anquan.get(f"/drafts/{draft.pk}/file", {"path": path}).status_code == 404


def test_an_emptied_file_is_gone_but_not_the_first_of_all(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    anquan.post(f"/drafts/{draft.pk}/file?path=grant.yaml", {"text": " \r\n"})
    told = Entry.objects.get(deed="draft.write")
    assert (told.by, told.detail) == (str(made.users["anquan"]), {"files": ["grant.yaml"]})
    page = anquan.post(f"/drafts/{draft.pk}/file?path=pack.yaml", {"text": ""})
    assert "pack.yaml 不能没有" in text(page)
    draft.refresh_from_db()
    assert "grant.yaml" not in draft.texts
    assert "pack.yaml" in draft.texts


def test_the_desk_drafts_and_only_the_administrator_puts_forward(made: Cast) -> None:
    chen = made.client("chen")
    draft = begun(chen)
    assert "下载后交给安全管理员" in text(chen.get(f"/drafts/{draft.pk}"))
    assert chen.post(f"/drafts/{draft.pk}/forward", {"since": str(LATER)}).status_code == 403
    with pytest.raises(Refused, match="安全管理员提请"):
        drafting.put_forward(draft, since=LATER, paper="", by=made.users["chen"], day=DAY, at=clock.instant())


def test_a_draft_is_thrown_away_and_the_journal_says_so_without_its_texts(made: Cast, anquan: Client) -> None:
    draft = begun(anquan)
    anquan.post(f"/drafts/{draft.pk}/away")
    assert not Draft.objects.exists()
    lines = Entry.objects.filter(deed__startswith="draft.")
    assert [(line.deed, line.detail) for line in lines.order_by("pk")] == [
        ("draft.begin", {}),
        ("draft.throw-away", {}),
    ]


def test_without_an_edition_a_whole_folder_begins(db) -> None:
    user = User.objects.create_user("anquan", called="安全", made_on=DAY, password_set_at=clock.instant())
    Grant.objects.create(
        user=user,
        role=Role.SECURITY_ADMINISTRATOR,
        held=(date(2020, 1, 1), None),
        given_by="甲",
        agreed_by="乙",
    )
    with pytest.raises(Refused, match="上传整个文件夹"):
        drafting.begin(by=user, day=DAY, at=clock.instant(), base=None)
    files = {"pack.yaml": "pack: mine\nlabel: 我县\nversion: '1'\nextends: [national]\n"}
    draft = drafting.begin(
        by=user, day=DAY, at=clock.instant(), base=None, name="mine.zip", content=packed("mine", files)
    )
    policy, _findings = drafting.examined(draft)
    assert policy is not None
    assert set(policy.packs) == {"mine", "national"}
