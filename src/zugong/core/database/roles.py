"""The two roles of a database, and what the application may do in it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from zugong.core.database.address import Address
from zugong.core.database.passwords import remembered
from zugong.core.errors import Refused

OLDEST = 150000


@contextmanager
def connect(address: Address) -> Iterator[psycopg.Connection]:
    """Enter as `address` says, each statement its own transaction; a server out of reach is one sentence."""
    try:
        connection = psycopg.connect(**address.for_libpq(), autocommit=True)
    except psycopg.OperationalError as trouble:
        why = str(trouble).strip().splitlines()[0].rsplit("failed: ", 1)[-1]
        raise Refused(
            "连不上数据库 {name}({host}:{port}):{why}。 请检查 DATABASE_URL 和数据库服务。",
            name=address.dbname,
            host=address.host,
            port=address.port,
            why=why,
        ) from None
    with connection:
        yield connection


@contextmanager
def one_at_a_time(connection: psycopg.Connection) -> Iterator[None]:
    """Hold one transaction in which nobody else changes roles and privileges: PostgreSQL does not queue these."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('zugong.roles'))")
        yield


def ensure(owner: Address, app: Address) -> None:
    """Make the database, the application's role and its privileges, where they are missing."""
    if app.user == owner.user:
        raise Refused("应用不能以数据库的所有者身份连接:DATABASE_APP_URL 应是另一个用户。")
    _ensure_database(owner)
    with connect(owner) as connection:
        check(connection)
        with one_at_a_time(connection):
            _ensure_role(connection, app)
        grant(connection, app.user)


def check(connection: psycopg.Connection) -> None:
    """Refuse a server too old, or one whose locale makes Chinese unsearchable."""
    version = connection.info.server_version
    if version < OLDEST:
        raise Refused("数据库版本是 PostgreSQL {version},需要 15 以上。", version=version // 10000)
    (is_letter,) = connection.execute("SELECT '组' ~ '[[:alpha:]]'").fetchone() or (False,)
    if not is_letter or connection.info.parameter_status("server_encoding") != "UTF8":
        raise Refused("数据库的字符设置不能检索中文:请用编码 UTF8、区域 C.UTF-8(或 zh_CN.UTF-8)新建数据库。")


def grant(connection: psycopg.Connection, app: str) -> None:
    """Give the application its privileges on every table, present and to come.

    May be repeated: after a migration by hand, after a restore. What is append-only stays so.
    """
    with one_at_a_time(connection):
        _grant_all(connection, sql.Identifier(app))
        for table, columns in append_only(connection):
            revoke(connection, app, table, columns)


def _grant_all(connection: psycopg.Connection, role: sql.Identifier) -> None:
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        connection.execute(sql.SQL(statement).format(role))


def append_only(connection: psycopg.Connection) -> list[tuple[str, list[str]]]:
    """List the append-only tables, each with the columns that may change nevertheless."""
    rows = connection.execute(
        "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = 'append_only'"
    )
    return [(table, [column for column in columns.split("\\000") if column]) for table, columns in rows]


def revoke(connection: psycopg.Connection, app: str, table: str, may_change: list[str]) -> None:
    """Leave the application only SELECT and INSERT on `table`, and UPDATE of the columns `may_change`."""
    names = {"table": sql.Identifier(table.strip('"')), "app": sql.Identifier(app)}
    connection.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app}").format(**names))
    if may_change:
        columns = sql.SQL(", ").join(map(sql.Identifier, may_change))
        connection.execute(
            sql.SQL("GRANT UPDATE ({columns}) ON {table} TO {app}").format(columns=columns, **names)
        )


def _ensure_database(owner: Address) -> None:
    try:
        with connect(owner):
            return
    except Refused as refusal:
        try:
            with connect(owner.to("postgres")) as connection, suppress(psycopg.errors.DuplicateDatabase):
                create(connection, owner.dbname)
        except (Refused, psycopg.errors.InsufficientPrivilege):
            raise refusal from None


def create(connection: psycopg.Connection, dbname: str, template: str = "template1") -> None:
    """Create the database `dbname`."""
    names = {"name": sql.Identifier(dbname), "template": sql.Identifier(template)}
    connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))


def _ensure_role(connection: psycopg.Connection, app: Address) -> None:
    """Make the application's role; where we choose its password, set it again, so that the file is right."""
    known = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [app.user]).fetchone()
    if known and known[0]:
        raise Refused("应用角色 {user} 是超级用户,不能使用。", user=app.user)
    if known and not app.passfile:
        return
    password = remembered(Path(app.passfile)) if app.passfile else app.password
    verb = "ALTER" if known else "CREATE"
    try:
        connection.execute(
            sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                sql.Identifier(app.user), sql.Literal(password)
            )
        )
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            "DATABASE_URL 的用户不能建立应用角色 {user}:请数据库管理员建立它,并设置 DATABASE_APP_URL。",
            user=app.user,
        ) from None
