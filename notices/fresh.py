"""A fresh link for whoever asks for one, sent only to an address we know.

Who asks gets one answer at once, whatever is known: the question is only kept. A worker
looks it up later and writes to the known address of the one it belongs to, at most once
an hour; nobody learns from us who is a customer.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from consent.links import Purpose, keep_link
from consent.models import LinkRequest
from customers.models import ContactPoint, Customer
from notices import house
from notices.models import Brand, Channel, Notice
from notices.models.notices import new_reference

TEXT = "fresh-link"
# To one address: whoever asks more often has one in the mailbox already.
EVERY = dt.timedelta(hours=1)
# Looked up by one pass of the clock; the rest waits for the next.
MOST_AT_ONCE = 200


def ask_for_link(
    *, email: str, customer_number: str, language: str, now: dt.datetime
) -> None:
    """Keep that somebody asked for a fresh link: one row, whoever it is.

    ``email`` is in its normal form.
    """
    LinkRequest.objects.create(
        email=email, customer_number=customer_number, language=language, asked_at=now
    )


def answer_link_requests(*, now: dt.datetime) -> int:
    """Send fresh links to those who asked and are known; return to how many.

    Each question is forgotten with its answer. Safe to run any number of times at once.
    """
    # Most passes of the clock find nobody.
    if not LinkRequest.objects.exists():
        return 0
    with transaction.atomic():
        asked = list(
            LinkRequest.objects.select_for_update(skip_locked=True)[:MOST_AT_ONCE]
        )
        sent = sum(_answer(one, now) for one in asked)
        LinkRequest.objects.filter(pk__in=[one.pk for one in asked]).delete()
    return sent


def _answer(asked: LinkRequest, now: dt.datetime) -> bool:
    """Put a fresh link in line; whether there is anybody to send it to."""
    customer = _who(asked)
    brand = brand_of(customer) if customer else None
    if customer is None or brand is None or not settings.PUBLIC_URL:
        return False
    if _has_one(asked.email, now):
        return False
    reference = new_reference()
    written = house.write(
        key=TEXT,
        customer=customer,
        brand=brand,
        channel=Channel.EMAIL,
        dedupe_key=f"fresh:{asked.pk}",
        now=now,
        reference=reference,
    )
    if written is None:
        return False
    newest = _sent_to(customer).first()
    keep_link(
        reference,
        purpose=Purpose.FRESH,
        customer_id=customer.pk,
        now=now,
        about=newest.reference if newest else reference,
    )
    return True


def _has_one(email: str, now: dt.datetime) -> bool:
    """Whether this address got a fresh link within the hour."""
    return Notice.objects.filter(
        customer__in=_at(email), template__key=TEXT, created_at__gt=now - EVERY
    ).exists()


def _at(email: str) -> QuerySet[Customer]:
    return Customer.objects.reached_at(ContactPoint.Kind.EMAIL, email)


def _who(asked: LinkRequest) -> Customer | None:
    """Return whose link it is: of the customers at this address the one named, else
    the one we wrote to last; None for nobody."""
    people = [one for one in _at(asked.email) if _gets_mail_at(one, asked.email)]
    if asked.customer_number:
        people = [one for one in people if one.number == asked.customer_number]
    if len(people) < 2:
        return people[0] if people else None
    last = (
        Notice.objects.filter(customer__in=people, sent_at__isnull=False)
        .select_related("customer")
        .order_by("-sent_at")
        .first()
    )
    return last.customer if last else people[0]


def _gets_mail_at(customer: Customer, email: str) -> bool:
    """Whether messages to the customer go to this very address."""
    primary = customer.contact_points.filter(
        kind=ContactPoint.Kind.EMAIL, is_primary=True
    ).first()
    return primary is not None and primary.value == email


def _sent_to(customer: Customer) -> QuerySet[Notice]:
    return Notice.objects.filter(
        customer=customer, sent_at__isnull=False, items__isnull=False
    ).order_by("-sent_at")


def brand_of(customer: Customer) -> Brand | None:
    """Return the firm that wrote to a customer last, else the first one."""
    last = (
        Notice.objects.filter(customer=customer)
        .select_related("stream__brand")
        .order_by("-pk")
        .first()
    )
    return last.stream.brand if last else Brand.objects.order_by("pk").first()
