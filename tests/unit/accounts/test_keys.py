"""Other systems hold keys: each shown once, one for a system at a time, taken back at once."""

from __future__ import annotations

from datetime import date

import pytest

from zugong.accounts import keys
from zugong.accounts.models import Key
from zugong.core.errors import Refused
from zugong.core.journal.models import Entry

pytestmark = pytest.mark.django_db


def test_a_key_is_known_by_itself_and_kept_nowhere() -> None:
    secret = keys.make("市民热线平台", by="系统管理员")
    key = keys.known(secret)
    assert key is not None
    assert key.label == "市民热线平台"
    assert keys.known(f"{secret}x") is None
    assert keys.known("") is None
    kept = [str(value) for row in Key.objects.values() for value in row.values()]
    assert not any(secret in value for value in kept)
    assert Entry.objects.filter(deed="key.make").exists()
    assert not Entry.objects.filter(detail__icontains=secret).exists()


def test_a_system_has_one_key_at_a_time_and_a_new_one_after_it_was_taken_back() -> None:
    first = keys.make("市民热线平台", by="系统管理员")
    with pytest.raises(Refused, match="已经有密钥"):
        keys.make(" 市民热线平台 ", by="系统管理员")
    keys.revoke("市民热线平台", by="系统管理员")
    assert keys.known(first) is None
    assert keys.known(keys.make("市民热线平台", by="系统管理员"))
    assert Entry.objects.filter(deed="key.revoke").count() == 1


def test_a_key_that_is_not_there_is_not_taken_back() -> None:
    with pytest.raises(Refused, match="没有可收回的密钥"):
        keys.revoke("市民热线平台", by="系统管理员")


def test_a_key_without_a_system_is_none() -> None:
    with pytest.raises(Refused, match="系统名称"):
        keys.make("  ", by="系统管理员")


def test_the_last_day_of_use_is_kept() -> None:
    key = keys.known(keys.make("市民热线平台", by="系统管理员"))
    assert key
    keys.used(key, date(2026, 3, 2))
    key.refresh_from_db()
    assert key.used_on == date(2026, 3, 2)
