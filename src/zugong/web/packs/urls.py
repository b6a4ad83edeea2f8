"""Addresses of packs."""

from django.urls import path

from zugong.web.packs import views

urlpatterns = [
    path("packs", views.packs, name="packs"),
    path("packs/<int:pk>", views.pack, name="pack"),
    path("packs/<int:pk>/sources", views.sources, name="pack-sources"),
    path("packs/<int:pk>/changes", views.changes, name="pack-changes"),
    path("packs/<int:pk>/entries/<slug:kind>/<slug:name>", views.entry, name="pack-entry"),
]
