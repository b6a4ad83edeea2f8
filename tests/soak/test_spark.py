"""The same run on DuckDB and on a Spark cluster: the same expressions, the same digest."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bench.rating import _freeze as freeze

from zugong.scorecards import engine
from zugong.scorecards.engine.folder import open_run
from zugong.scorecards.engine.scoring import score_on

pytestmark = pytest.mark.soak
EXECUTORS = 2
INSTALL = "没有 pyspark 或 Java 17,Spark 没有试: 装 Java 17,用 make soak"


@pytest.fixture
def session(whole: bool) -> Iterator[Any]:
    """Spark with two executors, each a process of its own; without `--soak` one process, which starts sooner."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        pytest.skip(INSTALL)
    if not shutil.which("java"):
        pytest.skip(INSTALL)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    spark = (
        SparkSession.builder.master(f"local-cluster[{EXECUTORS},1,2048]" if whole else "local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "2g")
        .config("spark.executor.memory", "2g")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    yield spark
    spark.stop()


@pytest.mark.filterwarnings("ignore")  # Spark's own client warns
def test_spark_gives_the_digest_of_duckdb(whole, session, tmp_path):
    from zugong.scorecards.engine.spark import SparkDesk

    size = 1_000_000 if whole else 1_000
    freeze(tmp_path / "run", size)
    outcome = engine.score(tmp_path / "run")
    expected = engine.digest(tmp_path / "run")
    (tmp_path / "spark").mkdir()
    start = time.perf_counter()
    desk = SparkDesk(open_run(tmp_path / "run"), session, into=tmp_path / "spark")
    told = score_on(desk)
    seconds = time.perf_counter() - start
    if whole:  # the driver counts as one of them
        assert session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == EXECUTORS + 1
    assert engine.digest(tmp_path / "spark") == expected
    assert told == outcome
    print(f"spark: {size:,} units in {seconds:.0f} s, digest {expected[:16]} as on DuckDB")
