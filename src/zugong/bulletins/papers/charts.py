"""The few charts the office uses, drawn on the server: the same picture on a page, in Word and in PDF.

Every figure is written beside its mark and told again in the description, and colour never stands alone: squares carry
the first character of their kind, lines differ in dash and shape. The SVG uses presentation attributes only (no
style, script, id or link), so a page may put it in place under `style-src 'self'` and several charts may share a page.
"""

import re
from html import escape

from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Point, Tone, counts, describe, words
from zugong.bulletins.papers.values import say

__all__ = ["ChartSpec", "Kind", "Point", "Tone", "counts", "describe", "png", "svg", "words"]


# The picture is one image with one description; roles of its parts would be read out besides.
_INNER_ROLES = re.compile(r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*"|aria-label="[^"]*")')


def svg(spec: ChartSpec) -> str:
    """Return the chart as one SVG element that may be put into a page as it stands."""
    import vl_convert

    from zugong.bulletins.papers import vega

    drawn: str = vl_convert.vegalite_to_svg(vega.drawn(spec), allowed_base_urls=[])
    drawn = _INNER_ROLES.sub("", _coarse(drawn))
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

    from zugong.bulletins.papers import typefaces, vega

    typefaces.check(typefaces.find(), words(spec))
    drawn: bytes = vl_convert.vegalite_to_png(vega.drawn(spec), scale=scale, allowed_base_urls=[])
    return drawn


def _coarse(drawn: str) -> str:
    """Return the SVG with places to a hundredth of a pixel: a third smaller, and nobody can see the rest."""
    return re.sub(
        r' (?:d|x|y|x1|x2|y1|y2|transform)="[^"]*"',
        lambda attribute: re.sub(r"(\.\d\d)\d+", r"\1", attribute[0]),
        drawn,
    )
