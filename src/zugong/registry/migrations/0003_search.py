from django.db import migrations

# Trigrams begin to help at three characters; most Chinese names and half the words people search for have two.
# So a name is indexed by its characters and its pairs of characters (DESIGN 5.1), and its pinyin without spaces.
MORSELS = """
CREATE FUNCTION registry_morsels(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr(words, place, length))
    FROM generate_series(1, length(words)) place, generate_series(1, 2) length
$$
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_nouns_and_history")]

    operations = [
        migrations.RunSQL(MORSELS, "DROP FUNCTION registry_morsels(text)"),
        migrations.RunSQL(
            "CREATE INDEX particulars_by_morsels ON registry_particulars USING gin (registry_morsels(name))",
            "DROP INDEX particulars_by_morsels",
        ),
        migrations.RunSQL(
            "CREATE INDEX particulars_by_spelling ON registry_particulars "
            "(replace(pinyin, ' ', '') text_pattern_ops)",
            "DROP INDEX particulars_by_spelling",
        ),
    ]
