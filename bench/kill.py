"""`kill -9` of pages, worker and database under load: nothing acknowledged is lost, nothing is doubled.

Some writers enter activities through the pages, others through the action itself; some ask without an account. Each
keeps its key until the site says that the activity is entered or shows the receipt, and only then takes the next;
whoever is killed meanwhile is killed. At the end every acknowledged one is there once, with one line in the journal and
one message to each who is told, and the sealed journal verifies.

Two baselines in the same run: the same load while nobody is killed, for the writes per second; and a plain restart, in
which the process is asked to end, for the recovery. The site waits a second before it starts a dead process again.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from itertools import count
from random import Random
from urllib.parse import urlencode

from bench import site
from bench.site import Reader, Site

KILLS = 20
PLAIN = {
    "web": signal.SIGTERM,
    "database": signal.SIGINT,
    "worker": signal.SIGTERM,
}  # how each is asked to end
WRITERS = 3  # of each kind
VICTIMS = ("web", "database", "worker")
LONGEST_RECOVERY = 90.0
DAY = "2025-12-20"
WRITER = "chenlan"
VILLAGE = "白石村"
# Three writers ask from one address, more often than a village does.
UNLIMITED = {"ZUGONG_PUBLIC_ASKS": "0", "ZUGONG_PUBLIC_ASKS_IN_ALL": "0"}


def main(kills: int = KILLS) -> None:
    """Print one JSON object: what was acknowledged, lost and doubled, and how long each recovery took."""
    os.environ |= UNLIMITED
    with site.running() as demo:
        print(json.dumps({"kill": measure(demo, kills), **site.machine()}, ensure_ascii=False, indent=1))


def measure(demo: Site, kills: int, seed: int = 9) -> dict[str, object]:
    """Write and kill, then hold what was acknowledged against what is there."""
    random, acknowledged = Random(seed), Counter[str]()
    with entered(demo), writing(demo, acknowledged):
        time.sleep(1)
        quiet = per_second(acknowledged, lambda: time.sleep(kills))
        times = max(1, kills // len(VICTIMS) // 2)
        plain = [end(demo, victim, random, PLAIN[victim]) for victim in VICTIMS[:kills] * times]
        recoveries: list[tuple[str, float]] = []
        under_kills = per_second(
            acknowledged,
            lambda: recoveries.extend(end(demo, VICTIMS[n % len(VICTIMS)], random) for n in range(kills)),
        )
        time.sleep(1)
    with entered(demo):
        return {
            "kills": kills,
            "acknowledged": dict(acknowledged),
            **found(),
            "writes_per_second": {
                "without_kills": round(quiet, 1),
                "with_kills": round(under_kills, 1),
                "ratio": round(under_kills / quiet, 2),
            },
            "recovery_s": {
                victim: {
                    "killed": round(median(recoveries, victim), 2),
                    "plain_restart": round(median(plain, victim), 2),
                    "ratio": round(median(recoveries, victim) / median(plain, victim), 2),
                }
                for victim in VICTIMS
                if any(name == victim for name, _ in recoveries)
            },
            "longest_recovery_s": round(max(took for _, took in recoveries), 2),
        }


def per_second(acknowledged: Counter[str], during: Callable[[], object]) -> float:
    """Give how many writes were acknowledged each second while something was done."""
    before, start = acknowledged.total(), time.monotonic()
    during()
    return (acknowledged.total() - before) / (time.monotonic() - start)


def median(took: list[tuple[str, float]], victim: str) -> float:
    """Give the middle time of one victim."""
    return statistics.median(seconds for name, seconds in took if name == victim)


def end(
    demo: Site, victim: str, random: Random, manner: signal.Signals = signal.SIGKILL
) -> tuple[str, float]:
    """End one process in the midst of work; give how long it took until another does its work."""
    before = running(demo, victim)
    time.sleep(random.uniform(0.5, 2.0))
    with suppress(ProcessLookupError):  # it may end by itself when the one before it was ended
        os.kill(before, manner)
    start = time.monotonic()
    running(demo, victim, other_than=before)
    while not site.answers(demo.port):
        time.sleep(0.05)
        if time.monotonic() - start > LONGEST_RECOVERY:
            raise SystemExit(f"after {victim} was ended the pages did not come back")
    return victim, time.monotonic() - start


def running(demo: Site, name: str, other_than: int = 0) -> int:
    """Wait for the process of that name; give its id."""
    end = time.monotonic() + LONGEST_RECOVERY
    while time.monotonic() < end:
        if (now := demo.processes()[name]) and other_than not in now:
            return now[0]
        time.sleep(0.05)
    raise SystemExit(f"{name} did not come back")


# --- Writing ------------------------------------------------------------------------

WRITTEN = re.compile(r"requests \d+ \d{6}$")
ACKNOWLEDGED: list[str] = []  # the topics of what the site said is entered; appending is atomic


@contextmanager
def writing(demo: Site, acknowledged: Counter[str]) -> Iterator[None]:
    """Let the writers write while the block runs."""
    ACKNOWLEDGED.clear()
    over = threading.Event()
    kind, run_by = what_to_write(demo)
    ask = where_to_ask(demo)
    ways: list[tuple[str, Callable[[], Callable[[str], bool]]]] = [
        ("pages", lambda: through_pages(demo, kind, run_by)),
        ("actions", lambda: through_actions(demo, kind, run_by)),
        ("requests", lambda: without_account(demo, ask)),
    ]
    writers = [
        threading.Thread(target=write, args=(f"{name} {n}", make(), over, acknowledged))
        for name, make in ways
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()


def write(name: str, enter: Callable[[str], bool], over: threading.Event, acknowledged: Counter[str]) -> None:
    """Enter one after another, each again and again until it is acknowledged."""
    for n in count():
        topic = f"{name} {n:06}"
        while not enter(topic):
            if over.is_set():
                return
            time.sleep(0.05)
        ACKNOWLEDGED.append(topic)
        acknowledged[name.split()[0]] += 1
        if over.is_set():
            return


def through_pages(demo: Site, kind: str, run_by: int) -> Callable[[str], bool]:
    """Enter by the form that people use."""
    reader = Reader(demo.port).sign_in(WRITER)

    def enter(topic: str) -> bool:
        try:
            status, there = reader.post(
                f"/activities/new?kind={kind}",
                key=topic, topic=topic, state="planned", day=DAY, run_by=str(run_by), at="",
            )  # fmt: skip
        except (OSError, HTTPException):
            return False
        if status == 200:
            raise SystemExit(f"the form was refused: {topic}")
        return status == 302 and there.startswith("/activities/")

    return enter


def through_actions(demo: Site, kind: str, run_by: int) -> Callable[[str], bool]:
    """Enter by the action itself, as a job would."""
    from datetime import date

    from django.db import Error, connection

    from zugong.accounts.models import User
    from zugong.activities import actions
    from zugong.core import clock
    from zugong.registry.actions import policy_on
    from zugong.registry.models import Subject

    def enter(topic: str) -> bool:
        try:
            today = clock.today()
            actions.plan(
                policy_on(today), kind, day=date.fromisoformat(DAY), run_by=Subject.objects.get(pk=run_by),
                by=User.objects.get(username=WRITER), today=today, topic=topic, key=topic,
            )  # fmt: skip
        except Error:
            connection.close()
            return False
        return True

    return enter


def without_account(demo: Site, ask: str) -> Callable[[str], bool]:
    """Ask as somebody without an account does; what acknowledges it is the receipt."""
    reader = Reader(demo.port)

    def enter(topic: str) -> bool:
        try:
            if "csrftoken" not in reader.cookies:
                reader.get(ask)
            status, page = reader.send(ask, key=topic.replace(" ", "-"), matter=topic)
        except (OSError, HTTPException):
            return False
        if status == 200 and b'class="slip"' not in page:
            raise SystemExit(f"the request was refused: {topic}")
        return status == 200

    return enter


def where_to_ask(demo: Site) -> str:
    """Find a kind of request that anybody may bring, and a village whose township somebody answers for."""
    reader = Reader(demo.port)
    _, page = reader.get("/ask")
    (kind, *_) = site.links(page, r"/ask/(?!follow)[\w-]+")
    _, page = reader.get(f"{kind}?{urlencode({'q': VILLAGE})}")
    (place, *_) = site.links(page, rf"{kind}/\d+")
    return place


def what_to_write(demo: Site) -> tuple[str, int]:
    """Find a kind of activity that the writer may plan, and who runs it."""
    reader = Reader(demo.port).sign_in(WRITER)
    _, page = reader.get("/activities/new")
    for kind in re.findall(r"\?kind=([\w-]+)", page.decode()):
        _, form = reader.get(f"/activities/new?kind={kind}")
        runs = re.search(r'name="run_by".*?<option value="(\d+)"', form.decode(), re.S)
        if runs and b'name="at"' not in form:
            return kind, int(runs[1])
    raise SystemExit("the writer may plan no activity")


# --- What is there --------------------------------------------------------------------


@contextmanager
def entered(demo: Site) -> Iterator[None]:
    """Enter the demo's own database."""
    import django
    from django.db import connection

    os.environ.update(demo.environ)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zugong.config.settings"
    django.setup()
    yield
    connection.close()


def found() -> dict[str, object]:
    """Hold what was acknowledged against the database and its journal."""
    from zugong.activities.models import Activity
    from zugong.cases.models import Answer, Case
    from zugong.core.journal import actions
    from zugong.core.journal.models import Entry
    from zugong.core.journal.verify import verify
    from zugong.core.outbox.models import Message

    there = Counter(Activity.objects.filter(topic__in=ACKNOWLEDGED).values_list("topic", flat=True))
    matters = Answer.objects.filter(field="matter", case__receipt__channel="public")
    asked = {case: text for case, text in matters.values_list("case", "value") if WRITTEN.match(text)}
    there |= Counter(asked.values())
    requests = Case.objects.filter(pk__in=asked)
    received = Counter(Entry.objects.filter(deed="request.receive").values_list("on", flat=True))
    pages = [f"/cases/{pk}" for pk in requests.values_list("pk", flat=True)]
    messages = Counter(Message.objects.filter(link__in=pages).values_list("link", "to", "template"))
    written = Activity.objects.filter(entered_by__isnull=False, topic__regex=r"^(pages|actions) \d+ \d{6}$")
    told = Counter(Entry.objects.filter(deed="activity.plan").values_list("on", flat=True))
    actions.seal()
    verdict = verify()
    return {
        "lost": sum(topic not in there for topic in ACKNOWLEDGED),
        "doubled": written.count()
        - len(set(written.values_list("topic", flat=True)))
        + len(asked)
        - len(set(asked.values())),
        "told_other_than_once": sum(
            told[f"activity {pk}"] != 1 for pk in written.values_list("pk", flat=True)
        )
        + sum(received[str(one)] != 1 for one in requests)
        + sum(many != 1 for many in messages.values()),
        "messages": len(messages),
        "journal_holds": verdict.holds,
        "journal_sealed": verdict.sealed,
    }
