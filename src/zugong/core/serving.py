"""The door of the site: how a request is taken in before any page, and the error pages, can speak."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class Request(WSGIRequest):
    """A request whose query is read when a page asks for it, and not when its charset is noted.

    Django reads it there; one with too many words would end before anybody could say so.
    """

    @property
    def encoding(self) -> str | None:
        """The charset that the request claims; forms in another than UTF-8 are refused when they are read."""
        return self._encoding

    @encoding.setter
    def encoding(self, claimed: str | None) -> None:
        self._encoding = claimed


class Handler(WSGIHandler):
    """The site as a WSGI application."""

    request_class = Request
