"""What texts cost, once the provider has said it: hours after they were taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from notices.models import Attempt
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


@dataclass(slots=True)
class Noted:
    """How many of our texts have another price now than before, and how many have none
    yet by Twilio's own word."""

    noted: int = 0
    unpriced: int = 0


def note_prices(*, day: dt.date) -> Noted:
    """Note what Twilio charged for the texts of a day (UTC).

    May run twice: what is noted already stays.

    :raises SendError: Twilio does not answer, or refuses.
    """
    done, listed = Noted(), bills(day)
    while chunk := list(islice(listed, CHUNK)):
        done.noted += _note([one for one in chunk if one.price is not None])
        unpriced = [one.reference for one in chunk if one.price is None]
        # Others may send by the same account, and what customers text costs too.
        ours = Attempt.objects.filter(provider="twilio")
        done.unpriced += ours.filter(provider_reference__among=unpriced).count()
    return done


def _note(chunk: Sequence[Bill]) -> int:
    if not chunk:
        return 0
    told: list[Any] = [
        [bill.reference for bill in chunk],
        [bill.price for bill in chunk],
        [bill.currency[:3] for bill in chunk],
        [bill.segments for bill in chunk],
    ]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, told)
        return int(cursor.rowcount)
