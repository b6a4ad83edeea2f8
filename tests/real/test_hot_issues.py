"""The topics that a city was asked about again and again are found week by week among real messages."""

import csv
import gzip
import os
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from zugong.cases.routing.topics import topics

NEAR = 280  # as the national pack has it
# Where, and what: the best known of a year, each in the weeks when it was asked about most.
KNOWN = (("伊景园", "车位", (2019, 34)), ("丽发新城", "搅拌站", (2019, 49)), ("车贷", "立案", (2019, 3)))


@pytest.fixture(scope="module")
def weeks() -> dict[tuple[int, int], list[str]]:
    file = Path(os.environ.get("ZUGONG_DATA", "/nowhere")) / "appeals" / "attach3_hot_4326.csv.gz"
    if not file.exists():
        pytest.skip("ZUGONG_DATA: no appeals")
    found = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            year, week, _day = date.fromisoformat(row["time"][:10]).isocalendar()
            found[year, week].append(row["title"] + row["detail"])
    return found


@pytest.mark.parametrize(("where", "what", "week"), KNOWN)
def test_a_topic_asked_about_again_and_again_is_found_in_its_week(weeks, where, what, week):
    texts = weeks[week]
    about = {place for place, text in enumerate(texts) if where in text and what in text}
    best = max(topics(texts, NEAR), key=lambda group: len(about & set(group)))
    assert len(about & set(best)) >= 3
    assert len(about & set(best)) >= 0.6 * len(best), "no strangers in it"
