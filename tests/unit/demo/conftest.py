"""The county for all tests of this folder, which only read it."""

import pytest
from django.conf import settings

from ground import APP, Demo, clone
from zugong.core.database.entering import entered


@pytest.fixture(scope="package")
def qingmu(demo: Demo, django_db_setup, django_db_blocker):
    """Enter a clone of 青穆县 as `make demo` loads it."""
    home, settings.HOME = settings.HOME, demo.home
    with clone(demo.dbname, "qingmu") as name, django_db_blocker.unblock(), entered(APP.to(name)):
        yield
    settings.HOME = home
