"""Puts the sample somebody asked for, or the receipt of what they chose, in line.

Each is a notice like any other: decided upon, recorded, sent and kept. Both answer what
was just asked for, so that no switch of a category stops them. A sample goes to
the address it is to prove (notices.sampling), which need not be the one we use yet.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from consent.demonstrations import SAMPLE_LASTS, ask_for_sample
from consent.models import (
    ConsentEvent,
    ContactChange,
    Demonstration,
    Disclosure,
)
from consent.telling import Posted
from customers.calendars import local_day
from customers.models import ContactPoint, Customer
from notices.house import KIND, stream_of, text_of
from notices.models import Brand, Channel, Notice, SentCopy
from notices.models.notices import new_reference
from notices.states import State, check_move
from notices.warned import warn

# Apart: a batch is of one stream, and whoever gets a sample in it gets nothing else
# (notices.sampling).
SAMPLES, RECEIPTS = "Agreeing to e-mail: samples", "Agreeing to e-mail: receipts"
SAMPLE_KEY, RECEIPT_KEY = "consent-sample", "consent-receipt"
RECEIPT_LASTS = dt.timedelta(days=7)
_SAMPLE = "sample:"


class NoWording(Exception):
    """No approved text for the sample: somebody has to approve one first."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no approved text “{SAMPLE_KEY}” for e-mail. Approve one under "
            "Settings › Texts."
        )


@transaction.atomic
def send_sample(
    *,
    customer: Customer,
    brand: Brand,
    disclosure: Disclosure,
    address: str,
    categories: Sequence[str],
    posted: Posted,
    more: Mapping[str, Any] | None = None,
) -> Demonstration:
    """Record a yes that is not proven yet and put its sample in line, once a form.

    :raises NoWording: nothing was recorded.
    :raises CeremonyError: as ``consent.demonstrations.ask_for_sample`` does.
    """
    template = text_of(SAMPLE_KEY, Channel.EMAIL, posted.language or customer.language)
    if template is None:
        raise NoWording
    reference = new_reference()
    demonstration, is_new = ask_for_sample(
        customer=customer,
        disclosure=disclosure,
        address=address,
        categories=categories,
        reference=reference,
        posted=posted,
        more=more,
    )
    if is_new:
        _cancel_samples(customer)
        Notice.objects.create(
            reference=reference,
            stream=stream_of(brand, SAMPLES),
            customer=customer,
            template=template,
            channel=Channel.EMAIL,
            kind=KIND,
            dunning=False,
            lane=Notice.Lane.ONE_OFF,
            planned_on=local_day(posted.now, brand.time_zone),
            dedupe_key=f"{_SAMPLE}{reference}",
            not_before=posted.now,
            not_after=posted.now + SAMPLE_LASTS,
        )
        _warn_old(demonstration, brand, posted.now)
    return demonstration


def _cancel_samples(customer: Customer) -> None:
    """Take earlier samples out of line: their codes prove nothing any more."""
    in_line = (State.SCHEDULED, State.HELD)
    for state in in_line:
        check_move(state, State.CANCELLED)
    Notice.objects.filter(
        customer=customer, dedupe_key__startswith=_SAMPLE, state__in=in_line
    ).update(state=State.CANCELLED, reason="another_sample")


def _warn_old(demonstration: Demonstration, brand: Brand, now: dt.datetime) -> None:
    """Tell the address we use so far that a sample was asked for at another one."""
    customer = demonstration.customer
    point = customer.contact_points.filter(
        kind=ContactPoint.Kind.EMAIL, is_primary=True
    ).first()
    if point is None or point.value == demonstration.address:
        return
    if point.state == ContactPoint.State.DEAD:
        return
    change = ContactChange.objects.create(
        customer=customer,
        kind=ContactChange.Kind.EMAIL,
        value=demonstration.address,
        old=point.value,
        address_print=bytes(demonstration.address_print),
        # Its form is known by the demonstration; this one is posted nowhere.
        form_id=uuid.uuid4(),
        notice_reference=demonstration.notice_reference,
        asked_at=now,
    )
    warn(change=change, brand=brand, now=now)


@transaction.atomic
def send_receipt(*, event: ConsentEvent, brand: Brand, now: dt.datetime) -> bool:
    """Put the copy of a receipt in line, once; return whether there is a text for it.

    It goes to the address we use, which after agreeing is the one agreed to.
    """
    customer = event.customer
    template = text_of(RECEIPT_KEY, Channel.EMAIL, event.language or customer.language)
    if template is None:
        return False
    Notice.objects.bulk_create(
        [
            Notice(
                stream=stream_of(brand, RECEIPTS),
                customer=customer,
                template=template,
                channel=Channel.EMAIL,
                kind=KIND,
                dunning=False,
                lane=Notice.Lane.ONE_OFF,
                planned_on=local_day(now, brand.time_zone),
                dedupe_key=f"receipt:{event.record_id}",
                not_before=now,
                not_after=now + RECEIPT_LASTS,
            )
        ],
        ignore_conflicts=True,
    )
    return True


def is_sample(notice: Notice) -> bool:
    """Whether a notice carries a sample, and so goes where the sample was asked for."""
    return notice.dedupe_key.startswith(_SAMPLE)


def receipt_in(notice: Notice) -> uuid.UUID | None:
    """Return the record whose receipt a notice carries, None for any other notice."""
    kind, _, record = notice.dedupe_key.partition(":")
    return uuid.UUID(record) if kind == "receipt" else None


def sample_sha256(reference: str) -> str:
    """Return what the bytes of a sent sample hash to, empty while it has not gone."""
    copies = SentCopy.objects.filter(notice__reference=reference)
    kept = copies.values_list("sha256", flat=True).first()
    return "" if kept is None else bytes(kept).hex()
