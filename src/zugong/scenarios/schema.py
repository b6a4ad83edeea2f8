"""The JSON Schema of scenarios: so that an editor completes them and others can write them for us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from zugong.scenarios.expectations import EXPECTATIONS
from zugong.scenarios.format import Scenario
from zugong.scenarios.verbs import VERBS


def schema() -> dict[str, Any]:
    """Return one schema whose `do` lines are any of the verbs and whose `expect` lines are any of the questions."""
    models: list[type[BaseModel]] = [Scenario, *VERBS.values(), *EXPECTATIONS.values()]
    _, definitions = models_json_schema([(model, "validation") for model in models])
    whole = definitions["$defs"]["Scenario"]
    for word, table in (("do", VERBS), ("expect", EXPECTATIONS)):
        whole["properties"][word]["items"] = {"anyOf": _references(table)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": definitions["$defs"]}


def _references(table: Mapping[str, type[BaseModel]]) -> list[dict[str, str]]:
    return [{"$ref": f"#/$defs/{model.__name__}"} for model in table.values()]
