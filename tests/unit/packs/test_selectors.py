"""Selectors: one grammar for who and what, read from left to right."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zugong.packs.selectors import JOINS, Joined, Named, OnRoll, Sample, Selector, SelectorError

PLAIN = st.sampled_from(
    ["about", "self", "holder", "village", "person", "person.cadre", "organisation.village", "link.supporter.leader",
     "above.township", "below.village", "case.rectification", "verdict.departments", "tally.first"]
)  # fmt: skip
ROLLS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(
    lambda word: word not in (*JOINS, "on", "at", "of")
)


def atoms(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(PLAIN, inner).map(" of ".join),
        st.tuples(PLAIN, ROLLS).map(" on ".join),
        st.tuples(inner, st.sampled_from(JOINS), PLAIN).map(" ".join),
        st.tuples(st.integers(1, 100), inner).map(lambda both: f"sample {both[0]}% of {both[1]}"),
    )


@given(st.recursive(PLAIN, atoms, max_leaves=6))
def test_whatever_the_grammar_makes_can_be_read_and_is_printed_as_written(text):
    assert str(Selector.read(text)) == text
    assert Selector.read(text) == Selector.read(text)


@given(st.text(alphabet="abon f.%1", max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text):
    with contextlib.suppress(SelectorError):
        assert Selector.read(text).text == text


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("about", Named("about")),
        ("organisation.village", Named("organisation", ("village",))),
        ("village on weak", OnRoll(Named("village"), "weak")),
        ("case.matter at work", Named("case", ("matter",), at="work")),
        ("above.township of about", Named("above", ("township",), of=Named("about"))),
        (
            "holder of post.secretary of about",
            Named("holder", of=Named("post", ("secretary",), of=Named("about"))),
        ),
        ("sample 20% of person", Sample(20, Named("person"))),
        ("person and village on weak", Joined(Named("person"), "and", OnRoll(Named("village"), "weak"))),
    ],
)
def test_each_form_is_read_as_the_manual_says(text, term):
    assert Selector.read(text).term == term


def test_joins_are_taken_from_left_to_right():
    term = Selector.read("person or post except place").term
    assert term == Joined(Joined(Named("person"), "or", Named("post")), "except", Named("place"))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "person and", "and person", "village on", "village at work", "village of", "person.cadre person.cadre",
     "nobody.cadre", "sample 20 of person", "sample x% of person", "sample 20% person"],
)  # fmt: skip
def test_what_does_not_fit_is_refused(text):
    with pytest.raises(SelectorError):
        Selector.read(text)


def test_every_name_and_roll_inside_is_yielded_for_checks():
    selector = Selector.read(
        "sample 5% of above.township of village on weak or person on reserve except self"
    )
    assert [named.lead for named in selector.names()] == ["above", "village", "person", "self"]
    assert list(selector.rolls()) == ["weak", "reserve"]
