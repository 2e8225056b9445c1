"""What texts cost, once the provider has said it: hours after they were taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import connection

from notices.senders.twilio import Bill, bills

CHUNK = 1000

NOTE = """
UPDATE notices_attempt AS attempt
SET price = bill.price, currency = bill.currency,
    segments = COALESCE(NULLIF(bill.segments, 0), attempt.segments)
FROM unnest(%s::text[], %s::numeric[], %s::text[], %s::int[])
    AS bill (reference, price, currency, segments)
WHERE attempt.provider = 'twilio' AND attempt.provider_reference = bill.reference
  AND (attempt.price, attempt.currency) IS DISTINCT FROM (bill.price, bill.currency)
"""


def note_prices(*, day: dt.date) -> int:
    """Note what Twilio charged for the texts of a day (UTC); return how many changed.

    May run twice: what is noted already stays.

    :raises SendError: Twilio does not answer, or refuses.
    """
    noted, listed = 0, bills(day)
    while chunk := list(islice(listed, CHUNK)):
        noted += _note(chunk)
    return noted


def _note(chunk: Sequence[Bill]) -> int:
    told: list[Any] = [
        [bill.reference for bill in chunk],
        [bill.price for bill in chunk],
        [bill.currency[:3] for bill in chunk],
        [bill.segments for bill in chunk],
    ]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, told)
        return int(cursor.rowcount)
