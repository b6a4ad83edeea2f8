"""The county, loaded once for all tests of this folder that only read it."""

import pytest
from django.db import transaction

from zugong import demo


@pytest.fixture(scope="package")
def county(django_db_setup, django_db_blocker):
    """Load 青穆县, and take it back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo.load()
        yield
        transaction.set_rollback(True)
