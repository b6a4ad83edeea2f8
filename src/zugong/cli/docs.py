"""The reference pages of the manual, written from the code: what the code says, the manual says."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from zugong.cli import site
from zugong.core.errors import Refused

# One module of `zugong.cli.reference` for each page; read only once Django is ready.
PAGES = ("packs", "scenarios", "commands", "settings", "roles", "jobs")


def docs(arguments: Sequence[str]) -> None:
    """Write the manual's reference pages from the code; with --check only name those that have drifted."""
    parser = site.parser(docs)
    parser.add_argument("--folder", type=Path, default=Path("docs/reference"))
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page has drifted")
    options = parser.parse_args(arguments)
    site.set_up()
    drifted = {name: text for name, text in pages().items() if read(options.folder / name) != text}
    if options.check and drifted:
        raise Refused("手册与程序不符:{drifted}。", drifted=drifted)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in drifted.items():
        (options.folder / name).write_text(text, encoding="utf-8")
    print(f"已写 {len(drifted)} 页。 {len(drifted)} pages were written.")


def pages() -> dict[str, str]:
    """Return every page of the reference by its file name."""
    return {f"{name}.md": import_module(f"zugong.cli.reference.{name}").page() for name in PAGES}


def read(file: Path) -> str:
    """Return a page as it stands; nothing where there is none."""
    return file.read_text(encoding="utf-8") if file.exists() else ""
