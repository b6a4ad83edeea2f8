"""Addresses of the journal."""

from django.urls import path

from zugong.web.audit import views

urlpatterns = [
    path("journal", views.journal, name="journal"),
    path("journal/verification", views.verification, name="journal-verification"),
    path("journal/heads", views.head_new, name="journal-head-new"),
    path("journal/heads/<int:pk>", views.head, name="journal-head"),
    path("journal/heads/<int:pk>.txt", views.head_file, name="journal-head-file"),
]
