"""What was sent and answered is sealed: columns of bytes for it, filled by 0021."""

from __future__ import annotations

from django.db import migrations

from customers.migrations._bytes import as_bytes
from customers.sealed import SealedBinaryField, SealedJSONField, SealedTextField

# A stored file still stands, but its bytes may be sealed anew under another key: they
# are held against the SHA-256, which stands, whenever they are read.
MAY_BE_SEALED_ANEW = """
DROP TRIGGER notices_print_file_stands ON notices_printfile;
CREATE TRIGGER notices_print_file_stands
    BEFORE UPDATE OF id, run_id, number, part, name, size, sha256, letters, pages,
        sheets ON notices_printfile
    FOR EACH ROW EXECUTE FUNCTION notices_print_file_stands();
CREATE TRIGGER notices_print_file_body_stands
    BEFORE UPDATE OF body ON notices_printfile
    FOR EACH ROW
    WHEN (current_setting('duly.resealing', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION notices_print_file_stands();
"""
STANDS = """
DROP TRIGGER notices_print_file_body_stands ON notices_printfile;
DROP TRIGGER notices_print_file_stands ON notices_printfile;
CREATE TRIGGER notices_print_file_stands
    BEFORE UPDATE ON notices_printfile
    FOR EACH ROW EXECUTE FUNCTION notices_print_file_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0019_lanes_for_staff")]

    operations = [
        migrations.RunSQL(MAY_BE_SEALED_ANEW, STANDS),
        as_bytes(
            "attempt",
            "destination",
            SealedTextField(max_length=400),
            table="notices_attempt",
            was="varchar(400)",
        ),
        as_bytes(
            "callrecord",
            "note",
            SealedTextField(max_length=500, default="", blank=True),
            table="notices_callrecord",
            was="varchar(500)",
        ),
        as_bytes(
            "callrecord",
            "phone",
            SealedTextField(max_length=320),
            table="notices_callrecord",
            was="varchar(320)",
        ),
        as_bytes(
            "calltask",
            "phone",
            SealedTextField(max_length=320, default="", blank=True),
            table="notices_calltask",
            was="varchar(320)",
        ),
        as_bytes(
            "calltask",
            "script",
            SealedTextField(
                default="",
                blank=True,
                help_text="As it stood before who has it in hand.",
            ),
            table="notices_calltask",
            was="text",
        ),
        as_bytes(
            "deliveryevent",
            "raw",
            SealedJSONField(default=dict),
            table="notices_deliveryevent",
            was="jsonb",
        ),
        as_bytes(
            "printfile",
            "body",
            SealedBinaryField(),
            table="notices_printfile",
            was="bytea",
        ),
        as_bytes(
            "printitem",
            "address",
            SealedTextField(
                default="", blank=True, help_text="As printed, a line each."
            ),
            table="notices_printitem",
            was="text",
        ),
        as_bytes(
            "providercall",
            "body",
            SealedBinaryField(null=True, help_text="Emptied once it is read."),
            table="notices_providercall",
            was="bytea",
        ),
        migrations.RunSQL(
            "ALTER TABLE notices_providercall ALTER COLUMN body DROP NOT NULL",
            "ALTER TABLE notices_providercall ALTER COLUMN body SET NOT NULL",
        ),
        as_bytes(
            "reply",
            "sender",
            SealedTextField(max_length=320),
            table="notices_reply",
            was="varchar(320)",
        ),
        as_bytes(
            "reply",
            "subject",
            SealedTextField(max_length=300, default="", blank=True),
            table="notices_reply",
            was="varchar(300)",
        ),
        as_bytes(
            "reply",
            "text",
            SealedTextField(default="", blank=True),
            table="notices_reply",
            was="text",
        ),
        as_bytes(
            "sandboxmessage",
            "destination",
            SealedTextField(max_length=400),
            table="notices_sandboxmessage",
            was="varchar(400)",
        ),
        as_bytes(
            "sentcopy",
            "body",
            SealedBinaryField(help_text="zstd"),
            table="notices_sentcopy",
            was="bytea",
        ),
    ]
