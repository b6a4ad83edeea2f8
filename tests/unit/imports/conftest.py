"""The national files, where ZUGONG_DATA says they are; a small nation of our own where it does not matter."""

import gzip
import os
from pathlib import Path

import pytest

NATION = {
    "provinces": ["code,name", '99,"虚构省"'],
    "cities": ["code,name,provinceCode", '9901,"虚构市",99'],
    "areas": ["code,name,cityCode,provinceCode", '990121,"青穆县",9901,99', '990122,"邻县",9901,99'],
    "streets": [
        "code,name,areaCode,provinceCode,cityCode",
        '990121001,"穆溪街道",990121,99,9901',
        '990121100,"禾汀镇",990121,99,9901',
        '990121400,"青穆开发区",990121,99,9901',
        '990122100,"邻镇",990122,99,9901',
    ],
    "villages": [
        "code,name,streetCode,provinceCode,cityCode,areaCode",
        '990121001001,"穆溪社区居委会",990121001,99,9901,990121',
        '990121100200,"白石村村民委员会",990121100,99,9901,990121',
        '990121100201,"青林村委会",990121100,99,9901,990121',
        '990121400498,"青穆开发区虚拟社区",990121400,99,9901,990121',
        '990122100200,"白石村",990122100,99,9901,990122',
    ],
}


@pytest.fixture(scope="session")
def national() -> Path:
    """The real files, or a counted skip."""
    folder = Path(os.environ.get("ZUGONG_DATA", "")) / "divisions"
    if not os.environ.get("ZUGONG_DATA") or not folder.is_dir():
        pytest.skip("no divisions under ZUGONG_DATA")
    return folder


@pytest.fixture
def nation(tmp_path):
    """Write the small nation, with some files replaced; a name ending in .gz is compressed."""

    def write(**replaced: list[str]) -> Path:
        for name, lines in (NATION | replaced).items():
            content = ("\n".join(lines) + "\n").encode()
            if name == "villages":
                (tmp_path / "villages.csv.gz").write_bytes(gzip.compress(content))
            else:
                (tmp_path / f"{name}.csv").write_bytes(content)
        return tmp_path

    write.lines = NATION
    return write
