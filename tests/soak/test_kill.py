"""The site killed in the midst of work.

It measures seconds and asserts none, and waits ninety for a recovery that takes a dozen: it need not be alone.
"""

import json
import os
import subprocess
import sys

import pytest

from ground import ROOT


@pytest.mark.soak
def test_what_was_acknowledged_outlives_kill_9(whole):
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    kills = f"from bench import kill; kill.main({100 if whole else 5})"
    done = subprocess.run(
        [sys.executable, "-c", kills], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    found = json.loads(done.stdout)["kill"]
    assert set(found["acknowledged"]) == {"pages", "actions", "requests"}
    assert min(found["acknowledged"].values()) > 0
    assert found["messages"] > 0
    assert (found["lost"], found["doubled"], found["told_other_than_once"]) == (0, 0, 0)
    assert found["journal_holds"]
