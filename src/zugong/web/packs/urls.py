"""Addresses of packs."""

from django.urls import path

from zugong.web.packs import drafts, moving, views

urlpatterns = [
    path("packs", views.packs, name="packs"),
    path("packs/<int:pk>", views.pack, name="pack"),
    path("packs/<int:pk>/sources", views.sources, name="pack-sources"),
    path("packs/<int:pk>/changes", views.changes, name="pack-changes"),
    path("packs/<int:pk>/entries/<slug:kind>/<slug:name>", views.entry, name="pack-entry"),
    path("packs/<int:pk>/running", moving.running, name="pack-running"),
    path("packs/<int:pk>/move", moving.move_to, name="pack-move"),
    path("moves", moving.asked, name="moves"),
    path("moves/<int:pk>", moving.move, name="move"),
    path("moves/<int:pk>/answer", moving.answer, name="move-answer"),
    path("cases/<int:pk>/edition", moving.case_edition, name="case-edition"),
    path("ratings/<int:pk>/edition", moving.rating_edition, name="rating-edition"),
    path("drafts", drafts.drafts, name="drafts"),
    path("drafts/<int:pk>", drafts.draft, name="draft"),
    path("drafts/<int:pk>/changes", drafts.changes, name="draft-changes"),
    path("drafts/<int:pk>/file", drafts.file, name="draft-file"),
    path("drafts/<int:pk>/bringing", drafts.bringing, name="draft-bringing"),
    path("drafts/<int:pk>/forward", drafts.forward, name="draft-forward"),
    path("drafts/<int:pk>/away", drafts.away, name="draft-away"),
    path("drafts/<int:pk>/archive", drafts.archive, name="draft-archive"),
]
