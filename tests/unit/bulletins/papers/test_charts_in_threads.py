"""A site draws for many at once: the first chart of a process may meet libraries that another thread is loading."""

import subprocess
import sys

HALF_LOADED = """
import builtins, sys, threading, time
from zugong.bulletins.papers.chartspec import ChartSpec, Kind, Point
from zugong.bulletins.papers import charts

met, plain = threading.Event(), builtins.__import__

def slow(name, *rest, **more):
    if name.startswith("pandas.") and not met.is_set():
        met.set()
        time.sleep(1)
    return plain(name, *rest, **more)

builtins.__import__ = slow
other = threading.Thread(target=__import__, args=("pandas",))
other.start()
assert met.wait(60) and not hasattr(sys.modules["pandas"], "Timestamp")
assert "<svg" in charts.svg(ChartSpec(kind=Kind.BARS, title="星级", points=(Point("白石村", 3),)))
other.join()
"""


def test_the_first_chart_waits_for_a_library_that_another_thread_is_loading():
    subprocess.run([sys.executable, "-W", "ignore", "-c", HALF_LOADED], check=True, timeout=120)
