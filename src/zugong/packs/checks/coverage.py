"""8 Coverage: every id exists and is computable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zugong.packs.checks.saying import entries, say
from zugong.packs.findings import Finding
from zugong.packs.mechanisms import Mechanism
from zugong.packs.nearest import nearest
from zugong.packs.policy import Policy


def found(policy: Policy, mechanisms: Mapping[str, Mechanism]) -> Iterator[Finding]:
    """Yield ids that are not in the list, or that no software can carry."""
    for key, entry in entries(policy):
        for place, id in enumerate(entry.mechanisms):
            if id not in mechanisms:
                yield say(
                    policy,
                    "E801",
                    key,
                    ("mechanisms", place),
                    f"没有编号“{id}”的机制",
                    nearest(id, mechanisms),
                )
            elif not mechanisms[id].computable:
                yield say(
                    policy, "E802", key, ("mechanisms", place),
                    f"“{id} {mechanisms[id].label}”只是工作导向，没有可以算的", "去掉这个编号",
                )  # fmt: skip
