"""Sentences that engines hand to people: written once in Chinese, and said in the reader's language where they are shown.

A sentence is a template and its words. The template is a literal of the program, so that the catalogue holds its
English; whatever people typed comes in as a word and is never read as a template. Engines know no language: a page
or the terminal brings the catalogue with it (`Sentence.told`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


class Sentence(str):
    """A sentence, read as Chinese wherever text is read, and able to be told in another language.

    Words are put in as people of that language write them: a day, a list, another sentence, and whatever has two
    labels (`said(language)`, as the entries of a pack have).

    >>> Sentence("{day}以前还有 {left}", day=date(2025, 3, 10), left=["甲村", "乙村"])
    '2025年3月10日以前还有 甲村、乙村'

    A translation says what a number needs beside it:

    >>> Sentence("有 {many} 行有误", many=1).told(lambda _: "{many} {many:row is|rows are} wrong", "en")
    '1 row is wrong'
    """

    __slots__ = ("template", "words")

    template: str
    words: Mapping[str, object]

    def __new__(cls, template: str, /, **words: object) -> Sentence:  # noqa: D102 - the class says it
        it = super().__new__(cls, _filled(template, words, str, "zh"))
        it.template = template
        it.words = words
        return it

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Let a copy be made of the template and its words, not of the text."""
        return (self.template,), dict(self.words)

    def told(self, translate: Callable[[str], str], language: str) -> str:
        """Return the sentence in a language, its template as `translate` has it."""
        return _filled(translate(self.template), self.words, translate, language)

    def kept(self) -> dict[str, Any]:
        """Return the words as JSON has them, so that whoever reads the sentence later reads it in their own language."""
        return {name: _kept(word) for name, word in self.words.items()}

    @classmethod
    def again(cls, template: str, kept: Mapping[str, Any]) -> Sentence:
        """Return the sentence of a template and its kept words."""
        return cls(template, **{name: _again(word) for name, word in kept.items()})


@dataclass(frozen=True)
class Label:
    """The two labels of an entry of a pack, as they were when the sentence was kept."""

    zh: str
    en: str

    def __str__(self) -> str:
        """As it is read in Chinese."""
        return self.zh

    def said(self, language: str) -> str:
        """Return the label in a language; the Chinese one where there is no other."""
        return self.en or self.zh if language.startswith("en") else self.zh


def _kept(word: Any) -> Any:
    match word:
        case Sentence():
            return {"template": word.template, "words": word.kept()}
        case str() | int():
            return word
        case date():
            return {"day": word.isoformat()}
        case list() | tuple():
            return [_kept(one) for one in word]
    if hasattr(word, "said"):
        return {"zh": word.said("zh"), "en": word.said("en")}
    return str(word)


def _again(kept: Any) -> Any:
    match kept:
        case {"template": template, "words": words}:
            return Sentence.again(template, words)
        case {"day": day}:
            return date.fromisoformat(day)
        case {"zh": zh, "en": en}:
            return Label(zh, en)
        case list():
            return [_again(one) for one in kept]
    return kept


def nested(text: str) -> str:
    """Write quotes inside quotes as ‘ and ’ (GB/T 15834-2011 4.8.3.3); a text whose quotes are not paired stays as it is.

    >>> nested("请填写“近三年“回头看”情况”")
    '请填写“近三年‘回头看’情况”'
    """
    depth, written = 0, []
    for sign in text:
        depth -= sign == "”"
        inner = depth % 2 == 1
        written.append({"“": "‘", "”": "’"}.get(sign, sign) if inner else sign)
        depth += sign == "“"
        if depth < 0:
            return text
    return text if depth else "".join(written)


def _filled(
    template: str, words: Mapping[str, object], translate: Callable[[str], str], language: str
) -> str:
    put = {name: _Put(_put(word, translate, language)) for name, word in words.items()}
    return nested(template.format(**put))


class _Put(str):
    """A word as it is put in. A number can choose what stands beside it: {many:row is|rows are}."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        one, both, many = spec.partition("|")
        return (one if self == "1" else many) if both else super().__format__(spec)


def _put(word: Any, translate: Callable[[str], str], language: str) -> str:
    english = language.startswith("en")
    match word:
        case Sentence():
            return word.told(translate, language)
        case str():
            return str(word)
        case date():
            return f"{word.day} {word:%B %Y}" if english else f"{word.year}年{word.month}月{word.day}日"
        case list() | tuple():
            return (", " if english else "、").join(_put(one, translate, language) for one in word)
    return _put(word.said(language), translate, language) if hasattr(word, "said") else str(word)
