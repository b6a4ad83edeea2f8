"""Addresses of surveys; the last one is for whoever has a slip and no account."""

from django.urls import path

from zugong.web.surveys import answering, views

urlpatterns = [
    path("surveys", views.surveys, name="surveys"),
    path("surveys/new/<slug:kind>", views.opening, name="survey-new"),
    path("surveys/<int:pk>", views.survey, name="survey"),
    path("surveys/<int:pk>/closing", views.closing, name="survey-closing"),
    path("surveys/<int:pk>/slips", views.slips, name="survey-slips"),
    path("surveys/slips/<int:pk>", answering.answer, name="survey-answer"),
    path("slip", answering.slip, name="slip"),
]
