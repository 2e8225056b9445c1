"""Whose facts a preview shows: an invented customer's, or a real one's as of today."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from customers.calendars import local_day
from customers.models import Customer, Invoice
from notices.destinations import destination_of
from notices.fields import Subject
from notices.firm import brand_facts
from notices.models import Brand, TemplateVersion
from notices.people import people_of
from notices.render import (
    BrandFacts,
    Facts,
    InvoiceFacts,
)
from notices.samples import CASES, sample_facts


def house_brand() -> Brand | None:
    """Return the firm in whose name texts are shown before anybody sends them."""
    return Brand.objects.order_by("pk").first()


def house_facts() -> BrandFacts | None:
    """Return that firm as texts are filled with it; None before there is one."""
    brand = house_brand()
    return brand_facts(brand) if brand else None


def facts_of_sample(version: TemplateVersion, channel: str, case: str = "") -> Facts:
    """Return the facts of a made-up person, told by the firm that is set up here."""
    return sample_facts(
        version.kind,
        channel,
        language=version.language,
        case=case or next(iter(CASES)),
        brand=house_facts(),
    )


def facts_of_customer(
    version: TemplateVersion, channel: str, customer: Customer, now: dt.datetime
) -> Facts:
    """Return the facts of a real customer; what the notice itself brings is made up.

    :raises RenderError: ``nothing_owed``: the text speaks of debts, there are none.
    """
    facts = facts_of_sample(version, channel)
    brand = facts.brand
    today = local_day(now, brand.time_zone)
    owed = (
        _owed(customer, today) if Subject.DEBT in version.notice_kind.subjects else ()
    )
    return replace(
        facts,
        today=today,
        planned_on=today,
        now=now,
        customer=replace(
            facts.customer,
            number=customer.number,
            name=customer.name,
            kind=customer.kind,
            language=customer.language,
            country=customer.country or brand.country,
            time_zone=customer.time_zone,
        ),
        destination=destination_of(
            people_of([customer.pk])[customer.pk], facts.channel, brand.country
        ),
        invoices=owed,
        total=sum((one.open_amount for one in owed), Decimal(0)),
        currency=owed[0].currency if owed else facts.currency,
        contacts=(),
        records_until=None,
    )


def _owed(customer: Customer, today: dt.date) -> tuple[InvoiceFacts, ...]:
    """Return the open invoices in the currency of the oldest."""
    found = list(
        customer.invoices.filter(status=Invoice.Status.OPEN).order_by(
            "due_on", "number"
        )
    )
    return tuple(
        InvoiceFacts(
            number=one.number,
            issued_on=one.issued_on,
            due_on=one.due_on,
            currency=one.currency,
            amount=one.amount,
            open_amount=one.open_amount,
            days_late=(today - one.due_on).days,
            purpose=one.purpose,
            order_number=one.order_number,
        )
        for one in found
        if one.currency == found[0].currency
    )
