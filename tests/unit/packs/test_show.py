"""An entry in words an official can read."""

from pathlib import Path

import pytest

from zugong.packs.loader import library, load
from zugong.packs.show import show
from zugong.packs.wording import VALUES, WORDS

PACKS = library(Path(__file__).resolve().parents[3] / "packs")


def text(pack, *key, language="zh"):
    return "\n".join(map(str, show(load(PACKS, pack), key, language=language)))


def test_a_case_is_told_stage_by_stage_in_the_words_of_its_buttons():
    told = text("panshi", "case", "rectification")
    assert "5.：部务会审定（department-meeting）" in told
    assert "退回\n        到：乡镇党委会初步确定" in told
    assert "转化不到位：整顿" in told
    assert "到期告诉：本事项对象的上级乡镇（街道）党（工）委" in told


def test_a_request_says_who_holds_it_and_what_one_outcome_needs():
    told = text("qingmu", "case", "request")
    assert "从此由谁承办：承办单位" in told
    assert "吹哨：诉求类别、缓急、承办单位、报到单位" in told
    assert "来源渠道：公众自助、网格、热线" in told
    assert "已答复：已经解决、暂不能解决，已作说明" in told


def test_an_empty_place_is_said_to_be_unset_and_never_left_out():
    assert "依据（实地查看、集中座谈、个别访谈；未设）" in text("panshi", "case", "rectification")
    assert "其中4项未设" in text("shulan", "classes", "four-levels")


def test_how_long_is_not_ruled_is_said_and_never_taken_for_a_rule():
    told = text("panshi", "activity", "first-secretary-log")
    assert "起算于：开过\n    多久：未设\n    规则不全：没有规定保存多久" in told
    assert "规则不全" not in text("qingmu", "case", "negative-hit")


def test_each_value_has_its_day_its_document_and_its_clause():
    told = text("shulan", "scorecard", "inverse-ranking")
    assert "起始日期不详：100〔" in told
    assert "首段，无文号〕" in told
    assert "未与正式文件核对" in told


def test_marks_methods_and_conditions_are_said_as_a_paper_says_them():
    told = text("qingmu", "scorecard", "village-stars")
    assert "自2024-01-08起：20分〔" in told
    assert "五星 90分、四星 85分" in told
    assert "计分法：完成率" in told
    assert "比较范围：全县" in told
    assert "环节：自评" in told
    assert "条件：等次为一星，或不予评定（grade == '1' || not_rated）" in told
    assert "thousandths" not in told
    hits = text("qingmu", "measure", "roster-hits", language="en")
    assert "outcome is Upheld and label is Duty roster empty" in hits


def test_an_invented_document_is_marked_as_invented():
    assert "（虚构）" in text("qingmu", "link", "supporter")


def test_english_has_no_word_of_the_chinese_page():
    told = text("panshi", "link", "supporter", language="en")
    assert told.startswith("link：Support link")
    assert "since an unknown day" in told
    assert not [word for word in (*WORDS.values(), *VALUES.values()) if len(word) > 2 and word in told]


@pytest.mark.parametrize("pack", sorted(PACKS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_entry_of_every_pack_can_be_shown(pack, language):
    policy = load(PACKS, pack)
    for key in policy.entries:
        said = show(policy, key, language=language)
        assert said[0].text
        assert all("Dated" not in line.text and "=None" not in line.text for line in said)
