"""The burden a pack causes: a published table of seconds per kind of field. An estimate; nobody is timed."""

from __future__ import annotations

from pydantic import Field

from zugong.packs.dated import Strict
from zugong.packs.schema.common import Number
from zugong.packs.schema.names import FieldKind


class Table(Strict):
    """How long one answer of each kind is reckoned to take."""

    unit: str = Field(default="seconds", description="of every line: seconds")
    source: str = Field(default="", description="a key of sources.yaml")
    fields: dict[FieldKind, Number] = Field(description="kind of field to seconds")


class Seconds(Strict):
    """seconds.yaml: the table, once."""

    seconds: Table = Field(description="kinds of field with their seconds")
