"""PostgreSQL, wherever it is: a server named by `DATABASE_URL`, or one that zugong starts and stops itself.

Two roles enter it. The owner migrates and restores; the application may read and write rows but not
change tables, and may only add to what is append-only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from zugong.core.database.address import Address, Role, address, home
from zugong.core.database.cluster import Cluster, make_home
from zugong.core.database.roles import ensure

__all__ = ["Address", "Cluster", "Role", "address", "home", "make_home", "running"]


@contextmanager
def running(home: Path, environ: Mapping[str, str]) -> Iterator[Cluster | None]:
    """Have a database that answers, with both roles, while the block runs; refuse in one sentence otherwise.

    Gives our own cluster, to be started again should it die; none where `DATABASE_URL` names a server.
    """
    make_home(home)
    cluster = None if environ.get("DATABASE_URL") else Cluster(home, environ)
    with cluster.running() if cluster else nullcontext():
        ensure(address(home, Role.OWNER, environ), address(home, Role.APP, environ))
        yield cluster
