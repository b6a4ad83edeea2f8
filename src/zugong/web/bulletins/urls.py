"""Addresses of bulletins."""

from django.urls import path

from zugong.web.bulletins import views

urlpatterns = [
    path("bulletins", views.bulletins, name="bulletins"),
    path("bulletins/<int:pk>", views.bulletin, name="bulletin"),
    path("bulletins/<int:pk>/facts", views.facts, name="bulletin-facts"),
    path("bulletins/<int:pk>/removal", views.removal, name="bulletin-removal"),
    path("bulletins/<int:pk>/submission", views.submission, name="bulletin-submission"),
    path("bulletins/<int:pk>/approval", views.approval, name="bulletin-approval"),
    path("bulletins/<int:pk>/return", views.returned, name="bulletin-return"),
    path("bulletins/<int:pk>/issue", views.issue, name="bulletin-issue"),
    path("bulletins/<int:pk>/paper.<slug:kind>", views.paper, name="bulletin-paper"),
]
