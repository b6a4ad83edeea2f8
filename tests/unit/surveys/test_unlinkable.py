"""Two hundred people vote; somebody with the whole database as its superuser tries to find out who chose what.

Each attack gives every voter a sign: whatever lies beside them in some order, or whatever changed when they voted. Signs
are matched to grades as well as they can be; the hits are held against the same matching on votes dealt out at random.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from statistics import mean, stdev

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ground import OWNER
from little_county import DAY, county, in_force
from zugong.accounts.rules import Role
from zugong.core.database import roles
from zugong.core.journal.models import Entry
from zugong.registry import actions as registry
from zugong.surveys import actions as surveys
from zugong.surveys.models import Slip, Urn
from zugong.surveys.rules import written

SCALE = ("好", "较好", "一般", "较差")
VOTERS = 200
PACK = """
survey: rating
label: 测评
about: organisation.township
voters: {villages: {who: organisation.village}}
ask: [{id: overall, label: 总体, scale: [好, 较好, 一般, 较差]}]
minimum: {values: {2025-01-01: {value: 3, source: paper, clause: 第九条}}}
"""
Signs = Sequence[int]  # one for each voter, 0 to 3


def hits(signs: Signs, votes: Sequence[str]) -> int:
    """Match signs to grades in the best of all ways, and count who is found out."""
    pairs = {(sign, grade): 0 for sign in range(4) for grade in SCALE}
    for pair in zip(signs, votes, strict=True):
        pairs[pair] += 1
    return max(sum(pairs[sign, grade] for sign, grade in enumerate(way)) for way in permutations(SCALE))


def by_chance(signs: Signs, votes: Sequence[str]) -> float:
    """How many hits the same signs have on votes dealt out at random, and five deviations more."""
    dealer, dealt = random.Random(16), list(votes)
    found = []
    for _ in range(200):
        dealer.shuffle(dealt)
        found.append(hits(signs, dealt))
    return mean(found) + 5 * max(stdev(found), 1)


def changes(versions: Sequence[bytes]) -> Signs:
    """Say of each version in which quarter it first differs from the one before, its end apart from what all share."""
    shared = next((at for at, column in enumerate(zip(*versions, strict=True)) if len(set(column)) > 1), 0)
    length = len(versions[0]) - shared
    signs = []
    for old, new in pairwise(versions):
        differing = [at for at in range(length) if old[shared + at] != new[shared + at]]
        signs.append(4 * differing[0] // length if differing else 0)
    return signs


def test_the_attack_finds_everybody_where_counts_are_kept_open():
    counts, versions = [0] * 4, [written([0] * 4).encode()]
    votes = random.Random(8).choices(SCALE, weights=(5, 3, 1, 1), k=VOTERS)
    for vote in votes:
        counts[SCALE.index(vote)] += 1
        versions.append(written(counts).encode())
    signs = changes(versions)
    assert hits(signs, votes) > by_chance(signs, votes)
    assert hits(signs, votes) > 0.9 * VOTERS


@pytest.fixture
def as_superuser(transactional_db: None) -> Iterator[object]:
    with roles.connect(OWNER.to(connection.settings_dict["NAME"])) as superuser:
        yield superuser


def test_with_the_whole_database_slips_match_ballots_no_better_than_chance(as_superuser):
    little = county()
    desk = little.user(Role.DESK, little.root)
    villages = list(little.villages)
    for i in range(VOTERS - len(villages)):
        villages.append(
            registry.add(
                "organisation", klass="village", name=f"村{i}", parent=little.townships[0], since=None, by="t"
            )
        )
    sheet = surveys.open_sheet(
        in_force(surveys=PACK), "rating", about=little.townships[0], round="2025", day=DAY, by=desk
    )
    dice = random.Random(2026)
    dice.shuffle(villages)
    chosen = dict(zip(villages, dice.choices(SCALE, weights=(5, 3, 1, 1), k=VOTERS), strict=True))
    slips = {slip.voter_id: slip for slip in Slip.objects.filter(survey=sheet)}
    users = {village: little.user(Role.VILLAGE_SECRETARY, village) for village in villages}
    urns = [Urn.objects.get(survey=sheet).sealed.encode()]
    told: list[str] = []
    for village, grade in chosen.items():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            surveys.cast(slips[village.pk], grades={"overall": grade}, by=users[village], day=DAY)
        told += [one["sql"] for one in asked]
        urns.append(Urn.objects.get(survey=sheet).sealed.encode())
    # What pg_stat_activity, pg_stat_statements or the server's own log could show of a session.
    assert not [sql for sql in told if any(grade in sql for grade in SCALE)]
    old = dead_versions(as_superuser)
    surveys.close(sheet, by=desk, day=DAY)

    pk_of = {str(user): village.pk for village, user in users.items()}
    journal = [pk_of[line.by] for line in Entry.objects.filter(deed="survey.cast").order_by("pk")]
    orders = {
        "ids of slips": ordered(as_superuser, "surveys_slip", "voter_id", "id"),
        "places of slips in the file": ordered(as_superuser, "surveys_slip", "voter_id", "ctid"),
        "transactions of slips": ordered(as_superuser, "surveys_slip", "voter_id", "xmin::text::bigint"),
        "lines of the journal": journal,
    }
    ballots = {
        way: [SCALE.index(grade) for grade, many in ordered_pairs(as_superuser, way) for _ in range(many)]
        for way in ("id", "ctid", "xmin::text::bigint, ctid")
    }
    attacks = {
        f"{order} beside tallies by {way}": (voters, signs)
        for order, voters in orders.items()
        for way, signs in ballots.items()
    }
    attacks["what changed in the urn, with the journal"] = (journal, changes(urns))
    if len(old) > VOTERS // 2:  # pageinspect is there, and nothing was vacuumed away
        attacks["dead versions of the urn"] = (journal[-len(old) + 1 :], changes(old))
    grade_of = {village.pk: grade for village, grade in chosen.items()}
    for name, (voters, signs) in attacks.items():
        votes = [grade_of[voter] for voter in voters]
        assert len(voters) == len(signs), name
        assert hits(signs, votes) <= by_chance(signs, votes), name


def ordered(superuser, table: str, column: str, by: str) -> list[int]:
    return [row[0] for row in superuser.execute(f"SELECT {column} FROM {table} ORDER BY {by}").fetchall()]


def ordered_pairs(superuser, by: str) -> list[tuple[str, int]]:
    return superuser.execute(f"SELECT grade, ballots FROM surveys_tally ORDER BY {by}").fetchall()


def dead_versions(superuser) -> list[bytes]:
    """Return what PostgreSQL still keeps of the urn's older versions, oldest first; nothing without pageinspect."""
    there = superuser.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pageinspect'").fetchone()
    if not there:
        return []
    superuser.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
    pages = superuser.execute("SELECT pg_relation_size('surveys_urn') / 8192").fetchone()[0]
    rows = [
        row
        for page in range(pages)
        for row in superuser.execute(
            "SELECT t_xmin::text::bigint, t_data FROM heap_page_items(get_raw_page('surveys_urn', %s)) "
            "WHERE t_data IS NOT NULL",
            (page,),
        ).fetchall()
    ]
    return [bytes(data)[-120:] for _, data in sorted(rows)]
