"""All that people read has English: what is said is translated, and what is translated is said."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "zugong"
WEB = SOURCE / "web"
ENGLISH = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"

SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
SENTENCES = {"Refused", "Sentence"}  # what engines say, in any part of the program
WORD = re.compile(r"\{(\w*)\}")
IN_TEMPLATE = re.compile(r"\b(?:n?gettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_all_that_the_pages_say_has_an_english_translation() -> None:
    known = translated()
    missing = {words: where for words, where in said().items() if words not in known}
    entries = "\n\n".join(
        f'# {where}\nmsgid "{quoted(words)}"\nmsgstr ""' for words, where in sorted(missing.items())
    )
    assert not missing, f"Add these to {ENGLISH.relative_to(ROOT)}:\n\n{entries}"


def test_no_translation_is_stale() -> None:
    stale = set(translated()) - set(said())
    assert not stale, f"No page says these any more: {sorted(stale)}"


def test_no_translation_is_empty_or_fuzzy() -> None:
    for message in messages():
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(forms), f"{message.id} has no English"
        assert not message.fuzzy, f"{message.id} is fuzzy"


def test_no_translation_is_still_chinese() -> None:
    # 组 on the seal is a picture of a character, not a word; it stands in no catalogue.
    for message in messages():
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert not any(CHINESE.search(form) for form in forms), f"{message.id} is translated into Chinese"


def test_a_translation_keeps_every_placeholder() -> None:
    for message in messages():
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for form in forms:
            assert placeholders(form) == placeholders(ids[0]), f"{message.id}: placeholders differ"


def test_the_catalogue_compiles() -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    assert compiled.getvalue()


def test_the_catalogue_is_in_order_so_that_two_hands_can_add_to_it() -> None:
    ids = [key(message.id) for message in messages()]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{% translate "工作台" %}', "工作台"),
        ("{% blocktranslate with n=a.b %}第 {{ n }} 行{% endblocktranslate %}", "第 %(n)s 行"),
        ('{% include "x.html" with a=_("名称") %}', "名称"),
    ],
)
def test_it_finds_words_in_templates(source: str, words: str) -> None:
    assert list(words_of_template(source)) == [words]


def test_it_finds_words_in_python() -> None:
    assert list(words_of_python('x = _("工作台"), ngettext("%d 天", "%d 天", n)')) == ["工作台", "%d 天"]


def test_a_refusal_is_a_template_and_its_words() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{call.lineno} {fault}"
        for file in sorted(SOURCE.rglob("*.py"))
        for call in sentences_of(file.read_text())
        if (fault := fault_of(call))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('Refused("还有 {left}", left=left, field="under")', ""),
        ('Refused(f"还有 {left}")', "not a literal"),
        ("errors.Refused(sentence)", "not a literal"),
        ('Sentence("还有 {left}")', "words differ"),
        ('Refused("还有", left=left)', "words differ"),
        ('Refused("还有 {left!r}", left=left)', "words differ"),
        ('Refused("还有", **words)', ""),
    ],
)
def test_it_finds_a_refusal_that_cannot_be_translated(source: str, fault: str) -> None:
    (call,) = sentences_of(source)
    assert fault_of(call) == fault


def said() -> dict[str, str]:
    """Every msgid of the pages and of the engines, with a file that says it."""
    found: dict[str, str] = {}
    for file in sorted(WEB.rglob("*.html")):
        found.update((words, str(file.relative_to(WEB))) for words in words_of_template(file.read_text()))
    for file in sorted(WEB.rglob("*.py")):
        found.update((words, str(file.relative_to(WEB))) for words in words_of_python(file.read_text()))
    for file in sorted(SOURCE.rglob("*.py")):
        found.update((words, str(file.relative_to(SOURCE))) for words in templates_of(file.read_text()))
    return found


def sentences_of(source: str) -> Iterator[ast.Call]:
    """Every refusal and every other sentence that engines hand to people."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called(node) in SENTENCES and not handed_on(node):
            yield node


def handed_on(call: ast.Call) -> bool:
    """A sentence made from the template of another has been found where it was written."""
    first = call.args[0] if call.args else None
    return ast.unparse(first).endswith("template") if first else False


def templates_of(source: str) -> Iterator[str]:
    for call in sentences_of(source):
        if isinstance(call.args[0], ast.Constant):
            yield call.args[0].value


def fault_of(call: ast.Call) -> str:
    first = call.args[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return "not a literal"
    aside = {"clause", "field"} if called(call) == "Refused" else set()
    words = {keyword.arg for keyword in call.keywords} - aside
    wanted = set(WORD.findall(first.value))
    return "" if None in words or words == wanted else "words differ"


def words_of_template(source: str) -> Iterator[str]:
    for match in IN_TEMPLATE.finditer(templatize(source)):
        yield ast.literal_eval(match.group(1))


def words_of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        first = node.args[0]
        if (
            called(node) in SINGULAR | PLURAL
            and isinstance(first, ast.Constant)
            and isinstance(first.value, str)
        ):
            yield first.value


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def messages() -> list:
    return [message for message in catalogue() if message.id]


def translated() -> dict[str, str]:
    return {key(message.id): str(message.string) for message in messages()}


def catalogue() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def key(id: str | tuple[str, str] | list[str]) -> str:
    return id if isinstance(id, str) else id[0]


def quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def placeholders(words: str) -> list[str]:
    return sorted(set(re.findall(r"%\(\w+\)[sd]|%[sd]|\{\w+\}", words)))
