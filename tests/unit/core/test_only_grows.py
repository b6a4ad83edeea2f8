"""Tables that only grow: neither the application nor the owner changes a row."""

import pytest
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from ground import APP, OWNER
from zugong.core import journal
from zugong.core.database import roles
from zugong.core.database.operations import AppendOnly
from zugong.core.journal.models import Entry

pytestmark = pytest.mark.django_db


def only_growing():
    with roles.connect(OWNER.to(connection.settings_dict["NAME"])) as owner:
        return dict(roles.append_only(owner))


def test_every_table_that_a_migration_says_only_grows_does():
    told = {
        operation.table
        for migration in MigrationLoader(connection).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, AppendOnly)
    }
    assert only_growing().keys() == told
    assert "journal_entry" in told


def test_the_application_lacks_the_right_on_every_one():
    with connection.cursor() as cursor:
        for table in only_growing():
            cursor.execute("SELECT has_table_privilege(%s, %s, 'DELETE, TRUNCATE')", [APP.user, table])
            assert cursor.fetchone() == (False,), table
            cursor.execute("SELECT has_table_privilege(%s, %s, 'INSERT')", [APP.user, table])
            assert cursor.fetchone() == (True,), table


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_is_refused(statement):
    journal.write("test", by="x")
    with pytest.raises(Error, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(Entry._meta.db_table))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE {} SET deed = 'other'", "DELETE FROM {}"])
def test_the_owner_is_refused_too(statement):
    journal.write("test", by="x")
    there = OWNER.to(connection.settings_dict["NAME"])
    with roles.connect(there) as owner, pytest.raises(Exception, match="only grows"):
        owner.execute(statement.format(Entry._meta.db_table).encode())
    assert Entry.objects.get().deed == "test"


def test_what_may_change_changes_and_nothing_beside_it():
    exempt = {table: columns for table, columns in only_growing().items() if columns}
    with connection.cursor() as cursor:
        for table, columns in exempt.items():
            for column in columns:
                cursor.execute("SELECT has_column_privilege(%s, %s, %s, 'UPDATE')", [APP.user, table, column])
                assert cursor.fetchone() == (True,), (table, column)
            cursor.execute("SELECT has_column_privilege(%s, %s, 'id', 'UPDATE')", [APP.user, table])
            assert cursor.fetchone() == (False,), table
