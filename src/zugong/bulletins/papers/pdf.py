"""A paper as PDF, by Typst, in the same layout as Word: tagged for readers' aids and fit for the archive (PDF/A).

Refused rather than blank: without a Chinese font, or for a character no font here can draw.
"""

import json
from datetime import UTC, datetime
from importlib.resources import files

from zugong.bulletins.papers import charts, typefaces
from zugong.bulletins.papers.paper import (
    Block,
    Figure,
    Figures,
    Heading,
    Paper,
    Paragraph,
    Table,
    laid_out,
    proportions,
    signature,
)
from zugong.bulletins.papers.typefaces import Typefaces
from zugong.bulletins.papers.values import say, width


def render(paper: Paper, *, faces: Typefaces | None = None) -> bytes:
    """Return the paper as PDF, in the typefaces found on this machine unless others are given.

    Refused when there is no Chinese font or when a character has no glyph; the sentence names it.
    """
    faces = faces or typefaces.find()
    described = _described(paper) | {"faces": faces.families}
    template = (files(__package__) / "paper.typ").read_text(encoding="utf-8")
    day = datetime(paper.day.year, paper.day.month, paper.day.day, tzinfo=UTC)
    return typefaces.compiled(
        template, faces, timestamp=int(day.timestamp()), paper=json.dumps(described, ensure_ascii=False)
    )


def _described(paper: Paper) -> dict[str, object]:
    """Return the paper as the template reads it: everything already said in words."""
    issuer, day = signature(paper)
    return {
        "title": say(paper.title),
        "head": say(paper.head),
        "head_size": min(48, 420 // max(1, width(say(paper.head)) // 2)),
        "number": say(paper.number),
        "issuer": say(paper.issuer),
        "issuer_indent": issuer,
        "day": say(paper.day),
        "day_indent": day,
        "addressees": "、".join(map(say, paper.addressees)),
        "blocks": [_block(block) for block in laid_out(paper)],
        "attachments": [say(name) for name in paper.attachments],
        "note": say(paper.note),
        "copies": "，".join(map(say, paper.copies)),
        "office": say(paper.office),
        "printed": say(paper.printed) if paper.printed else "",
    }


def _block(block: Block) -> dict[str, object]:
    match block:
        case Heading(level, text):
            return {"kind": "heading", "level": level, "text": text}
        case Paragraph(text):
            return {"kind": "paragraph", "text": say(text)}
        case Table():
            return {
                "kind": "table",
                "caption": block.caption,
                "note": say(block.note),
                "columns": [say(label) for label in block.columns],
                "proportions": proportions(block),
                "rows": [[{"text": say(v), "left": isinstance(v, str)} for v in row] for row in block.rows],
            }
        case Figures(pairs):
            return {
                "kind": "figures",
                "pairs": [
                    {"label": say(label), "text": say(value), "left": isinstance(value, str)}
                    for label, value in pairs
                ],
            }
        case Figure(chart, caption):
            return {
                "kind": "figure",
                "caption": caption,
                "svg": charts.svg(chart),
                "words": charts.describe(chart),
            }
