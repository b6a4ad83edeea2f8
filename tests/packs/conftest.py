"""A refused payment is journaled by a connection of its own: what scenarios so leave behind is swept up."""

from collections.abc import Iterator

import pytest
from django.db import connections

from ground import OWNER
from zugong.core.database import roles


@pytest.fixture(scope="module", autouse=True)
def swept(django_db_setup: None) -> Iterator[None]:
    yield
    with roles.connect(OWNER.to(connections["default"].settings_dict["NAME"])) as connection:
        connection.execute("TRUNCATE journal_entry CASCADE")
