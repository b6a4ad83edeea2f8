"""Roles and powers, from the one table that decides."""

from __future__ import annotations

import inspect
import tokenize
from io import StringIO

from zugong.accounts import rules
from zugong.accounts.rules import ADMINISTRATORS, ALLOWS, SECOND_FACTOR, May, Role
from zugong.cli.reference.words import NOTICE, table

BEGINNING = """# Roles and powers 角色与权限

A role is held over an organisation and everything below it, from a day until a day, by the word of two people. What a
role does not allow is refused. The Chinese names of the roles are in the [glossary](../../GLOSSARY.md#roles-角色).

角色授予到某个组织及其下级，有起止日期，须两人办理。没有写明允许的，一律拒绝。
"""

ENDING = f"""The three administrators ({", ".join(f"`{role}`" for role in sorted(ADMINISTRATORS))}) hold nothing else, and nobody
holds two of them. A second factor is needed by whoever may: {", ".join(f"`{may}`" for may in sorted(SECOND_FACTOR))}.
三员互不兼任，也不兼其他角色；带上列权限的用户须二次验证。"""


def page() -> str:
    """Return the page."""
    powers = table(("may", "means"), ((f"`{may}`", meaning) for may, meaning in meanings().items()))
    allowed = table(
        ("role", *(f"`{may}`" for may in May)),
        ((f"`{role}`", *("✓" if may in ALLOWS[role] else "" for may in May)) for role in Role),
    )
    return "\n\n".join([NOTICE, BEGINNING.strip(), allowed, "## Powers 权限", powers, ENDING]) + "\n"


def meanings() -> dict[May, str]:
    """Read what stands beside each power in the code."""
    source = inspect.getsource(rules.May)
    lines = source.splitlines()
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    names = {number: line.split("=")[0].strip() for number, line in enumerate(lines, 1) if "=" in line}
    return {May[name]: comments[number] for number, name in names.items()}
