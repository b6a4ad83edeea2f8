"""English is complete where a pack says so (`bilingual: true`)."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from zugong.packs.checks.saying import say
from zugong.packs.findings import Finding
from zugong.packs.places import Key
from zugong.packs.policy import Policy
from zugong.packs.walking import walk


def found(policy: Policy) -> Iterator[Finding]:
    """Yield every label of a bilingual pack that stands in Chinese alone."""
    bilingual = {name for name, info in policy.packs.items() if info.bilingual}
    for key, whole, pack in _everything(policy):
        if pack not in bilingual:
            continue
        for path, part in walk(whole):
            if not isinstance(part, BaseModel):
                continue
            if getattr(part, "label", "") and getattr(part, "english", None) == "":
                yield say(policy, "E851", key, path, f"“{getattr(part, 'label', '')}”没有英文", "写 english:")
            for word in sorted(set(getattr(part, "words", ())) - set(getattr(part, "english_words", ()))):
                at = (*path, "words", word)
                yield say(policy, "E852", key, at, f"“{word}”没有英文", "在 english_words: 里补上")


def _everything(policy: Policy) -> Iterator[tuple[Key, BaseModel, str]]:
    for key, entry in policy.entries.items():
        yield key, entry, policy.where[key].pack
    for kind, words in {"field": policy.fields, "role": policy.roles, "source": policy.sources}.items():
        for name, word in words.items():
            yield (kind, name), word, policy.words[kind, name]
