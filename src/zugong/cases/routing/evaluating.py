"""How good routing is on messages that people have sorted: files read, a model trained on some, measured on others."""

from __future__ import annotations

import csv
import gzip
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zugong.cases.routing.model import Model, train
from zugong.core.errors import Refused

SUREST = 80  # percent of the messages of which the system is surest
MATTER, LABEL = ("text", "seg_text"), "label"


@dataclass(frozen=True)
class Sorted:
    """A message and the label that a person gave it."""

    text: str
    label: str


def read(files: Iterable[Path]) -> list[Sorted]:
    """Read CSV files, packed with gzip or not, with the columns `text` or `seg_text`, and `label`.

    Raises Refused, naming file and line, for what is not there or cannot be read.
    """
    return [row for file in files for row in _rows(file)]


def _rows(file: Path) -> Iterator[Sorted]:
    lines = csv.DictReader(io.StringIO(_content(file), newline=""))
    columns = lines.fieldnames or []
    matter = [name for name in MATTER if name in columns]
    if not matter or LABEL not in columns:
        raise Refused("“{file}”要有 text（或 seg_text）和 label 两栏，首行写栏名", file=file)
    before = None
    try:
        for row in lines:
            text = next((row[name] for name in matter if (row[name] or "").strip()), "")
            label = (row[LABEL] or "").strip()
            if not text or not label:
                raise Refused("“{file}”第 {line} 行没有写内容或类别", file=file, line=lines.line_num)
            yield Sorted(text, label)
            before = label
    except csv.Error:
        raise Refused("“{file}”第 {line} 行不是 CSV", file=file, line=lines.line_num) from None
    if before is None:
        raise Refused("“{file}”里没有一条诉求", file=file)


def _content(file: Path) -> str:
    """Return what a file says, in UTF-8 or in the charset of Chinese office programs."""
    try:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except FileNotFoundError:
        raise Refused("没有“{file}”这个文件", file=file) from None
    except (OSError, EOFError):
        raise Refused("“{file}”读不出来：不是文件，或压缩包已损坏", file=file) from None
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    raise Refused("“{file}”不是文字：请另存为 UTF-8 的 CSV", file=file)


def evaluate(training: Sequence[Sorted], test: Sequence[Sorted]) -> dict[str, Any]:
    """Train on some messages and measure on others: shares between nought and one, milliseconds for each message."""
    start = time.perf_counter()
    model = train([row.text for row in training], [row.label for row in training])
    seconds = time.perf_counter() - start
    return {
        "train": len(training),
        "test": len(test),
        "labels": len(model.labels),
        "train_seconds": round(seconds, 1),
        **measure(model, test),
    }


def measure(model: Model, test: Sequence[Sorted]) -> dict[str, float]:
    """Measure a model on messages it has not seen. A message of which it says nothing counts as wrong."""
    told, certain, took = [], [], []
    for row in test:
        start = time.perf_counter()
        proposals = model.propose(row.text)
        took.append(1000 * (time.perf_counter() - start))
        told.append(proposals[0].label if proposals else "")
        certain.append(proposals[0].certainty if proposals else 0)
    return scores([row.label for row in test], told, certain) | {
        "p50_ms": _share_of(took, 50),
        "p99_ms": _share_of(took, 99),
    }


def scores(right: Sequence[str], told: Sequence[str], certain: Sequence[float]) -> dict[str, float]:
    """Return macro-F1 over the labels, and how many were right: of all, and of those of which one was surest."""
    from sklearn.metrics import f1_score

    labels = sorted({*right, *told} - {""})
    hits = [one == other for one, other in zip(right, told, strict=True)]
    surest = sorted(range(len(hits)), key=lambda place: -certain[place])[: max(len(hits) * SUREST // 100, 1)]
    return {
        "macro_f1": round(float(f1_score(right, told, labels=labels, average="macro", zero_division=0)), 4),
        "accuracy": round(sum(hits) / len(hits), 4),
        "accuracy_at_80": round(sum(hits[place] for place in surest) / len(surest), 4),
    }


def _share_of(took: Sequence[float], percent: int) -> float:
    return round(sorted(took)[min(len(took) * percent // 100, len(took) - 1)], 2)
