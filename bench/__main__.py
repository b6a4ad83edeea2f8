"""`python -m bench` runs all benchmarks; `python -m bench rating` runs one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

# Name → module with a `main()` that prints its table, and says by its status whether what it measured holds. A new benchmark is a line here.
BENCHMARKS = {
    "rating": "bench.rating",
    "nation": "bench.nation",
    "pages": "bench.pages",
    "memory": "bench.memory",
    "lists": "bench.lists",
    "kill": "bench.kill",
    "routing": "bench.routing",
    "requests": "bench.month",
    "requests311": "bench.requests311",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    if strange := [name for name in names if name not in BENCHMARKS]:
        print(f"没有叫“{strange[0]}”的基准；有：{'、'.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    if len(names) == 1:
        run: Callable[[], int | None] = import_module(BENCHMARKS[names[0]]).main
        return run() or 0
    # Each in a process of its own: one that enters a database enters no other afterwards.
    return max(subprocess.call([sys.executable, "-m", "bench", name]) for name in names or BENCHMARKS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
