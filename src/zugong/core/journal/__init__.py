"""The journal: what was done, by whom, to what. Strings at the bottom of the house, sealed into a chain.

`journal.write` is what every engine calls; see `actions`, `rules` and `verify`.
"""

from __future__ import annotations

from typing import Any

SYSTEM = "系统"


def write(deed: str, *, by: object, on: object = "", **detail: Any) -> None:
    """Add one entry in the transaction of the deed it tells of. `by` and `on` are kept as the words they print."""
    from zugong.core.journal import actions  # models load only after Django's apps

    actions.write(deed, by=by, on=on, **detail)
