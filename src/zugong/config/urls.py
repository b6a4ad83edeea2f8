"""The addresses of the site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("zugong.web.accounts.urls")),
    path("", include("zugong.web.alliances.urls")),
    path("", include("zugong.web.audit.urls")),
    path("", include("zugong.web.frame.urls")),
    path("", include("zugong.web.gallery.urls")),
    path("", include("zugong.web.bulletins.urls")),
    path("", include("zugong.web.packs.urls")),
    path("", include("zugong.web.scorecards.urls")),
    path("", include("zugong.web.activities.urls")),
    path("", include("zugong.web.books.urls")),
    path("", include("zugong.web.cases.urls")),
    path("", include("zugong.web.desk.urls")),
    path("", include("zugong.web.duties.urls")),
    path("", include("zugong.web.imports.urls")),
    path("", include("zugong.web.open311.urls")),
    path("", include("zugong.web.organisations.urls")),
    path("", include("zugong.web.people.urls")),
    path("", include("zugong.web.posts.urls")),
    path("", include("zugong.web.public.urls")),
    path("", include("zugong.web.requests.urls")),
    path("", include("zugong.web.search.urls")),
    path("", include("zugong.web.surveys.urls")),
]

handler400 = "zugong.web.frame.views.not_understood"
