"""What the clock has done, and how to back up: the system administrator's page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zugong.accounts.rules import May
from zugong.core.install.models import DayRun, Installation
from zugong.web.asking import need


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Which job has run for which day."""
    need(request, May.SYSTEM)
    page = Paginator(DayRun.objects.order_by("-day", "-id"), 50).get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("管理"), ""), (_("任务与备份"), "")],
        "page": page,
        "installation": Installation.objects.first(),
    }
    return TemplateResponse(request, "accounts/jobs.html", context)
