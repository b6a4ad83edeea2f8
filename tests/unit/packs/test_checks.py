"""What `packs check` proves: each fault in a sound pack is found, numbered, and found on its line."""

import pytest

from unit.packs.conftest import SOUND


def test_the_sound_pack_is_sound(found):
    assert found() == []


def line_of(text: str) -> int:
    return next(
        number
        for number, line in enumerate(SOUND.splitlines(), 1)
        if line.strip().startswith(text) or (text in line and "{values" not in line)
    )


@pytest.mark.parametrize(
    ("old", "new", "id", "where", "hint"),
    [
        ("needs: [result]", "needs: [reslt]", "E101", "needs: [result]", "result"),
        ("role: secretary", "role: secretry", "E101", "role: secretary", "secretary"),
        ("activity: visit}", "activity: vist}", "E101", "activity: visit}", "visit"),
        ("strike: weak", "strike: weka", "E101", "strike: weak", "weak"),
        ("fields: [result]", "fields: [resul]", "E101", "fields: [result]", "result"),
        ("source: paper\n", "source: papper\n", "E102", "source: paper", "paper"),
        ("who: organisation.township", "who: organisation.townsip", "E111", "who: organisation.township", "township"),
        ("is: above.township of about", "is: above.twnship of about", "E111", "is: above.township", "township"),
        ("is: holder of post.secretary", "is: holdr of post.secretary", "E114", "is: holder of", "holder"),
        ("on yes:", "on yess:", "E202", "on yes:", "yes"),
        ("no: work}", "no: wrk}", "E203", "outcomes: {yes: end", "work"),
    ],
)  # fmt: skip
def test_a_misspelt_name_is_found_on_its_line_with_the_right_word(found, old, new, id, where, hint):
    (finding,) = [one for one in found(old, new) if one.id == f"packs.{id}"]
    assert (finding.file, finding.line) == ("small/all.yaml", line_of(where))
    assert hint in finding.hint


FAULTS = {
    # 1 names
    "more items than slots": ("items: [{id: secretary", "slots: 0\nitems: [{id: secretary", "E103"),
    "an item twice": ("{id: village, label: 村},", "{id: village, label: 村}, {id: village, label: 村},", "E104"),
    "lines out of order": ("at_least: 1", "at_least: {values: {2025-01-01: {value: 1}, 2024-01-01: {value: 2}}}", "E105"),
    "a number without source": ("source: paper\nclause: 第一条\nwho", "clause: 第一条\nwho", "E106"),
    "a number without clause": ("source: paper\nclause: 第一条\nwho", "source: paper\nwho", "E107"),
    "a roll that is not there": ("at: organisation.village\n", "at: organisation.village on strong\n", "E110"),
    "a person on a roll of villages": ("who: organisation.township", "who: person on weak", "E115"),
    "people who are villages": ("who: organisation.township", "who: person and organisation.village", "E115"),
    "a link that is not there": ("who: organisation.township", "who: link.support.leader", "E116"),
    "a case that is not there": ("who: organisation.township", "who: case.mater", "E118"),
    "a stage that is not there": ("who: organisation.township", "who: case.matter at wurk", "E119"),
    "a roll that looks up at cases": ("of: organisation.village\nkept_by: organisation.township\n---\nactivity", "of: case.matter\n---\nactivity", "E120"),
    # 2 cases
    "an event without on": ("on yes:", "yes:", "E201"),
    "an outcome that leads nowhere": ("no: work}", "no: elsewhere}", "E203"),
    "a return forward": ("needs: [result]\n", "needs: [result]\n    return: {to: accept}\n", "E204"),
    "a stage nobody reaches": ("needs: [causes, urgent]}", "needs: [causes, urgent], outcomes: {go: end}, words: {go: 去}}", "E205"),
    "a loop without a way out": ("outcomes: {yes: end, no: work}", "outcomes: {yes: work, no: work}", "E206"),
    "a stage that nobody takes": ("    role: secretary\n", "", "E207"),
    "not_by a later stage": ("needs: [result]\n", "needs: [result]\n    not_by: [accept]\n", "E208"),
    "who works accepts": ("    role: secretary\n", "    role: office\n", "E209"),
    "whom it is about decides": ("office: {label: 办公室, is: organisation.department}", "office: {label: 办公室, is: about}", "E210"),
    "two ways of counting": ("needs: [result]\n", "needs: [result]\n    clock: {days: 3, until: year-end, overdue: self}\n", "E211"),
    "a deadline that nobody writes down": ("needs: [result]\n", "needs: [result]\n    clock: {asked: urgent, overdue: self}\n", "E221"),
    "a clock that tells nobody": ("needs: [result]\n", "needs: [result]\n    clock: {days: 3}\n", "E212"),
    "a button without Chinese": ("    words: {yes: 合格, no: 不合格}\n", "", "E213"),
    "a word for no outcome": ("words: {yes: 合格,", "words: {maybe: 再看, yes: 合格,", "E214"),
    "a guard that reads ahead": ("role: secretary\n", "role: secretary\n    when: urgent && done\n", "E215"),
    "a case that opens itself": ("{strike: weak}", "{open: matter}", "E216"),
    "an effect that never ends": ("{strike: weak}", "{enter: weak, until: never}", "E217"),
    "a record kept from a day that never comes": ("opened_from: [person]", "opened_from: [person]\nkeep: {days: 3, after: closing}", "E218"),
    # 4 rules
    "a guard that is no CEL": ("role: secretary\n", "role: secretary\n    when: 'urgent &&'\n", "E401"),
    "a guard of unlike types": ("role: secretary\n", "role: secretary\n    when: urgent > 3\n", "E403"),
    # 8 coverage
    "a mechanism that is not there": ("roll: weak", "roll: weak\nmechanisms: [AA-03]", "E801"),
    "a mechanism that is orientation": ("roll: weak", "roll: weak\nmechanisms: [AA-02]", "E802"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_sound_pack_is_found(ids, fault):
    old, new, id = FAULTS[fault]
    assert f"packs.{id}" in ids(old, new)


CARD_WITH_OBJECTIONS = """
        scorecard: stars
        label: 评星
        source: paper
        clause: 第三条
        about: organisation.village
        every: year
        decided: true
        grades: {scale: [good, poor], words: {good: 好, poor: 差}}
        before_final: {values: {unknown: {value: {objections: {case: matter%s, days: 5}}}}}
        """

REQUEST = """
        fields:
          matter: {label: 诉求, kind: text}
          contact: {label: 联系方式, kind: text, keep: {days: 30, after: closed}, clause: 第四条}
          owner: {label: 承办单位, kind: organisation}
          called: {label: 报到单位, kind: organisation, many: true}
        ---
        roles: {holding: {label: 承办, is: holder}}
        ---
        case: ask
        label: 诉求
        source: paper
        clause: 第三条
        about: organisation.village
        opened_from: [person]
        opened_by: township
        asks: [matter, contact]
        once: ""
        intake: {channels: [public], matter: matter, contact: contact, sorts: owner, counts: {answered: [good]}}
        stages:
          - {name: sort, label: 分办, body: township, needs: [owner], gives: owner, instead: {whistle: [called]}, outcomes: {give: act, whistle: meet}, words: {give: 交办, whistle: 吹哨}}
          - {name: act, label: 办理, role: holding, needs: [result], outcomes: {done: rate}, words: {done: 办好}}
          - {name: meet, label: 报到, body: township, children: {case: come, for: called}, outcomes: {met: rate}, words: {met: 到了}}
          - {name: rate, label: 评价, body: office, asker: true, sample: 500, outcomes: {good: end, bad: act}, words: {good: 满意, bad: 不满意}}
        ---
        case: come
        label: 报到
        source: paper
        clause: 第三条
        about: organisation.village
        opened_from: [case]
        once: ""
        stages: [{name: come, label: 报到, role: holding}]
        """

OFFERED = "{label: 承办单位, kind: organisation}"
REQUEST_FAULTS = {
    "a choice among what is not there": (OFFERED, "{label: 承办单位, kind: organisation, among: organisation.bureau}", "E111"),
    "a unit among people": (OFFERED, "{label: 承办单位, kind: organisation, among: person.secretary}", "E124"),
    "a unit by lot": (OFFERED, "{label: 承办单位, kind: organisation, among: sample 20% of organisation.village}", "E125"),
    "a unit by a word of no case": (OFFERED, "{label: 承办单位, kind: organisation, among: self}", "E125"),
    "a stage that gives to what it does not ask": ("gives: owner", "gives: called", "E223"),
    "a stage that gives to a text": ("gives: owner", "gives: result", "E223"),
    "a stage that gives to several at once": ("{label: 承办单位, kind: organisation}", "{label: 承办单位, kind: organisation, many: true}", "E223"),
    "a task for each of what nobody names": ("for: called", "for: matter", "E224"),
    "a task that may be opened only once": ('opened_from: [case]\n        once: ""', "opened_from: [case]", "E224"),
    "other needs for no outcome": ("instead: {whistle:", "instead: {wistle:", "E225"),
    "an asker among two people": ("asker: true,", "asker: true, two_people: true,", "E226"),
    "a share of more than all": ("sample: 500", "sample: 1500", "E227"),
    "a lot before anything begins": ("body: township, needs: [owner]", "body: township, sample: 100, needs: [owner]", "E227"),
    "what is asked is no text": ("matter: matter", "matter: owner", "E228"),
    "what is asked is not asked at the opening": ("matter: matter", "matter: result", "E228"),
    "a contact that is not asked": ("asks: [matter, contact]", "asks: [matter]", "E228"),
    "sorting by a text": ("sorts: owner", "sorts: result", "E228"),
    "a complaint against no person": ("sorts: owner", "against: owner", "E228"),
    "an answer that is no outcome": ("{answered: [good]}", "{answered: [godo]}", "E229"),
    "a contact that is kept for ever": (", keep: {days: 30, after: closed}", "", "E230"),
    "a contact of which nobody says how long": ("{days: 30, after: closed}", "{after: closed}", "E230"),
    "a contact kept longer by no paper": (", clause: 第四条", "", "E230"),
    "a contact that stays where an outcome never comes": ("after: closed", "after: good", "E230"),
    "another system that cannot say where": ("channels: [public", "channels: [api, public", "E231"),
    "a place that is no text": ("matter: matter,", "matter: matter, spot: owner,", "E228"),
    "somebody who keeps track and is no role": ("asks: [matter, contact]", "asks: [matter, contact]\n        tracked_by: nobody", "E101"),
}  # fmt: skip


def test_a_sound_request_is_sound(ids):
    assert not {one for one in ids(more=REQUEST) if one.startswith("packs.E2") or one == "packs.E101"}


def test_a_deadline_may_be_written_down_for_one_outcome_alone(ids):
    asked = REQUEST.replace("[called]}", "[called, by-when]}").replace(
        "          owner: {", "          by-when: {label: 期限, kind: day}\n          owner: {", 1
    )
    timed = asked.replace(
        "body: township, children:", "body: township, clock: {asked: by-when, overdue: self}, children:"
    )
    assert timed.count("by-when") == 3
    assert "packs.E221" not in ids(more=timed)


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
def test_a_fault_in_a_request_is_found(ids, fault):
    old, new, id = REQUEST_FAULTS[fault]
    assert old in REQUEST
    assert f"packs.{id}" in ids(more=REQUEST.replace(old, new, 1))


MORE = {
    "an objection that cannot end upheld, and that nobody can bring in": (
        CARD_WITH_OBJECTIONS % "",
        {"E122", "E123"},
    ),
    "a neighbour that acts and cannot open the case": (
        """
        link: inspection
        label: 互检
        kinds: {inspects: {label: 检查, from: organisation.village, to: organisation.village}}
        ---
        roles: {inspector: {label: 互检的村, is: link.inspection.inspects of about}}
        ---
        case: cross
        label: 互检
        about: organisation.village
        opened_from: [person]
        stages: [{name: look, label: 检查, role: inspector}]
        """,
        {"E222"},
    ),
    "an adverse kind without due process": (
        """
        case: strike-name
        label: 除名
        about: organisation.village
        opened_from: [person]
        adverse: true
        stages: [{name: decide, label: 决定, body: office, outcomes: {gone: end}, words: {gone: 除名}}]
        effects: {on gone: [{enter: weak}]}
        """,
        {"E301", "E303", "E304", "E305", "E306"},
    ),
    "adverse effects from an ordinary case about a person": (
        """
        roll: praised
        label: 表扬
        of: person
        ---
        case: talk
        label: 谈话
        about: person
        opened_from: [person]
        stages: [{name: talk, label: 谈, body: office}]
        effects: {on talk: [{strike: praised}]}
        """,
        {"E307"},
    ),
    "a standing that takes an answer which its roll does not have": (
        """
        fields: {batch: {label: 批次, kind: choice, options: [{id: first, label: 一}, {id: fifth, label: 五}]}}
        ---
        roll: posted
        label: 已选派
        of: person
        value: [first, second]
        ---
        case: selection
        label: 选派
        about: person
        opened_from: [person]
        stages: [{name: name, label: 提名, body: office, needs: [batch]}]
        effects: {on name: [{enter: posted, value: batch}]}
        """,
        {"E121"},
    ),
    "an effect that asks a list as if it were a word": (
        """
        fields: {troubles: {label: 类型, kind: choice, many: true, options: [{id: poor, label: 穷}]}}
        ---
        case: cure
        label: 整治
        about: organisation.village
        opened_from: [person]
        stages: [{name: find, label: 找, body: office, needs: [troubles]}]
        effects: {on find: [{enter: weak, when: "troubles > 1"}, {strike: weak, when: "'poor' in troubles"}]}
        """,
        {"E403"},
    ),
    "a ledger that pays once for a standing on no roll": (
        """
        ledger: reward
        label: 奖励
        unit: fen
        account: organisation.village
        kept_by: organisation.township
        once_per: [about, standing]
        """,
        {"E703"},
    ),
    "an indicator under a heading that the card does not have": (
        """
        scorecard: stars-two
        label: 星
        source: paper
        clause: 第四条
        about: organisation.village
        every: year
        headings: [{id: industry, label: 产业}]
        slots: 91
        indicators: [{id: a, label: 甲, heading: industri, by: {method: rated, raters: {self: {values: {}}}}}]
        grades: {scale: [good, poor]}
        """,
        {"E516"},
    ),
    "a guard over what is not declared": (
        """
        rules: table
        label: 表
        answer: [paid, incomplete]
        facts: {years: {type: number}}
        situations: {items: [{id: first, when: "yeers == 1"}]}
        """,
        {"E402"},
    ),
    "situations that overlap, and a hole between them": (
        """
        rules: rent
        label: 房租
        answer: [paid, nothing, incomplete]
        facts: {years: {type: number}}
        pick: only
        situations:
          items:
            - {id: first, when: "years <= 2", then: {share: 1000}}
            - {id: second, when: "years >= 2 && years < 4", then: {share: 800}}
            - {id: third, when: "years > 4", then: {share: half}}
        """,
        {"E404", "E405", "E406"},
    ),
    "a table that cannot say incomplete": (
        """
        rules: blunt
        label: 表
        answer: [yes, no]
        facts: {urgent: {field: urgent}}
        situations: {items: [{id: one, when: urgent}]}
        otherwise: maybe
        """,
        {"E407", "E408"},
    ),
    "33 heads for 39 communities one to one": (
        """
        link: heads
        label: 负责人
        source: paper
        clause: 第三条
        kinds:
          head: {label: 负责人, from: person, to: organisation.village, each_from: "1", each_to: "1"}
        printed: {head: 33, village: 39}
        """,
        {"E502"},
    ),
    "a number of ties that is no number": (
        """
        link: heads
        label: 负责人
        source: paper
        clause: 第三条
        kinds: {head: {label: 负责人, from: person, to: organisation.village, each_from: "some"}}
        """,
        {"E501"},
    ),
    "a quota that keeps quiet, and printed grades that do not add up": (
        """
        scorecard: stars
        label: 评星
        source: paper
        clause: 第四条
        about: organisation.village
        every: year
        decided: true
        grades:
          scale: [good, poor]
          quotas: [{grade: poor, share: 100}, {grade: bad, share: 1, bound: at_most, rounding: floor, of: all}]
        printed: {good: 3, poor: 2, all: 6}
        """,
        {"E504", "E505", "E512"},
    ),
    "thresholds upside down": (
        """
        scorecard: stars
        label: 评星
        source: paper
        clause: 第四条
        about: organisation.village
        every: year
        grades: {scale: [good, poor], thresholds: {values: {unknown: {value: {good: 1, poor: 2}}}}}
        """,
        {"E506"},
    ),
    "a band worth more than full marks, and a grade that its roll does not know": (
        """
        roll: stars
        label: 星级
        of: organisation.village
        value: [good]
        ---
        measure: heads
        label: 人数
        facts: registry.appointments
        count: {rows: true}
        ---
        scorecard: stars
        label: 评星
        source: paper
        clause: 第四条
        about: organisation.village
        every: year
        indicators:
          - id: size
            label: 规模
            full: 10
            by:
              method: banded
              figure: heads
              bands: {values: {unknown: {value: [{from: 0, marks: 5}, {from: 0, marks: 20}]}}}
        grades: {scale: [good, poor], tie_indicator: sise}
        effects: {on published: [{enter: stars, value: grade}]}
        """,
        {"E121", "E507", "E508", "E515"},
    ),
    "a rhythm that is two, on a day that no month has": (
        """
        scorecard: stars
        label: 评星
        about: organisation.village
        every: {month: 1, year: 1, day: 40}
        grades: {scale: [good, poor]}
        """,
        {"E513", "E514"},
    ),
    "weights of 90": (
        """
        survey: opinion
        label: 测评
        source: paper
        clause: 第五条
        about: organisation.village
        voters: {a: {who: organisation.township, weight: 50}, b: {who: person, weight: 40}}
        ask: [{id: q, label: 题, scale: [好, 差]}]
        minimum: 3
        """,
        {"E511"},
    ),
    "a ballot that gives people away": (
        """
        survey: opinion
        label: 测评
        about: organisation.village
        voters: {a: {who: organisation.village}}
        ask: [{id: q, label: 题, scale: [好, 差]}]
        """,
        {"E702"},
    ),
    "more evidence than there are kinds": (
        """
        case: check
        label: 查
        source: paper
        clause: 第六条
        about: organisation.village
        opened_from: [person]
        stages: [{name: a, label: 甲, body: office, needs: [{evidence: {any_of: [visit], at_least: 2}}]}]
        """,
        {"E509"},
    ),
    "a ledger that nothing fills": (
        "ledger: grant\nlabel: 奖补\nunit: fen\naccount: organisation.village\n",
        {"E701"},
    ),
    "a roll that nobody enters": (
        "roll: famous\nlabel: 名村\nof: organisation.village\n",
        {"E704"},
    ),
    "a word for a value that a roll does not have": (
        "roll: famous\nlabel: 名村\nof: organisation.village\nkept_by: organisation.township\n"
        "value: [one]\nwords: {two: 二}\n",
        {"E705"},
    ),
    "a yearly figure asked twice": (
        """
        duty: income-one
        label: 收入
        source: paper
        clause: 第七条
        who: organisation.village
        every: year
        at_least: 1
        asks: [income]
        ---
        duty: income-two
        label: 又问收入
        source: paper
        clause: 第七条
        who: organisation.village
        every: year
        at_least: 1
        asks: [income]
        """,
        {"E602", "E603", "E604"},
    ),
}


@pytest.mark.parametrize("fault", MORE)
def test_an_entry_with_faults_is_found_out(ids, fault):
    more, expected = MORE[fault]
    assert {f"packs.{id}" for id in expected} <= ids(more=more)


def test_33_heads_can_lead_39_communities_when_one_may_lead_two(ids):
    more = """
        link: heads
        label: 负责人
        source: paper
        clause: 第三条
        kinds:
          head: {label: 负责人, from: person, to: organisation.village, each_from: "1..2", each_to: "1"}
        printed: {head: 33, village: 39}
        """
    assert "packs.E502" not in ids(more=more)


def test_a_table_by_years_without_overlap_or_hole_is_left_alone(ids):
    more = """
        rules: rent
        label: 房租
        answer: [paid, nothing, incomplete]
        facts: {years: {type: number}}
        pick: only
        situations:
          items:
            - {id: first, when: "years == 1", then: {share: 1000}}
            - {id: second, when: "years == 2", then: {share: 800}}
            - {id: later, when: "years >= 3 && years <= 5", then: {share: 500}}
        otherwise: nothing
        """
    assert not ids(more=more)


def test_a_bilingual_pack_lacks_every_label_that_is_chinese_alone(found):
    pack = "pack: small\nlabel: 小包\nenglish: Small\nversion: '1'\nbilingual: true\n"
    findings = [one for one in found(pack=pack) if one.id == "packs.E851"]
    assert len(findings) > 20
    assert line_of("roll: weak") in {one.line for one in findings}


def test_a_burden_over_the_cap_is_said_where_the_cap_is(found):
    pack = "pack: small\nlabel: 小包\nversion: '1'\nburden: 1\n"
    seconds = "seconds: {fields: {text: {values: {unknown: {value: 90, source: paper}}}}}\n"
    (finding,) = [one for one in found(pack=pack, more=seconds) if one.id == "packs.E601"]
    assert (finding.file, finding.line) == ("small/pack.yaml", 4)
    assert "2分钟" in finding.message


def test_a_variant_points_at_the_text_it_varies(found):
    more = "case: other\nlike: matter\nlabel: 另一种\nstages: [{name: work, role: nobody}]\n"
    (finding,) = [one for one in found(more=more) if one.id == "packs.E101"]
    assert finding.line == len(SOUND.splitlines()) + 5
    inherited = list(
        found("needs: [result]", "needs: [reslt]", more="case: other\nlike: matter\nlabel: 另\n")
    )
    assert {one.line for one in inherited if one.id == "packs.E101"} == {line_of("needs: [result]")}


def test_an_objection_names_the_outcome_that_the_pack_has(found):
    opened = ("opened_from: [person]", "opened_from: [person]\nopened_by: township")
    (missing,) = found(*opened, more=CARD_WITH_OBJECTIONS % ", upheld: yess")
    assert (missing.id, missing.hint) == ("packs.E122", "是不是“yes”？")
    assert found(*opened, more=CARD_WITH_OBJECTIONS % ", upheld: yes") == []


def test_whoever_holds_a_post_is_a_person_of_its_class(found):
    assert found("who: organisation.township", "who: person.secretary") == []
    assert [one.id for one in found("who: organisation.township", "who: person.secretry")] == ["packs.E111"]
