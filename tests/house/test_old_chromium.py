"""Office desktops run Chromium 88 (January 2021), under a policy without inline script or style. Nothing newer, nothing inline."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "zugong" / "web"
CSS = sorted(WEB.glob("static/**/*.css"))
JS = sorted(WEB.glob("static/**/*.js"))
HTML = sorted(WEB.glob("templates/**/*.html"))

NEWER_CSS = {
    "cascade layers (99)": r"@layer\b|@import[^;]*\blayer\b",
    "container queries (105)": r"@container\b|\bcontainer(-type|-name)?\s*:|\d(cqw|cqh|cqi|cqb|cqmin|cqmax)\b",
    ":has() (105)": r":has\(",
    "nesting (112)": r"(^|[{;}\s])&\s*[.:#>\[+~\w]",
    "@scope (118)": r"@scope\b",
    "@starting-style (117)": r"@starting-style\b",
    "@view-transition, view-transition-* (111)": r"view-transition",
    "scroll-driven animation (115)": r"\b(animation-timeline|scroll-timeline|view-timeline)\b",
    "anchor positioning (125)": r"\banchor(-name)?\s*[:(]|position-anchor|position-area",
    "new colour functions (111, 119, 123)": r"\b(color-mix|oklch|oklab|lch|lab|hwb|light-dark|color)\(",
    "ranges in media queries (104)": r"@media[^{]*[<>]=?",
    "dynamic viewport units (108)": r"\d(s|l|d)v(h|w|i|b|min|max)\b",
    "line-height units (109)": r"\d(r?lh|rcap|rch|rex|ric)\b",
    "single transforms (104)": r"(^|[{;\s])(translate|rotate|scale)\s*:",
    "accent-color (93)": r"\baccent-color\b",
    "color-scheme dark only values (98)": r"color-scheme\s*:\s*only",
    "overflow: clip (90)": r"overflow(-x|-y)?\s*:\s*clip|overflow-clip-margin",
    "scrollbar-gutter (94), scrollbar-color (121)": r"\bscrollbar-(gutter|color|width)\b",
    "text-wrap (114)": r"\btext-wrap\b",
    "text-emphasis without prefix (99)": r"(^|[{;\s])text-emphasis",
    "mask, appearance siblings without prefix (120)": r"(^|[{;\s])mask(-image|-size|-position|-repeat)?\s*:",
    "field-sizing, interpolate-size (123, 129)": r"\b(field-sizing|interpolate-size)\b",
    "subgrid (117)": r"\bsubgrid\b",
    "logical block shorthands (our own rule: write the sides)": r"\b(inset|margin|padding)-(block|inline)\b",
    "trigonometry, round() and friends (111, 125)": r"\b(sin|cos|tan|asin|acos|atan2?|pow|sqrt|hypot|round|mod|rem|abs|sign)\(",
    ":user-valid, :user-invalid (119)": r":user-(in)?valid",
    ":popover-open, :open, :modal (114, 133, 105)": r":(popover-open|open|modal)\b",
    "::details-content, ::marker content (131)": r"::details-content",
    "forced-color-adjust (89)": r"forced-color-adjust",
    ":nth-child(of) (111)": r":nth-(last-)?child\([^)]*\bof\b",
    ":dir() (120)": r":dir\(",
    "font-palette, size-adjust (101, 92)": r"\bfont-palette\b|(^|[{;\s])size-adjust\s*:",
}

NEWER_JS = {
    "static blocks (94)": r"\bstatic\s*\{",
    "#x in object (91)": r"#\w+\s+in\s",
    "top-level or unmarked await (89)": r"^await\b",
    "import attributes (123)": r"\bimport\b[^;\n]*\b(with|assert)\s*\{",
    "regular expression flags d, v (90, 112)": r"/[a-z]*[dv][a-z]*\s*\.(test|exec)\(",
    ".at() (92)": r"\.at\(",
    "Object.hasOwn (93)": r"\bhasOwn\(",
    "Object.groupBy (117)": r"\bgroupBy\(",
    "structuredClone (98)": r"\bstructuredClone\b",
    "findLast (97)": r"\.findLast(Index)?\(",
    "toSorted and its kin (110)": r"\.(toSorted|toReversed|toSpliced)\(",
    "error cause (93)": r"new \w*Error\([^)]*\bcause\b",
    "Array.fromAsync (121)": r"\bfromAsync\b",
    "Promise.withResolvers, Promise.try (119, 128)": r"Promise\.(withResolvers|try)\b",
    "Set methods (122)": r"\.(isSubsetOf|isSupersetOf|symmetricDifference|isDisjointFrom)\(",
    "randomUUID (92)": r"\brandomUUID\b",
    "AbortSignal.timeout, any (103, 116)": r"AbortSignal\.(timeout|any)\b",
    "popover (114)": r"\b(show|hide|toggle)Popover\b",
    "checkVisibility (105)": r"\bcheckVisibility\b",
    "startViewTransition (111)": r"\bstartViewTransition\b",
    "scrollend (114)": r"\bscrollend\b",
    "URL.canParse (120)": r"\bcanParse\b",
    "navigation API (102)": r"\bnavigation\.",
    "eval, new Function (policy)": r"\beval\(|\bnew Function\b",
    "inline style set as text (policy)": r"setAttribute\(\s*[\"']style",
}

NEWER_HTML = {
    "popover (114)": r"\spopover(target)?[\s=>]",
    "inert (102)": r"\sinert[\s=>]",
    "exclusive details (120)": r"<details[^>]*\sname=",
    "search element (118)": r"<search[\s>]",
    "command and invoker (135)": r"\scommand(for)?=",
}

INLINE = {
    "style attribute": r"\sstyle\s*=",
    "style element": r"<style[\s>]",
    "inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
    "event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "javascript address": r"javascript:",
    "htmx that evaluates": r"\shx-on|hx-vals=[\"']js:|hx-trigger=\"[^\"]*\[",
}

FOREIGN = {"another host": r"(src|href|url\()\s*=?\s*[\"'(]?(https?:)?//"}


def findings(text: str, words: dict[str, str]) -> list[str]:
    return [name for name, pattern in words.items() if re.search(pattern, text, re.MULTILINE)]


def bare(text: str) -> str:
    """Without comments: they may name what the code must not use."""
    return re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", text, flags=re.DOTALL | re.MULTILINE)


def named(file: Path) -> str:
    return str(file.relative_to(WEB))


@pytest.mark.parametrize("file", CSS, ids=named)
def test_a_style_sheet_is_read_by_chromium_88(file: Path) -> None:
    assert findings(bare(file.read_text()), NEWER_CSS | FOREIGN) == []


@pytest.mark.parametrize("file", JS, ids=named)
def test_a_script_runs_in_chromium_88_under_our_policy(file: Path) -> None:
    assert findings(bare(file.read_text()), NEWER_JS) == []


@pytest.mark.parametrize("file", HTML, ids=named)
def test_a_template_is_plain_and_has_nothing_inline(file: Path) -> None:
    assert findings(file.read_text(), NEWER_HTML | INLINE | FOREIGN) == []


@pytest.mark.parametrize(
    ("words", "text", "finding"),
    [
        (NEWER_CSS, "@layer base { a { color: red } }", "cascade layers (99)"),
        (NEWER_CSS, "form:has(input) { margin: 0 }", ":has() (105)"),
        (NEWER_CSS, ".card { &:hover { color: red } }", "nesting (112)"),
        (NEWER_CSS, ".card { & .x { color: red } }", "nesting (112)"),
        (NEWER_CSS, "@container (min-width: 3rem) { }", "container queries (105)"),
        (NEWER_CSS, "a { color: color-mix(in srgb, red, blue) }", "new colour functions (111, 119, 123)"),
        (NEWER_CSS, "@media (width >= 40rem) { }", "ranges in media queries (104)"),
        (NEWER_CSS, "main { height: 100dvh }", "dynamic viewport units (108)"),
        (NEWER_CSS, "a { inset-block: 0 }", "logical block shorthands (our own rule: write the sides)"),
        (NEWER_CSS, "i { rotate: 45deg }", "single transforms (104)"),
        (NEWER_JS, "rows.at(-1)", ".at() (92)"),
        (NEWER_JS, "structuredClone(x)", "structuredClone (98)"),
        (NEWER_JS, "class A { static { } }", "static blocks (94)"),
        (NEWER_JS, "crypto.randomUUID()", "randomUUID (92)"),
        (NEWER_HTML, "<div popover>", "popover (114)"),
        (INLINE, '<p style="color: red">', "style attribute"),
        (INLINE, "<script>go()</script>", "inline script"),
        (INLINE, '<a onclick="go()">', "event attribute"),
        (FOREIGN, '<link href="https://cdn.example/x.css">', "another host"),
    ],
)
def test_the_guard_sees(words: dict[str, str], text: str, finding: str) -> None:
    assert finding in findings(text, words)


def test_the_guard_lets_plain_old_things_pass() -> None:
    assert findings("a { transform: rotate(45deg); color: #fff; inset: 0; overflow: auto }", NEWER_CSS) == []
    assert findings("var a = rows[rows.length - 1]; b?.c ?? 1;", NEWER_JS) == []
    assert findings('<script src="{% static "js/keys.js" %}" defer></script>', INLINE | FOREIGN) == []


def test_htmx_itself_runs_in_chromium_88() -> None:
    import django_htmx

    script = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.js"
    # It asks whether view transitions exist, and can evaluate unless told not to (base.html tells it).
    asked = {"startViewTransition (111)", "eval, new Function (policy)", "inline style set as text (policy)"}
    assert set(findings(bare(script.read_text()), NEWER_JS)) <= asked
    assert '"allowEval": false' in (WEB / "templates" / "base.html").read_text()
