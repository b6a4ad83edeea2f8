"""The database as the application meets it."""

from datetime import date

import pytest
from django.db import connection

from zugong.core.install.models import DayRun

pytestmark = pytest.mark.django_db


def test_tests_enter_as_the_application_which_is_neither_superuser_nor_owner():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute("SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'install_dayrun'")
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_is_swept_up():
    DayRun.objects.create(day=date(2026, 1, 1), job="x")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_it():
    assert not DayRun.objects.exists()
