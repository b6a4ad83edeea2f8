"""Likeness of texts: the share of their pairs of characters that they have in common (Jaccard), found by MinHash.

Broder, A. (1997), On the resemblance and containment of documents. Bands of three rows: of two texts that share six tenths,
one in two thousand pairs is not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np

from zugong.cases.routing.text import plain, runs

BANDS, ROWS = 32, 3
ALIKE = 600
"""Thousandths from which two messages are kept together when a model is measured: the same matter, told again."""
# What says nothing of the matter: a segmented text has lost these already, the running one has not.
FILLING = str.maketrans(
    "", "", "的了是在我有和不就都一也很到说要去你会着看好自这那他她们与及或但而被把对为以于之其等能请"
)
_TIMES, _PLUS = np.random.default_rng(20).integers(
    1, 2**63, size=(2, BANDS * ROWS), dtype=np.uint64
) | np.uint64(1)


def shingles(text: str) -> frozenset[int]:
    """Return the pairs of characters by which a text is compared, as numbers; one character alone is its own pair."""
    singles, pairs = runs(plain(text).translate(FILLING), 2)
    return frozenset((pairs if len(pairs) else singles).tolist())


def likeness(one: frozenset[int], other: frozenset[int]) -> int:
    """Return in thousandths, rounded down, how much two texts share; nothing is like nothing."""
    every = len(one | other)
    return 1000 * len(one & other) // every if every else 0


def signature(pairs: frozenset[int]) -> list[int]:
    """Return one signed 32-bit number for each band; texts that share one are worth comparing. Empty: nothing to compare."""
    if not pairs:
        return []
    numbers = np.fromiter(pairs, np.uint64, len(pairs))
    least = ((numbers[:, None] * _TIMES + _PLUS) >> np.uint64(32)).min(axis=0).astype(np.uint32)
    return [_signed(crc32(rows.tobytes(), band)) for band, rows in enumerate(least.reshape(BANDS, ROWS))]


def _signed(number: int) -> int:
    return number - 2**32 if number >= 2**31 else number


def groups(texts: Sequence[str], alike: int = ALIKE) -> list[int]:
    """Return for each text the place of the first of its group: whoever is like a member is a member."""
    pairs = [shingles(text) for text in texts]
    above = list(range(len(texts)))
    for first, second in _candidates(pairs):
        one, other = _top(above, first), _top(above, second)
        if one != other and likeness(pairs[first], pairs[second]) >= alike:
            above[max(one, other)] = min(one, other)
    return [_top(above, place) for place in range(len(texts))]


def _candidates(texts: Sequence[frozenset[int]]) -> Iterable[tuple[int, int]]:
    """Return the pairs of places that share a band. Of a crowd each is compared with a few before it."""
    shelves: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, pairs in enumerate(texts):
        for band in enumerate(signature(pairs)):
            shelf = shelves[band]
            yield from ((before, place) for before in shelf[:10] + shelf[10:][-10:])
            shelf.append(place)


def _top(above: list[int], place: int) -> int:
    while above[place] != place:
        above[place] = place = above[above[place]]
    return place
