"""The first day: three administrators who are three accounts, before there is anybody to make them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from zugong.accounts import actions
from zugong.accounts.models import Grant, User
from zugong.accounts.rules import ADMINISTRATORS, Role
from zugong.core import journal
from zugong.core.errors import Refused

THREE = {
    "system": ("系统管理员", Role.SYSTEM_ADMINISTRATOR),
    "security": ("安全管理员", Role.SECURITY_ADMINISTRATOR),
    "audit": ("审计管理员", Role.AUDIT_ADMINISTRATOR),
}
OPERATOR = "在服务器上启动系统的人"  # there is no second account yet; whoever starts the county stands for it


def has_begun() -> bool:
    """Say whether the administrators were made."""
    return Grant.objects.filter(role__in=ADMINISTRATORS).exists()


@transaction.atomic
def begin(day: date, at: datetime) -> list[tuple[str, str, str]]:
    """Make the three, or give them new codes. Returns user name, name and code of each.

    Raises Refused once anybody has signed in: from then on the system administrator gives codes.
    """
    if User.objects.filter(last_login__isnull=False).exists():
        raise Refused("已经有人登录过,登录码改由系统管理员在“账号与权限”里发。")
    codes = []
    for username, (called, role) in THREE.items():
        user = User.objects.filter(username=username).first()
        if user is None:
            user = actions.make_user(username, called=called, day=day, by=journal.SYSTEM)
            actions.grant(user, role, since=day, by=journal.SYSTEM, agreed_by=OPERATOR)
        codes.append((username, called, actions.give_code(user, at=at, by=journal.SYSTEM)))
    return codes
