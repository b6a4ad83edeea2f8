"""The bundle on a machine without a network: the sample has a bundle that lost its wheels, the whole installs and opens the demo."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ground import ROOT, free_port
from zugong.cli.bundle import FITS, bundle
from zugong.core.errors import Refused

HERE = f"{platform.machine()} {sys.version_info.major}.{sys.version_info.minor}"
# A network of its own in which only the machine itself answers. Whoever is not root becomes it for a moment, to wake it.
ALONE = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "alone"]
if os.getuid():
    back = f"exec unshare --user --map-user={os.getuid()} --map-group={os.getgid()}"
    ALONE = ["unshare", "--net", "--map-root-user", "sh", "-c", f'ip link set lo up && {back} "$@"', "alone"]
NO_NETWORK_TO_LEAVE = (
    "这台机器不许另立网络,安装包没有在断网时试过:请允许 unshare。 The bundle was not tried without a network: "
    "allow unshare, and install iproute2"
)


@pytest.fixture
def alone() -> list[str]:
    """What to put before a command so that it has no network."""
    if not shutil.which("unshare") or subprocess.run([*ALONE, "true"], capture_output=True).returncode:
        pytest.skip(NO_NETWORK_TO_LEAVE)
    return ALONE


def bare(home: Path, **more: str) -> dict[str, str]:
    """What a machine knows on which nothing of ours was ever installed."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHON": sys._base_executable,  # type: ignore[attr-defined]
        **more,
    }


def make(alone: list[str], folder: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*alone, "make", *words], cwd=folder, env=bare(home), capture_output=True, text=True, timeout=600
    )


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A bundle whose wheels were lost on the way."""
    folder = tmp_path / "zugong"
    (folder / "wheels").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "wheels" / FITS).write_text(f"{HERE}\n", "utf-8")
    return folder


@pytest.mark.soak
def test_a_bundle_that_lost_its_wheels_says_so_and_asks_no_index(
    alone: list[str], lost: Path, tmp_path: Path
) -> None:
    done = make(alone, lost, tmp_path, "init")
    assert done.returncode
    assert "wheels/ 不完整" in done.stdout
    assert "Retrying" not in done.stderr  # pip would have asked a network five times


def test_a_bundle_for_another_machine_says_for_which(lost: Path, tmp_path: Path) -> None:
    (lost / "wheels" / FITS).write_text("sparc64 3.11\nsparc64 3.13\n", "utf-8")
    done = make([], lost, tmp_path, "init")
    assert done.returncode
    assert "适用于 sparc64 3.11,sparc64 3.13" in done.stdout
    assert not (lost / ".venv").exists()


def test_a_bundle_is_written_from_a_clone_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="不是 git 仓库"):
        bundle([])
    assert not list(tmp_path.glob("dist/*"))
    (tmp_path / "dist" / "zugong-0.1.0-aarch64" / "var").mkdir(parents=True)
    with pytest.raises(Refused, match="请先移走"):
        bundle(["--platform", "aarch64"])
    with pytest.raises(Refused, match="不是能用的 Python"):
        bundle(["--python", "2.7"])


@pytest.fixture
def written(whole: bool, tmp_path: Path) -> Path:
    if not whole:
        pytest.skip(
            "写出整个安装包并断网安装:make soak。 The whole bundle, installed without a network: make soak"
        )
    words = [sys.executable, "-m", "zugong.cli.main", "bundle", "--folder", str(tmp_path / "dist")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [folder] = (tmp_path / "dist").iterdir()
    return folder


@pytest.fixture
def demo(alone: list[str], written: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The demo of the bundle, started by `make demo` in a network of its own."""
    port = free_port()
    command = [*alone, "make", "demo", f"PORT={port}"]
    with open(tmp_path / "log", "wb") as log:
        site = subprocess.Popen(
            command, cwd=written, env=bare(tmp_path), stdout=log, stderr=log, start_new_session=True
        )
    yield site, port
    subprocess.run(["make", "stop"], cwd=written, env=bare(tmp_path), check=True, capture_output=True)
    site.wait(60)


@pytest.mark.soak
def test_a_bundle_installs_and_its_demo_opens_without_a_network(
    alone: list[str], written: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    checked = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=written, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
    began = time.monotonic()
    init = make(alone, written, tmp_path, "init")
    assert init.returncode == 0, init.stdout + init.stderr
    installed = time.monotonic()
    site, port = request.getfixturevalue("demo")
    page = first_page(site, port)
    opened = time.monotonic()
    assert "青穆县组工平台" in page, (tmp_path / "log").read_text("utf-8")
    wheels = list((written / "wheels").glob("*.whl"))
    size = sum(wheel.stat().st_size for wheel in wheels) // 1_000_000
    print(
        f"bundle: {len(wheels)} wheels, {size} MB; make init {installed - began:.0f} s, "
        f"the demo's first page {opened - installed:.0f} s, both without a network"
    )


def first_page(site: subprocess.Popen[bytes], port: int) -> str:
    """The sign-in page, asked from within the site's own network."""
    ask = (
        "import urllib.request as web; "
        f"print(web.urlopen('http://127.0.0.1:{port}/', timeout=20).read().decode())"
    )
    inside = ["nsenter", f"--net=/proc/{site.pid}/ns/net", sys.executable, "-c", ask]
    if os.getuid():
        inside[1:1] = ["--user", f"--target={site.pid}", "--preserve-credentials"]
    for _ in range(300):
        done = subprocess.run(inside, capture_output=True, text=True)
        if done.returncode == 0 or site.poll() is not None:
            return done.stdout
        time.sleep(1)
    return ""
