"""Lists of 100,000 cases against the same pages with 268: how many questions they ask, and how long they take.

The demo's own first open case is copied, by codes only, over all its organisations of the same class. The pages are drawn in
this process, so that the questions can be counted. `ratio` is the p95 with 100,000 over the p95 with 268.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from bench import site
from bench.kill import entered
from bench.site import Site

FEW, MANY = 268, 100_000
TIMES = 10
READER = "chenlan"
COPY = """
INSERT INTO cases_case SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', 1000000 + n, 'number', 'bench ' || n, 'key', NULL, 'parent_id', NULL,
    'about_id', places.ids[1 + n %% cardinality(places.ids)], 'due_on', c.opened_on + (n %% 365)::int))).*
FROM cases_case c,
    (SELECT array_agg(DISTINCT about_id ORDER BY about_id) AS ids FROM cases_case) places,
    generate_series((SELECT count(*) + 1 FROM cases_case WHERE number LIKE 'bench %%'), %s) n
WHERE c.id = (SELECT min(id) FROM cases_case WHERE closed_on IS NULL AND parent_id IS NULL)
"""


def main() -> None:
    """Print one JSON object: for each page its questions and p95 with few and with many, and the ratio."""
    with site.running() as demo:
        print(json.dumps({"lists": measure(demo), **site.machine()}, ensure_ascii=False, indent=1))


def measure(demo: Site, few: int = FEW, many: int = MANY) -> dict[str, object]:
    """Draw the pages with few cases and with many."""
    with entered(demo):
        fill(demo, few)
        before = drawn()
        fill(demo, many)
        after = drawn()
    return {
        "cases": [few, many],
        **{
            page: {
                "questions": [before[page][0], after[page][0]],
                "p95_ms": [round(before[page][1]), round(after[page][1])],
                "ratio": round(after[page][1] / before[page][1], 2),
            }
            for page in before
        },
    }


def fill(demo: Site, number: int) -> None:
    """Copy the first case until there are so many copies, as the owner, and count the rows for the planner."""
    from zugong.core.database import Role, address, roles

    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with roles.connect(address(demo.home, Role.OWNER, environ)) as connection:
        connection.execute(COPY, [number])
        connection.execute("ANALYZE")


def drawn() -> dict[str, tuple[int, float]]:
    """Give for each page how many questions it asks, and its p95 in milliseconds."""
    from django.conf import settings
    from django.test import Client

    from zugong.accounts.models import User
    from zugong.cases.models import Case

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    about = Case.objects.get(number="bench 1").about_id
    pages = {
        "cases": "/cases",
        "cases, last page": "/cases?page=100000",
        "cases of all states": "/cases?state=all",
        "organisations": "/organisations",
        "organisation": f"/organisations/{about}",
        "desk": "/",
    }
    client = Client()
    client.force_login(User.objects.get(username=READER), "zugong.accounts.backends.SignIn")
    return {name: timed(client, page) for name, page in pages.items()}


def timed(client: Any, page: str) -> tuple[int, float]:
    """Draw a page many times."""
    from django.db import connection

    client.get(page)
    questions: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        questions.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        answer = client.get(page)
    if answer.status_code != 200:
        raise SystemExit(f"{page}: {answer.status_code}")
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        client.get(page)
        took.append(1000 * (time.perf_counter() - start))
    return len(questions), sorted(took)[int(len(took) * 0.95)]
