"""Addresses of people."""

from django.urls import path

from zugong.web.people import views

urlpatterns = [
    path("people", views.people, name="people"),
    path("people/<int:pk>", views.person, name="person"),
]
