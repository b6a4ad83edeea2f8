"""Django's one connection, pointed at another database for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from zugong.core.database.address import Address


@contextmanager
def entered(there: Address) -> Iterator[None]:
    """Point Django's connection `there` for as long as the block runs."""
    connection = connections["default"]
    connection.close()
    here = dict(connection.settings_dict)
    connection.settings_dict.update(there.for_django())
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(here)
