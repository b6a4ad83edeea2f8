"""What a machine lacks is named in the last line and counted; it neither fails the tests nor passes for tested."""

import os
import re
import subprocess
import sys

from ground import ROOT


def test_without_a_chromium_the_last_line_counts_what_did_not_run_and_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "browser", "tests/web/test_gallery.py"],
        cwd=ROOT, env={**os.environ, "ZUGONG_CHROMIUM": "/nowhere/chromium"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1]
    counted = re.fullmatch(r"skipped: (\d+) × 没有 Chromium\(/nowhere/chromium\).*请安装 chromium.*", last)
    assert counted, last
    assert int(counted[1]) == done.stdout.splitlines()[0].count("s") > 1
