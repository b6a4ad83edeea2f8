"""Addresses of requests, for those who take them in and follow them."""

from django.urls import path

from zugong.web.requests import exclusions, mine, overview, routing, views

urlpatterns = [
    path("requests", views.requests, name="requests"),
    path("requests/mine", mine.mine, name="requests-mine"),
    path("requests/overview", overview.overview, name="requests-overview"),
    path("requests/exclusions", exclusions.exclusions, name="requests-exclusions"),
    path("requests/routing", routing.routing, name="requests-routing"),
    path("requests/routing/<int:pk>/switch", routing.switch, name="routing-switch"),
    path("requests/new", views.new, name="request-new"),
    path("requests/on-foot", views.on_foot, name="request-on-foot"),
    path("requests/<int:pk>/exclusion", exclusions.exclusion, name="request-exclusion"),
    path("requests/<int:pk>/contact", views.contact, name="request-contact"),
]
