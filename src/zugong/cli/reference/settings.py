"""Every environment variable that zugong reads, with what it says and what holds without it."""

from __future__ import annotations

import ast
from pathlib import Path

from zugong.cli.reference.words import NOTICE, table

BEGINNING = """# Settings 设置

All settings come from the environment; there is no settings file to edit. What cannot be read stops the start, in one
sentence. 全部设置来自环境变量；读不懂的设置会让启动停下，并用一句话说明。
"""

# Name → what it says. `tests/house/test_docs.py` holds the names against the code.
SAYS = {
    "ZUGONG_HOME": "the folder of this installation: database, files, runs, backups; without it `var` 本装置的文件夹",
    "ZUGONG_PACKS": "the folder of the packs that can be put in force 制度包所在",
    "ZUGONG_URL": "the address by which browsers reach the site; https switches secure cookies and HSTS on 网址",
    "ZUGONG_HOSTS": "host names the site answers to, divided by commas; without it those of ZUGONG_URL and of this machine 允许的主机名",
    "ZUGONG_PROXIES": "how many proxies stand in front, so that the address of a failed sign-in is the right one 反向代理层数",
    "ZUGONG_SECRET_KEY": "the key that signs sessions; without it one is made in the home folder 签名密钥",
    "ZUGONG_DEMO": "whether this is the demo; `make demo` sets it 是否演示",
    "ZUGONG_DEBUG": "for developers: Django's own error pages 仅供开发",
    "PASSWORD_PROFILE": "`dengbao` (等保: composition and rotation) or `asvs` (length alone); without it `dengbao`, in a demo `asvs` 口令制度",
    "ZUGONG_SESSION_IDLE_MINUTES": "a session ends after so many idle minutes 空闲超时",
    "ZUGONG_SESSION_ABSOLUTE_HOURS": "a session ends after so many hours whatever happens 最长会话",
    "ZUGONG_SINGLE_SESSION": "whether signing in anew ends the session before 单点登录只留一个会话",
    "ZUGONG_PUBLIC_ASKS": "how many requests one address may send within an hour without an account; 0: any number 同一地址每小时可提交的诉求",
    "ZUGONG_PUBLIC_ASKS_IN_ALL": "and all addresses together 全部地址每小时合计",
    "ZUGONG_PUBLIC_WRONG_CODES": "how often within an hour one address may be wrong about the code of a receipt 同一地址每小时可输错查询码的次数",
    "ZUGONG_PUBLIC_PICTURE_MB": "how many megabytes a picture may have that somebody without an account sends 群众上传照片的大小上限",
    "DATABASE_URL": "your own PostgreSQL, entered as the owner; without it zugong runs its own 自己的数据库（所有者）",
    "DATABASE_APP_URL": "the same database, entered as the application; without it a role is made 应用角色的数据库地址",
    "ZUGONG_POSTGRES": "`wheel` or `system`: which PostgreSQL programs zugong runs; without it the wheel's, else the system's",
    "ZUGONG_POSTGRES_PORT": "a loopback port for zugong's own PostgreSQL; without it the server is reached by its socket alone",
    "ZUGONG_DATA": "evaluation data for tests; what skips for want of it is counted 测试用外部数据",
    "ZUGONG_CHROMIUM": "tests: the browser's program 测试用浏览器",
    "ZUGONG_TEST_POSTGRES": "tests: `wheel`, `system`, or `url` for the server of DATABASE_URL 测试用数据库",
}
# Set by zugong for its own processes; not for people.
OURS = frozenset({"ZUGONG_DATABASE_ROLE", "ZUGONG_PARENT"})
READERS = {"env": "text", "envbool": "yes or no", "envint": "number", "envchoice": "word", "envlist": "list"}


def page() -> str:
    """Return the page."""
    kinds = read()
    rows = ((f"`{name}`", *kinds.get(name, ("text", "")), says) for name, says in SAYS.items())
    return "\n\n".join([NOTICE, BEGINNING.strip(), table(("variable", "is", "else", "says"), rows)]) + "\n"


def read() -> dict[str, tuple[str, str]]:
    """Find every variable that the settings read: name → its kind, and what holds without it."""
    file = Path(__file__).parents[2] / "config" / "settings.py"
    found = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
            name, other = node.args[:2]
            if isinstance(name, ast.Constant):
                found[str(name.value)] = (READERS[node.func.id], said(other))
    return found


def said(default: ast.expr) -> str:
    """Return a plain default as people read it; one that is worked out is said in words instead."""
    match default:
        case ast.Constant(value=bool(yes)):
            return "`yes`" if yes else "`no`"
        case ast.Constant(value=str() | int() as value) if value != "":
            return f"`{value}`"
    return ""
