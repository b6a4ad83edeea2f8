"""Walk the chain from its beginning and say where it breaks. An independent reviewer needs only this page."""

from __future__ import annotations

from dataclasses import dataclass

from zugong.core.journal.actions import text_of, unsealed
from zugong.core.journal.models import Head, Seal
from zugong.core.journal.rules import GENESIS, chained


@dataclass(frozen=True)
class Verdict:
    """What verification found: how many seals were walked, how many entries wait, and the first break."""

    sealed: int
    unsealed: int
    head: str
    broken: str = ""

    @property
    def holds(self) -> bool:
        """Say whether the whole chain holds."""
        return not self.broken


def verify(*, sequence: int = 0, digest: str = "") -> Verdict:
    """Recompute every seal; then hold the chain against the exported heads, and against one given from outside.

    A tail that was cut off together with the heads in the database shows only against a head from outside.
    """
    before, walked, seen = GENESIS, 0, {0: GENESIS}
    wanted = {head.sequence: head.digest for head in Head.objects.all()}
    if digest:
        wanted[sequence] = digest
    for seal in Seal.objects.select_related("entry").iterator(chunk_size=2000):
        if seal.sequence != walked + 1:
            return _broken(walked, before, f"第 {walked + 1} 号封存不见了")
        if seal.digest != chained(before, text_of(seal.entry)):
            return _broken(walked, before, f"第 {seal.sequence} 号封存与记录 {seal.entry_id} 不符")
        walked, before = seal.sequence, seal.digest
        if walked in wanted:
            seen[walked] = before
    if Seal.objects.count() != walked:
        return _broken(walked, before, f"第 {walked + 1} 号封存的记录不见了")
    for place, expected in sorted(wanted.items()):
        if seen.get(place) != expected:
            return _broken(walked, before, f"链头不符：第 {place} 号应为 {expected[:12]}…")
    return Verdict(walked, unsealed().count(), before)


def _broken(walked: int, head: str, sentence: str) -> Verdict:
    return Verdict(walked, unsealed().count(), head, sentence)
