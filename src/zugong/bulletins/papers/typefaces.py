"""Which Chinese typefaces this machine has. Typst prints blanks where it has no glyph and says nothing: we ask first."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zugong.core.errors import Refused

if TYPE_CHECKING:
    import typst

SONG = (
    "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun",
    "STSong", "Songti SC", "FandolSong", "AR PL UMing CN",
)  # fmt: skip
HEI = (
    "SimHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "STHeiti", "Heiti SC",
    "PingFang SC", "Microsoft YaHei", "FandolHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)  # fmt: skip
FANGSONG = ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02", "FandolFang R", "FandolFang")
KAI = ("KaiTi_GB2312", "KaiTi", "STKaiti", "FZKai-Z03", "FandolKai", "AR PL UKai CN")
XIAOBIAOSONG = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05")

ROLES = {
    # The role, then the families that fill it best first; a song or hei face stands in where none is installed.
    "仿宋": FANGSONG + SONG + HEI,
    "楷体": KAI + FANGSONG + SONG + HEI,
    "黑体": HEI + SONG,
    "宋体": SONG + HEI,
    "小标宋": XIAOBIAOSONG + SONG + HEI,
}
REAL = {"仿宋": FANGSONG, "楷体": KAI, "黑体": HEI, "宋体": SONG, "小标宋": XIAOBIAOSONG}


@dataclass(frozen=True)
class Typefaces:
    """The families chosen for the roles of the standard, with the fonts Typst loaded."""

    families: dict[str, str]
    fonts: "typst.Fonts" = field(repr=False, compare=False)

    def stand_ins(self) -> dict[str, str]:
        """Return the roles whose own typeface is missing here, with the family that stands in. For a notice."""
        return {role: family for role, family in self.families.items() if family not in REAL[role]}


@lru_cache(maxsize=4)
def find(*, system: bool = True, folders: tuple[Path, ...] = ()) -> Typefaces:
    """Return the typefaces of this machine and of the folders given.

    Refused when none of them writes Chinese. Installing a font takes effect when the program starts again.
    """
    import typst

    fonts = typst.Fonts(
        include_system_fonts=system,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders],
    )
    present = set(fonts.families())
    families = {
        role: next((family for family in best if family in present), "") for role, best in ROLES.items()
    }
    if not all(families.values()):
        raise Refused(
            "本机没有中文字体，印不出公文和图。请安装思源宋体和思源黑体"
            "（Debian、Ubuntu：apt install fonts-noto-cjk；其他系统：安装仿宋、楷体、黑体、宋体），再重新启动。"
        )
    return Typefaces(families, fonts)


def check(typefaces: Typefaces, text: str) -> None:
    """Refuse, naming the character, when no font of this machine can draw one of the text."""
    compiled('#set document(title: "字")\n#sys.inputs.text', typefaces, text="".join(sorted(set(text))))


def compiled(source: str, typefaces: Typefaces, *, timestamp: int = 0, **inputs: str) -> bytes:
    """Return the PDF that Typst makes of the source, accessible and archivable.

    The archive standard (PDF/A-2a) is what makes Typst report a missing glyph at all; any other warning, such as an
    unknown family, is ours to mend and raises too.
    """
    import typst

    compiler = typst.Compiler(
        source.encode(), font_paths=typefaces.fonts, ignore_system_fonts=True, sys_inputs=inputs
    )
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp
        )
    except typst.TypstError as error:
        if missing := _missing(error.message):
            raise Refused(
                "本机字体里没有{missing}，强行印出会成空白。请安装收字更全的字体，如遍黑体、花园明朝。",
                missing=missing,
            ) from None
        raise RuntimeError(error.diagnostic) from error
    if warnings:
        raise RuntimeError("; ".join(warning.message for warning in warnings))
    assert isinstance(pdf, bytes)
    return pdf


def _missing(message: str) -> str:
    found = re.search(r'(?:the text|codepoint) `"(.+?)"`', message)
    if not found:
        return ""
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda escape: chr(int(escape[1], 16)), found[1])
    return "、".join(f"“{character}”（U+{ord(character):04X}）" for character in dict.fromkeys(text))
