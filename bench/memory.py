"""What a whole site needs in memory: database, pages and jobs, after every main page and every kind of paper.

The baseline is the limit that was promised, one gigabyte; each process counts its own share of what is shared (PSS).
"""

from __future__ import annotations

import json
import time

from bench import pages, site
from bench.site import Reader, Site

PROMISED = 1_000_000  # kB
PAPERS = ("pdf", "docx", "xlsx")


def main() -> None:
    """Print one JSON object: kB by process, the sum, and its ratio to the promise."""
    with site.running() as demo:
        use(demo)
        print(json.dumps({"memory": measure(demo), **site.machine()}, ensure_ascii=False, indent=1))


def use(demo: Site) -> None:
    """Open everything that is big: the main pages of every reader, and a bulletin printed three ways."""
    bulletin = pages.compose_bulletin(demo)
    desk = Reader(demo.port).sign_in("chenlan")
    for kind in PAPERS:
        status, _ = desk.get(f"{bulletin}/paper.{kind}")
        assert status == 200, (kind, status)
    for name in pages.readers(demo):
        reader = Reader(demo.port).sign_in(name)
        for page in pages.addresses(reader).values():
            reader.get(page)
    time.sleep(2)  # the worker settles


def measure(demo: Site) -> dict[str, object]:
    """Add up what each process holds, in kB."""
    held = {name: sum(map(site.pss, pids)) for name, pids in demo.processes().items()}
    total = sum(held.values())
    return {**held, "total_kb": total, "promised_kb": PROMISED, "ratio": round(total / PROMISED, 2)}
