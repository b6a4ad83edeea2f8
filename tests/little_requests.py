"""A pack of a page in which somebody outside may ask: for the tests of requests."""

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
intake: {channels: [public, hotline, grid], matter: matter, contact: contact, response: reply, look_back: 30, counts: {answered: [answered], satisfied: [satisfied], dissatisfied: [dissatisfied]}}
stages:
  - {name: sort, label: 分办, body: town, needs: [inner]}
  - {name: handle, label: 办理, body: town, needs: [reply], outcomes: {answered: rate}, words: {answered: 已答复}}
  - {name: rate, label: 您满意吗, english: Are you satisfied?, body: office, asker: true, outcomes: {satisfied: end, dissatisfied: handle}, words: {satisfied: 满意, dissatisfied: 不满意}, english_words: {satisfied: Satisfied, dissatisfied: Not satisfied}}
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
  - {name: check, label: 核查, body: town, needs: [reply]}
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
