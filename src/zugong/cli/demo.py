"""The demo: the invented county 青穆县, with a day of its own."""

import os
from collections.abc import Sequence

from zugong import __version__
from zugong.cli import serve, site
from zugong.core.database import Role
from zugong.core.errors import PackErrors, Refused


def demo(arguments: Sequence[str]) -> None:
    """Start the site with the invented county, which is loaded the first time."""
    parser = site.parser(demo)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=site.port, default=8000)
    parser.add_argument("--load", action="store_true", help="only load; the tables must be up to date")
    options = parser.parse_args(arguments)
    os.environ["ZUGONG_DEMO"] = "yes"
    if options.load:
        load()
    else:
        serve.keep_up(options.host, options.port, [["migrate"], ["demo", "--load"]])


def refuse_other_edition() -> None:
    """Refuse a demo whose rules were kept by another version of the program: it is quickly loaded anew."""
    from zugong.core import clock
    from zugong.registry.actions import policy_on

    try:
        policy_on(clock.today())
    except PackErrors as wrong:
        raise Refused(
            "这份演示是另一个版本的程序载入的,它的制度包这个版本读不了({finding}):请移走 {home},再 make demo。",
            finding=wrong.findings[0],
            home=site.home(),
        ) from None


def load() -> None:
    """Load the county into an empty database, whole or not at all; leave a loaded one as it is."""
    with site.ready(Role.OWNER):  # only the owner may have the rows counted
        from django.db import transaction

        from zugong import demo as county
        from zugong.core.install import claims
        from zugong.core.install.models import Installation

        claims.refuse_foreign(demo=True)
        if Installation.objects.exists():
            refuse_other_edition()
            return
        print("正在载入青穆县…… Loading Qingmu …", flush=True)
        with transaction.atomic():
            Installation.objects.create(
                pk=1, kind="demo", version=__version__, demo_day=county.DAY, seed=county.SEED
            )
            county.load(county.DAY)
