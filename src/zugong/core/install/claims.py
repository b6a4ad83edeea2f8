"""Whose database this is: a county's, a demo's, or somebody else's, which is left alone."""

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from zugong.core.errors import Refused
from zugong.core.install.models import Installation

# What migrations and Django itself fill; every other row was put there by somebody.
FILLED_BY_MIGRATION = ("django_", "auth_permission", "procrastinate_", "install_")


def refuse_foreign(*, demo: bool) -> None:
    """Refuse a database that this start may not touch, before anything in it is changed."""
    tables = set(connection.introspection.table_names())
    if not tables:
        return
    if Installation._meta.db_table not in tables:
        if tables <= _ours():
            return  # a first start was killed amid the tables, before anybody could enter anything
        raise Refused("这个数据库里有别的程序的表,没有改动它:请换一个空的数据库。")
    refuse_newer()
    kind = Installation.objects.values_list("kind", flat=True).first()
    if kind == Installation.Kind.COUNTY and demo:
        raise Refused("这里是一个真实县的数据,演示不会打开它:请设置另一个 ZUGONG_HOME。")
    if kind == Installation.Kind.DEMO and not demo:
        raise Refused("这里是演示数据:用 make demo 打开,或为真实的县设置另一个 ZUGONG_HOME。")
    if not kind and demo and (strange := _filled()):
        raise Refused(
            "数据库里已有不是演示写入的数据({strange}),没有改动它:请设置另一个 ZUGONG_HOME。", strange=strange
        )


def refuse_newer() -> None:
    """Refuse data of a later version of the program: its tables are not those we know."""
    loader = MigrationLoader(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("zugong.")}
    unknown = sorted(
        f"{label}.{name}"
        for label, name in loader.applied_migrations
        if label in ours and (label, name) not in loader.disk_migrations
    )
    if unknown:
        raise Refused("数据属于更新的版本({version}),请用那个版本的程序打开。", version=unknown[0])


def claim_county(version: str) -> Installation:
    """Write down that this is a real county, and which version of the program last opened it."""
    installation, _ = Installation.objects.update_or_create(
        pk=1, defaults={"version": version}, create_defaults={"kind": "county", "version": version}
    )
    return installation


def _ours() -> set[str]:
    """Name every table that our migrations make."""
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return {*models, MigrationRecorder(connection).Migration._meta.db_table}


def _filled() -> str:
    """Name a table that holds rows which no migration put there, or nothing."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.startswith(FILLED_BY_MIGRATION):
                continue
            cursor.execute(f"SELECT EXISTS (SELECT FROM {quote(table)})")  # noqa: S608 - a name of the catalogue
            if cursor.fetchone()[0]:
                return table
    return ""
