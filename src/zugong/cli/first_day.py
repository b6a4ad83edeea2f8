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


def first_organisation(arguments: Sequence[str]) -> None:
    """Enter the one organisation at the top, over which the first clerk is given a role; she enters all others."""
    parser = site.parser(first_organisation)
    parser.add_argument("name", help="中共某县委员会")
    parser.add_argument(
        "--class", dest="klass", required=True, help="a class of organisation of the pack in force"
    )
    parser.add_argument("--code", default="", help="its code in the registry")
    options = parser.parse_args(arguments)
    with site.ready():
        from zugong.core import clock
        from zugong.packs.schema import Classes
        from zugong.registry import actions
        from zugong.registry.models import Subject
        from zugong.registry.rules import ORGANISATION

        today = clock.today()
        lists = [one for one in actions.policy_on(today).all("classes", Classes) if one.of == ORGANISATION]
        known = {item.id: item.label for one in lists for item in one.items}
        if options.klass not in known:
            raise Refused(
                "制度包没有“{klass}”这一类组织；有：{known}", klass=options.klass, known=sorted(known)
            )
        if Subject.objects.filter(noun=ORGANISATION).exists():
            raise Refused("已经有组织了：其余的由经办人用“数据导入”录入")
        actions.add(
            ORGANISATION, klass=options.klass, name=options.name, code=options.code, since=None, by="命令行"
        )
    print(f"已登记 {options.name}({known[options.klass]})。 {options.name} was entered.")
