"""A database that is made for a run of scenarios and dropped after it: the county's own is never touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from zugong.core.database import Address, Role, address, roles, running
from zugong.core.database.entering import entered


@contextmanager
def database(environment: Mapping[str, str]) -> Iterator[None]:
    """Start the server if none runs, make a fresh database with all tables, and enter it as the application."""
    home = Path(settings.HOME)
    owner, app = address(home, Role.OWNER, environment), address(home, Role.APP, environment)
    with running(home, environment):
        name = f"scenarios_{os.getpid()}"
        with roles.connect(owner.to("postgres")) as connection:
            roles.create(connection, name)
        try:
            _migrate(owner.to(name))
            with roles.connect(owner.to(name)) as connection:
                roles.grant(connection, app.user)
            with entered(app.to(name)):
                yield
        finally:
            with roles.connect(owner.to("postgres")) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _migrate(address: Address) -> None:
    with entered(address):
        call_command("migrate", verbosity=0, interactive=False)
