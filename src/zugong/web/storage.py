"""Static files as they are collected: one style sheet of the many small ones, everything hashed and compressed."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/zugong.css"


class Collected(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it ships no types
    """What a running site serves: a browser asks for one sheet, and for each file once in its life."""

    one_sheet = SHEET

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Join the sheets in the order of their names, before everything gets its hash."""
        sheets = sorted(path for path in paths if path.startswith("css/"))
        if sheets and not dry_run:
            self.delete(SHEET)
            self._save(SHEET, ContentFile(b"\n".join(self._read(path) for path in sheets)))
            paths[SHEET] = (self, SHEET)
        yield from super().post_process(paths, dry_run, **options)

    def _read(self, path: str) -> bytes:
        with self.open(path) as sheet:
            return bytes(sheet.read())
