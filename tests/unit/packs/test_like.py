"""Variants: everything as there; what has the same name is replaced; `drop:` removes."""

from zugong.packs.like import variant

BASE = {
    "label": "整顿",
    "stages": [{"name": "a", "role": "x", "clock": {"days": 3}}, {"name": "b", "role": "y"}, {"name": "c"}],
    "needs": ["plan"],
    "effects": {"on done": [{"enter": "roll"}]},
}


def test_what_is_not_said_is_as_in_the_base():
    assert variant(BASE, {"like": "base", "label": "另一种"}) == {**BASE, "label": "另一种"}


def test_a_named_item_is_changed_in_its_place_and_a_new_one_is_added_at_the_end():
    stages = variant(BASE, {"stages": [{"name": "b", "role": "z"}, {"name": "d"}]})["stages"]
    assert [stage["name"] for stage in stages] == ["a", "b", "c", "d"]
    assert stages[1] == {"name": "b", "role": "z"}


def test_mappings_inside_a_named_item_are_merged_word_by_word():
    (first, *_) = variant(BASE, {"stages": [{"name": "a", "clock": {"asked": True}}]})["stages"]
    assert first["clock"] == {"days": 3, "asked": True}


def test_a_plain_list_is_replaced_whole():
    assert variant(BASE, {"needs": ["vote"]})["needs"] == ["vote"]


def test_dropped_words_and_dropped_items_are_gone():
    changed = variant(BASE, {"drop": ["b", "effects"]})
    assert [stage["name"] for stage in changed["stages"]] == ["a", "c"]
    assert "effects" not in changed
    assert "drop" not in changed


def test_the_base_is_left_as_it_was():
    variant(BASE, {"stages": [{"name": "a", "role": "z"}], "drop": ["c"]})
    assert [stage["name"] for stage in BASE["stages"]] == ["a", "b", "c"]
    assert BASE["stages"][0]["role"] == "x"


def test_what_is_new_stands_before_the_next_item_that_is_named_again():
    stages = variant(BASE, {"stages": [{"name": "x"}, {"name": "b"}, {"name": "y"}, {"name": "z"}]})["stages"]
    assert [stage["name"] for stage in stages] == ["a", "x", "b", "c", "y", "z"]


def test_what_is_dropped_can_be_said_anew():
    changed = variant(BASE, {"drop": ["a"], "stages": [{"name": "a", "body": "z"}, {"name": "b"}]})
    assert changed["stages"][0] == {"name": "a", "body": "z"}


def test_a_word_inside_a_mapping_is_dropped_too():
    assert variant(BASE | {"kinds": {"near": 1, "far": 2}}, {"drop": ["far"]})["kinds"] == {"near": 1}
