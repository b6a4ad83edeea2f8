"""Random cards and random facts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

MEASURES = [
    {"name": "due", "count": {"rows": True}},
    {"name": "done", "count": {"rows": True, "when": "state == 'done'"}},
    {"name": "late", "count": {"rows": True, "when": "days > 5"}},
    {"name": "kinds", "count": {"distinct": "state"}},
    {"name": "income", "count": {"sum": "income"}},
    {"name": "share", "count": {"rows": True, "when": "state == 'done'"}, "out_of": {"rows": True}},
]
SCALE = ["A", "B", "C"]
COUNTED = st.sampled_from(["due", "done", "late", "kinds"])
FULL = st.sampled_from([1, 999, 1_000, 3_333, 10_000, None])
MARKS = st.integers(0, 4_000)

METHODS = st.one_of(
    st.fixed_dictionaries({"method": st.just("ratio"), "done": COUNTED, "due": COUNTED}),
    st.fixed_dictionaries(
        {
            "method": st.just("banded"),
            "figure": st.sampled_from(["income", "share", "late"]),
            "bands": st.lists(
                st.tuples(st.integers(-5, 1000), MARKS), min_size=1, max_size=3, unique_by=lambda b: b[0]
            ).map(lambda bands: [{"from": start, "marks": marks} for start, marks in sorted(bands)]),
        }
    ),
    st.fixed_dictionaries({"method": st.just("deduction"), "figure": COUNTED, "each": MARKS}),
    st.fixed_dictionaries({"method": st.just("bonus"), "figure": COUNTED, "proof": COUNTED, "each": MARKS}),
    st.fixed_dictionaries({"method": st.just("checklist"), "figure": COUNTED, "items": st.integers(1, 7)}),
    st.fixed_dictionaries(
        {
            "method": st.just("rated"),
            "raters": st.sampled_from(
                [{"self": 30, "decide": 70}, {"self": 20, "mutual": 30, "decide": 50}, {"mutual": 100}]
            ),
        }
    ),
)
LAYERS = st.sampled_from([{}, {}, {"layer": "class", "classes": ["village"]}, {"layer": "model"}])
QUOTA = st.fixed_dictionaries(
    {
        "grade": st.sampled_from(SCALE),
        "share": st.sampled_from([0, 100, 333, 500, 667, 1000]),
        "bound": st.sampled_from(["at_least", "at_most", "exactly"]),
        "rounding": st.sampled_from(["floor", "ceiling", "half_up"]),
        "of": st.sampled_from(["rated", "all"]),
    }
)


def _hits(grades: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    figure = st.sampled_from(["late", "kinds", "income"])
    hit = st.fixed_dictionaries({"figure": figure, "grade": st.sampled_from(grades)})
    return st.lists(hit, max_size=2).map(
        lambda hits: [{"id": f"h{n}", **each} for n, each in enumerate(hits)]
    )


@st.composite
def cards(draw: st.DrawFn) -> dict[str, Any]:
    """A card in plain words; `card_of` writes it as a pack would."""
    methods = draw(st.lists(METHODS, min_size=1, max_size=4))
    indicators = [
        {"id": f"i{n}", "full": draw(FULL), "by": by, **draw(LAYERS)} for n, by in enumerate(methods)
    ]
    thresholds = draw(
        st.sampled_from([{}, {"A": 3_000}, {"A": 9_000, "B": 1_000}, {"A": 9_000, "B": 2_000, "C": 500}])
    )
    rare = st.integers(0, 3).map(lambda n: n == 0)
    return {
        "indicators": indicators,
        "out_of": draw(st.sampled_from([None, 10_000, 33_333])),
        "eligible": draw(_hits([""])) if draw(rare) else [],
        "vetoes": draw(_hits(["C", "not-rated"])) if draw(rare) else [],
        "caps": draw(_hits(SCALE)) if draw(rare) else [],
        "grades": {
            "scale": SCALE,
            "not_rated": True,
            "thresholds": thresholds,
            "quotas": draw(st.lists(QUOTA, max_size=2)),
            "tie_indicator": draw(st.sampled_from(["", "i0"])),
        },
    }


def as_pack(card: dict[str, Any]) -> dict[str, Any]:
    """Write a card in the words of a pack."""

    def without(hit: dict[str, Any], **words: Any) -> dict[str, Any]:
        return {"id": hit["id"], "figure": hit["figure"], **words}

    def value(given: Any) -> dict[str, Any]:
        return {"values": {} if given is None else {"unknown": {"value": given}}}

    return {
        "name": "random", "label": "随机", "about": "organisation.village", "every": "year",
        "indicators": [
            {
                **each,
                "full": value(each["full"]),
                "by": {key: value(given) if key == "bands" else given for key, given in each["by"].items()},
            }
            for each in card["indicators"]
        ],
        "out_of": value(card["out_of"]),
        "eligible": [without(hit) for hit in card["eligible"]],
        "vetoes": [without(hit, grade=hit["grade"]) for hit in card["vetoes"]],
        "negative_list": {"items": [without(hit, caps=hit["grade"]) for hit in card["caps"]]},
        "grades": {**card["grades"], "thresholds": value(card["grades"]["thresholds"])},
    }  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, card: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Units, events, ratings within full marks; decisions only where no cap or veto could forbid them."""
    names = [f"u{n}" for n in range(draw(st.integers(1, 9)))]
    unit = st.fixed_dictionaries(
        {
            "group": st.sampled_from(["x", "x", "y"]),
            "klass": st.sampled_from(["village", "street"]),
            "model": st.integers(0, 1),
        }
    )
    event = st.fixed_dictionaries(
        {
            "village": st.sampled_from(names),
            "state": st.sampled_from(["done", "open"]),
            "days": st.integers(0, 8),
            "income": st.one_of(st.none(), st.integers(-2, 900)),
        }
    )
    rated = [each for each in card["indicators"] if each["by"]["method"] == "rated"]
    ratings = [
        {
            "unit": name,
            "indicator": each["id"],
            "stage": stage,
            "marks": draw(st.integers(0, each["full"] or 0)),
            "by": f"r{n}",
        }
        for each in rated
        for name in names
        for stage in each["by"]["raters"]
        for n in range(draw(st.sampled_from([0, 1, 1, 1, 2])))
    ]
    free = not (card["eligible"] or card["vetoes"] or card["caps"])
    decided = draw(st.lists(st.sampled_from(names), unique=True, max_size=2)) if free else []
    return {
        "units": [{"unit": name, **draw(unit)} for name in names],
        "events": draw(st.lists(event, max_size=25)),
        "ratings": ratings,
        "decisions": [
            {"unit": name, "grade": draw(st.sampled_from([*SCALE, "not-rated"]))} for name in decided
        ],
    }
