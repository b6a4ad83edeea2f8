"""A chart, said in a few closed words; what it shows is also told in words. Nothing here draws."""

from dataclasses import dataclass
from enum import StrEnum

from zugong.bulletins.papers.values import Marks, Money, Share, say


class Kind(StrEnum):
    """What is drawn."""

    BARS = "bars"  # 条形图: one bar a point, or side by side by series
    STACKED = "stacked"  # 堆积条形图: the series of one place in one bar
    LINE = "line"  # 折线图: points in the order given
    SQUARES = "squares"  # 方格图: one square a point, coloured by series


class Tone(StrEnum):
    """What a colour means."""

    BEST = "#0f5c63"
    GOOD = "#4a8a8f"
    FAIR = "#9fc2c4"
    FAINT = "#dce8e8"
    LATE = "#db8a83"
    SOON = "#d9b26a"
    RUNNING = "#2a5b9e"
    DONE = "#2c6b3f"
    NONE = "#ffffff"


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a chart: where it stands (a village, a month), how much, and of which series."""

    at: str
    value: int | Marks | Money | Share = 1
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec:
    """A chart, said in our own few words. Places and series keep the order in which points name them."""

    kind: Kind
    title: str
    points: tuple[Point, ...]
    unit: str = ""
    tones: tuple[tuple[str, Tone], ...] = ()
    english: bool = False  # the language of its words

    @property
    def series(self) -> tuple[str, ...]:
        """The series, in the order points name them."""
        return tuple(dict.fromkeys(point.series for point in self.points))


NAMES = {
    Kind.BARS: ("条形图", "Bar chart"),
    Kind.STACKED: ("堆积条形图", "Stacked bar chart"),
    Kind.LINE: ("折线图", "Line chart"),
    Kind.SQUARES: ("方格图", "Chart of squares"),
}


def describe(spec: ChartSpec) -> str:
    """Return all that the chart says, in words: for those who cannot see it."""
    if spec.kind is Kind.SQUARES:
        parts = [f"{name} {count}{_unit(spec)}" for name, count in counts(spec).items()]
    else:
        parts = [f"{_of(point)} {say(point.value)}{_unit(spec)}" for point in spec.points]
    chinese, english = NAMES[spec.kind]
    if spec.english:
        return f"{english}: {say(spec.title)}. {', '.join(parts) or 'No data'}."
    return f"{chinese}：{say(spec.title)}。{'，'.join(parts) or '没有数据'}。"


def counts(spec: ChartSpec) -> dict[str, int]:
    """Return how many points each series has."""
    return {say(name): sum(point.series == name for point in spec.points) for name in spec.series}


def words(spec: ChartSpec) -> str:
    """Return every character that the chart may show."""
    return describe(spec) + "".join(_of(point) for point in spec.points)


def _of(point: Point) -> str:
    return " ".join(say(part) for part in dict.fromkeys((point.at, point.series)) if part)


def _unit(spec: ChartSpec) -> str:
    return f" {say(spec.unit)}" if spec.unit else ""
