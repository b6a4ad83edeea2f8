"""The versions of routing: what each learnt from, how it was measured, who switched it on and off, what people chose instead."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zugong.accounts.models import User
from zugong.accounts.powers import over_county
from zugong.accounts.rules import May
from zugong.cases import learning, powers
from zugong.cases.models import Proposed, RoutingModel
from zugong.core import clock
from zugong.core.journal.models import Entry
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.registry.models import names_on
from zugong.web.asking import asker, found, need, pressed, ruled, said
from zugong.web.plain import by_name

Row = dict[str, Any]
LAST = 50  # proposals shown


@require_GET
def routing(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first; and the last proposals on the requests that the asker sees."""
    user, today = need(request, May.SEE), clock.today()
    policy = ruled(today)
    return TemplateResponse(
        request,
        "requests/routing.html",
        {
            "crumbs": [(_("诉求办得怎么样"), reverse("requests-overview")), (_("分派建议"), "")],
            "rows": [_version(one, policy) for one in learning.versions()],
            "proposals": _proposals(user, policy),
            "may_switch": over_county(user, May.RUN, today),
            "least": learning.LEAST,
        },
    )


def _version(model: RoutingModel, policy: Policy | None) -> Row:
    kind = policy.entries.get(("case", model.kind)) if policy else None
    return {
        "model": model,
        "kind": said(kind) if isinstance(kind, CaseKind) else model.kind,
        "by": by_name(model.trained_by),
        "measured": model.scores.get("measured"),
        "scores": {name: _share(model.scores[name]) for name in SCORES if name in model.scores},
        "hits": learning.hits(model),
        "switches": [_switch(one) for one in learning.switches(model)],
    }


SCORES = ("accuracy", "accuracy_at_80", "macro_f1")


def _share(thousandths: int) -> str:
    return f"{thousandths // 10}.{thousandths % 10}%"


def _switch(entry: Entry) -> Row:
    return {"on": entry.deed == learning.SWITCHED_ON, "at": entry.at, "by": by_name(entry.by)}


def _proposals(user: User, policy: Policy | None) -> list[Row]:
    """Return the last proposals and what the person chose, on the cases that somebody sees."""
    seen = powers.visible(user, clock.today()).values("pk")
    rows = list(
        Proposed.objects.filter(step__case__in=seen)
        .select_related("step__case", "step__by", "model")
        .defer("model__content")
        .order_by("-pk")[:LAST]
    )
    words = _words(rows, policy)
    return [
        {
            "case": one.step.case,
            "day": one.step.day,
            "version": one.model.version,
            "by": one.step.by.called if one.step.by else "",
            "labels": [
                {"label": words.get(label, label), "percent": certainty // 10, "chosen": label == one.chosen}
                for label, certainty in one.labels
            ],
            "chosen": words.get(one.chosen, one.chosen),
            "place": next((n for n, (label, _c) in enumerate(one.labels, 1) if label == one.chosen), 0),
        }
        for one in rows
    ]


def _words(rows: list[Proposed], policy: Policy | None) -> dict[str, str]:
    """Return label → what the pack, or the registry, calls it."""
    labels = {label for one in rows for label in (one.chosen, *(label for label, _c in one.labels))}
    fields = {one.model.field for one in rows}
    specs = [spec for name, spec in policy.fields.items() if name in fields] if policy else []
    words = {
        item.id: said(item)
        for spec in specs
        for item in (policy.classes(spec.of).items if policy and spec.kind == "class" else spec.options)
    }
    numbered = names_on(clock.today(), [int(label) for label in labels - words.keys() if label.isdecimal()])
    return words | {str(pk): name for pk, name in numbered.items()}


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a version in use or out of use: it only ever proposes, a person decides each time."""
    user = asker(request)
    if not over_county(user, May.RUN, clock.today()):
        raise PermissionDenied
    model = found(RoutingModel.objects.defer("content").get, pk=pk)
    on = request.POST.get("state") == "on"
    done = _("已启用第 %(version)d 版。") if on else _("已停用第 %(version)d 版，不再提建议。")
    pressed(request, lambda: learning.switch(model, on=on, by=user), done % {"version": model.version})
    return HttpResponseRedirect(reverse("requests-routing"))
