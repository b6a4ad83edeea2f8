"""Routing against characters with LinearSVC, on the labelled messages of `appeals` under ZUGONG_DATA: five folds, two seeds.

Near-duplicates (`zugong.cases.routing.grouping`, six tenths of their pairs of characters in common) stay in one fold. The split
is published as its rule: the fold of a group is the SHA-256 of "seed first-message", as a number, modulo five, where the first
message is the plain text of the group's first row: labelled_raw.csv.gz, then labelled_segmented.csv.gz. `split` is the SHA-256 of
the folds of all rows, one digit each.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from bench import site
from zugong.cases.routing.evaluating import Sorted, evaluate, read, scores
from zugong.cases.routing.grouping import groups
from zugong.cases.routing.text import plain

SEEDS, FOLDS = (1, 2), 5
FILES = ("labelled_raw.csv.gz", "labelled_segmented.csv.gz")
FIGURES = ("macro_f1", "accuracy", "accuracy_at_80")


def main() -> None:
    """Print one JSON object: for each seed and over all folds, ours and the baseline's scores, and milliseconds."""
    folder = Path(os.environ.get("ZUGONG_DATA", "")) / "appeals"
    if not folder.is_dir():
        raise SystemExit("没有 appeals：请设 ZUGONG_DATA")
    rows = read(folder / name for name in FILES)
    print(json.dumps({"routing": measured(rows), **site.machine()}, ensure_ascii=False, indent=1))


def measured(rows: Sequence[Sorted]) -> dict[str, Any]:
    """Measure every fold of every seed."""
    together = groups([row.text for row in rows])
    split = {seed: [fold(rows[first].text, seed) for first in together] for seed in SEEDS}
    found = [measure(rows, split[seed], at) | {"seed": seed} for seed in SEEDS for at in range(FOLDS)]
    return {
        "messages": len(rows),
        "groups": len(set(together)),
        "split": {
            seed: hashlib.sha256("".join(map(str, folds)).encode()).hexdigest()
            for seed, folds in split.items()
        },
        **{f"seed {seed}": _means([one for one in found if one["seed"] == seed]) for seed in SEEDS},
        "mean": _means(found),
        "p50_ms": max(one["p50_ms"] for one in found),
        "p99_ms": max(one["p99_ms"] for one in found),
        "train_seconds": max(one["train_seconds"] for one in found),
    }


def fold(first: str, seed: int) -> int:
    """Return the fold of a group by its first message."""
    return int(hashlib.sha256(f"{seed} {plain(first)}".encode()).hexdigest(), 16) % FOLDS


def measure(rows: Sequence[Sorted], folds: Sequence[int], at: int) -> dict[str, Any]:
    """Measure one fold: ours, and beside it the baseline."""
    training = [row for row, place in zip(rows, folds, strict=True) if place != at]
    test = [row for row, place in zip(rows, folds, strict=True) if place == at]
    return evaluate(training, test) | {"baseline": baseline(training, test)}


def baseline(training: Sequence[Sorted], test: Sequence[Sorted]) -> dict[str, float]:
    """Return the scores of TF-IDF over one to three characters with LinearSVC; it is surest where first and second lie apart."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    reader = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    judge = LinearSVC(random_state=0)
    judge.fit(reader.fit_transform(plain(row.text) for row in training), [row.label for row in training])
    said = judge.decision_function(reader.transform(plain(row.text) for row in test))
    told = [str(judge.classes_[place]) for place in said.argmax(axis=1)]
    best = np.sort(said, axis=1)
    return scores([row.label for row in test], told, list(best[:, -1] - best[:, -2]))


def _means(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        figure: {
            "ours": round(mean(one[figure] for one in found), 4),
            "baseline": round(mean(one["baseline"][figure] for one in found), 4),
        }
        for figure in FIGURES
    }
