"""A pack of a page in which somebody outside may ask: for the tests of requests."""

import random

PACK = {
    "roles": """
roles:
  office: {label: 办公室, is: organisation.office}
  town: {label: 乡镇, is: above.township of about}
""",
    "fields": """
fields:
  matter: {label: 反映什么, kind: text}
  photo: {label: 照片, kind: file}
  contact: {label: 联系电话, kind: text, keep: {days: 30, after: closed}}
  reply: {label: 答复内容, kind: text}
  inner: {label: 内部意见, kind: text}
  who: {label: 被反映人, kind: person}
  says: {label: 您的意见, kind: text}
""",
    "ways": "appointment: deputy\nlabel: 代理\nsource: paper\nacts_for: true\n",
    "case": """
case: request
label: 群众诉求
english: Request
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
once: ""
number: 诉
asks: [matter]
may_ask: [contact, photo]
intake: {channels: [public, hotline, grid], matter: matter, contact: contact, response: reply, look_back: 30, counts: {answered: [answered], satisfied: [satisfied], dissatisfied: [dissatisfied], unreachable: [unreachable]}}
stages:
  - {name: sort, label: 分办, body: town, needs: [inner]}
  - {name: handle, label: 办理, body: town, needs: [reply], outcomes: {answered: rate}, words: {answered: 已答复}}
  - {name: rate, label: 您满意吗, english: Are you satisfied?, body: office, asker: true, instead: {dissatisfied: [says]}, outcomes: {satisfied: end, dissatisfied: handle, unreachable: end}, words: {satisfied: 满意, dissatisfied: 不满意, unreachable: 联系不上}, english_words: {satisfied: Satisfied, dissatisfied: Not satisfied, unreachable: Unreachable}}
---
case: complaint
label: 反映干部
english: About an official
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
once: ""
number: 反
asks: [matter]
may_ask: [who, contact]
intake: {channels: [public], matter: matter, contact: contact, against: who}
stages:
  - {name: check, label: 核查, body: town, needs: [reply], clock: {days: 10, remind: 3, overdue: above.township of about or organisation.office}}
---
case: chore
label: 杂事
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
stages: [{name: do, label: 办, body: office}]
""",
}

_CHECK = "{days: 10, remind: 3, overdue: above.township of about or organisation.office}"
_PASS_UP = (
    _CHECK
    + """, outcomes: {checked: end}, words: {checked: 核查完毕}}
  - {name: pass-up, label: 转送上一级, body: office, role: town, needs: [reply], outcomes: {passed: end}, words: {passed: 已转送}}
"""
)

# What is said against the top of the county is passed up: by the office, or else the township.
PASSING_UP = PACK | {
    "case": PACK["case"]
    .replace("against: who}", "against: who, response: reply, beyond: pass-up, counts: {answered: [passed]}}")
    .replace("  - {name: check", "  - {name: sort, label: 甄别, body: town, needs: [who]}\n  - {name: check")
    .replace(_CHECK + "}\n", _PASS_UP)
}

# --- Messages that routing can learn from

SAID = {
    "供水": ["自来水停水", "水管漏水", "水压太低", "水质发黄", "水表不准"],
    "教育": ["学校收费", "孩子转学", "老师补课", "学位不够", "校车停运"],
    "环境": ["噪音扰民", "污水直排", "垃圾焚烧", "粉尘污染", "油烟呛人"],
}
WHERE = ["青山村", "柳树街", "和平社区", "东风路", "石桥镇", "河西小区"]
HOW = ["已经好几天了", "希望尽快解决", "打电话没有人管", "请帮忙看看", "影响大家生活"]


def messages(count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Return so many invented messages and to which of three classes each belongs."""
    lot = random.Random(seed)
    labels = [lot.choice(sorted(SAID)) for _ in range(count)]
    texts = [
        f"{lot.choice(WHERE)}{lot.choice(SAID[label])}，{lot.choice(SAID[label])}，{lot.choice(HOW)}{lot.choice(HOW)}"
        for label in labels
    ]
    return texts, labels
