"""Addresses for whoever has no account."""

from django.urls import path

from zugong.web.public import following, views

urlpatterns = [
    path("ask", views.ask, name="ask"),
    path("ask/follow", following.follow, name="ask-follow"),
    path("ask/rating", following.rating, name="ask-rating"),
    path("ask/<slug:kind>", views.where, name="ask-where"),
    path("ask/<slug:kind>/<int:place>", views.what, name="ask-what"),
]
