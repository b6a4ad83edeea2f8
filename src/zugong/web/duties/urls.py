"""Addresses of duties and of the burden they are."""

from django.urls import path

from zugong.web.duties import views

urlpatterns = [
    path("duties", views.duties, name="duties"),
    path("duties/<int:pk>", views.duty, name="duty"),
    path("duties/<int:pk>/answer", views.answer, name="duty-answer"),
    path("duties/<int:pk>/check", views.check, name="duty-check"),
    path("duties/<int:pk>/excuse", views.excuse, name="duty-excuse"),
    path("duties/<int:pk>/recount", views.recount, name="duty-recount"),
    path("burden", views.burden, name="burden"),
]
