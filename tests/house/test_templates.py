"""No template stands about unused, and none is called that does not exist."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "src" / "zugong" / "web"
TEMPLATES = WEB / "templates"
NAME = re.compile(r"[\"']((?:[\w-]+/)*[\w-]+\.html)[\"']")
COMPONENT = re.compile(r"_(?:component|block)\(\"(\w+)\"")


def named() -> set[str]:
    files = [*WEB.rglob("*.py"), *TEMPLATES.rglob("*.html")]
    text = "\n".join(file.read_text() for file in files)
    return set(NAME.findall(text)) | {f"components/{name}.html" for name in COMPONENT.findall(text)}


def standing() -> set[str]:
    return {str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html")}


def found_by_django() -> set[str]:
    """Templates whose names Django itself asks for."""
    return {name for name in standing() if re.fullmatch(r"(400|403|404|500|403_csrf)\.html", name)}


def test_every_template_is_used() -> None:
    assert standing() - named() - found_by_django() == set()


def test_every_template_that_is_named_exists() -> None:
    assert {name for name in named() if not name.startswith("django/")} - standing() == set()
