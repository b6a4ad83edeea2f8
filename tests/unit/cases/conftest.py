"""A small kind of case, and the people around one village."""

import pytest

from little_county import county, in_force
from zugong.accounts.rules import Role

PACK = {
    "roles": """
roles:
  office: {label: 办公室, is: organisation.office}
  town: {label: 乡镇, is: above.township of about}
  village: {label: 村, is: about}
""",
    "fields": """
fields:
  result: {label: 结果, kind: text}
  plan: {label: 方案, kind: text}
  opinion: {label: 意见, kind: text}
""",
    "roll": "roll: done\nlabel: 办结名册\nsource: paper\nof: organisation.village\n",
    "activity": """
activity: visit
label: 走访
source: paper
run_by: organisation
present: named
""",
    "case": """
case: loop
label: 闭环
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 闭
stages:
  - {name: plan, label: 方案, parties: {in_order: [village, town, office]}, needs: [plan], clock: {working_days: 5, remind: 2, overdue: organisation.office, extended_by: office}}
  - {name: do, label: 办理, role: village, needs: [result], clock: {days: 10, pausable: true}}
  - name: check
    label: 核对
    body: office
    two_people: true
    not_by: [do]
    return: {to: do, needs: [result]}
    outcomes: {good: end, bad: do}
    words: {good: 合格, bad: 不合格}
effects:
  on good: [{enter: done}, {put: monthly}]
  on bad: [{open: loop, next: year}]
---
case: hearing
label: 听取意见
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 听
stages:
  - name: opinions
    label: 各方意见
    parties: {all: [village, town]}
    clock: {working_days: 200, remind: 150, overdue: organisation.office}
    needs: [opinion, {evidence: {any_of: [visit], at_least: 1}}]
---
case: trial
label: 试行
source: paper
about: organisation.village
opened_from: [person]
opened_by: office
number: 试
stages:
  - name: watch
    label: 跟踪
    body: office
    clock: {months: 12}
    outcomes: {lapsed: end, relapse: again}
    words: {lapsed: 跟踪期满, relapse: 返弱}
    after_clock: [lapsed]
  - {name: again, label: 再办, role: village}
""",
}


@pytest.fixture
def place():
    in_force(**PACK)
    found = county()
    found.users = {
        "village": found.user(Role.VILLAGE_SECRETARY, found.villages[0]),
        "town": found.user(Role.TOWNSHIP_CLERK, found.townships[0]),
        "office": found.user(Role.DESK, found.office),
        "head": found.user(Role.HEAD, found.office),
        "stranger": found.user(Role.TOWNSHIP_CLERK, found.townships[1]),
    }
    return found
