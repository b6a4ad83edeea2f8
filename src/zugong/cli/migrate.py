"""Bringing the tables up to this version."""

import os
from collections.abc import Sequence

from zugong import __version__
from zugong.cli import site
from zugong.core.database import Role, address, roles


def migrate(arguments: Sequence[str]) -> None:
    """Bring the tables and the static files up to this version, as the owner."""
    site.parser(migrate).parse_args(arguments)
    with site.ready(Role.OWNER):
        from django.conf import settings
        from django.core.management import call_command

        from zugong.core.install import claims

        claims.refuse_foreign(demo=settings.DEMO)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        with roles.connect(address(settings.HOME, Role.OWNER, os.environ)) as connection:
            roles.grant(connection, settings.DATABASE_APP_ROLE)
        if not settings.DEMO:
            claims.claim_county(__version__)
