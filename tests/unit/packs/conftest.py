"""A pack small enough to read, and what checks say of it when something in it is changed."""

from collections.abc import Callable
from textwrap import dedent

import pytest

from zugong.packs.checks import check
from zugong.packs.findings import Finding
from zugong.packs.loader import attempt
from zugong.packs.mechanisms import Mechanism

PACK = "pack: small\nlabel: 小包\nversion: '1'\n"

SOUND = """\
sources:
  paper: {label: 一份文件, number: 青组发〔2025〕1号, fictional: true}
---
seconds:
  fields:
    text: {values: {unknown: {value: 60, source: paper}}}
---
fields:
  causes: {label: 原因, kind: text}
  result: {label: 结果, kind: text}
  urgent: {label: 紧急, kind: tick}
  income: {label: 收入, kind: money, per: year}
---
roles:
  township: {label: 乡镇, is: above.township of about}
  office: {label: 办公室, is: organisation.department}
  secretary: {label: 书记, is: holder of post.secretary of about}
---
classes: kinds
label: 组织
of: organisation
items: [{id: village, label: 村}, {id: township, label: 乡镇}, {id: department, label: 部门}]
---
classes: posts
label: 职务
of: post
items: [{id: secretary, label: 书记}]
---
roll: weak
label: 名册
of: organisation.village
kept_by: organisation.township
---
activity: visit
label: 走访
at: organisation.village
fields: [result]
---
duty: visits
label: 走访义务
source: paper
clause: 第一条
who: organisation.township
every: month
at_least: 1
done_by: {activity: visit}
---
case: matter
label: 事项
source: paper
clause: 第二条
about: organisation.village
opened_from: [person]
stages:
  - {name: start, label: 开始, role: township, needs: [causes, urgent]}
  - name: work
    label: 办理
    role: secretary
    needs: [result]
  - name: accept
    label: 验收
    body: office
    outcomes: {yes: end, no: work}
    words: {yes: 合格, no: 不合格}
effects:
  on yes: [{strike: weak}]
"""

MECHANISMS = {
    "AA-01": Mechanism("AA-01", "可算的", "", "A", ("C",)),
    "AA-02": Mechanism("AA-02", "导向", "", "A", ("X",)),
}

Found = Callable[..., list[Finding]]


@pytest.fixture
def found() -> Found:
    """Return what a check finds in the sound pack with one text replaced and other text added."""

    def finds(old: str = "", new: str = "", *, more: str = "", pack: str = PACK) -> list[Finding]:
        assert old in SOUND
        text = SOUND.replace(old, new, 1) if old else SOUND
        if more:
            text += "---\n" + dedent(more)
        policy, findings = attempt({"small": {"pack.yaml": pack, "all.yaml": text}}, "small")
        assert policy is not None
        return findings or check(policy, mechanisms=MECHANISMS)

    return finds


@pytest.fixture
def ids(found: Found) -> Callable[..., set[str]]:
    """Return the ids of what a check finds."""
    return lambda *words, **more: {finding.id for finding in found(*words, **more)}
