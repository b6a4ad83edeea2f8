"""Which words of a pack name other things, and what kind of thing: one table for checks, pages and reports."""

from __future__ import annotations

from pydantic import BaseModel

from zugong.packs.schema.activities import ActivityKind
from zugong.packs.schema.bulletins import Bulletin, Section
from zugong.packs.schema.cases import CaseKind, Children, Clock, Evidence, Intake, Need, Parties, Stage
from zugong.packs.schema.common import Effect
from zugong.packs.schema.duties import DoneBy, Duty
from zugong.packs.schema.ledgers import Ledger
from zugong.packs.schema.names import Classes, FieldSpec
from zugong.packs.schema.rules import Fact
from zugong.packs.schema.scorecards import (
    BandedMethod,
    BeforeFinal,
    BonusMethod,
    Cap,
    ChecklistMethod,
    Condition,
    DeductionMethod,
    Indicator,
    Objections,
    Rater,
    RatioMethod,
    Scorecard,
    Veto,
)
from zugong.packs.schema.surveys import Survey

# Where a bare word stands → the kind of thing it names.
REFERENCES: dict[tuple[type[BaseModel], str], str] = {
    (ActivityKind, "fields"): "field",
    (BandedMethod, "figure"): "measure",
    (BeforeFinal, "comment"): "role",
    (BeforeFinal, "reply"): "role",
    (BonusMethod, "figure"): "measure",
    (BonusMethod, "proof"): "measure",
    (Bulletin, "compose"): "role",
    (CaseKind, "asks"): "field",
    (CaseKind, "may_ask"): "field",
    (CaseKind, "opened_by"): "role",
    (CaseKind, "tracked_by"): "role",
    (Cap, "figure"): "measure",
    (Children, "case"): "case",
    (Children, "for_"): "field",
    (Clock, "asked"): "field",
    (Clock, "by"): "rules",
    (Clock, "extended_by"): "role",
    (ChecklistMethod, "figure"): "measure",
    (Classes, "fields"): "field",
    (Condition, "figure"): "measure",
    (DeductionMethod, "figure"): "measure",
    (DoneBy, "activity"): "activity",
    (Duty, "asks"): "field",
    (Effect, "amount_from"): "field",
    (Effect, "appoint"): "field",
    (Effect, "enter"): "roll",
    (Effect, "open"): "case",
    (Effect, "post"): "ledger",
    (Effect, "since"): "field",
    (Effect, "through"): "field",
    (Effect, "put"): "bulletin",
    (Effect, "strike"): "roll",
    (Evidence, "any_of"): "activity",
    (Fact, "field"): "field",
    (Fact, "measure"): "measure",
    (Fact, "roll"): "roll",
    (FieldSpec, "of"): "classes",
    (Indicator, "classes"): "class",
    (Intake, "against"): "field",
    (Intake, "contact"): "field",
    (Intake, "matter"): "field",
    (Intake, "response"): "field",
    (Intake, "sorts"): "field",
    (Intake, "spot"): "field",
    (Ledger, "disputed"): "case",
    (Need, "children"): "case",
    (Need, "field"): "field",
    (Need, "link"): "link",
    (Need, "standing"): "roll",
    (Need, "verdict"): "rules",
    (Objections, "case"): "case",
    (Parties, "names"): "role",
    (Rater, "role"): "role",
    (Scorecard, "models"): "roll",
    (RatioMethod, "done"): "measure",
    (RatioMethod, "due"): "measure",
    (Section, "measures"): "measure",
    (Stage, "at"): "activity",
    (Stage, "body"): "role",
    (Stage, "gives"): "field",
    (Stage, "role"): "role",
    (Survey, "at"): "activity",
    (Veto, "figure"): "measure",
}

CALLED = {
    "activity": "活动",
    "bulletin": "通报",
    "case": "事项",
    "class": "类别",
    "classes": "类别表",
    "duty": "义务",
    "field": "字段",
    "ledger": "台账",
    "link": "联系",
    "measure": "量数",
    "roll": "名册",
    "role": "角色",
    "rules": "决策表",
    "scorecard": "评分表",
    "source": "文件",
    "stage": "环节",
    "survey": "测评",
}
