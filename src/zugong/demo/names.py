"""Invented names. Common surnames joined to given characters, and village names joined from two lists.

Nobody is meant. Any likeness to a real person or village is chance; county and townships bear names that no real
one has, which a house test proves where the national list is at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

COUNTY = "青穆县"
# What each township is called, how its code goes on, and how many villages it has: 268 together.
TOWNSHIPS = (
    ("穆溪街道", "001", 8),
    ("杏川街道", "002", 8),
    ("禾汀镇", "100", 20),
    ("鹤洲镇", "101", 19),
    ("竹浦镇", "102", 19),
    ("茗岭镇", "103", 18),
    ("澄湖镇", "104", 18),
    ("松涧镇", "105", 18),
    ("苇塘镇", "106", 17),
    ("梓川镇", "107", 18),
    ("鹭渚镇", "108", 18),
    ("麓山乡", "200", 17),
    ("云岫乡", "201", 18),
    ("岚屏乡", "202", 18),
    ("霜桥乡", "203", 17),
    ("蕙畈乡", "204", 17),
)
RENAMED = ("竹浦镇", "竹浦乡")  # what it was called before
MERGED = ("麓山乡", "霁山乡", "205", 6)  # into which, what, its code, how many of the villages came with it
FIRST_VILLAGES = ("白石村", "青林村", "杜若村", "禾堰村")  # of 禾汀镇, as in the pictures and the tutorial

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = {
    "男": "砚樵屿衡朗岑泽淮嵩岳松柏榕桐峥崧川洲浔澜牧野耕畅远峻岱崎恒昀晖旭晔煦烨炎铭锐钧铮鸣翔宇宸骁骥骞驰",
    "女": "岚舒棠漪槿珂瑾筠蔚蓁芷芩菁萱荷莲蓉苓蘅薇黛霏霁雯霖露晴晗暖昕旻娴婉婷妍姝淑惠慧颖秀琴瑟韵音茜",
    "": "禾遥秋溪汀淇清澄思念知言书文宁安和平若亦乐一之可方以子小云晓",
}
_VILLAGE_BEGINS = "白青石柳松竹梅兰桐枫杏桃榆槐柏荷苇茶麦禾"
_VILLAGE_ENDS = "石林塘溪坡湾岭坪泉桥岩田堰沟洼冲畈港渡坝"


def person_names(random: Random) -> Iterator[tuple[str, str]]:
    """Yield a name and the sex it goes with, without end, no name twice."""
    seen: set[str] = set()
    while True:
        sex = "女" if random.random() < 0.34 else "男"
        middle = random.choice(_GIVEN[""]) if random.random() < 0.72 else ""
        name = random.choice(_SURNAMES) + middle + random.choice(_GIVEN[sex])
        if name not in seen and len(set(name)) == len(name):
            seen.add(name)
            yield name, sex


def village_names(random: Random, count: int) -> list[str]:
    """Return that many village names, all different, the well-known ones first."""
    joined = [f"{a}{b}村" for a in _VILLAGE_BEGINS for b in _VILLAGE_ENDS if a != b]
    others = sorted(set(joined) - set(FIRST_VILLAGES))
    return [*FIRST_VILLAGES, *random.sample(others, count - len(FIRST_VILLAGES))]


DEPARTMENTS = (
    *(
        "政府办公室",
        "发展和改革局",
        "教育局",
        "科学技术局",
        "工业和信息化局",
        "民族宗教事务局",
        "公安局",
        "民政局",
    ),
    *(
        "司法局",
        "财政局",
        "人力资源和社会保障局",
        "自然资源局",
        "生态环境分局",
        "住房和城乡建设局",
        "交通运输局",
    ),
    *(
        "水利局",
        "农业农村局",
        "商务局",
        "文化和旅游局",
        "卫生健康局",
        "退役军人事务局",
        "应急管理局",
        "审计局",
    ),
    *("市场监督管理局", "统计局", "医疗保障局", "林业局", "城市管理局", "信访局", "政务服务局", "数据局"),
    *(
        "乡村振兴服务中心",
        "招商服务中心",
        "供销合作社联合社",
        "粮食和物资储备局",
        "体育事业中心",
        "广播电视台",
    ),
    *("融媒体中心", "档案馆", "地方志编纂中心", "气象局", "地震台", "烟草专卖局", "税务局", "邮政管理局"),
    *(
        "消防救援局",
        "公路事业中心",
        "河湖事务中心",
        "农机服务中心",
        "畜牧水产中心",
        "种子工作站",
        "土地储备中心",
    ),
    *("公积金管理部", "社会保险中心", "就业服务中心", "不动产登记中心", "残疾人服务中心", "红十字会"),
    *("科学技术协会", "机关事务服务中心"),
)
