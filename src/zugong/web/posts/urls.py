"""Addresses of posts."""

from django.urls import path

from zugong.web.posts import views

urlpatterns = [
    path("posts/<int:pk>", views.post, name="post"),
    path("posts/<int:pk>/deputy", views.deputy, name="post-deputy"),
    path("posts/<int:pk>/deputy/end", views.end_deputy, name="post-deputy-end"),
    path("posts/<int:pk>/release", views.release, name="post-release"),
    path("posts/<int:pk>/appointment", views.appointment, name="post-appointment"),
]
