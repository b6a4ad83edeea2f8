"""Our charts in Vega-Lite, by Altair, whose layers carry no useful types. Heavy to import (some 45 MB): `charts` does it when first asked to draw."""

from typing import Any

import altair as alt

# Altair looks whether pandas is loaded, and takes a half-loaded one for whole: another thread may be loading it just then.
import pandas  # noqa: F401

from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Tone, counts
from zugong.bulletins.papers.values import Share, number, say

FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
INK, MUTED, LINE = "#1d2129", "#5b6472", "#e4e6ea"
PALE = (Tone.FAIR, Tone.FAINT, Tone.LATE, Tone.SOON, Tone.NONE)  # these carry dark letters
AREAS = (Tone.BEST, Tone.FAIR, Tone.RUNNING, Tone.SOON, Tone.GOOD, Tone.LATE)
STROKES = (Tone.BEST, Tone.LATE, Tone.RUNNING, Tone.SOON, Tone.DONE, Tone.GOOD)
WIDTH, STEP, ACROSS = 520, 30, 20


def drawn(spec: ChartSpec) -> dict[str, Any]:
    """Return the Vega-Lite spec of the chart."""
    draw: Any = {Kind.BARS: _bars, Kind.STACKED: _stacked, Kind.LINE: _line, Kind.SQUARES: _squares}[
        spec.kind
    ]
    chart = draw(spec).properties(background="#ffffff", title=_headline(spec))
    described: dict[str, Any] = chart.configure(aria=False, font=FONT).configure_view(stroke=None).configure_title(
        anchor="start", fontSize=15, fontWeight="bold", color=INK, offset=12
    ).configure_axis(
        labelFontSize=13, titleFontSize=12, titleFontWeight="normal", labelColor=INK, titleColor=MUTED,
        gridColor=LINE, domainColor=LINE, tickColor=LINE, labelLimit=220,
    ).configure_legend(
        labelFontSize=13, labelColor=INK, title=None, orient="bottom", symbolType="square", labelLimit=220
    ).to_dict()  # fmt: skip
    return described


def _bars(spec: ChartSpec) -> Any:
    several = len(spec.series) > 1 and len({point.at for point in spec.points}) < len(spec.points)
    place: dict[str, Any] = {"y": _places(spec)}
    if several:
        place["yOffset"] = alt.YOffset("series:N", sort=[say(name) for name in spec.series])
    base = alt.Chart(_data(spec)).encode(x=_amounts(spec, stack=None), **place)
    step = alt.Step(20, **{"for": "offset"}) if several else alt.Step(STEP)
    bars = base.mark_bar(cornerRadius=2, stroke=LINE).encode(color=_colours(spec, legend=several))
    return (bars + _labels(base)).properties(width=WIDTH, height=step)


def _stacked(spec: ChartSpec) -> Any:
    order = alt.Order("rank:Q")
    base = alt.Chart(_data(spec)).encode(y=_places(spec), order=order)
    bars = base.mark_bar(stroke=LINE).encode(x=_amounts(spec, stack="zero"), color=_colours(spec))
    inside = base.mark_text(fontSize=12).encode(
        x=_amounts(spec, stack="zero", bandPosition=0.5),
        text=alt.condition("datum.value == 0", alt.value(""), alt.Text("said:N")),
        color=alt.Color("ink:N", scale=None),
        detail="series:N",
    )
    return (bars + inside).properties(width=WIDTH, height=alt.Step(STEP))


def _line(spec: ChartSpec) -> Any:
    names = [say(name) for name in spec.series]
    base = alt.Chart(_data(spec)).encode(
        x=alt.X("at:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, grid=False)),
        y=alt.Y("value:Q", title=None, axis=_axis(spec)),
        color=_colours(spec, legend=len(names) > 1),
    )
    dashes = alt.StrokeDash("series:N", sort=names, legend=None)
    shapes = alt.Shape("series:N", sort=names, legend=None)
    return (
        base.mark_line(strokeWidth=2).encode(strokeDash=dashes)
        + base.mark_point(filled=True, size=50, opacity=1).encode(shape=shapes)
        + base.mark_text(dy=-11, fontSize=12).encode(text="said:N", color=alt.value(INK))
    ).properties(width=WIDTH, height=200)


def _squares(spec: ChartSpec) -> Any:
    base = alt.Chart(_data(spec)).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.12)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.12)),
    )
    squares = base.mark_rect(cornerRadius=3, stroke=LINE).encode(color=_colours(spec))
    # The kind's first character in its square: the picture also reads in black and white.
    marks = base.mark_text(fontSize=11).encode(text="mark:N", color=alt.Color("ink:N", scale=None))
    return (squares + marks).properties(width=alt.Step(24), height=alt.Step(24))


def _data(spec: ChartSpec) -> Any:
    colours, held = _tones(spec), counts(spec)
    squares = spec.kind is Kind.SQUARES
    return alt.InlineData(
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


def _places(spec: ChartSpec) -> Any:
    return alt.Y("at:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False))


def _amounts(spec: ChartSpec, **more: Any) -> Any:
    return alt.X("value:Q", title=None, axis=_axis(spec), **more)


TICKS = 5  # along an axis


def _axis(spec: ChartSpec) -> Any:
    shares = any(isinstance(point.value, Share) for point in spec.points)
    whole = all(isinstance(point.value, int) for point in spec.points)
    # Of few things no more ticks than things: one between 1 and 2 would be written as either of them.
    most = max((point.value for point in spec.points if isinstance(point.value, int)), default=TICKS)
    ticks = min(TICKS, max(most, 1)) if whole else TICKS
    said = "%" if shares else "d" if whole else ""
    return alt.Axis(tickCount=ticks, domain=False, ticks=False, format=said)


def _labels(base: Any) -> Any:
    return base.mark_text(align="left", dx=4, fontSize=12, color=INK).encode(text="said:N")


def _colours(spec: ChartSpec, *, legend: bool = True) -> Any:
    tones = _tones(spec)
    held = counts(spec)
    names = [f"{name} {held[name]}" if spec.kind is Kind.SQUARES else name for name in tones]
    scale = alt.Scale(domain=names, range=[tone.value for tone in tones.values()])
    shown = alt.Legend(symbolStrokeColor=LINE, columns=6) if legend else None
    return alt.Color("series:N", scale=scale, legend=shown)


def _tones(spec: ChartSpec) -> dict[str, Tone]:
    chosen, order = dict(spec.tones), STROKES if spec.kind is Kind.LINE else AREAS
    return {say(name): chosen.get(name, order[place % len(order)]) for place, name in enumerate(spec.series)}


def _headline(spec: ChartSpec) -> str:
    return f"{say(spec.title)}（{say(spec.unit)}）" if spec.unit else say(spec.title)
