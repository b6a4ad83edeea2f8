"""判断表 decision tables: situations, unless an exclusion, if the conditions hold."""

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zugong.packs.schema.rules import Table
from zugong.rules.guards import GuardError, holds
from zugong.rules.judge import judge

TOLERANCE = {
    "name": "tolerance",
    "label": "容错",
    "answer": ["may-be-tolerated", "refused", "incomplete"],
    "facts": {name: {} for name in ("first", "urgent", "gain", "together", "mended")},
    "situations": {"items": [{"id": "pilot", "when": "first"}, {"id": "haste", "when": "urgent"}]},
    "exclusions": {"items": [{"id": "gain", "label": "蓄意谋私", "when": "gain"}]},
    "conditions": {
        "all": True,
        "items": [{"id": "together", "when": "together"}, {"id": "mended", "when": "mended"}],
    },
    "otherwise": "refused",
}
KNOWN = {"first": True, "urgent": False, "gain": False, "together": True, "mended": True}


def table(**words) -> Table:
    return Table.model_validate(TOLERANCE | words)


def answer(of: Table = table(), **facts) -> str:  # noqa: B008 - frozen
    return judge(of, KNOWN | facts).answer


def test_a_situation_whose_conditions_hold_gets_the_first_answer_and_says_which():
    verdict = judge(table(), KNOWN)
    assert verdict.answer == "may-be-tolerated"
    assert [reason.id for reason in verdict.reasons] == ["pilot"]


def test_an_exclusion_refuses_whatever_else_is_so():
    verdict = judge(table(), KNOWN | {"gain": True})
    assert verdict.answer == "refused"
    assert [reason.label for reason in verdict.reasons] == ["蓄意谋私"]


def test_a_condition_that_fails_refuses_and_is_named():
    verdict = judge(table(), KNOWN | {"mended": False})
    assert (verdict.answer, verdict.reasons[0].id) == ("refused", "mended")


def test_where_any_condition_is_enough_one_that_holds_is_enough():
    one = table(conditions=TOLERANCE["conditions"] | {"all": False})
    assert answer(one, together=None, mended=True) == "may-be-tolerated"
    assert answer(one, together=None, mended=False) == "incomplete"
    assert answer(one, together=False, mended=False) == "refused"


@pytest.mark.parametrize("fact", ["gain", "together"])
def test_an_unknown_fact_that_could_matter_makes_it_incomplete_and_never_a_no(fact):
    assert answer(**{fact: None}) == "incomplete"


def test_an_unknown_fact_that_cannot_matter_is_not_waited_for():
    assert answer(together=False, mended=None) == "refused"
    assert answer(gain=None, first=False) == "refused"  # no situation fits: refused with and without
    assert answer(gain=True, first=None) == "refused"


def test_an_empty_line_could_have_fitted():
    assert answer(table(situations=TOLERANCE["situations"] | {"slots": 3}), first=False) == "incomplete"
    assert answer(table(exclusions=TOLERANCE["exclusions"] | {"slots": 2})) == "incomplete"
    some = table(conditions=TOLERANCE["conditions"] | {"slots": 3, "all": False})
    assert answer(some, together=False, mended=False) == "incomplete"


def test_two_situations_where_only_one_may_fit_are_not_chosen_between():
    assert answer(table(pick="only"), urgent=True) == "incomplete"


def test_every_situation_that_fits_says_its_then():
    rows = [
        {"id": "a", "when": "first", "then": {"measures": ["talk"]}},
        {"id": "b", "when": "urgent", "then": {"measures": ["letter"]}},
    ]
    verdict = judge(table(pick="every", situations={"items": rows}), KNOWN | {"urgent": True})
    assert verdict.said("measures") == ["talk", "letter"]


def test_a_guard_that_compares_what_cannot_be_compared_is_refused_in_a_sentence():
    with pytest.raises(GuardError, match="算不出来"):
        holds("year > 3", {"year": "三年"})


# Held against an oracle that tries every way in which the unknown could turn out.

parts = st.fixed_dictionaries(
    {
        "situations": st.integers(1, 3),
        "exclusions": st.integers(0, 2),
        "conditions": st.integers(0, 2),
        "empty": st.sets(st.sampled_from(["situations", "exclusions", "conditions"])),
        "all": st.booleans(),
        "pick": st.sampled_from(["first", "every"]),
        "otherwise": st.sampled_from(["refused", "incomplete", "no"]),
    }
)


def drawn(shape) -> Table:
    def rows(part: str) -> dict:
        count = shape[part]
        items = [{"id": f"{part}{n}", "when": f"{part}{n}", "then": {"row": n}} for n in range(count)]
        return {"items": items, "slots": count + (part in shape["empty"])}

    return table(
        answer=["yes", "refused", "incomplete"],
        situations=rows("situations"),
        exclusions=rows("exclusions"),
        conditions=rows("conditions") | {"all": shape["all"]},
        pick=shape["pick"],
        otherwise=shape["otherwise"],
    )


def oracle(shape, facts) -> tuple:
    """The one answer of every completion; incomplete where completions differ."""
    lines = {
        part: [f"{part}{n}" for n in range(shape[part])]
        for part in ("situations", "exclusions", "conditions")
    }
    for part in shape["empty"]:
        lines[part].append(f"{part}-empty")
    unknown = [name for names in lines.values() for name in names if facts.get(name) is None]
    found = {
        plain(shape, lines, facts | dict(zip(unknown, way, strict=True)))
        for way in product([True, False], repeat=len(unknown))
    }
    return found.pop() if len(found) == 1 else ("incomplete", ())


def plain(shape, lines, facts) -> tuple:
    """Two-valued: everything is known."""
    if any(facts[name] for name in lines["exclusions"]):
        return "refused", ()
    speaking = [name for name in lines["situations"] if facts[name]]
    if not speaking:
        return shape["otherwise"], ()
    held = [facts[name] for name in lines["conditions"]]
    if held and not (all(held) if shape["all"] else any(held)):
        return "refused", ()
    return "yes", tuple(speaking[:1] if shape["pick"] == "first" else speaking)


@given(parts, st.lists(st.sampled_from([True, False, None]), min_size=7, max_size=7))
def test_a_verdict_is_what_every_way_the_unknown_could_turn_out_agrees_on(shape, values):
    # A list of situations that is not entered whole never answers by its `otherwise`, even where all ways agree.
    assume(not ("situations" in shape["empty"] and shape["otherwise"] == "refused"))
    names = [f"{part}{n}" for part in ("situations", "exclusions", "conditions") for n in range(shape[part])]
    facts = dict(zip(names, values, strict=False))
    verdict = judge(drawn(shape), facts)
    wanted, speaking = oracle(shape, facts)
    if "situations" in shape["empty"] and verdict.answer == "yes":
        # A line that fits is not held up by one that is not entered: it is the lines entered that are judged.
        wanted, speaking = oracle(shape | {"empty": shape["empty"] - {"situations"}}, facts)
    assert verdict.answer == wanted
    if wanted == "yes":
        assert [f"situations{then['row']}" for then in verdict.then] == list(speaking)
