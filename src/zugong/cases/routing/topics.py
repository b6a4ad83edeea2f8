"""What many ask at once: messages that speak of the same matter, each group around the one that is most like the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zugong.cases.routing.model import as_rows
from zugong.cases.routing.text import plain

NEAR = 0.28
"""How near two messages of one topic lie (cosine). On a year of real messages, week by week, the topics that the city was asked
about again and again come out whole; at 0.2 strangers join them, at 0.3 the looser half of a topic is left out."""


def topics(texts: Sequence[str]) -> list[list[int]]:
    """Return the places of the texts of each topic, the most like the others first, the largest topic first.

    A text belongs to one topic; what is like no other belongs to none.
    """
    places = [place for place, text in enumerate(texts) if plain(text)]
    if len(places) < 2:
        return []
    rows = as_rows([plain(texts[place]) for place in places])[2]
    near = (rows @ rows.T).toarray()
    near = near >= NEAR * near.diagonal().max()
    np.fill_diagonal(near, False)
    found = []
    while near.any():
        centre = int(near.sum(axis=1).argmax())
        group = [centre, *np.flatnonzero(near[centre]).tolist()]
        near[group, :] = near[:, group] = False
        found.append([places[one] for one in group])
    return sorted(found, key=lambda group: (-len(group), group[0]))
