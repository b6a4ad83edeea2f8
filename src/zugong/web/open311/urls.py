"""Addresses for other systems. The end of each says its format."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from zugong.web.open311 import views


class Format(StringConverter):
    """xml or json."""

    regex = "xml|json"


class Part(StringConverter):
    """A code or a number: whatever stands in one part of an address before its format."""

    regex = "[^/]+?"


register_converter(Format, "format")
register_converter(Part, "part")

urlpatterns = [
    path("open311/openapi.json", views.openapi, name="open311-openapi"),
    path("open311/discovery.<format:form>", views.discovery, name="open311-discovery"),
    path("open311/v2/services.<format:form>", views.services, name="open311-services"),
    path("open311/v2/services/<part:code>.<format:form>", views.service, name="open311-service"),
    path("open311/v2/requests.<format:form>", views.requests, name="open311-requests"),
    path("open311/v2/requests/<part:number>.<format:form>", views.one, name="open311-request"),
    path("open311/v2/tokens/<part:token>.<format:form>", views.token, name="open311-token"),
]
