"""More sorts of reading are told apart, and a watched table may have a key of its own
name."""

from __future__ import annotations

from django.db import migrations, models

from customers.migrations._watching import FUNCTIONS

# The third argument of customers_audit names the primary key; without it: "id".
_BEGIN = FUNCTIONS.index("CREATE FUNCTION customers_audit()")
BY_ID = "CREATE OR REPLACE" + FUNCTIONS[_BEGIN:].removeprefix("CREATE")
BY_KEY = (
    BY_ID.replace(
        "    many bigint;",
        "    many bigint;\n    key_is text := coalesce(TG_ARGV[2], 'id');",
    )
    .replace("one ->> 'id'", "one ->> key_is")
    .replace("now_is ->> 'id'", "now_is ->> key_is")
    .replace(
        "FROM old_rows o JOIN new_rows n USING (id)",
        "FROM old_rows o JOIN new_rows n\n"
        "                ON to_jsonb(o) -> key_is = to_jsonb(n) -> key_is",
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_offers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accessentry",
            name="what",
            field=models.CharField(
                choices=[
                    ("message", "Read a message"),
                    ("source", "Took a message as a file"),
                    ("reply", "Read a reply"),
                    ("invoice", "Read an invoice copy"),
                    ("print_file", "Took a print file"),
                    ("address_list", "Took a list of addresses"),
                    ("consents", "Took a list of consents"),
                    ("evidence", "Read consents with their evidence"),
                    ("answer", "Read an answer"),
                    ("answer_file", "Took a file of an answer"),
                    ("answer_list", "Took a list of answers"),
                    ("bank", "Looked at bank details"),
                    ("export_asked", "Asked for a person's data"),
                    ("export", "Took a person's data"),
                    ("log", "Took the access log"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunSQL(BY_KEY, BY_ID),
    ]
