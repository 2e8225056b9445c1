"""Loads the demo company into an empty database, with a past that really happened.

One transaction: all of it is there, or nothing. Refuses where there are customers
already, and where a message could leave the house.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns import actions
from campaigns.demo.accounts import Account, Agreement
from campaigns.demo.billing import Receipt
from campaigns.demo.company import (
    DRAFT_CURRENCY,
    OLDER_DEBT_DAYS,
    Company,
    company,
)
from campaigns.demo.logins import create_logins
from campaigns.demo.names import BRAND, OFFICE_HOURS
from campaigns.demo.past import MORNING, make_pass, play
from campaigns.ladders import install_shipped, save_ladder_file
from campaigns.models import Campaign, Ladder
from consent.ledger import record_many
from consent.models import ConsentEvent, ContactPolicy, Subject
from consent.publishing import draft_set, key_of, publish_set
from consent.told import Told
from customers.blind import lasting_print
from customers.imports.sealing import RAW_CONTEXT
from customers.models import (
    Allocation,
    ContactPoint,
    Customer,
    Hold,
    Invoice,
    Payment,
    PostalAddress,
)
from notices.models import Brand
from notices.served import is_live
from notices.starter import install_starters

LADDER = Path(__file__).resolve().parent / "ladder.json"
ZONE = ZoneInfo(BRAND["time_zone"])
ADMIN = "ada"
REGIONS = {
    "GBP": "Household reminders, Britain",
    "EUR": "Household reminders, France and Germany",
    "PLN": "Household reminders, Poland",
    DRAFT_CURRENCY: "Household reminders, Czechia",
}


class DemoRefused(Exception):
    """The demo company may not be loaded here; the text says why."""


class NotEmpty(DemoRefused):
    """There are customers here, of the demo or of a real firm; they are kept."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What stands in the database now."""

    customers: int
    invoices: int
    payments: int
    holds: int


def refuse_where_unfit() -> None:
    """Return when the demo company may be loaded here.

    :raises DemoRefused: a channel is live.
    :raises NotEmpty: there are customers.
    """
    if is_live():
        raise DemoRefused(
            "The demo company is only for the sandbox, and a channel is live here. "
            "Unset EMAIL_URL and TWILIO_ACCOUNT_SID, or leave the demo out."
        )
    if Customer.objects.exists():
        raise NotEmpty(
            "There are customers here already, so nothing was loaded or changed."
        )


@transaction.atomic
def load_demo(*, today: dt.date, now: dt.datetime) -> Loaded:
    """Load the company as of ``today``, play its past, and plan today's messages.

    ``now`` is the moment on ``today`` at which the messages of today are planned;
    they are left to the workers.

    :raises DemoRefused: see :func:`refuse_where_unfit`.
    """
    refuse_where_unfit()
    # Years are played in a minute: what each print run would say is of no news.
    logging.getLogger("notices.replay").setLevel(logging.WARNING)
    made = company(today)
    customers = _write_customers(made)
    _write_consents(made, customers)
    invoices = _write_bills(made, customers)
    _write_older_payments(made, customers, invoices)
    create_logins()
    _write_campaigns(made)
    play(made, customers=customers, invoices=invoices, zone=ZONE)
    make_pass(now)
    return Loaded(
        customers=len(made.accounts),
        invoices=len(made.bills),
        payments=len(made.receipts),
        # Those of the past, and those that calls led to.
        holds=Hold.objects.count(),
    )


def _write_customers(made: Company) -> dict[str, Customer]:
    """Write everybody with all ways to reach them; return them by number."""
    rows = Customer.objects.bulk_create(
        Customer(
            number=one.number,
            kind=one.kind,
            name=one.name,
            language=one.place.language,
            country=one.land.code,
            time_zone=one.time_zone,
            status=one.status,
        )
        for one in made.accounts
    )
    customers = {row.number: row for row in rows}
    ContactPoint.objects.bulk_create(
        ContactPoint(
            customer=customers[one.number],
            kind=kind,
            value=value,
            raw_print=lasting_print(RAW_CONTEXT, value),
            # Else a week would pass before any is trusted with a customer's data.
            primary_since=dt.datetime.combine(one.joined_on, dt.time(12), ZONE),
        )
        for one in made.accounts
        for kind, value in _ways(one)
    )
    PostalAddress.objects.bulk_create(
        PostalAddress(
            customer=customers[one.number],
            line1=one.address.line1,
            line2=one.address.line2,
            city=one.address.city,
            postcode=one.address.postcode,
            country=one.land.code,
        )
        for one in made.accounts
        if one.address
    )
    return customers


def _ways(one: Account) -> Iterator[tuple[ContactPoint.Kind, str]]:
    if one.email:
        yield ContactPoint.Kind.EMAIL, one.email
    if one.mobile:
        yield ContactPoint.Kind.MOBILE, one.mobile
    if one.landline:
        yield ContactPoint.Kind.LANDLINE, one.landline


def _write_consents(made: Company, customers: Mapping[str, Customer]) -> None:
    record_many(
        Told(
            customer_id=customers[one.number].pk,
            subject=subject,
            state=agreed.state,
            method=agreed.method,
            effective_on=agreed.since,
            actor="adam" if agreed.method == ConsentEvent.Method.AGENT else "",
        )
        for one in made.accounts
        for subject, agreed in _agreements(one)
    )


def _agreements(one: Account) -> Iterator[tuple[Subject, Agreement]]:
    if one.e_delivery:
        yield Subject.E_DELIVERY, one.e_delivery
    if one.sms:
        yield Subject.SMS, one.sms


def _write_bills(made: Company, customers: Mapping[str, Customer]) -> dict[str, int]:
    """Write the bills as they stood before the history; return row ids by number."""
    older = defaultdict(list)
    for receipt in _older(made):
        older[receipt.bill].append(receipt)
    invoices = []
    for bill in made.bills:
        receipts = older[bill.number]
        left = bill.amount - sum((one.amount for one in receipts), Decimal(0))
        is_paid = left == 0
        invoices.append(
            Invoice(
                customer=customers[bill.account],
                number=bill.number,
                issued_on=bill.issued_on,
                due_on=bill.due_on,
                currency=bill.currency,
                amount=bill.amount,
                open_amount=left,
                status=Invoice.Status.PAID if is_paid else Invoice.Status.OPEN,
                paid_on=max(one.received_on for one in receipts) if is_paid else None,
            )
        )
    return {row.number: row.pk for row in Invoice.objects.bulk_create(invoices)}


def _older(made: Company) -> Iterator[Receipt]:
    """Yield the payments from before the history; the others arrive while it plays."""
    return (one for one in made.receipts if one.received_on < made.history_from)


def _write_older_payments(
    made: Company, customers: Mapping[str, Customer], invoices: Mapping[str, int]
) -> None:
    receipts = list(_older(made))
    payments = Payment.objects.bulk_create(
        Payment(
            customer=customers[one.account],
            reference=one.reference,
            currency=one.currency,
            amount=one.amount,
            received_on=one.received_on,
        )
        for one in receipts
    )
    Allocation.objects.bulk_create(
        Allocation(payment=payment, invoice_id=invoices[one.bill], amount=one.amount)
        for payment, one in zip(payments, receipts, strict=True)
    )


def _write_campaigns(made: Company) -> None:
    """Write the firm, its wordings and ladders, and one campaign a region.

    All have run since the history began, but one: it is left for staff to start.
    """
    install_starters()
    install_shipped()
    brand = Brand.objects.create(**BRAND, office_hours_in=OFFICE_HOURS)
    policy = ContactPolicy.objects.create(name="Household", optional_paper_ok=True)
    ladder = save_ladder_file(LADDER)
    _publish_disclosure(brand, dt.datetime.combine(made.history_from, MORNING, ZONE))
    started_at = dt.datetime.combine(made.history_from, MORNING, ZONE)
    for currency in REGIONS:
        campaign = _draft(made, currency, ladder, brand, policy)
        if currency != DRAFT_CURRENCY:
            actions.start_campaign(campaign=campaign, by=ADMIN, now=started_at)
    Campaign.objects.update(created_at=started_at)


def _publish_disclosure(brand: Brand, now: dt.datetime) -> None:
    """Let the firm's customers choose e-mail, in the words that come with Duly."""
    key = key_of(brand.key)
    drafts = draft_set(key=key, terms_url=f"{brand.website}/terms", now=now)
    publish_set(
        key=key,
        version=drafts[0].version,
        firm=brand.name,
        phone=brand.phone,
        fee_forbidden=False,
        by=ADMIN,
        now=now,
        # A made-up firm has no website that could be asked.
        answers=lambda address: HTTPStatus.OK,
    )


def _draft(
    made: Company, currency: str, ladder: Ladder, brand: Brand, policy: ContactPolicy
) -> Campaign:
    return actions.create_campaign(
        name=REGIONS[currency],
        ladder=ladder,
        brand=brand,
        policy=policy,
        due_from=made.history_from - dt.timedelta(days=OLDER_DEBT_DAYS),
        currency=currency,
        send_from=dt.time(0),
        by=ADMIN,
    )
