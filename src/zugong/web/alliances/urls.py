"""Addresses of alliances."""

from django.urls import path

from zugong.web.alliances import views

urlpatterns = [
    path("alliances/<int:pk>", views.alliance, name="alliance"),
    path("alliances/<int:pk>/needs/<int:need>", views.matching, name="alliance-matching"),
]
