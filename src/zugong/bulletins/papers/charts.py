"""The few charts the office uses, drawn on the server: the same picture on a page, in Word and in PDF.

Every figure is written beside its mark and told again in the description, and colour never stands alone: squares carry
the first character of their kind, lines differ in dash and shape. The SVG uses presentation attributes only (no
style, script, id or link), so a page may put it in place under `style-src 'self'` and several charts may share a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from zugong.bulletins.papers.values import Marks, Money, Share, number, say

if TYPE_CHECKING:
    import altair


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

    @property
    def series(self) -> tuple[str, ...]:
        """The series, in the order points name them."""
        return tuple(dict.fromkeys(point.series for point in self.points))


FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
INK, MUTED, LINE, PALE = "#1d2129", "#5b6472", "#e4e6ea", (Tone.FAIR, Tone.FAINT, Tone.LATE, Tone.SOON, Tone.NONE)
AREAS = (Tone.BEST, Tone.FAIR, Tone.RUNNING, Tone.SOON, Tone.GOOD, Tone.LATE)
STROKES = (Tone.BEST, Tone.LATE, Tone.RUNNING, Tone.SOON, Tone.DONE, Tone.GOOD)
NAMES = {Kind.BARS: "条形图", Kind.STACKED: "堆积条形图", Kind.LINE: "折线图", Kind.SQUARES: "方格图"}
WIDTH, STEP, ACROSS = 520, 30, 20


def describe(spec: ChartSpec) -> str:
    """Return all that the chart says, in words: for those who cannot see it."""
    if spec.kind is Kind.SQUARES:
        parts = [f"{name} {count}{_unit(spec)}" for name, count in counts(spec).items()]
    else:
        parts = [f"{_of(point)} {say(point.value)}{_unit(spec)}" for point in spec.points]
    return f"{NAMES[spec.kind]}：{say(spec.title)}。{'，'.join(parts) or '没有数据'}。"


def counts(spec: ChartSpec) -> dict[str, int]:
    """Return how many points each series has."""
    return {say(name): sum(point.series == name for point in spec.points) for name in spec.series}


def svg(spec: ChartSpec) -> str:
    """Return the chart as one SVG element that may be put into a page as it stands."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_vega(spec), allowed_base_urls=[])
    start = drawn.index("<svg") + len("<svg")
    end = drawn.index(">", start)
    title, words = escape(say(spec.title)), escape(describe(spec))
    return (
        f'<svg role="img" aria-label="{words}"{drawn[start:end]}><title>{title}</title>'
        f"<desc>{words}</desc>{drawn[end + 1 :]}"
    )


def png(spec: ChartSpec, *, scale: int = 3) -> bytes:
    """Return the chart as a PNG, three dots a pixel. Refused when this machine has no Chinese font."""
    import vl_convert

    from zugong.bulletins.papers import typefaces

    typefaces.check(typefaces.find(), words(spec))
    drawn: bytes = vl_convert.vegalite_to_png(_vega(spec), scale=scale, allowed_base_urls=[])
    return drawn


def words(spec: ChartSpec) -> str:
    """Return every character that the chart may show."""
    return describe(spec) + "".join(_of(point) for point in spec.points)


def _vega(spec: ChartSpec) -> Mapping[str, Any]:
    import altair

    draw = {Kind.BARS: _bars, Kind.STACKED: _stacked, Kind.LINE: _line, Kind.SQUARES: _squares}[spec.kind]
    chart = draw(altair, spec).properties(background="#ffffff", title=_headline(spec))
    return chart.configure(aria=False, font=FONT).configure_view(stroke=None).configure_title(
        anchor="start", fontSize=15, fontWeight="bold", color=INK, offset=12
    ).configure_axis(
        labelFontSize=13, titleFontSize=12, titleFontWeight="normal", labelColor=INK, titleColor=MUTED,
        gridColor=LINE, domainColor=LINE, tickColor=LINE, labelLimit=220,
    ).configure_legend(
        labelFontSize=13, labelColor=INK, title=None, orient="bottom", symbolType="square", labelLimit=220
    ).to_dict()  # fmt: skip


def _bars(alt: Any, spec: ChartSpec) -> "altair.LayerChart":
    several = len(spec.series) > 1 and len({point.at for point in spec.points}) < len(spec.points)
    place: dict[str, Any] = {"y": _places(alt, spec)}
    if several:
        place["yOffset"] = alt.YOffset("series:N", sort=[say(name) for name in spec.series])
    base = alt.Chart(_data(alt, spec)).encode(x=_amounts(alt, spec, stack=None), **place)
    step = alt.Step(20, **{"for": "offset"}) if several else alt.Step(STEP)
    bars = base.mark_bar(cornerRadius=2, stroke=LINE).encode(color=_colours(alt, spec, legend=several))
    return (bars + _labels(base)).properties(width=WIDTH, height=step)


def _stacked(alt: Any, spec: ChartSpec) -> "altair.LayerChart":
    order = alt.Order("rank:Q")
    base = alt.Chart(_data(alt, spec)).encode(y=_places(alt, spec), order=order)
    bars = base.mark_bar(stroke=LINE).encode(x=_amounts(alt, spec, stack="zero"), color=_colours(alt, spec))
    inside = base.mark_text(fontSize=12).encode(
        x=_amounts(alt, spec, stack="zero", bandPosition=0.5),
        text=alt.condition("datum.value == 0", alt.value(""), alt.Text("said:N")),
        color=alt.Color("ink:N", scale=None),
        detail="series:N",
    )
    return (bars + inside).properties(width=WIDTH, height=alt.Step(STEP))


def _line(alt: Any, spec: ChartSpec) -> "altair.LayerChart":
    names = [say(name) for name in spec.series]
    base = alt.Chart(_data(alt, spec)).encode(
        x=alt.X("at:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, grid=False)),
        y=alt.Y("value:Q", title=None, axis=_axis(alt, spec)),
        color=_colours(alt, spec, legend=len(names) > 1),
    )
    dashes = alt.StrokeDash("series:N", sort=names, legend=None)
    shapes = alt.Shape("series:N", sort=names, legend=None)
    return (
        base.mark_line(strokeWidth=2).encode(strokeDash=dashes)
        + base.mark_point(filled=True, size=50, opacity=1).encode(shape=shapes)
        + base.mark_text(dy=-11, fontSize=12).encode(text="said:N", color=alt.value(INK))
    ).properties(width=WIDTH, height=200)


def _squares(alt: Any, spec: ChartSpec) -> "altair.LayerChart":
    base = alt.Chart(_data(alt, spec)).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.12)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.12)),
    )
    squares = base.mark_rect(cornerRadius=3, stroke=LINE).encode(color=_colours(alt, spec))
    # The kind's first character in its square: the picture also reads in black and white.
    marks = base.mark_text(fontSize=11).encode(text="mark:N", color=alt.Color("ink:N", scale=None))
    return (squares + marks).properties(width=alt.Step(24), height=alt.Step(24))


def _data(alt: Any, spec: ChartSpec) -> "altair.Data":
    colours, held = _tones(spec), counts(spec)
    squares = spec.kind is Kind.SQUARES
    return alt.Data(
        values=[
            {
                "at": say(point.at),
                "value": number(point.value),
                "said": say(point.value),
                "series": f"{name} {held[name]}" if squares else name,
                "rank": list(held).index(name),
                "ink": INK if colours[name] in PALE else "#ffffff",
                "mark": name[:1],
                "column": place % ACROSS,
                "row": place // ACROSS,
            }
            for place, point in enumerate(spec.points)
            for name in (say(point.series),)
        ]
    )


def _places(alt: Any, spec: ChartSpec) -> Any:
    return alt.Y("at:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False))


def _amounts(alt: Any, spec: ChartSpec, **more: Any) -> Any:
    return alt.X("value:Q", title=None, axis=_axis(alt, spec), **more)


def _axis(alt: Any, spec: ChartSpec) -> Any:
    shares = any(isinstance(point.value, Share) for point in spec.points)
    whole = all(isinstance(point.value, int) for point in spec.points)
    return alt.Axis(tickCount=5, domain=False, ticks=False, format="%" if shares else "d" if whole else "")


def _labels(base: Any) -> Any:
    return base.mark_text(align="left", dx=4, fontSize=12, color=INK).encode(text="said:N")


def _colours(alt: Any, spec: ChartSpec, *, legend: bool = True) -> Any:
    tones = _tones(spec)
    held = counts(spec)
    names = [f"{name} {held[name]}" if spec.kind is Kind.SQUARES else name for name in tones]
    scale = alt.Scale(domain=names, range=[tone.value for tone in tones.values()])
    shown = alt.Legend(symbolStrokeColor=LINE, columns=6) if legend else None
    return alt.Color("series:N", scale=scale, legend=shown)


def _tones(spec: ChartSpec) -> dict[str, Tone]:
    chosen, order = dict(spec.tones), STROKES if spec.kind is Kind.LINE else AREAS
    return {
        say(name): chosen.get(name, order[place % len(order)]) for place, name in enumerate(spec.series)
    }


def _headline(spec: ChartSpec) -> str:
    return f"{say(spec.title)}（{say(spec.unit)}）" if spec.unit else say(spec.title)


def _of(point: Point) -> str:
    return " ".join(say(part) for part in dict.fromkeys((point.at, point.series)) if part)


def _unit(spec: ChartSpec) -> str:
    return f" {say(spec.unit)}" if spec.unit else ""
