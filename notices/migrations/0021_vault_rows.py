"""What was sent and answered is sealed, some hundred rows at a time.

Each batch is a transaction of its own; broken off, it leaves alone what is sealed
already. In print runs that are open, letters are no longer ordered by their street.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, migrations

from customers.reseal import open_rows, seal_rows

COLUMNS = (
    ("notices_attempt", "id", "destination"),
    ("notices_callrecord", "id", "note", "phone"),
    ("notices_calltask", "notice_id", "phone", "script"),
    ("notices_deliveryevent", "id", "raw"),
    ("notices_printfile", "id", "body"),
    ("notices_printitem", "id", "address"),
    ("notices_providercall", "id", "body"),
    ("notices_reply", "id", "sender", "subject", "text"),
    ("notices_sandboxmessage", "id", "destination"),
    ("notices_sentcopy", "notice_id", "body"),
)
EMPTIED = "UPDATE notices_providercall SET body = NULL WHERE body = ''"
EMPTY = "UPDATE notices_providercall SET body = '' WHERE body IS NULL"
WITHOUT_STREET = """
UPDATE notices_printitem AS item
SET place = left(concat_ws(' ',
    CASE WHEN postal.country IN ('', brand.country) THEN '' ELSE postal.country END,
    upper(postal.postcode)), 300)
FROM notices_notice AS notice, customers_postaladdress AS postal, notices_printrun AS run,
    notices_brand AS brand
WHERE notice.id = item.notice_id AND postal.customer_id = notice.customer_id
  AND run.id = item.run_id AND brand.id = run.brand_id
"""
WITHOUT_ADDRESS = """
UPDATE notices_printitem AS item SET place = ''
FROM notices_notice AS notice
WHERE notice.id = item.notice_id AND NOT EXISTS (
    SELECT FROM customers_postaladdress AS postal
    WHERE postal.customer_id = notice.customer_id)
"""


def seal(apps: Any, schema_editor: Any) -> None:
    with connection.cursor() as cursor:
        for statement in (EMPTIED, WITHOUT_STREET, WITHOUT_ADDRESS):
            cursor.execute(statement)
    for table, pk, *columns in COLUMNS:
        seal_rows(table, pk, *columns)


def open_again(apps: Any, schema_editor: Any) -> None:
    for table, pk, *columns in COLUMNS:
        open_rows(table, pk, *columns)
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notices", "0020_vault")]

    operations = [migrations.RunPython(seal, open_again)]
