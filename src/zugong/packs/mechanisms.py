"""The methods that packs carry: `docs/mechanisms.csv`, one line each."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

ORIENTATION = "X"
LIST = Path("docs") / "mechanisms.csv"


@dataclass(frozen=True)
class Mechanism:
    """One method: its id, our short Chinese label, a gloss, its group and shapes."""

    id: str
    label: str
    gloss: str
    group: str
    shapes: tuple[str, ...]

    @property
    def computable(self) -> bool:
        """Say whether software can carry it; what is led by X is orientation."""
        return self.shapes[0] != ORIENTATION


def mechanisms(file: Path) -> dict[str, Mechanism]:
    """Read the list, by id."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            row["id"]: Mechanism(
                row["id"], row["label"], row["gloss"], row["group"], tuple(row["shapes"].split("+"))
            )
            for row in csv.DictReader(lines)
        }


def beside(folder: Path) -> dict[str, Mechanism] | None:
    """Read the list that stands beside a folder of packs; None where there is none."""
    file = folder.resolve().parent / LIST
    return mechanisms(file) if file.exists() else None
