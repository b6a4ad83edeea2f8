"""The county, loaded once for all tests of this folder, which only read it."""

import pytest
from django.db import transaction

from zugong import demo


@pytest.fixture(scope="package")
def qingmu(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load 青穆县 as `make demo` does, and take it back at the end."""
    from django.conf import settings

    home, settings.HOME = settings.HOME, tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), transaction.atomic():
        demo.load()
        yield
        transaction.set_rollback(True)
    settings.HOME = home
