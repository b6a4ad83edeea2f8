"""Addresses of the gallery."""

from django.urls import path

from zugong.web.gallery import views

urlpatterns = [
    path("gallery", views.gallery, name="gallery"),
    path("gallery/found", views.found, name="gallery-found"),
    path("gallery/reasons", views.reasons, name="gallery-reasons"),
]
