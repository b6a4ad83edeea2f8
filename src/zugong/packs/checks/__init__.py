"""What `packs check` proves before anything runs: one file per family, every finding at once.

Reading (packs.E0xx) is proved by the loader while it reads; a policy that could be built comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from zugong.packs.checks import (
    adverse,
    burden,
    cases,
    coverage,
    english,
    ledgers,
    names,
    numbers,
    requests,
    rules,
)
from zugong.packs.findings import Finding
from zugong.packs.loader import Library, attempt
from zugong.packs.mechanisms import Mechanism
from zugong.packs.policy import Policy

Family = Callable[[Policy], Iterator[Finding]]

FAMILIES: dict[str, Family] = {
    "names": names.found,  # E1xx
    "cases": cases.found,  # E2xx
    "requests": requests.found,  # E223 to E231, E243
    "adverse": adverse.found,  # E3xx
    "rules": rules.found,  # E4xx
    "numbers": numbers.found,  # E5xx
    "burden": burden.found,  # E6xx
    "ledgers": ledgers.found,  # E7xx
    "english": english.found,  # E85x
}


def check(policy: Policy, *, mechanisms: Mapping[str, Mechanism] | None = None) -> list[Finding]:
    """Return everything wrong with a policy, in the order of files and lines.

    `mechanisms` is the list that ids are held against; without it family 8 is left out.
    """
    findings = {finding for family in FAMILIES.values() for finding in family(policy)}
    if mechanisms is not None:
        findings |= set(coverage.found(policy, mechanisms))  # E80x
    return sorted(findings, key=lambda one: (one.file, one.line, one.id, one.message))


def examine(
    packs: Library, name: str, *, mechanisms: Mapping[str, Mechanism] | None = None
) -> tuple[Policy | None, list[Finding]]:
    """Read a pack and prove what can be proved: the policy where it could be built, and everything that was found.

    What does not read would be found missing again by every check that follows: so those begin only then.
    """
    policy, findings = attempt(packs, name)
    if policy is None or findings:
        return policy, sorted(set(findings))
    return policy, check(policy, mechanisms=mechanisms)
