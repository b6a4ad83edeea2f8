"""JSON Schema for editors, generated from the models: what completes a word in a pack and underlines a wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from zugong.packs.loader import WORDS, Sources
from zugong.packs.policy import PackInfo
from zugong.packs.schema import KINDS

Schema = dict[str, Any]

OTHERS: dict[str, type[BaseModel]] = {**WORDS, "sources": Sources, "pack": PackInfo}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
VARIED = (
    "Stage",
    "LinkRole",
    "Grades",
    "Children",
    "Clock",
    "Rows",
    "Row",
    "Intake",
)  # parts that a variant may say in part
STRING: Schema = {"type": "string"}
RHYTHMS: Schema = {"enum": ["week", "month", "quarter", "half-year", "year"]}

# Models that a file may write shorter than they are: name of the definition → its short form.
SHORT: dict[str, Schema] = {
    "Every": RHYTHMS,
    "Need": STRING,
    "Parties": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"type": "array", "items": STRING},
        "propertyNames": {"enum": ["all", "any", "lead", "in_order"]},
    },
    "Rater": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": STRING,
        "propertyNames": {"enum": ["self", "mutual", "decide"]},
    },
}


def document() -> Schema:
    """Return the schema of one `---` section of any pack file."""
    parts = {kind: entry(kind) for kind in (*KINDS, *OTHERS)}
    shared: Schema = {}
    for part in parts.values():
        shared |= part.pop("$defs", {})
        part.pop("$schema", None)
    return {
        "$schema": DIALECT,
        "title": "zugong policy pack",
        "type": "object",
        "oneOf": list(parts.values()),
        "$defs": shared,
    }


def entry(kind: str) -> Schema:
    """Return the schema of the sections that begin with one word. Raises KeyError for a word that begins none."""
    if kind in KINDS:
        return _entry(kind, KINDS[kind])
    return _words(OTHERS[kind])


def _words(model: type[BaseModel]) -> Schema:
    return {"$schema": DIALECT, **_widened(model.model_json_schema())}


def _entry(kind: str, model: type[BaseModel]) -> Schema:
    """An entry names itself after its kind, and may vary another (`like`, `drop`) instead of saying everything."""
    schema = _widened(model.model_json_schema())
    properties = {kind: {**STRING, "description": f"the name of this {kind}"}, **schema["properties"]}
    del properties["name"]
    required = [word for word in schema.pop("required", []) if word != "name"]
    _named_parts_may_vary(schema)
    return {
        "$schema": DIALECT,
        **schema,
        "properties": properties
        | {
            "like": {
                **STRING,
                "description": "a variant: everything as there; what has the same name is replaced",
            },
            "drop": {"type": "array", "items": STRING, "description": "what the variant leaves out"},
        },
        "required": [kind],
        "anyOf": [{"required": required}, {"required": ["like"]}],
    }


def _named_parts_may_vary(schema: Schema) -> None:
    """A variant says of a stage or a tie only what differs: what else they must have is proved by the reader."""
    for name in VARIED:
        if part := schema.get("$defs", {}).get(name):
            part["required"] = [word for word in part.get("required", []) if word in ("name", "id")]


def _widened(schema: Schema) -> Schema:
    """Let the schema accept the short forms that the reader accepts."""
    for name, part in schema.get("$defs", {}).items():
        if name in SHORT:
            schema["$defs"][name] = {"anyOf": [SHORT[name], part]}
        elif name.startswith("Dated"):
            schema["$defs"][name] = {"anyOf": [_dated(part), _bare(schema, part)]}
    _effects_singly(schema)
    return schema


def _dated(part: Schema) -> Schema:
    """Lines are keyed by a day or by `unknown`."""
    lines = {**part["properties"]["values"]}
    lines["propertyNames"] = {"pattern": r"^(unknown|\d{4}-\d{2}-\d{2})$"}
    return {**part, "properties": {**part["properties"], "values": lines}}


def _bare(schema: Schema, part: Schema) -> Schema:
    """`3` stands for a value whose day is unknown."""
    line = part["properties"]["values"]["additionalProperties"]["$ref"].rsplit("/", 1)[-1]
    bare: Schema = schema["$defs"][line]["properties"]["value"]
    return {word: value for word, value in bare.items() if word not in ("title", "description")}


def _effects_singly(schema: Schema) -> None:
    effects = schema.get("properties", {}).get("effects")
    if effects:
        many = effects["additionalProperties"]
        effects["additionalProperties"] = {"anyOf": [many, many["items"]]}


def described(schema: Mapping[str, Any]) -> list[str]:
    """Return every word of a schema that lacks its sentence, as `Model.word`."""
    parts = {str(schema.get("title", "")): schema, **schema.get("$defs", {})}
    return sorted(
        f"{name}.{word}"
        for name, part in parts.items()
        for form in part.get("anyOf", [part])
        for word, said in form.get("properties", {}).items()
        if not said.get("description")
    )
