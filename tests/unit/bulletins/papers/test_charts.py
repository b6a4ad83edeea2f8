import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from zugong.bulletins.papers import typefaces
from zugong.bulletins.papers.charts import ChartSpec, Kind, Point, describe, png, svg
from zugong.bulletins.papers.values import Marks, Share
from zugong.core.errors import Refused


def spec(kind: Kind) -> ChartSpec:
    points = tuple(
        Point(town, 4 * row + column + 11, series)
        for row, town in enumerate(("禾汀镇", "白石乡", "杜若镇"))
        for column, series in enumerate(("在整顿", "已销号"))
    )
    return ChartSpec(kind=kind, title="整顿进度", points=points, unit="个")


def shown(drawn: str) -> list[str]:
    """The texts inside the picture, apart from its title and description."""
    tree = ElementTree.fromstring(drawn)
    return [element.text or "" for element in tree.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", [Kind.BARS, Kind.STACKED, Kind.LINE])
def test_every_figure_is_written_in_the_picture_and_in_its_description(kind):
    texts = shown(svg(spec(kind)))
    for point in spec(kind).points:
        assert str(point.value) in texts
        assert f"{point.at} {point.series} {point.value} 个" in describe(spec(kind))


def test_squares_show_one_mark_each_and_count_their_kinds(stars):
    points = tuple(
        Point(f"村{place}", 1, series) for place, series in enumerate(["五星"] * 3 + ["一星"] * 22)
    )
    squares = replace(stars, kind=Kind.SQUARES, points=points)
    texts = shown(svg(squares))
    assert (texts.count("五"), texts.count("一")) == (3, 22)
    assert {"五星 3", "一星 22"} <= set(texts)
    assert "五星 3 个，一星 22 个" in describe(squares)


def test_marks_and_shares_are_written_as_everywhere_else():
    chart = ChartSpec(
        kind=Kind.BARS, title="得分", points=(Point("白石村", Marks(52_300)), Point("率", Share(22, 268)))
    )
    assert {"52.300", "8.2%"} <= set(shown(svg(chart)))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_chart_may_stand_in_a_page_under_a_strict_policy_and_beside_another(kind):
    for element in ElementTree.fromstring(svg(spec(kind))).iter():
        tag = element.tag.rpartition("}")[2]
        assert tag not in ("style", "script", "image", "a", "use", "foreignObject")
        assert not {"style", "id", "href", "{http://www.w3.org/1999/xlink}href"} & set(element.attrib)
        assert not any(name.startswith("on") for name in element.attrib)
        assert "url(" not in " ".join(element.attrib.values())


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_chart_is_drawn_the_same(kind):
    assert svg(spec(kind)) == svg(spec(kind))


def test_a_chart_tells_readers_aids_what_it_is(stars):
    root = ElementTree.fromstring(svg(stars))
    assert root.get("role") == "img"
    assert root.get("aria-label") == describe(stars)
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]


def test_words_cannot_break_out_of_the_picture():
    chart = ChartSpec(kind=Kind.BARS, title='"><script>', points=(Point("<b>&", 1),))
    root = ElementTree.fromstring(svg(chart))
    assert '"><script>' in root.get("aria-label", "")
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_chart_without_points_says_so(kind):
    empty = ChartSpec(kind=kind, title="空", points=())
    assert "没有数据" in svg(empty)


def test_a_png_is_a_png(stars):
    assert png(stars).startswith(b"\x89PNG")


def test_a_png_is_refused_without_a_chinese_font(stars, monkeypatch):
    bare = typefaces.find.__wrapped__
    monkeypatch.setattr(typefaces, "find", lambda: bare(system=False))
    with pytest.raises(Refused, match="没有中文字体"):
        png(stars)


def test_a_png_is_refused_for_a_character_no_font_draws():
    chart = ChartSpec(kind=Kind.BARS, title="村", points=(Point("\ue000村", 1),))
    with pytest.raises(Refused, match=r"U\+E000"):
        png(chart)


def test_a_chart_of_an_english_page_is_described_in_english():
    english = replace(spec(Kind.BARS), english=True)
    assert describe(english).startswith("Bar chart: ")
    assert not {"：", "。", "，"} & set(describe(english))


def test_an_axis_of_few_says_no_number_twice() -> None:
    few = ChartSpec(
        kind=Kind.BARS, title="每周", unit="件", points=(Point("一", 2, "提出"), Point("一", 0, "已答复"))
    )
    ticks = [text for text in shown(svg(few)) if text.isdecimal()]
    assert ticks.count("1") == 1
