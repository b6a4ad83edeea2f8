"""The main pages for fifty people at once, against the plainest page of the same server under the same load.

Fifty people are signed in to the demo. Each opens a page, reads it for five seconds on average, and opens
another, for half a minute. The baseline is `/health`: one question to the database, no session, no template,
asked by one more reader all the while. `ratio` is the page's p95 over the baseline's.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections import defaultdict
from random import Random

from bench import site
from bench.site import Reader, Site

PEOPLE = 50
READING = 5.0  # seconds on a page, on average
WARMING = 5.0
MEASURING = 30.0
BASELINE = "/health"

# What is measured: a name, and how to find it from a list that leads to it.
LISTS = {"desk": "/", "organisations": "/organisations", "cases": "/cases", "bulletins": "/bulletins"}
RECORDS = {
    "organisation": ("/organisations", r"/organisations/\d+"),
    "rating run": ("/ratings", r"/ratings/\d+"),
    "case": ("/cases", r"/cases/\d+"),
    "bulletin": ("/bulletins", r"/bulletins/\d+"),
}


def main() -> None:
    """Print one JSON object: each page's count, median, p95 and ratio to the baseline."""
    with site.running() as demo:
        print(json.dumps({"pages": measure(demo), **site.machine()}, ensure_ascii=False, indent=1))


def measure(demo: Site) -> dict[str, object]:
    """Let fifty people read, and tell how long each page took, in milliseconds."""
    compose_bulletin(demo)
    names = readers(demo)
    took: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    begun = time.monotonic() + WARMING
    people = [
        threading.Thread(target=_read, args=(demo, names[n % len(names)], Random(n), begun, took, wrong))
        for n in range(PEOPLE)
    ]
    people.append(threading.Thread(target=_watch, args=(demo, begun, took)))
    for person in people:
        person.start()
    for person in people:
        person.join()
    if wrong:
        raise SystemExit(f"{len(wrong)} pages failed, the first: {wrong[0]}")
    baseline = _p95(took[BASELINE])
    return {
        "people": PEOPLE,
        "seconds": MEASURING,
        "pages_per_second": round(sum(len(each) for name, each in took.items() if name != BASELINE) / MEASURING, 1),
        **{
            name: {
                "count": len(each),
                "median_ms": round(statistics.median(each)),
                "p95_ms": round(_p95(each)),
                "ratio": round(_p95(each) / baseline, 1),
            }
            for name, each in sorted(took.items())
        },
    }  # fmt: skip


def compose_bulletin(demo: Site) -> str:
    """Draft a month's bulletin, if none is there to read; give its address."""
    desk = Reader(demo.port).sign_in("chenlan")
    _, page = desk.get("/bulletins")
    if known := site.links(page, r"/bulletins/\d+"):
        return known[0]
    status, there = desk.post("/bulletins", kind="monthly", within="2025-11")
    if status != 302:
        raise SystemExit(f"the bulletin was not drafted: {status}")
    return there


def readers(demo: Site) -> list[str]:
    """Name those of the demo's people who see organisations."""
    _, page = Reader(demo.port).get("/signin")
    names = [part.split('"')[0] for part in page.decode().split('name="user" value="')[1:]]
    return [name for name in names if Reader(demo.port).sign_in(name).get("/organisations")[0] == 200]


def addresses(reader: Reader) -> dict[str, str]:
    """Find what this person may open, by name."""
    found = dict(LISTS)
    for name, (there, pattern) in RECORDS.items():
        if known := site.links(reader.get(there)[1], pattern):
            found[name] = known[0]
    return found


def _read(demo: Site, username: str, random: Random, begun: float, took: dict[str, list[float]], wrong: list[str]) -> None:  # fmt: skip
    reader = Reader(demo.port).sign_in(username)
    pages = sorted(addresses(reader).items())
    time.sleep(max(0.0, begun - WARMING / 2 - time.monotonic()))
    while time.monotonic() < begun + MEASURING:
        time.sleep(random.uniform(0, 2 * READING))
        name, page = random.choice(pages)
        start = time.monotonic()
        status, _ = reader.get(page)
        if status != 200:
            wrong.append(f"{username} {page} {status}")
        if begun <= start < begun + MEASURING:
            took[name].append(1000 * (time.monotonic() - start))


def _watch(demo: Site, begun: float, took: dict[str, list[float]]) -> None:
    reader = Reader(demo.port)
    time.sleep(max(0.0, begun - time.monotonic()))
    while time.monotonic() < begun + MEASURING:
        start = time.monotonic()
        reader.get(BASELINE)
        took[BASELINE].append(1000 * (time.monotonic() - start))
        time.sleep(0.25)


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
