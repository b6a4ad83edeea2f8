"""Keep a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from zugong.core import clock, journal
from zugong.core.errors import Refused
from zugong.core.files.models import File
from zugong.core.files.pictures import bare
from zugong.core.files.rules import lack, plain


def keep(*, name: str, content: bytes, by: object) -> File:
    """Take a file as evidence. Raises Refused with a sentence where its size, kind or marks forbid it."""
    name = plain(name)
    if sentence := lack(name, content):
        raise Refused.because(sentence, field="file")
    content = bare(content)
    file = File.objects.create(
        name=name[-200:],
        kind=name.rpartition(".")[2].lower(),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        by=str(by),
        kept_at=clock.now(),
    )
    journal.write("file.keep", by=by, on=f"file {file.pk}", name=file.name, digest=file.digest)
    return file


def erase(files: Iterable[int], *, mark: str) -> int:
    """Erase what is in some files, and their names; the mark says by which rule. Who calls it journals it. Returns how many."""
    rows = File.objects.filter(pk__in=set(files), size__gt=0)
    return rows.update(name=mark[:200], content=b"", size=0)
