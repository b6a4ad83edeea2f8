"""Whether an answer fits the question that a field of the pack asks. Pure: what it names is looked up by who stores it.

How answers are kept: text, day (ISO) and moment (ISO with its zone) as text; number, money (fen), share (thousandths) as whole numbers; tick as
true or false; choice and class as ids; file, person, organisation and thing as the number of their row. A field that
takes many keeps a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zugong.core.sentences import Sentence
from zugong.packs.policy import Policy
from zugong.packs.schema.names import FieldSpec

WHOLE = ("number", "money", "share")
SHARE_OF = 1000


def lack(policy: Policy, answers: Mapping[str, Any], asked: list[str]) -> tuple[Sentence, str] | None:
    """Say in a sentence what is wrong with answers to the fields asked, and with which field; None where nothing is."""
    for name, value in answers.items():
        spec = policy.fields.get(name)
        if spec is None or name not in asked:
            return Sentence("这里不问“{field}”", field=spec or name), name
        for one in _each(spec, value):
            if sentence := _lack(policy, spec, one):
                return Sentence("“{field}”{wrong}", field=spec, wrong=sentence), name
    return None


def _each(spec: FieldSpec, value: Any) -> list[Any]:
    if spec.many:
        return value if isinstance(value, list) and value else [None]
    return [value]


def _lack(policy: Policy, spec: FieldSpec, value: Any) -> Sentence | None:
    match spec.kind:
        case "text":
            return None if isinstance(value, str) and value.strip() else Sentence("要写文字")
        case "tick":
            return None if isinstance(value, bool) else Sentence("只能填是或否")
        case "day":
            return None if _is_day(value) else Sentence("要写成日期，如 2025-03-01")
        case "moment":
            return None if _is_moment(value) else Sentence("要写成时刻，如 2025-03-01T09:30:00+08:00")
        case "choice":
            return None if value in {item.id for item in spec.options} else Sentence("只能从给出的选项里选")
        case "class":
            return None if value in _classes(policy, spec) else Sentence("只能从给出的类别里选")
        case "share":
            return None if _is_whole(value) and 0 <= value <= SHARE_OF else Sentence("要在 0 到 100% 之间")
        case kind if kind in WHOLE:
            return None if _is_whole(value) else Sentence("要写整数")
        case _:
            return None if _is_whole(value) and value > 0 else Sentence("没有选中")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _classes(policy: Policy, spec: FieldSpec) -> set[str]:
    return {item.id for item in policy.classes(spec.of).items}
