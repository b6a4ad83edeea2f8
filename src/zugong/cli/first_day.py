"""The first day of a real county: three administrators, each let in by a code that works once."""

from collections.abc import Sequence

from zugong.cli import site
from zugong.core.errors import Refused


def first_day(arguments: Sequence[str]) -> None:
    """Print three one-time codes for the administrators of an empty county; new ones until somebody has signed in."""
    parser = site.parser(first_day)
    parser.add_argument("--if-new", action="store_true", help="say nothing where the administrators exist")
    options = parser.parse_args(arguments)
    with site.ready():
        from django.conf import settings

        from zugong.accounts import first_day as accounts
        from zugong.core import clock

        if settings.DEMO:
            raise Refused("演示不需要登录码:登录页列出演示人物。")
        if options.if_new and accounts.has_begun():
            return
        codes = accounts.begin(clock.today(), clock.instant())
    width = max(len(username) for username, _, _ in codes)
    print("\n  三名管理员的一次性登录码,24 小时内有效,只显示这一次。请分别交给三个人。")
    print(
        "  One-time codes of the three administrators, for 24 hours, shown only now: one for each of three people.\n"
    )
    for username, called, code in codes:
        print(f"    {called}  {username:<{width}}  {code}")
    print(flush=True)
