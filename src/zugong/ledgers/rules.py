"""What may be paid only once, and how amounts are said. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from zugong.core.sentences import Sentence

UNSET = "未设标准"  # an empty tariff pays nothing and says so


def once(parts: Iterable[str], *, about: int, deed: str, day: date, standing: str = "") -> str:
    """Return the key under which a payment is made once; `standing` says since when the account stands on its roll.

    >>> once(["about", "year"], about=7, deed="case 3", day=date(2025, 3, 1))
    'about=7 year=2025'
    """
    words = {
        "about": str(about),
        "cause": deed,
        "standing": standing,
        "month": f"{day:%Y-%m}",
        "year": f"{day:%Y}",
    }
    return " ".join(f"{part}={words[part]}" for part in parts)


def said(amount: int, unit: str) -> Sentence:
    """Return an amount with its unit as people read it: fen are said in yuan.

    >>> said(500000, "fen"), said(12305, "fen"), said(-3, "points")
    ('5000元', '123.05元', '-3分')
    """
    match unit:
        case "points":
            return Sentence("{amount}分", amount=amount)
        case "minutes":
            return Sentence("{amount}分钟", amount=amount)
    yuan, fen = divmod(abs(amount), 100)
    return Sentence("{amount}元", amount=f"{'-' if amount < 0 else ''}{yuan}{f'.{fen:02}' if fen else ''}")


def times(balance: int, price: int, *, again: bool, wanted: int | None) -> int:
    """Return how many times a balance is spent: each full so many again and again, or once on reaching so many.

    >>> times(350, 200, again=True, wanted=None), times(1000, 200, again=True, wanted=None)
    (1, 5)
    >>> times(1500, 1000, again=False, wanted=None), times(199, 200, again=True, wanted=None)
    (1, 0)
    """
    most = balance // price if again else min(balance // price, 1)
    return most if wanted is None else wanted if 0 < wanted <= most else 0


def lapsed(earned: Iterable[tuple[date, int]], spent: int, *, day: date) -> int:
    """Return how much lapses on a day: what was earned until then by its last day, less all that was spent.

    `earned` is (the day from which it cannot be spent, amount). The oldest is spent first.

    >>> lapsed([(date(2026, 1, 1), 100), (date(2027, 1, 1), 50)], 30, day=date(2026, 1, 1))
    70
    """
    return max(sum(amount for ends, amount in earned if ends <= day) - spent, 0)
