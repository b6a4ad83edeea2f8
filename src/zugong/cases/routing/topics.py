"""What many ask at once: messages that speak of the same matter, each group around the one that is most like the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zugong.cases.routing.model import as_rows
from zugong.cases.routing.text import plain

WHOLE = 1000


def topics(texts: Sequence[str], near: int) -> list[list[int]]:
    """Return the places of the texts of each topic, the most like the others first, the largest topic first.

    `near` is how near two messages of one topic lie (cosine), in thousandths. A text belongs to one topic; what is like no other belongs to none.
    """
    places = [place for place, text in enumerate(texts) if plain(text)]
    if len(places) < 2:
        return []
    rows = as_rows([plain(texts[place]) for place in places])[2]
    shared = (rows @ rows.T).toarray()
    alike = shared * WHOLE >= near * shared.diagonal().max()
    np.fill_diagonal(alike, False)
    found = []
    while alike.any():
        centre = int(alike.sum(axis=1).argmax())
        group = [centre, *np.flatnonzero(alike[centre]).tolist()]
        alike[group, :] = alike[:, group] = False
        found.append([places[one] for one in group])
    return sorted(found, key=lambda group: (-len(group), group[0]))
