"""Generated passwords, in the one-line format of PostgreSQL's password files."""

import os
import secrets
from pathlib import Path


def remembered(file: Path) -> str:
    """Give the password kept in `file` (mode 0600); make one if there is none yet."""
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(f"*:*:*:*:{secrets.token_urlsafe(32)}\n")
    return file.read_text().strip().rsplit(":", 1)[1]
