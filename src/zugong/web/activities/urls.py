"""Addresses of activities."""

from django.urls import path

from zugong.web.activities import views, visits

urlpatterns = [
    path("activities", views.activities, name="activities"),
    path("activities/new", views.new, name="activity-new"),
    path("activities/<int:pk>", views.activity, name="activity"),
    path("activities/<int:pk>/confirmation", views.confirmation, name="activity-confirmation"),
    path("activities/<int:pk>/report", views.report, name="activity-report"),
    path("activities/<int:pk>/cancellation", views.cancellation, name="activity-cancellation"),
    path("activities/<int:pk>/evidence", views.evidence, name="activity-evidence"),
    path("activities/<int:pk>/decisions", views.decisions, name="activity-decisions"),
    path("activities/<int:pk>/files/<int:file>", views.file, name="activity-file"),
    path("visits/new", visits.new, name="visit-new"),
]
