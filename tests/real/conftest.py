"""Real data: found through ZUGONG_DATA, and skipped, and counted, where it is absent."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def divisions() -> Path:
    folder = Path(os.environ.get("ZUGONG_DATA", "/nowhere")) / "divisions"
    if not folder.exists():
        pytest.skip("ZUGONG_DATA: no divisions")
    return folder
