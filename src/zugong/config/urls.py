"""The addresses of the site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("zugong.web.accounts.urls")),
    path("", include("zugong.web.audit.urls")),
    path("", include("zugong.web.frame.urls")),
    path("", include("zugong.web.gallery.urls")),
]
