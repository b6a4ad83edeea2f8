"""A model of who gets what: which runs of characters speak for which label. Trained by scikit-learn, read by numpy alone.

One linear judge for each label over runs of one to three characters of the whole message, and of its opening apart, each run
weighed by how much oftener it stands with the label than without (Wang and Manning 2012, Baselines and bigrams). What the
judges say of messages they have not seen teaches how certain they may be (Platt scaling over all labels at once).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from zugong.cases.routing.grouping import FILLING, groups
from zugong.cases.routing.text import plain, runs
from zugong.core.errors import Refused

LONGEST = 3  # characters of a run
OPENING = 25  # characters in which most people say what they want; the rest says how it came about
OPENING_WEIGHS = 0.7
MOST = 3  # proposals, and reasons for each
FOLDS = 3  # within the training messages, to learn how certain to be
FEW = 50  # messages: of so few, every run is learnt
FORMAT = 1  # of the stored model

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
Runs = NDArray[np.uint64]


@dataclass(frozen=True)
class Proposal:
    """One label, its certainty in thousandths, and the pieces of the message that spoke for it, the strongest first."""

    label: str
    certainty: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """The known runs of a piece of text: their places in the model, their values as a vector, how often each occurs."""

    places: Places
    values: Numbers
    counts: Places
    where: Places  # for each run of the piece, as it is read, which of them it is; -1: unknown

    def heat(self, said: Numbers, length: int) -> Numbers:
        """Return what each of `length` characters says: a run shares what it says among its occurrences and their characters."""
        each = np.append(said * self.values / self.counts, 0.0)[self.where]
        heat, start = np.zeros(length), 0
        for size in range(1, LONGEST + 1):
            many = max(length - size + 1, 0)
            for later in range(size):
                heat[later : later + many] += each[start : start + many] / size
            start += many
        return heat


@dataclass(frozen=True)
class Part:
    """What a model knows of one part of a message: runs in order, how rare each is, what each says for each label."""

    runs: Runs
    rarity: NDArray[np.float32]  # inverse document frequency
    weights: NDArray[np.float32]  # runs × labels

    def read(self, text: str, weighs: float = 1.0) -> Reading:
        """Look up every run of a plain text."""
        found, back, counts = np.unique(_every_run(text), return_inverse=True, return_counts=True)
        places = np.searchsorted(self.runs, found)
        places[places == len(self.runs)] = 0
        known = self.runs[places] == found
        places, counts = places[known], counts[known]
        values = (1 + np.log(counts)) * self.rarity[places]
        values *= weighs / (np.linalg.norm(values) or 1.0)
        return Reading(places, values, counts, np.where(known, np.cumsum(known) - 1, -1)[back])


@dataclass(frozen=True)
class Model:
    """A trained model. The same message has the same answer on every machine."""

    labels: tuple[str, ...]
    whole: Part
    opening: Part
    bias: Numbers  # of each label
    slope: Numbers  # labels × labels: how certain the judges may be
    offset: Numbers

    def propose(self, text: str, threshold: int = 0) -> list[Proposal]:
        """Return up to three labels with a certainty of at least `threshold` thousandths, the surest first."""
        text = plain(text)
        if not text:
            return []
        readings = self._read(text)
        certain = (1000 * _shares(self._said(readings) @ self.slope + self.offset)).astype(int)
        best = np.argsort(-certain, kind="stable")[:MOST].tolist()
        return [
            Proposal(self.labels[place], int(certain[place]), self._words(text, readings, place))
            for place in best
            if certain[place] >= max(threshold, 1)
        ]

    def said(self, text: str) -> Numbers:
        """Return what each label's judge says of a plain text."""
        return self._said(self._read(text))

    def _read(self, text: str) -> list[tuple[Part, Reading]]:
        return [
            (self.whole, self.whole.read(text)),
            (self.opening, self.opening.read(text[:OPENING], OPENING_WEIGHS)),
        ]

    def _said(self, readings: list[tuple[Part, Reading]]) -> Numbers:
        said = self.bias.copy()
        for part, reading in readings:
            said += reading.values @ part.weights[reading.places]
        return said

    def _words(self, text: str, readings: list[tuple[Part, Reading]], label: int) -> tuple[str, ...]:
        """Return the pieces of a plain text that speak most for a label rather than for the others."""
        heat = np.zeros(len(text))
        for part, reading in readings:
            own = part.weights[reading.places]
            length = min(len(text), OPENING) if part is self.opening else len(text)
            heat[:length] += reading.heat(own[:, label] - own.mean(axis=1), length)
        heat[[ord(character) in FILLING for character in text]] = 0
        return tuple(_pieces(text, heat))

    def to_bytes(self) -> bytes:
        """Return the model as one file of numbers; nothing in it can be run."""
        kept = io.BytesIO()
        head = json.dumps({"format": FORMAT, "labels": self.labels}, ensure_ascii=False)
        arrays: dict[str, Any] = {
            "head": np.array(head),
            "bias": self.bias,
            "slope": self.slope,
            "offset": self.offset,
        }
        for name, part in (("whole", self.whole), ("opening", self.opening)):
            arrays |= {f"{name}_{what}": getattr(part, what) for what in PART}
        np.savez_compressed(kept, **arrays)
        return kept.getvalue()


PART = ("runs", "rarity", "weights")


def from_bytes(content: bytes) -> Model:
    """Read a stored model. Raises Refused where the content is none, or of another format."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            head = json.loads(str(kept["head"]))
            if head["format"] != FORMAT:
                raise Refused("这个分派模型是另一版程序训练的，请重新训练")
            whole, opening = (
                Part(*(kept[f"{name}_{what}"] for what in PART)) for name in ("whole", "opening")
            )
            return Model(tuple(head["labels"]), whole, opening, kept["bias"], kept["slope"], kept["offset"])
    except (ValueError, KeyError, OSError, EOFError, TypeError, IndexError, BadZipFile):
        raise Refused("这个文件不是分派模型") from None


def _shares(said: Numbers) -> Numbers:
    """Return shares that come to one."""
    shares: Numbers = np.exp(said - said.max())
    shares /= shares.sum()
    return shares


def _pieces(text: str, heat: Numbers) -> list[str]:
    """Return the warmest stretches of a text: neighbouring characters that each speak more than the warm ones do on average."""
    warm = heat > heat[heat > 0].mean() if (heat > 0).any() else np.zeros(len(heat), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], warm, [0]]))).tolist()
    said: dict[str, float] = {}
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > 1:
            said[text[start:end]] = max(said.get(text[start:end], 0.0), float(heat[start:end].sum()))
    return sorted(said, key=lambda piece: -said[piece])[:MOST]


# --- Training -----------------------------------------------------------------------------


def train(texts: Sequence[str], labels: Sequence[str]) -> Model:
    """Learn from messages that people have sorted. Raises Refused where there are not two labels to tell apart."""
    read = [(plain(text), str(label)) for text, label in zip(texts, labels, strict=True)]
    read = [(text, label) for text, label in read if text]
    known = tuple(sorted({label for _text, label in read}))
    if len(known) < 2:
        raise Refused("至少要有两个类别的诉求才能训练")
    plains, sorted_to = (
        [text for text, _label in read],
        np.array([known.index(label) for _text, label in read]),
    )
    slope, offset = _certainty(plains, sorted_to, known)
    return replace(_judges(plains, sorted_to, known), slope=slope, offset=offset)


def _judges(texts: Sequence[str], sorted_to: Places, labels: tuple[str, ...]) -> Model:
    """Return one linear judge for each label, learnt from plain texts; they do not know yet how certain they may be."""
    whole, opening, rows = as_rows(texts)
    weights, bias = _learnt(rows, sorted_to, len(labels))
    many = len(whole.runs)
    whole, opening = replace(whole, weights=weights[:many]), replace(opening, weights=weights[many:])
    return Model(labels, whole, opening, bias, np.eye(len(labels)), np.zeros(len(labels)))


def as_rows(texts: Sequence[str]) -> tuple[Part, Part, Any]:
    """Return the runs of plain texts, of the whole and of the opening, without weights yet, and each text as a sparse row of both."""
    from scipy.sparse import hstack

    whole, first = _read(texts)
    opening, second = _read([text[:OPENING] for text in texts])
    return whole, opening, hstack([first, second * OPENING_WEIGHS]).tocsr()


def _read(texts: Sequence[str]) -> tuple[Part, Any]:
    """Return the runs with their rarity, without weights yet, and the texts as rows of their values."""
    from scipy.sparse import csr_matrix

    found = np.concatenate([np.unique(_every_run(text)) for text in texts])
    known, documents = np.unique(found, return_counts=True)
    # A run that one message alone has is as likely a name as a word: it is not learnt.
    often = documents >= (2 if len(texts) > FEW else 1)
    rarity = np.log((1 + len(texts)) / (1 + documents[often])) + 1
    part = Part(known[often], rarity.astype(np.float32), np.zeros((0, 0), np.float32))
    read = [part.read(text) for text in texts]
    columns = np.concatenate([each.places for each in read])
    values = np.concatenate([each.values for each in read])
    starts = np.cumsum([0, *(len(each.places) for each in read)])
    return part, csr_matrix((values, columns, starts), shape=(len(texts), len(part.runs)))


def _every_run(text: str) -> Runs:
    return np.concatenate(runs(text, LONGEST))


def _learnt(messages: Any, sorted_to: Places, labels: int) -> tuple[NDArray[np.float32], Numbers]:
    """Return the weight of each run for each label and each label's bias; one that has no message says no to all."""
    from scipy.sparse import diags
    from sklearn.svm import LinearSVC

    weights, bias = np.zeros((messages.shape[1], labels), np.float32), np.full(labels, -1.0)
    for label in range(labels):
        mine = sorted_to == label
        if mine.any() and not mine.all():
            scale = _telling(messages, mine)
            judge = LinearSVC(C=1.0, random_state=0).fit(messages @ diags(scale), mine)
            weights[:, label], bias[label] = scale * judge.coef_[0], judge.intercept_[0]
    return weights, bias


def _telling(messages: Any, mine: NDArray[np.bool_]) -> Numbers:
    """Return how much each run tells: the root of the log of how much oftener it stands with the label than without."""
    with_it = np.asarray(messages[mine].sum(axis=0)).ravel() + 0.05
    without = np.asarray(messages[~mine].sum(axis=0)).ravel() + 0.05
    oftener = np.log((with_it / with_it.sum()) / (without / without.sum()))
    told: Numbers = np.sqrt(np.abs(oftener) + 0.1)
    return told


def _certainty(texts: Sequence[str], sorted_to: Places, labels: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    """Return slope and offset: how certain judges may be, from what they say of messages kept from them with all their likes."""
    from sklearn.linear_model import LogisticRegression

    said, many = _unseen(texts, sorted_to, labels), len(labels)
    if said is None:
        return np.eye(many), np.zeros(many)
    found = LogisticRegression(C=1.0, max_iter=1000).fit(said, sorted_to)
    if many == 2:  # one line between two: half of it for each side
        return np.hstack([-found.coef_.T, found.coef_.T]) / 2, np.array([-0.5, 0.5]) * found.intercept_
    return found.coef_.T, found.intercept_


def _unseen(texts: Sequence[str], sorted_to: Places, labels: tuple[str, ...]) -> Numbers | None:
    """Return what judges say of each message that they were not trained on; None where there are too few to keep any apart."""
    from sklearn.model_selection import StratifiedGroupKFold

    together = np.array(groups(texts))
    if min(len(set(together[sorted_to == label])) for label in range(len(labels))) < FOLDS:
        return None
    said = np.zeros((len(texts), len(labels)))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for seen, kept in folds.split(texts, sorted_to, together):
        model = _judges([texts[place] for place in seen], sorted_to[seen], labels)
        said[kept] = [model.said(texts[place]) for place in kept]
    return said
