"""A customer's own copy of their data, asked for without any of the staff.

Once a day, by the page of a link; gathered as any other (customers.rights). Whom the
file may be sent to and what is asked before it opens is not decided here.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from customers.access import What, note_access
from customers.models import Customer, PersonExport
from customers.rights import ask_export

# In the log of who took what.
CUSTOMER = "the customer"
EVERY = dt.timedelta(days=1)

State = PersonExport.State


class CopyRefused(Exception):
    """No further copy now; ``code`` is ``being_made`` or ``made_today``, ``export``
    the one there is."""

    def __init__(self, code: str, export: PersonExport) -> None:
        super().__init__(code)
        self.code, self.export = code, export


@transaction.atomic
def ask_own_copy(
    *, customer: Customer, form_id: uuid.UUID, asked_with: str, now: dt.datetime
) -> PersonExport:
    """Have a customer's data gathered for them; the same form again asks once.

    ``asked_with`` is the reference of the message whose link they came by. One that
    staff have under way becomes theirs too: they are told of it all the same.

    :raises CopyRefused: one is being made, or was asked for within the day.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = customer.exports.filter(form_id=form_id).first()
    if known is not None:
        return known
    refused = refusal_of(customer, now=now)
    if refused is not None:
        raise refused
    adopted = _adopted(customer, form_id=form_id, asked_with=asked_with)
    if adopted is not None:
        return adopted
    return ask_export(
        customer=customer, by=CUSTOMER, now=now, form_id=form_id, asked_with=asked_with
    )


def _adopted(
    customer: Customer, *, form_id: uuid.UUID, asked_with: str
) -> PersonExport | None:
    """Make the copy that staff are having made the customer's own; None without one,
    and where it was finished this very moment."""
    waiting = customer.exports.filter(state=State.WAITING, form_id__isnull=True)
    # The state is asked in the same statement: whoever finishes it looks afterwards
    # whom to tell.
    if not waiting.update(form_id=form_id, asked_with=asked_with):
        return None
    export = customer.exports.get(form_id=form_id)
    note_access(
        who=CUSTOMER,
        what=What.EXPORT_ASKED,
        whose=customer.pk,
        which=f"file {export.pk} with message {asked_with}",
    )
    return export


def refusal_of(customer: Customer, *, now: dt.datetime) -> CopyRefused | None:
    """Return why a customer gets no further copy now, None where they may ask: one
    query. A copy that could not be made does not count, nor does one of staff's."""
    own = customer.exports.filter(form_id__isnull=False)
    for export in own.exclude(state=State.FAILED):
        if export.state == State.WAITING:
            return CopyRefused("being_made", export)
        if export.asked_at > now - EVERY:
            return CopyRefused("made_today", export)
    return None


def take(export: PersonExport, *, asked_with: str, now: dt.datetime) -> None:
    """Write down that the customer takes their file, by the link of which message."""
    export.taken_at = now
    export.save(update_fields=["taken_at"])
    note_access(
        who=CUSTOMER,
        what=What.EXPORT,
        whose=export.customer_id,
        which=f"file {export.pk} with message {asked_with}",
    )
