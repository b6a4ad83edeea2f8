"""What is to be done in the demo's past, by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from zugong.core import clock
from zugong.packs.policy import Policy


@dataclass
class Diary:
    """What is to be done, by day. Deeds are done in the order of their days, so the journal reads as it happened."""

    policy: Policy
    deeds: dict[date, list[Callable[[date], object]]] = field(default_factory=lambda: defaultdict(list))

    def on(self, day: date, deed: Callable[[date], object]) -> None:
        """Note a deed for a day; on a day off it waits for the next working day."""
        calendar = self.policy.workdays
        self.deeds[day if calendar.is_working(day) else calendar.next(day)].append(deed)

    def live(self) -> None:
        """Do everything, day by day."""
        for day in sorted(self.deeds):
            with clock.standing(day, 10):
                for deed in self.deeds[day]:
                    deed(day)
