"""The first day of a county: three administrators, three codes, until somebody has signed in."""

from datetime import date, datetime

import pytest

from zugong.accounts import actions, first_day
from zugong.accounts.models import User
from zugong.accounts.rules import Role
from zugong.core import clock
from zugong.core.errors import Refused

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, tzinfo=clock.SHANGHAI)


def test_three_accounts_with_one_part_each(db: None) -> None:
    codes = first_day.begin(DAY, AT)
    assert [username for username, _, _ in codes] == ["system", "security", "audit"]
    assert [User.objects.get(username=name).roles(DAY) for name, _, _ in codes] == [
        {Role.SYSTEM_ADMINISTRATOR},
        {Role.SECURITY_ADMINISTRATOR},
        {Role.AUDIT_ADMINISTRATOR},
    ]
    assert first_day.has_begun()


def test_new_codes_end_the_old_ones_until_somebody_has_signed_in(db: None) -> None:
    old = first_day.begin(DAY, AT)[0][2]
    new = first_day.begin(DAY, AT)[0][2]
    system = User.objects.get(username="system")
    assert User.objects.count() == 3
    assert not actions.use_code(system, old, at=AT)
    assert actions.use_code(system, new, at=AT)
    User.objects.filter(pk=system.pk).update(last_login=AT)
    with pytest.raises(Refused, match="已经有人登录过"):
        first_day.begin(DAY, AT)
