"""Where the database is and as whom to enter it, told from the environment and the home folder alone.

Reading an address starts nothing and opens nothing, so settings may do it.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from zugong.core.errors import Refused

OWNER_NAME = "zugong"
APP_NAME = "zugong_app"
DATABASE_NAME = "zugong"
USUAL_PORT = 5432  # names the socket too, where nothing listens on it

# A Unix socket's address holds 107 bytes, and PostgreSQL adds "/.s.PGSQL.12345".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.12345")


class Role(StrEnum):
    """The two roles: the owner migrates and restores, the application does everything else."""

    OWNER = "owner"
    APP = "app"


@dataclass(frozen=True)
class Address:
    """One way into one database; `passfile` is used where no `password` is given."""

    host: str
    port: int
    dbname: str
    user: str
    password: str = ""
    passfile: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def to(self, dbname: str) -> "Address":
        """Give the same way into another database of the same server."""
        return replace(self, dbname=dbname)

    def url(self) -> str:
        """Write it as `DATABASE_URL` would; a secret kept in a file stays there."""
        known = {"host": self.host, "passfile": self.passfile, **self.options}
        query = urlencode({name: value for name, value in known.items() if value})
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        user = quote(self.user, safe="")
        return f"postgresql://{user}{secret}@/{quote(self.dbname, safe='')}?port={self.port}&{query}"

    def for_libpq(self) -> dict[str, Any]:
        """Give the keyword arguments of `psycopg.connect`."""
        known = {
            "host": self.host,
            "port": self.port,
            "dbname": self.dbname,
            "user": self.user,
            "password": self.password,
            "passfile": self.passfile,
            "connect_timeout": 10,
            **self.options,
        }
        return {name: value for name, value in known.items() if value}

    def for_environment(self) -> dict[str, str]:
        """Give the PG… variables of PostgreSQL's own programs; secrets stay out of the process list."""
        known = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.dbname,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGPASSFILE": self.passfile,
            **{f"PG{name.upper()}": value for name, value in self.options.items()},
        }
        return {name: value for name, value in known.items() if value}

    def for_django(self) -> dict[str, Any]:
        """Give one entry of `DATABASES`."""
        options: dict[str, Any] = {"connect_timeout": 10, **self.options}
        if self.passfile:
            options["passfile"] = self.passfile
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": self.host,
            "PORT": str(self.port),
            "NAME": self.dbname,
            "USER": self.user,
            "PASSWORD": self.password,
            "OPTIONS": options,
        }


def home(environ: Mapping[str, str]) -> Path:
    """Name the folder where everything of this installation lives."""
    return Path(environ.get("ZUGONG_HOME", "").strip() or "var").resolve()


def address(home: Path, role: Role, environ: Mapping[str, str]) -> Address:
    """Give the address of the county's database for `role`: the server named in the environment, or our own."""
    url = environ.get("DATABASE_URL", "")
    if not url:
        return embedded_address(home, role, environ)
    owner = from_url(url, "DATABASE_URL")
    if role is Role.OWNER:
        return owner
    if app_url := environ.get("DATABASE_APP_URL", ""):
        return from_url(app_url, "DATABASE_APP_URL")
    # Roles belong to the whole server: named after the database, two counties do not share one.
    return replace(owner, user=f"{owner.dbname}_app", password="", passfile=str(passfile(home, role)))


def embedded_address(home: Path, role: Role, environ: Mapping[str, str]) -> Address:
    """Give the address of the server that zugong keeps itself in `home`."""
    return Address(
        host=str(socket_folder(home)),
        port=told_port(environ) or USUAL_PORT,
        dbname=DATABASE_NAME,
        user=OWNER_NAME if role is Role.OWNER else APP_NAME,
        passfile=str(passfile(home, role)),
    )


def from_url(url: str, variable: str) -> Address:
    """Read `postgresql://user:password@host:port/name?sslmode=…`; `variable` is named when it cannot be read."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    try:
        port = int(options.pop("port", "") or parts.port or 5432)
    except ValueError:
        port = 0
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/") or not port:
        raise Refused("{variable} 读不懂:应写作 postgresql://用户:密码@主机:5432/库名。", variable=variable)
    return Address(
        host=options.pop("host", "") or unquote(parts.hostname or ""),
        port=port,
        dbname=unquote(parts.path.strip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        passfile=options.pop("passfile", ""),
        options=options,
    )


def passfile(home: Path, role: Role) -> Path:
    """Name the file (mode 0600) that holds the generated password of `role`."""
    return home / f"{role}.pgpass"


def socket_folder(home: Path) -> Path:
    """Name the short folder of the server's Unix socket; the same home always has the same one."""
    folder = Path(tempfile.gettempdir()) / f"zugong-{_digest(home)[:12]}"
    if len(bytes(folder)) > LONGEST_SOCKET_FOLDER:
        folder = Path("/tmp") / folder.name  # noqa: S108 - its owner is checked before use
    return folder


def told_port(environ: Mapping[str, str]) -> int | None:
    """Read the loopback port somebody asked for; without one our own server is reached by its socket alone."""
    told = environ.get("ZUGONG_POSTGRES_PORT", "")
    if not told:
        return None
    if not told.isdigit():
        raise Refused("ZUGONG_POSTGRES_PORT 应是一个端口号,现在是“{told}”。", told=told)
    return int(told)


def _digest(home: Path) -> str:
    return hashlib.sha256(bytes(home.resolve())).hexdigest()
