"""What may be taken as a file: decided by content, not by the name it carries."""

from __future__ import annotations

LIMIT = 20 * 1024 * 1024  # bytes

# The ending → what the content must begin with.
KINDS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
}
SECRET_MARKS = ("绝密★", "机密★", "秘密★")


def lack(name: str, content: bytes) -> str:
    """Say in a sentence why a file cannot be taken; empty where it can."""
    ending = name.rpartition(".")[2].lower()
    if not content:
        return f"“{name}”是空文件"
    if len(content) > LIMIT:
        return f"“{name}”有 {len(content) // 1024 // 1024} MB，每个附件不能超过 {LIMIT // 1024 // 1024} MB"
    if ending not in KINDS:
        return f"“{name}”不是可以收的附件，请用 {'、'.join(KINDS)}"
    if not content.startswith(KINDS[ending]):
        return f"“{name}”的内容不是 {ending} 文件，请检查后重新上传"
    if any(mark.encode() in content or mark in name for mark in SECRET_MARKS):
        return f"“{name}”带有密级标志，本系统不得存储国家秘密，请按保密规定办理"
    return ""
