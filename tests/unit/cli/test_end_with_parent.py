"""What a process of the site does when the one that started it is killed."""

import signal
import subprocess
import sys
import time

import pytest

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
from zugong.cli.site import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys
environ = {**os.environ, "ZUGONG_PARENT": str(os.getpid())}
subprocess.run([sys.executable, "-c", sys.argv[1]], env=environ)
"""


@pytest.mark.alone  # three seconds of grace, and eight in which to see them pass
def test_who_cannot_end_in_order_ends_soon_after_its_parent_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, STUBBORN], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 8
    while time.monotonic() < end and is_running(child):
        time.sleep(0.1)
    parent.stdout.close()
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
