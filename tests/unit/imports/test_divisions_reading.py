"""The national files, read and checked before anything is written."""

import gzip

import pytest

from zugong.core.errors import Refused
from zugong.imports.divisions.reading import read
from zugong.imports.divisions.rules import Kind, klass_of, township_kind, village_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("白石村民委员会", Kind.VILLAGE),
        ("白石村委会", Kind.VILLAGE),
        ("白石村", Kind.VILLAGE),
        ("驿马村委", Kind.VILLAGE),
        ("永胜村（天岗石材开发区）（省级）", Kind.VILLAGE),
        ("北门居民委员会", Kind.COMMUNITY),
        ("北门社区居委会", Kind.COMMUNITY),
        ("北门社区", Kind.COMMUNITY),
        ("孙蒿科社区居会", Kind.OTHER),
    ],
)
def test_names_of_villages_and_communities_differ_by_province(name, kind):
    assert village_kind(name) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("穆溪街道", Kind.STREET), ("禾汀镇", Kind.TOWN), ("麓山乡", Kind.RURAL), ("青穆开发区", Kind.OTHER)],
)
def test_the_ending_of_a_township_says_its_kind(name, kind):
    assert township_kind(name) == kind


@pytest.mark.parametrize(
    ("code", "name", "klass"),
    [
        ("99", "虚构省", "province"),
        ("9901", "虚构市", "city"),
        ("990121", "青穆县", "county"),
        ("990121001", "穆溪街道", "township"),
        ("990121071", "红旗街道", "zone"),
        ("990121400", "开发区", "zone"),
        ("990121100200", "白石村", "village"),
        ("990121400498", "开发区虚拟社区", "virtual"),
    ],
)
def test_the_class_of_a_place_follows_from_its_code_and_whether_it_is_virtual(code, name, klass):
    assert klass_of(code, name) == klass


def test_only_the_counties_asked_for_and_what_is_above_them_are_read(nation):
    divisions = read(nation(), ["990122"])
    assert [place.code for place in divisions.places] == [
        "99",
        "9901",
        "990122",
        "990122100",
        "990122100200",
    ]


def test_the_whole_nation_is_read_when_no_county_is_named(nation):
    assert len(list(read(nation()).places)) == 13


def test_every_wrong_row_is_named_with_its_file_and_line(nation):
    streets = [*nation.lines["streets"], "99012A100,坏镇,990121,99,9901", '990123100,"孤镇",990123,99,9901']
    villages = [*nation.lines["villages"], '990121100202,"",990121100,99,9901,990121', "990121100203"]
    with pytest.raises(Refused) as refused:
        read(nation(streets=streets, villages=villages))
    sentence = refused.value.sentence
    assert "streets.csv 第 6 行（99012A100 坏镇）：代码应是 9 位数字" in sentence
    assert "streets.csv 第 7 行（990123100 孤镇）：找不到上级 990123" in sentence
    assert "villages.csv.gz 第 7 行（990121100202 ）：没有名称" in sentence
    assert "villages.csv.gz 第 8 行：只有 1 栏，应有 6 栏" in sentence


def test_a_code_that_is_not_under_its_parent_is_refused(nation):
    with pytest.raises(Refused, match="代码与上级代码 9902 不符"):
        read(nation(areas=[*nation.lines["areas"], '990123,"别县",9902,99']))


def test_a_code_that_comes_twice_is_refused(nation):
    with pytest.raises(Refused, match="第 4 行（990121 青穆县）：这个代码已出现过"):
        read(nation(areas=[*nation.lines["areas"], '990121,"青穆县",9901,99']))


def test_a_missing_column_is_named(nation):
    with pytest.raises(Refused, match=r"cities.csv 第 1 行：缺少“provinceCode”一栏"):
        read(nation(cities=["code,name", "9901,虚构市"]))


def test_a_missing_file_is_named(nation):
    folder = nation()
    (folder / "areas.csv").unlink()
    with pytest.raises(Refused, match=r"没有 areas.csv 或 areas.csv.gz"):
        read(folder)


def test_a_file_in_another_encoding_is_named_with_the_line(nation):
    folder = nation()
    (folder / "cities.csv").write_bytes("code,name,provinceCode\n9901,虚构市,99\n".encode("gb18030"))
    with pytest.raises(Refused, match=r"cities.csv 第 2 行：不是 UTF-8 编码"):
        read(folder)


def test_a_damaged_archive_is_named(nation):
    folder = nation()
    whole = gzip.compress(("\n".join(nation.lines["villages"]) * 50).encode())
    (folder / "villages.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused, match=r"villages.csv.gz：压缩文件已损坏"):
        read(folder)


def test_a_county_that_is_not_in_the_files_is_refused(nation):
    with pytest.raises(Refused, match="没有代码为 990199 的县"):
        read(nation(), ["990199"])
