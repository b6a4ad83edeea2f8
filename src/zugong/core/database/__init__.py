"""PostgreSQL, wherever it is: a server named by `DATABASE_URL`, or one that zugong starts and stops itself.

Two roles enter it. The owner migrates and restores; the application may read and write rows but not
change tables, and may only add to what is append-only.
"""

from zugong.core.database.address import Address, Role, address

__all__ = ["Address", "Role", "address"]
