from datetime import date

import pytest

from zugong.bulletins.papers.charts import ChartSpec, Kind, Point, Tone
from zugong.bulletins.papers.paper import Figure, Figures, Heading, Paper, Paragraph, Table
from zugong.bulletins.papers.values import Marks, Money, Share

STARS = (
    ("五星", 22, Tone.BEST),
    ("四星", 61, Tone.GOOD),
    ("三星", 100, Tone.FAIR),
    ("二星", 58, Tone.FAINT),
    ("一星", 25, Tone.LATE),
    ("不予评定", 2, Tone.NONE),
)


@pytest.fixture(scope="session")
def stars() -> ChartSpec:
    return ChartSpec(
        kind=Kind.BARS,
        title="2026年度各星级村数",
        unit="个",
        points=tuple(Point(name, count, name) for name, count, _ in STARS),
        tones=tuple((name, tone) for name, _, tone in STARS),
    )


@pytest.fixture(scope="session")
def bulletin(stars: ChartSpec) -> Paper:
    weak = tuple(
        (f"{town}{village}村党支部", town, Marks(52_300 + 731 * place), date(2026, 10, 8), f"0{place}3")
        for place, (town, village) in enumerate(
            (town, village) for town in ("禾汀镇", "白石乡", "杜若镇") for village in ("上河", "柳湾", "䶮家")
        )
    )
    return Paper(
        title="关于2026年11月全县村党组织评星定级和软弱涣散党组织整顿工作情况的通报",
        issuer="中共青穆县委组织部",
        day=date(2026, 11, 30),
        head="中共青穆县委组织部文件",
        number="青组通〔2026〕11号",
        addressees=("各乡镇党委、街道党工委", "县直机关工委"),
        blocks=(
            Paragraph("现将11月份有关情况通报如下。"),
            Heading(1, "总体情况"),
            Figures(
                (("参评村党组织", 268), ("五星占比", Share(22, 268)), ("集体经济收入", Money(1_234_567)))
            ),
            Figure(stars, "各星级村党组织数"),
            Heading(1, "整顿情况"),
            Heading(2, "台账"),
            Table(
                ("村党组织", "乡镇", "得分", "列入日期", "编号"), weak, "整顿台账", "得分按满分100分折算。"
            ),
        ),
        attachments=("整顿台账", "包保安排表"),
        copies=("县委办公室", "县纪委监委机关"),
        office="中共青穆县委组织部办公室",
        printed=date(2026, 11, 30),
        sealed=True,
        note="数据取自2026年度评星定级第2次计算",
    )
