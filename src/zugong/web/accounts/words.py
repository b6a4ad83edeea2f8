"""What each role may do, in one sentence; what it is called is the frame's."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from zugong.accounts.models import User
from zugong.accounts.rules import ADMINISTRATORS, ALLOWS, CALLED, Role
from zugong.web.asking import said
from zugong.web.context import Words

CAN: dict[Role, Words] = {
    Role.SYSTEM_ADMINISTRATOR: _("管账号、任务和备份；看不到业务和干部数据。"),
    Role.SECURITY_ADMINISTRATOR: _("提请授权、提请制度包生效；自己不办业务。"),
    Role.AUDIT_ADMINISTRATOR: _("查看和核验审计日志；不能授权，也不能改任何东西。"),
    Role.DESK: _("管名册、录评价、计算评级、办理事项、编发通报。"),
    Role.HEAD: _("审核、批准，看本部全部工作。"),
    Role.TOWNSHIP_CLERK: _("代本乡镇办理、填报和评价所辖各村。"),
    Role.TOWNSHIP_SECRETARY: _("代本乡镇办理并批准，看所辖各村。"),
    Role.VILLAGE_SECRETARY: _("看本村的评级和事项，办理派给本村的任务。"),
    Role.FIRST_SECRETARY: _("看所驻村的评级和事项。"),
    Role.LIAISON: _("办理派给本部门的事项，看本部门联建的村。"),
    Role.LEADER: _("看全县总体情况，不看个人档案。"),
    Role.CADRE: _("看自己的档案。"),
}

ORDER = list(Role)


def roles_of(user: User, day: date) -> list[Role]:
    """Return a user's roles on a day, in the office's order."""
    return sorted(user.roles(day), key=ORDER.index)


def grantable() -> list[tuple[str, Words]]:
    """Return the choices of a form that asks for a role."""
    by_work = sorted(CALLED, key=lambda role: role in ADMINISTRATORS)
    return [("", _("请选择")), *((role.value, said(CALLED[role])) for role in by_work)]


def needs_organisation(role: Role) -> bool:
    """Say whether a role is held somewhere: the administrators' are not, nor a cadre's own file."""
    return role not in ADMINISTRATORS and bool(ALLOWS[role])
