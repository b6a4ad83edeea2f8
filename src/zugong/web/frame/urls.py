"""Addresses of the frame's switches."""

from django.urls import path

from zugong.web.frame import views

urlpatterns = [
    path("frame/type-size", views.type_size, name="type-size"),
    path("frame/language", views.language, name="language"),
]
