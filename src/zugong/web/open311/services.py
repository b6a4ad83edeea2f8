"""Services: the kinds of request that another system may bring, and what each asks beside place, words and contact."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from zugong.cases import intake
from zugong.packs.policy import Policy
from zugong.packs.schema.cases import CaseKind
from zugong.packs.schema.names import FieldSpec
from zugong.web.asking import said

LISTS = ("singlevaluelist", "multivaluelist")
DATATYPES = {
    "text": "text",
    "number": "number",
    "money": "number",
    "share": "number",
    "day": "datetime",
    "moment": "datetime",
    "tick": "singlevaluelist",
    "choice": "singlevaluelist",
    "class": "singlevaluelist",
}
PARTED = re.compile(r"\s*[,，、;；\n]\s*")


def services(policy: Policy | None) -> list[CaseKind]:
    """Return the kinds that come in by the interface. None against anybody: who is named there is read by nobody else."""
    kinds = intake.kinds(policy, ["api"]) if policy else []
    return [kind for kind in kinds if policy and not is_sealed(kind) and _can_be_answered(policy, kind)]


def is_sealed(kind: CaseKind) -> bool:
    """Say whether a kind is about what somebody did: no list, number or service of the interface leads to it."""
    return kind.adverse or kind.intake is None or kind.intake.against is not None


def _can_be_answered(policy: Policy, kind: CaseKind) -> bool:
    return all(name in parameters(kind) or datatype(policy.fields[name]) for name in kind.asks)


def parameters(kind: CaseKind) -> dict[str, str]:
    """Return which fields of a kind the specification has a parameter for: field → parameter."""
    asked = kind.intake
    own = {asked.matter: "description", asked.spot: "address_string", asked.contact: "phone"} if asked else {}
    return {field: parameter for field, parameter in own.items() if field}


def datatype(spec: FieldSpec) -> str:
    """Return how the specification calls the answers to a field; nothing where it cannot carry them: a file, a row."""
    found = DATATYPES.get(spec.kind, "")
    return "multivaluelist" if spec.many and found in LISTS else found


def asked(policy: Policy, kind: CaseKind) -> dict[str, FieldSpec]:
    """Return the fields that are attributes of the service, in the order in which they are asked."""
    own = parameters(kind)
    specs = {name: policy.fields[name] for name in kind.at_opening if name not in own}
    return {name: spec for name, spec in specs.items() if datatype(spec)}


def service(policy: Policy, kind: CaseKind) -> dict[str, Any]:
    """Tell of a service in the list."""
    return {
        "service_code": kind.name,
        "service_name": said(kind),
        "description": f"{said(kind)} · {said(policy.fields[kind.intake.matter])}" if kind.intake else "",
        "metadata": bool(asked(policy, kind)),
        "type": "realtime",
        "keywords": ",".join(_keywords(policy, kind)),
        "group": "",
    }


def _keywords(policy: Policy, kind: CaseKind) -> list[str]:
    spec = policy.fields.get(kind.intake.sorts or "") if kind.intake else None
    named = [name for _key, name in values(policy, spec)] if spec and spec.kind in ("class", "choice") else []
    return list(dict.fromkeys(word for name in named for word in PARTED.split(name) if word))


def definition(policy: Policy, kind: CaseKind) -> dict[str, Any]:
    """Tell what a service asks beside place, words and contact."""
    told = [
        _attribute(policy, name, spec, order, name in kind.asks)
        for order, (name, spec) in enumerate(asked(policy, kind).items(), 1)
    ]
    return {"service_code": kind.name, "attributes": told}


def _attribute(policy: Policy, name: str, spec: FieldSpec, order: int, required: bool) -> dict[str, Any]:
    told = {
        "variable": True,
        "code": name,
        "datatype": datatype(spec),
        "required": required,
        "datatype_description": spec.unit or spec.hint,
        "order": order,
        "description": said(spec),
    }
    if told["datatype"] in LISTS:
        told["values"] = [{"key": key, "name": words} for key, words in values(policy, spec)]
    return told


def values(policy: Policy, spec: FieldSpec) -> list[tuple[str, str]]:
    """Return what can be chosen: (key, words)."""
    if spec.kind == "tick":
        return [("true", _("是")), ("false", _("否"))]
    items = policy.classes(spec.of).items if spec.kind == "class" else spec.options
    return [(item.id, said(item)) for item in items]


def of_code(policy: Policy | None, code: str) -> CaseKind | None:
    """Return the service of a code; None where there is none."""
    return next((kind for kind in services(policy) if kind.name == code), None)
