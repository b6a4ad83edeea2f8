"""One folder that holds the program and everything it is built from, for a machine without a network.

The Makefile finds `wheels/` beside itself and asks no package index. What was fetched is what the lock names, hash by hash.
"""

from __future__ import annotations

import hashlib
import platform as machine
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from zugong import __version__
from zugong.cli import site
from zugong.core.errors import Refused

PLATFORMS = ("x86_64", "aarch64")
OLDEST, NEWEST = 5, 28  # of glibc 2: a wheel for any of these runs where the README says that zugong does
NAMED = {"x86_64": ("manylinux2014", "manylinux2010", "manylinux1"), "aarch64": ("manylinux2014",)}
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
FITS = "FITS"  # beside the wheels: a line for each machine and Python that they fit


def bundle(arguments: Sequence[str]) -> None:
    """Write a folder from which `make init` works without a network: the source as committed, and every wheel."""
    parser = site.parser(bundle)
    parser.add_argument("--folder", type=Path, default=Path("dist"), help="where the folder is put")
    parser.add_argument("--platform", choices=PLATFORMS, help="this machine's where none is named")
    parser.add_argument(
        "--python", help="the Pythons it shall fit, e.g. 3.11,3.13; this one where none is named"
    )
    options = parser.parse_args(arguments)
    platform, pythons = options.platform or machine.machine(), _pythons(options.python or HERE)
    target = options.folder / f"zugong-{__version__}-{platform}"
    if target.exists():
        raise Refused("{folder} 已在，里面可能有数据:请先移走它，再 make bundle。", folder=target)
    if _git("status", "--porcelain", "--untracked-files=no"):
        print("没有提交的改动不在包里。 What is not committed is not in the bundle.", file=sys.stderr)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        made = Path(temporary) / target.name
        _source(made)
        for python in pythons:
            _fetch(made, platform, python)
        fits = [f"{platform} {python}" for python in pythons]
        (made / "wheels" / FITS).write_text("".join(f"{line}\n" for line in fits), encoding="utf-8")
        (made / "INSTALL").write_text(_install(target.name, platform, pythons), encoding="utf-8")
        (made / "SHA256SUMS").write_text("".join(_sums(made)), encoding="utf-8")
        made.rename(target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file()) // 1_000_000
    print(f"已写 {target}({size} MB)。 {target} was written ({size} MB).")


def _pythons(text: str) -> list[str]:
    pythons = text.replace(",", " ").split()
    if not pythons or not all(re.fullmatch(r"3\.1[1-9]", one) for one in pythons):
        raise Refused("“{text}”不是能用的 Python 版本:请写 3.11 以上，如 python=3.11,3.13。", text=text)
    return pythons


# --- The source --------------------------------------------------------------------------


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise Refused("缺少 git:安装包要从提交的源码写出。") from None
    if done.returncode:
        raise Refused("这里不是 git 仓库:安装包要从提交的源码写出，请在仓库里 make bundle。")
    return done.stdout


def _source(folder: Path) -> None:
    """Unpack what is committed."""
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    _git("archive", "--output", str(archive), "HEAD")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()


# --- The wheels --------------------------------------------------------------------------


def _fetch(folder: Path, platform: str, python: str) -> None:
    """Fetch the wheels of the lock and uv's own for one machine and Python.

    The lock is for all machines: uv picks the lines that hold for this one, for pip reads their conditions as its own.
    """
    lines = folder / f"requirements-{python}.txt"
    _fetched(
        platform, python, ".venv/bin/uv", "pip", "compile", "requirements.lock", "--quiet", "--no-deps",
        "--generate-hashes", "--no-header", "--no-annotate", "--no-config", "--output-file", str(lines),
        "--python-version", python, "--python-platform", f"{platform}-manylinux_2_{NEWEST}",
    )  # fmt: skip
    wheels = str(folder / "wheels")
    tags = [f"manylinux_2_{minor}_{platform}" for minor in range(NEWEST, OLDEST - 1, -1)]
    tags += [f"{name}_{platform}" for name in NAMED.get(platform, ())]
    pip = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary=:all:", "--implementation", "cp", "--python-version", python, "--dest", wheels,
        *(word for tag in tags for word in ("--platform", tag)),
    ]  # fmt: skip
    _fetched(platform, python, *pip, "--require-hashes", "--requirement", str(lines))
    _fetched(platform, python, *pip, uv())
    lines.unlink()


def uv() -> str:
    """Return the requirement of uv that the Makefile builds with: it is told once, there."""
    found = re.search(r"^UV := (\S+)$", Path("Makefile").read_text("utf-8"), re.M)
    assert found
    return found[1]


def _fetched(platform: str, python: str, *words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [""]
        errors = [line for line in said if line.startswith(("ERROR:", "error:"))]
        raise Refused(
            "没有取齐 {platform}、Python {python} 的程序包:{why}。",
            platform=platform,
            python=python,
            why=(errors or said)[-1].partition(":")[2].strip() or said[-1],
        )


# --- What comes with it --------------------------------------------------------------------


def _sums(folder: Path) -> Iterator[str]:
    """Yield a line for each file, as `sha256sum -c` reads it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            yield f"{digest}  {file.relative_to(folder).as_posix()}\n"


def _install(name: str, platform: str, pythons: Sequence[str]) -> str:
    return INSTALL.format(name=name, platform=platform, pythons=" / ".join(pythons))


INSTALL = """{name}

不联网安装
==========

要有:Linux {platform}(glibc 2.28 以上)、Python {pythons} 带 venv(Debian、统信、麒麟:python3-venv)、make。
数据库和所有程序包都在 wheels/ 里。要输出 PDF，再装一种中文字体(fonts-noto-cjk)。

1. 整个文件夹拷到目标机器，放在以后不再移动的地方。
2. 核对:          sha256sum -c --quiet SHA256SUMS
3. 安装:          make init
4. 看演示:        make demo        然后打开 http://127.0.0.1:8000
   真实的县:      make stop，再 make run，照 docs/how-to/first-day.md 做
   Python 不叫 python3 的，写 make init PYTHON=python3.11。

数据在 var/ 里;make backup 写成一个文件。升级:make stop，把新版本的文件夹铺在旧的上面，再 make upgrade。
开发工具(make test、make check)不在包里，它们要联网。


Install without a network
=========================

You need Linux {platform} (glibc 2.28 or later), Python {pythons} with venv (Debian: python3-venv), and make. The database
and every package are in wheels/. For PDF, also a Chinese font (fonts-noto-cjk).

1. Copy the whole folder to the machine, to where it will stay.
2. Check it:      sha256sum -c --quiet SHA256SUMS
3. Install:       make init
4. See the demo:  make demo        then open http://127.0.0.1:8000
   A real county: make stop, then make run, and follow docs/how-to/first-day.md
   Where Python is not called python3, write make init PYTHON=python3.11.

The data are in var/; make backup writes them into one file. Upgrade: make stop, lay the new version's folder over the old
one, then make upgrade. The developers' tools (make test, make check) are not in the bundle; they need a network.
"""
