"""A new e-mail address or mobile number, from the customer's own page.

A link that confirms it goes to the new one and word of it to the old; nothing changes
until the button behind that link is pressed.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from consent.carrying import bind
from consent.fingerprints import fingerprint_of
from consent.links import Purpose, keep_link, use_up
from consent.models import AccessLink, ContactChange, Suppression
from consent.telling import known_address
from customers.models import ContactPoint, Customer
from customers.reaching import reach_at
from notices import house
from notices.models import Brand, Channel, Reply
from notices.models.notices import new_reference
from notices.new_address import key_of
from notices.people import Person
from notices.warned import CHANNELS, warn

Kind = ContactChange.Kind
# Whoever holds a link could have strangers written to: so often a day, and no more.
MOST_A_DAY = 3
DAY = dt.timedelta(days=1)
# Its link has run out long before.
UNCONFIRMED_LASTS = dt.timedelta(days=30)


class AddressRefused(ValueError):
    """An address that is not taken; ``code`` is one of the page's own sentences."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def ask_change(
    *,
    customer: Customer,
    person: Person,
    brand: Brand,
    kind: str,
    value: str,
    form_id: uuid.UUID,
    now: dt.datetime,
) -> ContactChange:
    """Keep a new address until it is confirmed, and write to it and to the old one.

    ``value`` is in its normal form. The same form posted again returns the first.

    :raises AddressRefused: ``same_address``, ``address_stopped``, ``asked_often``.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    known = ContactChange.objects.filter(form_id=form_id, customer=customer).first()
    if known is not None:
        return known
    old = person.usable(kind)
    _check(customer, kind, value, old, now)
    change = ContactChange.objects.create(
        customer=customer,
        kind=kind,
        value=value,
        old=old or None,
        address_print=fingerprint_of(value),
        form_id=form_id,
        notice_reference=new_reference(),
        asked_at=now,
    )
    house.write(
        key="confirm-address",
        customer=customer,
        brand=brand,
        channel=CHANNELS[Kind(kind)],
        dedupe_key=key_of(change),
        reference=change.notice_reference,
        now=now,
    )
    keep_link(
        change.notice_reference,
        purpose=Purpose.CONFIRM,
        customer_id=customer.pk,
        address_print=bytes(change.address_print),
        now=now,
    )
    warn(change=change, brand=brand, now=now)
    return change


def _check(
    customer: Customer, kind: str, value: str, old: str, now: dt.datetime
) -> None:
    if value == old:
        raise AddressRefused("same_address")
    stopped = Suppression.objects.filter(
        channel=CHANNELS[Kind(kind)], fingerprint=fingerprint_of(value)
    )
    if stopped.exists():
        raise AddressRefused("address_stopped")
    lately = ContactChange.objects.filter(customer=customer, asked_at__gt=now - DAY)
    if lately.count() >= MOST_A_DAY:
        raise AddressRefused("asked_often")


def change_of(link: AccessLink) -> ContactChange | None:
    """Return the change that a link confirms: the one it was sent out with."""
    change = ContactChange.objects.filter(
        notice_reference=link.notice_reference, customer=link.customer_id
    ).first()
    if change is None or link.address_print is None:
        return None
    is_same = bytes(change.address_print) == bytes(link.address_print)
    return change if is_same else None


@transaction.atomic
def confirm(*, change: ContactChange, link: AccessLink, now: dt.datetime) -> bool:
    """Use the new address from now on; False when it was confirmed before."""
    first = ContactChange.objects.filter(pk=change.pk, confirmed_at__isnull=True)
    if not first.update(confirmed_at=now):
        return False
    if change.kind == Kind.EMAIL and (old := known_address(change.customer)):
        evidence = {"address_change": change.notice_reference}
        bind(customer=change.customer, address=old, evidence=evidence, now=now)
    reach_at(
        customer=change.customer,
        kind=change.kind,
        value=change.value,
        told_with=change.told_with,
    )
    use_up(link, now=now)
    return True


def forget_unconfirmed(*, now: dt.datetime) -> int:
    """Forget addresses that nobody confirmed; return how many."""
    return ContactChange.objects.filter(
        confirmed_at__isnull=True, asked_at__lt=now - UNCONFIRMED_LASTS
    ).delete()[0]


def tell_staff(
    *,
    customer: Customer,
    person: Person,
    words: str,
    form_id: uuid.UUID,
    now: dt.datetime,
) -> Reply:
    """Give staff what the customer says is right of their details, once a form; it
    changes nothing by itself, and reminders do not wait for it."""
    reply, _ = Reply.objects.get_or_create(
        provider="page",
        provider_reference=f"{customer.pk}:{form_id}",
        defaults={
            "customer": customer,
            "channel": Channel.EMAIL,
            "sender": person.usable(ContactPoint.Kind.EMAIL) or customer.number,
            "subject": "Details to put right, from the customer's own page",
            "text": words,
            "classified": Reply.Kind.OTHER,
            "received_at": now,
        },
    )
    return reply
