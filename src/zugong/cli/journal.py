"""The journal from the terminal: hold it against a head from outside, and carry it out."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from zugong.cli import site
from zugong.core.errors import Refused


def journal(arguments: Sequence[str]) -> int:
    """Verify the sealed journal, or export it with its head."""
    parser = site.parser(journal)
    deeds = parser.add_subparsers(dest="deed", required=True)
    verifying = deeds.add_parser("verify", help="recompute every seal; exit 1 where the chain is broken")
    verifying.add_argument("--head", default="", metavar="SEQ:DIGEST", help="a head kept outside")
    verifying.add_argument("--json", action="store_true")
    exporting = deeds.add_parser(
        "export", help="seal, and write every sealed entry and the head as lines of JSON"
    )
    exporting.add_argument("file", nargs="?", type=Path, help="default: the terminal")
    options = parser.parse_args(arguments)
    with site.ready():
        if options.deed == "export":
            return _export(options.file)
        return _verify(options.head, options.json)


def _verify(head: str, as_json: bool) -> int:
    from zugong.core.journal.verify import verify

    sequence, digest = read_head(head)
    verdict = verify(sequence=sequence, digest=digest)
    if as_json:
        print(json.dumps({**asdict(verdict), "holds": verdict.holds}, ensure_ascii=False))
    elif verdict.holds:
        print(
            f"完好:{verdict.sealed} 条已封存,{verdict.unsealed} 条待封存。链头 {verdict.sealed}:{verdict.head}"
        )
    else:
        print(f"有改动:{verdict.broken}。 The journal was tampered with.", file=sys.stderr)
    return 0 if verdict.holds else 1


def _export(file: Path | None) -> int:
    from zugong.core import clock
    from zugong.core.journal import actions
    from zugong.core.journal.models import Seal

    head = actions.export_head(clock.today(), by="zugong journal export")
    out = file.open("w", encoding="utf-8") if file else sys.stdout
    try:
        for seal in Seal.objects.filter(sequence__lte=head.sequence).select_related("entry").iterator():
            line = [seal.sequence, seal.digest, json.loads(actions.text_of(seal.entry))]
            print(json.dumps(line, ensure_ascii=False, separators=(",", ":")), file=out)
    finally:
        if file:
            out.close()
    print(f"{head.sequence}:{head.digest}", file=sys.stderr if not file else sys.stdout)
    return 0


def read_head(text: str) -> tuple[int, str]:
    """Read `SEQ:DIGEST` as the sheet says it. Raises Refused."""
    if not text:
        return 0, ""
    number, _colon, digest = text.partition(":")
    digest = "".join(digest.lower().split())
    if not number.strip().isdigit() or len(digest) != 64:
        raise Refused("链头应写成“序号:64 位摘要”。")
    return int(number), digest
