from django.db import migrations

from zugong.core.database.operations import AppendOnly

# A foreign key says "a subject"; these say which noun it must be.
MUST_BE = """
CREATE FUNCTION registry_must_be() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT noun INTO found FROM registry_subject WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    IF found <> TG_ARGV[1] THEN
        RAISE EXCEPTION '%.% must be a %, not a %', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1], found
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
ENDS = [
    ("registry_appointment", "person_id", "person"),
    ("registry_appointment", "post_id", "post"),
    ("registry_membership", "person_id", "person"),
    ("registry_membership", "organisation_id", "organisation"),
]


def trigger(table: str, column: str, noun: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {column}_is_a_{noun} BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION registry_must_be('{column}', '{noun}')",
        f"DROP TRIGGER {column}_is_a_{noun} ON {table}",
    )


# Of a dated row only the end of its recorded time may change: that is what superseding is.
DATED = ["particulars", "appointment", "membership", "link", "standing"]


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.RunSQL(MUST_BE, "DROP FUNCTION registry_must_be()"),
        *[trigger(*end) for end in ENDS],
        *[AppendOnly(f"registry_{table}", may_change=["recorded"]) for table in DATED],
    ]
