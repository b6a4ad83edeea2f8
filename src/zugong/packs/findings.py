"""What a pack check found: numbered, placed, hinted, and collected rather than raised one by one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong in a pack: a stable id, where it stands, what is wrong and what to do."""

    id: str
    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Say it the way compilers do, so that editors can jump to it."""
        hint = f"（{self.hint}）" if self.hint else ""
        return f"{self.file}:{self.line}: {self.id} {self.message}{hint}"
