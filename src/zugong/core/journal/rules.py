"""How the chain is computed: SM3 over the digest before and the entry's canonical text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


def canonical(*, id: int, at: datetime, by: str, deed: str, on: str, detail: Mapping[str, Any]) -> str:
    """Return the one text of an entry, the same in every time zone and on every machine."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(
        [id, moment, by, deed, on, detail], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def chained(before: str, text: str) -> str:
    """Return the digest of an entry that follows another (SM3, GB/T 32905-2016), 64 hexadecimal digits."""
    return hashlib.new("sm3", f"{before}\n{text}".encode()).hexdigest()
