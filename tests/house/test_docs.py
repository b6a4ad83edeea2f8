"""The manual says what the code says: its pages, its examples, its words."""

import re
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from zugong.accounts.rules import CALLED
from zugong.cli.docs import pages, read
from zugong.cli.main import COMMANDS
from zugong.cli.reference.settings import OURS, SAYS
from zugong.packs.checks import check
from zugong.packs.findings import Finding
from zugong.packs.loader import attempt, library
from zugong.packs.reading import Document
from zugong.registry import facts as registry
from zugong.scenarios import running
from zugong.scenarios.format import Scenario, parse
from zugong.scorecards import gathering

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GLOSSARY = (ROOT / "GLOSSARY.md").read_text("utf-8")
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
VARIABLE = re.compile(r"\b(?:ZUGONG_[A-Z_]*[A-Z]|DATABASE_(?:APP_)?URL|PASSWORD_PROFILE)\b")


# --- Reference ----------------------------------------------------------------------


def test_the_reference_is_what_the_code_says():
    drifted = [name for name, text in pages().items() if read(DOCS / "reference" / name) != text]
    assert not drifted, "run make docs"


def test_no_page_of_the_reference_has_lost_its_code():
    assert {page.name for page in (DOCS / "reference").glob("*.md")} == set(pages())


def test_every_setting_is_documented_and_every_documented_one_is_read():
    code = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        ROOT / "Makefile",
        ROOT / ".ci/run",
    ]
    ours = ROOT / "src/zugong/cli/reference/settings.py"
    told = {ours, Path(__file__)}
    used = {name for file in code if file not in told for name in VARIABLE.findall(file.read_text("utf-8"))}
    assert used - OURS == set(SAYS)


def test_every_command_named_in_the_manual_exists():
    named = {
        (page.name, word)
        for page in PAGES
        for word in re.findall(r"(?:\.venv/bin/|`)zugong ([a-z-]+)", page.read_text("utf-8"))
    }
    assert [(page, word) for page, word in sorted(named) if word not in COMMANDS] == []


def test_every_door_named_in_the_manual_is_in_the_makefile():
    doors = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        (page.name, word)
        for page in PAGES
        for word in re.findall(r"(?:`|^    )make ([a-z]+)", page.read_text("utf-8"), re.M)
    }
    assert [(page, word) for page, word in sorted(named) if word not in doors] == []


# --- Links ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_picture_leads_somewhere(page: Path):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    missing = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert missing == []


def test_every_picture_is_shown():
    shown = {
        Path(name).name for page in PAGES for name in re.findall(r"\]\(([^)]+\.png)", page.read_text("utf-8"))
    }
    assert {picture.name for picture in DOCS.rglob("*.png")} == shown


# --- Words ------------------------------------------------------------------------------


def lines_of_the_glossary() -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in GLOSSARY.splitlines()
        if line[:1] == "|"
    ]


def models() -> list[type]:
    return [model for model in apps.get_models() if model.__module__.startswith("zugong.")]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_model_stands_in_the_glossary_under_its_chinese_name(model: type):
    label = (model.__doc__ or "").split(":")[0]
    code = f"{model.__module__.removeprefix('zugong.')}.{model.__name__}"
    assert [line[0] for line in lines_of_the_glossary() if f"`{code}`" in line] == [label]


def names_in_the_glossary() -> list[str]:
    cells = [line[2] for line in lines_of_the_glossary() if len(line) == 4]
    return [found[1] for cell in cells if (found := re.fullmatch(r"`([a-z_.]+\.[A-Za-z_]+)`", cell))]


@pytest.mark.parametrize("name", names_in_the_glossary())
def test_every_name_in_the_glossary_stands_in_the_code(name: str):
    module, _, thing = name.rpartition(".")
    assert hasattr(import_module(f"zugong.{module}"), thing) or import_module(f"zugong.{name}")


def test_every_role_is_called_in_the_glossary_as_on_the_pages():
    said = {line[2].strip("`"): line[0] for line in lines_of_the_glossary() if len(line) == 3}
    assert {role.value: str(word) for role, word in CALLED.items()}.items() <= said.items()


# --- Examples -----------------------------------------------------------------------------


def blocks(page: Path) -> dict[str, str]:
    """The complete blocks of a page: the path that its first line names → its text."""
    found = re.findall(r"```yaml\n# (\S+\.yaml)\n(.*?)```", page.read_text("utf-8"), re.S)
    return dict(found)


def pack_of(page: Path) -> dict[str, dict[str, str]]:
    """The pack that a page writes, among those of the house."""
    packs = library(Path(settings.PACKS))
    for path, text in blocks(page).items():
        pack, _, inside = path.partition("/")
        if not inside.startswith("tests/"):
            packs.setdefault(pack, {})[inside] = text
    return packs


def stories_of(page: Path) -> list[tuple[Scenario, Document, str]]:
    found = []
    for path, text in blocks(page).items():
        if "/tests/" in path:
            scenarios, findings = parse(path, text)
            assert findings == []
            found += [(scenario, document, path.split("/")[0]) for scenario, document in scenarios]
    return found


WRITING = [page for page in DOCS.rglob("*.md") if blocks(page)]


def faults(page: Path) -> list[Finding]:
    packs = pack_of(page)
    new = set(packs) - set(library(Path(settings.PACKS)))
    read = {name: attempt(packs, name) for name in new}
    checks = (check(policy) for policy, findings in read.values() if policy and not findings)
    return [*chain.from_iterable(findings for _, findings in read.values()), *chain.from_iterable(checks)]


def test_the_manual_writes_a_pack_and_scenarios():
    assert {page.name for page in WRITING} == {"write-a-pack.md", "write-a-scenario.md"}


@pytest.mark.parametrize("page", WRITING, ids=lambda page: page.name)
def test_the_packs_of_the_manual_check(page: Path):
    assert faults(page) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", WRITING, ids=lambda page: page.name)
def test_the_scenarios_of_the_manual_pass(page: Path):
    stories = stories_of(page)
    assert stories
    for scenario, document, pack in stories:
        report = running.run(scenario, document, pack, pack_of(page))
        assert [str(failure) for failure in report.failures] == []


@pytest.mark.django_db
def test_the_manual_names_every_fact_table_with_its_columns():
    text = (DOCS / "how-to/write-a-pack.md").read_text("utf-8")
    said = dict(re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", text, re.M))
    day = date(2026, 1, 1)
    known = {name: draw(day, day).column_names for name, draw in gathering.TABLES.items()}
    known |= {name: list(table.columns) for name, table in registry.TABLES.items()}
    assert said == {name: ", ".join(columns) for name, columns in known.items()}
