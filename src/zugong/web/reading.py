"""Reading a personal file leaves a line in the journal, as writing does."""

from django.http import HttpRequest

from zugong.core import journal


def note_reading(request: HttpRequest, *, on: object, of: str) -> None:
    """Write down that the asker read `of` (the file, a masked number, …) of a person. Call it before the page is drawn."""
    journal.write("person.read", by=request.user, on=on, of=of, address=request.META.get("REMOTE_ADDR", ""))
