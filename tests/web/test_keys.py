"""The system administrator's page of other systems' keys."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from zugong.accounts import actions, keys
from zugong.accounts.models import Key, User
from zugong.accounts.rules import Role
from zugong.core import clock

pytestmark = pytest.mark.django_db
DAY = date(2020, 1, 1)


@pytest.fixture
def admin(client: Client) -> Client:
    user: User = actions.make_user("xitong", called="系统管理员", day=DAY, by="测试")
    actions.grant(user, Role.SYSTEM_ADMINISTRATOR, organisation=None, since=DAY, by="甲", agreed_by="乙")
    User.objects.update(password_set_at=clock.instant())
    client.force_login(user)
    session = client.session
    session["passed_second_factor"] = True
    session.save()
    return client


def test_a_key_is_made_shown_once_listed_and_taken_back(admin: Client) -> None:
    page = admin.post(reverse("keys"), {"label": "市民热线平台"}).content.decode()
    (secret,) = re.findall(r"<code>(\w{48})</code>", page)
    key = keys.known(secret)
    assert key is not None
    listed = admin.get(reverse("keys")).content.decode()
    assert "市民热线平台" in listed
    assert "没有用过" in listed
    assert secret not in listed
    admin.post(reverse("key-revocation", args=[key.pk]))
    assert keys.known(secret) is None
    assert "已收回" in admin.get(reverse("keys")).content.decode()


def test_a_second_key_for_the_same_system_is_refused_beside_its_name(admin: Client) -> None:
    for _ in range(2):
        page = admin.post(reverse("keys"), {"label": "市民热线平台"})
    assert "已经有密钥" in page.content.decode()
    assert Key.objects.count() == 1
