"""A sentence is written once in Chinese and told in the reader's language where it is shown."""

import copy
import json
from datetime import date
from types import SimpleNamespace

import pytest

from zugong.core.errors import Refused
from zugong.core.sentences import Sentence

CATALOGUE = {
    "有 {many} 行有误": "{many} {many:row is|rows are} wrong",
    "还有 {left}，请先变更": "There are still {left}; move them first",
    "{count} 个下级": "{count} below it",
    "{sentence}〔{clause}〕": "{sentence} [{clause}]",
}


def english(sentence: Sentence) -> str:
    return sentence.told(lambda template: CATALOGUE.get(template, template), "en")


def test_a_refusal_reads_as_chinese_and_can_be_told_in_english():
    refused = Refused(
        "还有 {left}，请先变更", left=[Sentence("{count} 个下级", count=3), "王舒"], clause="第五条"
    )
    assert str(refused) == "还有 3 个下级、王舒，请先变更〔第五条〕"
    assert english(refused.cited) == "There are still 3 below it, 王舒; move them first [第五条]"


def test_a_sentence_that_is_kept_is_read_in_the_language_of_whoever_reads_it_later():
    plan = SimpleNamespace(said=lambda language: {"zh": "方案", "en": "plan"}[language])
    words = {"left": [Sentence("{count} 个下级", count=3), plan, date(2025, 3, 10), "{王舒}"]}
    sentence = Sentence("还有 {left}，请先变更", **words)
    again = Sentence.again(sentence.template, json.loads(json.dumps(sentence.kept())))
    assert again == sentence == "还有 3 个下级、方案、2025年3月10日、{王舒}，请先变更"
    assert english(again) == "There are still 3 below it, plan, 10 March 2025, {王舒}; move them first"


def test_what_people_typed_is_a_word_and_no_template():
    assert Refused("没有“{name}”", name="{left} {0} %(x)s").sentence == "没有“{left} {0} %(x)s”"


@pytest.mark.parametrize(
    ("word", "chinese", "told"),
    [
        (date(2025, 3, 10), "2025年3月10日", "10 March 2025"),
        (["甲", "乙"], "甲、乙", "甲, 乙"),
        (SimpleNamespace(said=lambda language: {"zh": "方案", "en": "plan"}[language]), "方案", "plan"),
        (7, "7", "7"),
    ],
)
def test_a_word_is_written_as_the_reader_writes_it(word, chinese, told):
    sentence = Sentence("{word}", word=word)
    assert (sentence, english(sentence)) == (chinese, told)


def test_a_sentence_of_a_rule_may_use_any_word():
    wrong = Sentence("“{field}”没有选中", field="{方案}")
    refused = Refused.because(wrong, field="plan")
    assert (str(refused), refused.field) == ("“{方案}”没有选中", "plan")
    assert copy.deepcopy(wrong).template == wrong.template


@pytest.mark.parametrize(("many", "told"), [(1, "1 row is wrong"), (2, "2 rows are wrong")])
def test_one_and_several_are_told_apart_in_english(many: int, told: str):
    assert english(Sentence("有 {many} 行有误", many=many)) == told
