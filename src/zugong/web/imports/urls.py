"""Addresses of imports."""

from django.urls import path

from zugong.web.imports import views

urlpatterns = [
    path("imports", views.imports, name="imports"),
    path("imports/new/<str:name>", views.new, name="import-new"),
    path("imports/<int:pk>", views.one, name="import"),
    path("imports/<int:pk>/errors", views.errors, name="import-errors"),
    path("imports/<int:pk>/confirmation", views.confirmation, name="import-confirmation"),
    path("imports/<int:pk>/undoing", views.undoing, name="import-undoing"),
    path("imports/<int:pk>/throwing-away", views.throwing_away, name="import-throwing-away"),
    path("sheets/<str:name>/template", views.template, name="sheet-template"),
    path("sheets/<str:name>/export", views.export, name="sheet-export"),
]
