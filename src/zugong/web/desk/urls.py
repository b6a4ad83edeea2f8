"""Addresses of the desk."""

from django.urls import path

from zugong.web.desk import views

urlpatterns = [
    path("", views.desk, name="desk"),
    path("messages/<int:pk>/read", views.read, name="message-read"),
    path("demo-day", views.demo_day, name="demo-day"),
]
