"""What the clock does with accounts."""

from datetime import date

from zugong.accounts import actions
from zugong.core import journal


def disable_dormant(day: date) -> int:
    """Close the accounts nobody has used for ninety days."""
    return actions.disable_dormant(day, by=journal.SYSTEM)
