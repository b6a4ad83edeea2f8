"""Operations for migrations."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory

# A plain trigger binds every session, the owner's too. There is none for TRUNCATE: only the owner may do
# that, and the tests empty tables with it.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


# What is kept for a time only may be replaced by a mark that says so, and by nothing else (packs.keeping).
REFUSE_UNLESS_ERASED = """
CREATE OR REPLACE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    col text;
BEGIN
    FOREACH col IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD) -> col IS DISTINCT FROM to_jsonb(NEW) -> col
            AND NOT jsonb_exists(to_jsonb(NEW) -> col, 'erased')
            AND (to_jsonb(NEW) ->> col) NOT LIKE '已按规定删除%'
            AND NOT (col IN ('content', 'size') AND (to_jsonb(NEW) ->> col) IN ('\\x', '0')) THEN  -- a file, emptied
            RAISE EXCEPTION '% only grows: another % is refused', TG_TABLE_NAME, col
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$
"""


class AppendOnly(Operation):
    """Let rows of `table` be added and read, never changed or deleted; `may_change` names exempt columns.

    A column of `may_erase` may be changed once its time is over, and only into the mark that says so.

    The application's role loses UPDATE, DELETE and TRUNCATE; a trigger refuses them to everybody.
    """

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str, may_change: Sequence[str] = (), may_erase: Sequence[str] = ()) -> None:
        self.table = table
        self.may_change = (*may_change, *may_erase)
        self.may_erase = tuple(may_erase)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: models do not know of it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Revoke, and add the trigger."""
        quote = schema_editor.quote_name
        app = quote(settings.DATABASE_APP_ROLE)
        columns = ", ".join(f"'{column}'" for column in self.may_change)
        schema_editor.execute(REFUSE_CHANGE, params=None)  # its % is PL/pgSQL's
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {quote(self.table)} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change({columns})"
        )
        if self.may_erase:
            erasable = ", ".join(f"'{column}'" for column in self.may_erase)
            schema_editor.execute(REFUSE_UNLESS_ERASED, params=None)
            schema_editor.execute(
                f"CREATE TRIGGER only_erased BEFORE UPDATE ON {quote(self.table)} "
                f"FOR EACH ROW EXECUTE FUNCTION refuse_unless_erased({erasable})"
            )
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(self.table)} FROM {app}")
        if self.may_change:
            exempt = ", ".join(map(quote, self.may_change))
            schema_editor.execute(f"GRANT UPDATE ({exempt}) ON {quote(self.table)} TO {app}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop the trigger and give the privileges back."""
        quote = schema_editor.quote_name
        schema_editor.execute(f"DROP TRIGGER append_only ON {quote(self.table)}")
        schema_editor.execute(f"DROP TRIGGER IF EXISTS only_erased ON {quote(self.table)}")
        schema_editor.execute(
            f"GRANT UPDATE, DELETE ON {quote(self.table)} TO {quote(settings.DATABASE_APP_ROLE)}"
        )

    def describe(self) -> str:
        """Say what it does, for `migrate` and `sqlmigrate`."""
        return f"Rows of {self.table} are only added"

    @property
    def migration_name_fragment(self) -> str:
        """Name a migration that holds only this."""
        return f"{self.table}_only_grows"
