"""Bringing the tables up to this version."""

import os
from collections.abc import Sequence

from zugong.cli import site
from zugong.core.database import Role, address, roles


def migrate(arguments: Sequence[str]) -> None:
    """Bring the tables and the static files up to this version, as the owner."""
    site.parser(migrate).parse_args(arguments)
    with site.ready(Role.OWNER):
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        home = site.home()
        with roles.connect(address(home, Role.OWNER, os.environ)) as connection:
            roles.grant(connection, address(home, Role.APP, os.environ).user)
