"""A folder of a pack, sent in: its rules as texts, and one sentence for whatever is hostile."""

import io
import stat
import zipfile

import pytest

from zugong.core.errors import Refused
from zugong.packs.reading import read
from zugong.packs.unpacking import LARGEST, MOST, SENT, name_of, packed, path_of, place_for, text_of, unpacked

PACK = "pack: little\nlabel: 小县\nversion: '1'\n"


def sent(files: dict[str, str | bytes], **infos: zipfile.ZipInfo) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for info in infos.values():
            archive.writestr(info, "pack.yaml")
    return made.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("little/secret.yaml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_a_folder_comes_as_its_rules_and_nothing_else() -> None:
    files = {
        "little/pack.yaml": PACK,
        "little/names/classes.yaml": "﻿classes: x\r\n".encode(),
        "little/tests/story.yaml": "no rules",
        "little/NOTICE": "no rules",
        "__MACOSX/little/pack.yaml": b"\x00",
    }
    assert unpacked(sent(files)) == {"pack.yaml": PACK, "names/classes.yaml": "classes: x\n"}


def test_what_is_packed_is_unpacked_the_same() -> None:
    files = {"pack.yaml": PACK, "duties/visits.yaml": "duty: visit\n"}
    assert unpacked(packed("little", files)) == files
    assert packed("little", files) == packed("little", files)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no zip at all", "不是完好的"),
        (sent({"pack.yaml": PACK})[:-30], "不是完好的"),
        (b"\x00" * (SENT + 1), "太大"),
        (sent({"pack.yaml": "a" * (LARGEST + 1)}), "太大"),
        (sent({"pack.yaml": PACK} | {f"{n}.yaml": "a" * LARGEST for n in range(5)}), "合计"),
        (sent({"pack.yaml": PACK} | {f"{n}.yaml": "" for n in range(MOST)}), "文件太多"),
        (sent({"pack.yaml": PACK, "../../etc/cron.yaml": "x"}), "文件夹以外"),
        (sent({"pack.yaml": PACK, "/etc/cron.yaml": "x"}), "文件夹以外"),
        (sent({"pack.yaml": PACK, "a\\..\\b.yaml": "x"}), "文件夹以外|两个"),
        (sent({"pack.yaml": PACK}, link=link()), "链接"),
        (sent({"pack.yaml": b"\xff\xfe\x00\x01"}), "UTF-8"),
        (sent({"pack.yaml": "pack: a\x00b"}), "控制字符"),
        (sent({"names.yaml": "x"}), "pack.yaml"),
        (sent({"a/pack.yaml": PACK, "b/pack.yaml": PACK}), "一个 pack.yaml"),
    ],
)
def test_what_is_hostile_ends_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        unpacked(content)


def test_a_bomb_is_left_after_the_size_of_one_file() -> None:
    bomb = sent({"pack.yaml": PACK, "bomb.yaml": b"0" * 200_000_000})
    assert len(bomb) < SENT
    with pytest.raises(Refused, match="太大"):
        unpacked(bomb)


def test_names_that_are_there_twice_are_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("pack.yaml", PACK)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("pack.yaml", "pack: other\n")
    with pytest.raises(Refused, match="两个"):
        unpacked(made.getvalue())


@pytest.mark.parametrize(
    "name", ["../pack.yaml", "/pack.yaml", "a//b.yaml", "tests/x.yaml", "x.yml", "x", ""]
)
def test_a_path_stays_in_the_folder_and_is_a_rule(name: str) -> None:
    with pytest.raises(Refused):
        path_of(name)


def test_one_file_goes_over_the_one_of_its_name() -> None:
    files = {"pack.yaml": PACK, "duties/visits.yaml": "", "cases/a.yaml": "", "names/a.yaml": ""}
    assert place_for(files, "visits.yaml") == "duties/visits.yaml"
    assert place_for(files, "new.yaml") == "new.yaml"
    with pytest.raises(Refused, match="有几个文件"):
        place_for(files, "a.yaml")


def test_lines_end_as_a_pack_ends_them() -> None:
    assert text_of(b"a\r\nb\rc\n", "x.yaml") == "a\nb\nc\n"


@pytest.mark.parametrize("text", ["", "pack:", "pack: [a]", "pack: ../a", "- a", "pack: 'a b'", "pack: 青穆"])
def test_a_pack_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="pack: 名字"):
        name_of({"pack.yaml": text})


def test_anchors_that_multiply_are_a_finding_and_take_no_time() -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"{b}: &{b} [*{a},*{a},*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    _documents, findings = read("bomb.yaml", bomb)
    assert {found.id for found in findings} == {"packs.E009"}
