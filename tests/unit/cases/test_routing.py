"""Routing learns who gets what from messages that people have sorted, and says why and how surely."""

from __future__ import annotations

import numpy as np
import pytest

from little_requests import messages
from zugong.cases.routing.grouping import groups, likeness, shingles, signature
from zugong.cases.routing.model import Model, from_bytes, train
from zugong.cases.routing.text import plain
from zugong.cases.routing.topics import topics
from zugong.core.errors import Refused


@pytest.fixture(scope="module")
def model() -> Model:
    return train(*messages(240))


def test_what_is_said_of_water_goes_to_water_with_the_words_that_spoke_for_it(model):
    first = model.propose("石桥镇水管漏水三天了，请派人来修")[0]
    assert first.label == "供水"
    assert first.certainty > 700
    assert any("漏水" in words or "水管" in words for words in first.words)


def test_at_most_three_are_proposed_the_surest_first_and_none_below_the_threshold(model):
    every = model.propose("学校旁边油烟呛人，水管漏水")
    assert 1 < len(every) <= 3
    assert [one.certainty for one in every] == sorted((one.certainty for one in every), reverse=True)
    limit = every[0].certainty
    assert [one.label for one in model.propose("学校旁边油烟呛人，水管漏水", limit)] == [every[0].label]
    assert model.propose("学校旁边油烟呛人，水管漏水", 1001) == []


def test_nothing_is_said_of_a_message_without_a_chinese_character(model):
    assert model.propose("12345 help!") == []


def test_a_message_without_a_known_word_has_no_reasons(model):
    assert all(one.words == () for one in model.propose("囧囧"))


def test_a_stored_model_says_the_same(model):
    again = from_bytes(model.to_bytes())
    for text in messages(20, seed=2)[0]:
        assert again.propose(text) == model.propose(text)


def test_training_again_comes_to_the_same_bytes(model):
    assert train(*messages(240)).to_bytes() == model.to_bytes()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a model" * 100])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(Refused, match="不是分派模型"):
        from_bytes(content)


def test_a_pickle_in_place_of_a_model_is_not_run(tmp_path):
    file = tmp_path / "evil.npz"
    np.savez(file, head=np.array([print], dtype=object))
    with pytest.raises(Refused, match="不是分派模型"):
        from_bytes(file.read_bytes())


def test_one_label_alone_cannot_be_told_apart():
    with pytest.raises(Refused, match="两个类别"):
        train(["水管漏水", "水压太低"], ["供水", "供水"])


def test_two_labels_are_certain_on_either_side():
    texts, labels = messages(200)
    two = [(text, label) for text, label in zip(texts, labels, strict=True) if label != "环境"]
    model = train([text for text, _ in two], [label for _, label in two])
    assert model.propose("水表不准，水压太低")[0].label == "供水"
    assert model.propose("孩子转学，学位不够")[0].label == "教育"
    assert all(one.certainty > 700 for one in (model.propose("水表不准")[0], model.propose("老师补课")[0]))


def test_digits_and_letters_are_never_learnt():
    assert plain("电话13800000000，车牌吉B12345，ｖｉｐ客户") == "电话车牌吉客户"
    assert plain("市 A3 区 大道") == plain("市区大道")


def test_the_same_matter_told_again_is_kept_together():
    texts = [
        "柳树街三号楼水管漏水已经三天，楼道里都是水，请尽快派人维修",
        "学校乱收费，一个学期要交两次资料费",
        "柳树街3号楼的水管漏水已经5天了，楼道里都是水，请尽快派人来维修！",
    ]
    assert groups(texts) == [0, 1, 0]


def test_likeness_is_the_share_of_pairs_in_common_in_thousandths():
    assert likeness(shingles("水管漏水"), shingles("水管漏水")) == 1000
    assert likeness(shingles("水管漏水"), shingles("学校收费")) == 0
    assert likeness(shingles("水管漏水"), shingles("水管漏油")) == 500  # 水管 管漏 of 水管 管漏 漏水 漏油
    assert likeness(shingles(""), shingles("123")) == 0


def test_a_signature_fits_a_column_of_32_bits_and_like_texts_share_some_of_it():
    one = signature(shingles("柳树街三号楼水管漏水已经三天，楼道里都是水，请尽快派人维修"))
    other = signature(shingles("柳树街三号楼水管漏水已经五天，楼道里都是水，请尽快派人维修"))
    strange = signature(shingles("学校乱收费，一个学期要交两次资料费"))
    assert all(-(2**31) <= number < 2**31 for number in one + other)
    assert set(one) & set(other)
    assert not set(one) & set(strange)
    assert signature(shingles("123")) == []


def test_a_topic_is_what_several_ask_and_what_nobody_else_asks_is_none():
    texts = [
        "柳树街搅拌站彻夜施工噪音扰民，粉尘很大",
        "孩子转学学位不够怎么办",
        "投诉柳树街搅拌站噪音粉尘扰民",
        "",
        "柳树街附近的搅拌站噪音太大",
    ]
    (topic,) = topics(texts, 280)
    assert sorted(topic) == [0, 2, 4]
    assert topics(["", "123"], 280) == []
