"""What the clock has done, and how to back up: the system administrator's page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zugong.accounts.rules import May
from zugong.core.install.models import DayRun, Installation
from zugong.web.asking import need

JOBS = {
    "accounts.dormant": gettext_lazy("停用久未使用的账号"),
    "accounts.terms": gettext_lazy("提醒任职期满"),
    "accounts.released": gettext_lazy("提醒离任者的授权"),
    "cases.come-about": gettext_lazy("办理到期的后续"),
    "cases.resume": gettext_lazy("恢复中止期满的事项"),
    "cases.remind": gettext_lazy("提醒事项期限"),
    "cases.train": gettext_lazy("每月学习怎样分办诉求"),
    "duties.run": gettext_lazy("开列、提醒和结算义务"),
    "ledgers.expire": gettext_lazy("收回到期未用的积分"),
    "activities.erase": gettext_lazy("到期删除活动内容"),
    "cases.erase": gettext_lazy("到期删除事项内容"),
    "duties.erase": gettext_lazy("到期删除填报内容"),
    "surveys.erase": gettext_lazy("到期删除测评内容"),
    "bulletins.erase": gettext_lazy("到期删除通报内容"),
    "bulletins.take-items": gettext_lazy("收取列入通报的条目"),
    "imports.forget": gettext_lazy("清除过期的导入预览"),
}
"""What the jobs of a day are called."""


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Which job has run for which day."""
    need(request, May.SYSTEM)
    page = Paginator(DayRun.objects.order_by("-day", "-id"), 50).get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("管理"), ""), (_("任务与备份"), "")],
        "page": page,
        "rows": [(JOBS.get(one.job, one.job), one) for one in page],
        "installation": Installation.objects.first(),
    }
    return TemplateResponse(request, "accounts/jobs.html", context)
