"""Letters that came back: known by the reference printed on them.

The notice failed, and the address is marked, so that the ladder's next step takes
another way.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from customers.actions import mail_came_back
from customers.calendars import local_day
from notices.models import (
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    DeliveryEvent,
    Notice,
    PrintEvent,
    PrintItem,
    PrintRun,
)
from notices.printing.runs import PrintRunError, note
from notices.states import State, check_move

# What eyes and scanners take for a sign that no reference has.
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
REASON = "returned"


class WrongCode(PrintRunError):
    """A code that names no posted letter of ours; the text is for staff."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What was noted: ``is_new`` is False when the letter was noted before;
    ``address_marked`` False when the customer has moved since it was posted."""

    item: PrintItem
    is_new: bool
    address_marked: bool


def reference_of(code: str) -> str:
    """Return the reference that a scanned or typed code means.

    :raises WrongCode: it is none.
    """
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    reference = signs.translate(_MISREAD)
    if len(reference) != REFERENCE_LENGTH or not set(reference) <= set(
        REFERENCE_ALPHABET
    ):
        raise WrongCode(
            f"“{code.strip()[:40]}” is no reference. A reference has "
            f"{REFERENCE_LENGTH} letters and digits; it stands at the top of the "
            "letter."
        )
    return reference


@transaction.atomic
def mark_returned(
    *, code: str, now: dt.datetime, reason: str = "", by: str = ""
) -> Returned:
    """Note that a posted letter came back; scanned twice, it is noted once.

    :raises WrongCode: no letter has this code, or it was not posted.
    """
    reference = reference_of(code)
    item = (
        PrintItem.objects.filter(
            notice__reference=reference, state=PrintItem.State.PRINTED
        )
        .select_related("run__brand", "notice__customer")
        .select_for_update(of=("self",))
        .first()
    )
    if item is None:
        raise WrongCode(
            f"No letter of the print room has the code {reference}. Compare it with "
            "the letter, sign by sign."
        )
    if item.returned_on is not None:
        return Returned(item, is_new=False, address_marked=False)
    if item.run.state != PrintRun.State.POSTED:
        raise WrongCode(
            f"The letter {reference} is in run {item.run}, which is not marked as "
            "posted. Mark it as posted first."
        )
    _fail(item, now)
    item.returned_on = local_day(now, item.run.brand.time_zone)
    item.return_reason = reason[:200]
    item.save(update_fields=["returned_on", "return_reason"])
    note(item.run, PrintEvent.Verb.RETURNED, by, now, f"{reference} {reason}".strip())
    marked = mail_came_back(customer=item.notice.customer, printed=item.address)
    return Returned(item, is_new=True, address_marked=marked)


def _fail(item: PrintItem, now: dt.datetime) -> None:
    check_move(State.SENT, State.FAILED)
    check_move(State.DELIVERED, State.FAILED)
    Notice.objects.filter(
        pk=item.notice_id, state__in=[State.SENT, State.DELIVERED]
    ).update(state=State.FAILED, reason=REASON)
    DeliveryEvent.objects.get_or_create(
        provider="print",
        event_id=f"returned:{item.pk}",
        defaults={
            "notice_id": item.notice_id,
            "kind": DeliveryEvent.Kind.RETURNED,
            "occurred_at": now,
            "raw": {"kind": "returned"},
        },
    )
