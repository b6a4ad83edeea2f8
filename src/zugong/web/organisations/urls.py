"""Addresses of organisations."""

from django.urls import path

from zugong.web.organisations import views

urlpatterns = [
    path("organisations", views.organisations, name="organisations"),
    path("organisations/gaps", views.gaps, name="organisations-gaps"),
    path("organisations/<int:pk>", views.organisation, name="organisation"),
]
