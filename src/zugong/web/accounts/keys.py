"""Keys of other systems: the system administrator makes them, shows each once, and takes them back."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zugong.accounts import keys as deeds
from zugong.accounts.models import Key
from zugong.accounts.rules import May
from zugong.core.errors import Refused
from zugong.web.accounts.forms import KeyForm, put
from zugong.web.asking import need, paged, pressed


@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """Every key that was made, those in use first; and the next one, shown once."""
    maker = need(request, May.SYSTEM)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _shown(
                request, form.cleaned_data["label"], deeds.make(form.cleaned_data["label"], by=maker)
            )
        except Refused as refused:
            put(form, refused)
    context = {
        "crumbs": [(_("管理"), ""), (_("接口密钥"), "")],
        "page": paged(request, Key.objects.order_by(F("revoked_at").desc(nulls_first=True), "-id")),
        "form": form,
        "has_errors": bool(form.errors),
        "interface": request.build_absolute_uri(reverse("open311-discovery", args=["json"])),
    }
    return TemplateResponse(request, "accounts/keys.html", context)


@require_POST
def key_revocation(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a key back: what holds it brings in nothing more."""
    maker = need(request, May.SYSTEM)
    key = get_object_or_404(Key, pk=pk)
    pressed(request, lambda: deeds.revoke(key.label, by=maker), _("密钥已收回，马上失效。"))
    return HttpResponseRedirect(reverse("keys"))


def _shown(request: HttpRequest, label: str, secret: str) -> HttpResponse:
    crumbs = [(_("接口密钥"), reverse("keys")), (label, "")]
    return TemplateResponse(
        request, "accounts/key.html", {"label": label, "secret": secret, "crumbs": crumbs}
    )
