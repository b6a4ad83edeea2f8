"""What registry books share: rows on two axes of time that are added, superseded, and taken back as long as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ForeignKey

from zugong.core.errors import Refused
from zugong.imports.entities.book import Made
from zugong.imports.rules import UNKNOWN
from zugong.registry import bulk
from zugong.registry.models import Appointment, Dated, Link, Membership, Particulars, Standing, Subject

MODELS: dict[str, type[Dated]] = {
    model.__name__.lower(): model for model in (Particulars, Appointment, Membership, Link, Standing)
}
# What may come to stand on a subject, as people call it; anything else is “其他记录”.
CALLED = {
    "Particulars": "下级或所属",
    "Appointment": "任职",
    "Membership": "组织关系",
    "Link": "联系",
    "Standing": "名册",
    "User": "账号",
    "Grant": "授权",
    "Case": "事项",
    "Activity": "活动",
    "Presence": "活动出席",
    "Occurrence": "周期义务",
    "Mark": "打分",
    "Result": "评定结果",
    "Account": "台账账户",
}


def day_of(given: Any) -> date | None:
    """Return the day of a cell; 不详 is None."""
    return None if given in (None, UNKNOWN) else given


def made(model: str, added: Iterable[Dated], closed: Iterable[Dated]) -> Made:
    """Say what an import added and superseded."""
    return {"model": model, "added": [row.pk for row in added], "closed": [row.pk for row in closed]}


def left(done: Made) -> list[str]:
    """Say what stands on what was added: later words about the same, and records that name a new subject."""
    model = MODELS[done["model"]]
    rows = model.objects.filter(pk__in=done["added"])
    gone = rows.exclude(recorded__upper_inf=True).count()
    found = [f"{gone} 行后来又变更或更正过"] if gone else []
    return found + list(_standing_on(done.get("subjects", []), set(done["added"])))


def _standing_on(subjects: Sequence[int], own: set[int]) -> Iterator[str]:
    """Yield what names the subjects, in every engine: one query for each kind of record."""
    if not subjects:
        return
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if not isinstance(column, ForeignKey) or column.related_model is not Subject:
                continue
            rows = model._default_manager.filter(**{f"{column.name}__in": subjects})
            if issubclass(model, Dated):
                rows = rows.filter(recorded__upper_inf=True)
            if model is Particulars:
                rows = rows.exclude(pk__in=own)
            if many := rows.count():
                yield f"{many} 条{CALLED.get(model.__name__, '其他记录')}"


def take_back(done: Made, *, by: object) -> None:
    """Supersede what was added, and let what it superseded stand again."""
    model = MODELS[done["model"]]
    added = list(model.objects.filter(pk__in=done["added"]))
    before = model.objects.filter(pk__in=done["closed"])
    if len(added) != len(done["added"]):
        raise Refused("这次导入的记录已不完整，不能整批撤销")
    bulk.supersede_all(added, [bulk.again(row) for row in before], by=by)


def overlap(one: DateRange, other: DateRange) -> bool:
    """Say whether two spans share a day."""
    return (one.upper is None or other.lower is None or other.lower < one.upper) and (
        other.upper is None or one.lower is None or one.lower < other.upper
    )


def said(day: date | None) -> str:
    """Say a day; one that nobody knows is 不详."""
    return day.isoformat() if day else UNKNOWN
