"""Whose database it is: a start touches only what is its own."""

import pytest
from django.db import connection

from zugong.core.errors import Refused
from zugong.core.install import claims
from zugong.core.install.models import Installation
from zugong.core.outbox import actions as outbox
from zugong.core.sentences import Sentence

pytestmark = pytest.mark.django_db


def test_an_empty_database_is_anybodys():
    claims.refuse_foreign(demo=True)
    claims.refuse_foreign(demo=False)


def test_the_demo_leaves_alone_what_it_did_not_create():
    outbox.send(outbox.Letter(key="1", to="x", sentence=Sentence("别人的数据")))
    with pytest.raises(Refused, match=r"不是演示写入的数据\(outbox_message\)"):
        claims.refuse_foreign(demo=True)


def test_the_demo_leaves_a_county_alone():
    claims.claim_county("1")
    with pytest.raises(Refused, match="真实县的数据"):
        claims.refuse_foreign(demo=True)


def test_a_county_leaves_the_demo_alone():
    Installation.objects.create(pk=1, kind="demo", version="1", demo_day="2026-01-05", seed=1)
    with pytest.raises(Refused, match="这里是演示数据"):
        claims.refuse_foreign(demo=False)
    claims.refuse_foreign(demo=True)


def test_another_programs_tables_are_left_alone(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda cursor=None: ["wp_posts"])
    with pytest.raises(Refused, match="别的程序的表"):
        claims.refuse_foreign(demo=False)


def test_tables_of_ours_that_a_killed_start_left_are_gone_on_with(monkeypatch):
    left = sorted(set(connection.introspection.table_names()) - {Installation._meta.db_table})
    monkeypatch.setattr(connection.introspection, "table_names", lambda cursor=None: left)
    claims.refuse_foreign(demo=False)
    claims.refuse_foreign(demo=True)


def test_another_site_made_with_django_is_left_alone(monkeypatch):
    theirs = ["django_migrations", "django_content_type", "auth_user"]
    monkeypatch.setattr(connection.introspection, "table_names", lambda cursor=None: theirs)
    with pytest.raises(Refused, match="别的程序的表"):
        claims.refuse_foreign(demo=False)


def test_claiming_again_keeps_the_county_and_tells_the_version():
    first = claims.claim_county("1")
    assert claims.claim_county("2").created_at == first.created_at
    assert Installation.objects.get().version == "2"
