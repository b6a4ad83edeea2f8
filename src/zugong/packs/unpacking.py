"""What somebody sends in, a folder of a pack in a .zip or one .yaml, as texts; hostile ones are refused in a sentence.

Nothing is written to a disk: names and texts are read in memory, within bounds, before anybody else sees them.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from zugong.core.errors import Refused
from zugong.packs.reading import read

SENT = 2 * 1024 * 1024  # bytes of what is sent
LARGEST = 256 * 1024  # bytes of one file: a pack of 91 items has a fifth of it
ALL = 1024 * 1024  # bytes of all files of a pack together
MOST = 500  # names in a .zip, folders too
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

Files = dict[str, str]  # path inside the pack → text


def unpacked(content: bytes) -> Files:
    """Return the rules of the one pack in a .zip: path → text, from the folder of its pack.yaml down.

    Scenarios under tests/ and files that are no .yaml are no rules and are left out. Raises Refused.
    """
    refuse_too_large(len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = list(_members(archive))
            root = _root([path for path, _ in members])
            files: Files = {}
            for path, info in members:
                if path.suffix == ".yaml" and path.is_relative_to(root):
                    inside = path.relative_to(root)
                    if "tests" not in inside.parts:
                        files[str(inside)] = text_of(_content(archive, info), path.name)
                        refuse_too_much(files)
            return files
    except Refused:
        raise
    except Exception as why:  # a broken file breaks its reader in ways that nobody can list
        raise Refused("这个文件不是完好的 .zip 压缩包", field="file") from why


def text_of(content: bytes, name: str) -> str:
    """Return the text of one file as a pack keeps it: UTF-8, lines ended by \\n. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused("“{name}”太大：一个文件最多 {most} KB", name=name, most=LARGEST // 1024, field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("“{name}”不是 UTF-8 编码的文本", name=name, field="file") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(sign < " " and sign not in "\n\t" for sign in text):
        raise Refused("“{name}”里有看不见的控制字符，不是文本", name=name, field="file")
    return text


def path_of(name: str) -> str:
    """Return the path of a file inside a pack, as it was asked for. Raises Refused for what leads elsewhere."""
    path = _inside(name)
    if path.suffix != ".yaml" or "tests" in path.parts:
        raise Refused("制度包的文件名写成 .yaml，如 duties/visits.yaml", field="file")
    return str(path)


def place_for(files: Mapping[str, str], name: str) -> str:
    """Return where one file that was sent alone belongs: over the one of the same name, else beside pack.yaml."""
    path = path_of(name)
    same = [known for known in files if PurePosixPath(known).name == path]
    if len(same) > 1:
        raise Refused("有几个文件都叫“{name}”，请把整个文件夹打成 .zip 上传", name=path, field="file")
    return same[0] if same else path


def name_of(files: Mapping[str, str]) -> str:
    """Return what a pack calls itself in its pack.yaml. Raises Refused."""
    documents, _findings = read("pack.yaml", files.get("pack.yaml", ""))
    for document in documents:
        name = document.data.get("pack") if isinstance(document.data, dict) else None
        if (
            isinstance(name, str)
            and 0 < len(name) <= 60
            and name.isascii()
            and name.replace("-", "").isalnum()
        ):
            return name
    raise Refused("pack.yaml 里要写“pack: 名字”，名字用小写字母、数字和短横", field="file")


def packed(pack: str, files: Mapping[str, str]) -> bytes:
    """Return the folder of a pack as a .zip, which `unpacked` reads back; the same texts are the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{pack}/{path}"), text, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def refuse_too_large(size: int) -> None:
    """Refuse what is larger than any pack, before it is read."""
    if size > SENT:
        raise Refused("文件太大：最多 {most} MB", most=SENT // 1024 // 1024, field="file")


def refuse_too_much(files: Mapping[str, str]) -> None:
    """Refuse more text than any pack has."""
    if sum(len(text.encode()) for text in files.values()) > ALL:
        raise Refused("制度包太大：全部文件合计最多 {most} KB", most=ALL // 1024, field="file")
    if len(files) > MOST:
        raise Refused("文件太多：一个制度包最多 {most} 个文件", most=MOST, field="file")


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    infos = archive.infolist()
    if len(infos) > MOST:
        raise Refused("文件太多：一个制度包最多 {most} 个文件", most=MOST, field="file")
    seen: set[PurePosixPath] = set()
    for info in infos:
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refused("压缩包里的“{name}”是链接，不收", name=_short(info.filename), field="file")
        if info.flag_bits & 1:
            raise Refused("压缩包有密码，打不开：请去掉密码再上传", field="file")
        path = _inside(info.filename.rstrip("/"))
        if path in seen:
            raise Refused("压缩包里有两个“{name}”", name=_short(info.filename), field="file")
        seen.add(path)
        if not info.is_dir() and path.parts[0] != "__MACOSX":
            yield path, info


def _inside(name: str) -> PurePosixPath:
    """Return a path that stays inside the folder it is unpacked into. Raises Refused."""
    parts = name.split("/")
    strange = any(sign < " " or sign in '\\:*?"<>|' for sign in name)
    if strange or len(name) > 200 or any(part in ("", ".", "..") for part in parts):
        raise Refused("文件名“{name}”指向文件夹以外，或有不能用的字符", name=_short(name), field="file")
    return PurePosixPath(name)


def _root(paths: list[PurePosixPath]) -> PurePosixPath:
    roots = [path.parent for path in paths if path.name == "pack.yaml" and "tests" not in path.parts]
    if len(roots) != 1:
        raise Refused("压缩包里要有一个、也只有一个 pack.yaml：一次上传一个制度包的文件夹", field="file")
    return roots[0]


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type not in PACKED:
        raise Refused("压缩包的压缩方式不收，请用普通的 .zip", field="file")
    with archive.open(info) as file:
        return file.read(LARGEST + 1)  # what a header says of its size is not believed


def _short(name: str) -> str:
    return "".join(sign if sign >= " " else "?" for sign in name[:60])
