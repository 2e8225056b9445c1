"""Rows for tests: small, true to the trade, each argument with a good default.

Three people stand in most tests: Alice pays late, Bob disputes, Charlie opted out.
All dates hang on ``TODAY`` so that no test depends on the day it is run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import uuid
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import zstandard
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User

from campaigns.models import Campaign, Decision, Enrolment, Ladder, Step
from consent.actions import record_consent
from consent.links import keep_link, mint
from consent.models import ConsentEvent, ContactPolicy, Subject
from customers.actions import record_payment
from customers.models import (
    Allocation,
    ContactPoint,
    Customer,
    Hold,
    Invoice,
    Payment,
    PostalAddress,
)
from notices.kinds import TITLED
from notices.models import (
    Attempt,
    Brand,
    Channel,
    DeliveryEvent,
    Notice,
    NoticeItem,
    Reply,
    SentCopy,
    Stream,
    TemplateVersion,
)
from notices.states import State

TODAY = dt.date(2026, 3, 10)  # a Tuesday
NOW = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)
PASSWORD = "a long enough password"

_numbers = itertools.count(1)


def number() -> int:
    """Return a number no other row of this run has."""
    return next(_numbers)


@cache
def _hashed(password: str) -> str:
    """Return a password as it is stored; hashing is slow on purpose, so only once."""
    return make_password(password)


def make_user(
    username: str = "", *, is_superuser: bool = False, may: Iterable[str] = ()
) -> User:
    """Return somebody who may log in with ``PASSWORD``, and look at everything.

    ``may`` names further rights as "room.codename".
    """
    user = User.objects.create(
        username=username or f"clerk{number()}",
        password=_hashed(PASSWORD),
        is_staff=is_superuser,
        is_superuser=is_superuser,
    )
    for right in may:
        room, _, codename = right.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=room, codename=codename)
        )
    return user


# Customers -------------------------------------------------------------------


def make_customer(
    *,
    email: str | None = "",
    mobile: str | None = None,
    address: bool = False,
    e_delivery: bool = True,
    **fields: Any,
) -> Customer:
    """Return a customer with an e-mail address and consent to be written to there.

    ``email=None`` leaves the address out, ``e_delivery=False`` the consent;
    ``mobile`` and ``address=True`` add those.
    """
    n = number()
    fields = {"number": f"C{n:05}", "name": f"Customer {n}", "country": "GB"} | fields
    customer = Customer.objects.create(**fields)
    if email is not None:
        make_contact_point(customer, value=email or f"c{n}@example.com")
    if mobile is not None:
        make_contact_point(customer, kind=ContactPoint.Kind.MOBILE, value=mobile)
    if address:
        make_address(customer)
    if e_delivery:
        make_consent(customer)
    return customer


def make_alice(**fields: Any) -> Customer:
    """Return Alice, who pays late."""
    return make_customer(
        name="Alice Late", email="alice@example.com", address=True, **fields
    )


def make_bob(**fields: Any) -> Customer:
    """Return Bob, who questions the bill: everything of his is on hold."""
    bob = make_customer(
        name="Bob Disputes", email="bob@example.com", address=True, **fields
    )
    make_hold(bob, reason=Hold.Reason.DISPUTE)
    return bob


def make_charlie(**fields: Any) -> Customer:
    """Return Charlie, who has an address but withdrew his consent to it."""
    charlie = make_customer(
        name="Charlie Optout", email="charlie@example.com", **fields
    )
    make_consent(charlie, state=ConsentEvent.State.WITHDRAWN, on=TODAY)
    return charlie


def make_contact_point(customer: Customer, **fields: Any) -> ContactPoint:
    """Return a long known address of the customer, e-mail unless told otherwise."""
    fields = {
        "kind": ContactPoint.Kind.EMAIL,
        "value": f"p{number()}@example.com",
        "primary_since": None,
    } | fields
    return ContactPoint.objects.create(customer=customer, **fields)


def make_address(customer: Customer, **fields: Any) -> PostalAddress:
    """Return a postal address that a letter can go to."""
    fields = {
        "line1": "1 High Street",
        "city": "Leeds",
        "postcode": "LS1 1AA",
        "country": "GB",
    } | fields
    return PostalAddress.objects.create(customer=customer, **fields)


def make_invoice(customer: Customer | None = None, **fields: Any) -> Invoice:
    """Return an open invoice of 120 euro that was due 12 days before TODAY."""
    due_on = fields.pop("due_on", TODAY - dt.timedelta(days=12))
    fields = {
        "number": f"INV-{number():06}",
        "issued_on": due_on - dt.timedelta(days=30),
        "due_on": due_on,
        "currency": "EUR",
        "amount": Decimal("120.00"),
    } | fields
    fields.setdefault("open_amount", fields["amount"])
    return Invoice.objects.create(customer=customer or make_customer(), **fields)


def make_paid_invoice(customer: Customer | None = None, **fields: Any) -> Invoice:
    """Return an invoice paid in full, on TODAY unless told otherwise."""
    fields = {"status": Invoice.Status.PAID, "paid_on": TODAY} | fields
    return make_invoice(customer, open_amount=Decimal(0), **fields)


def make_payment(invoice: Invoice, amount: Decimal, **fields: Any) -> Payment:
    """Return a payment allocated whole to the invoice; the invoice is left as is."""
    fields = {"reference": f"PAY-{number()}", "received_on": TODAY} | fields
    payment = Payment.objects.create(
        customer=invoice.customer, currency=invoice.currency, amount=amount, **fields
    )
    Allocation.objects.create(payment=payment, invoice=invoice, amount=amount)
    return payment


def pay(invoice: Invoice, amount: Decimal) -> Payment:
    """Book a payment that arrived on TODAY, through the product's own verb."""
    return record_payment(
        customer=invoice.customer,
        reference=f"PAY-{number()}",
        amount=amount,
        currency=invoice.currency,
        received_on=TODAY,
        invoice=invoice,
    )


def make_hold(customer: Customer, **fields: Any) -> Hold:
    """Return a hold on all of the customer's invoices since TODAY, by staff."""
    fields = {"reason": Hold.Reason.MANUAL, "starts_on": TODAY} | fields
    return Hold.objects.create(customer=customer, **fields)


# Consent ---------------------------------------------------------------------


def make_consent(
    customer: Customer,
    *,
    subject: str = Subject.E_DELIVERY,
    state: str = ConsentEvent.State.GRANTED,
    on: dt.date = dt.date(2025, 1, 1),
    method: str = ConsentEvent.Method.AGENT,
    **facts: Any,
) -> ConsentEvent:
    """Return a new event of the customer's consent; facts as ``record_consent`` has."""
    return record_consent(
        customer=customer,
        subject=subject,
        state=state,
        method=method,
        effective_on=on,
        **facts,
    )


def make_policy(**fields: Any) -> ContactPolicy:
    """Return a policy without quiet hours and caps that allows letters."""
    fields = {
        "name": f"Policy {number()}",
        "quiet_start": None,
        "quiet_end": None,
        "optional_paper_ok": True,
        "sms_24h": None,
        "sms_7d": None,
        "dunning_7d": None,
    } | fields
    return ContactPolicy.objects.create(**fields)


# Notices ---------------------------------------------------------------------


def make_brand(**fields: Any) -> Brand:
    """Return a firm in Leeds."""
    fields = {
        "key": f"brand{number()}",
        "name": "Northwind Energy",
        "address_line1": "5 Mill Lane",
        "city": "Leeds",
        "postcode": "LS2 2BB",
        "email_from": "billing@northwind.example",
        "reply_to": "care@northwind.example",
        "phone": "+44 113 496 0000",
        "opt_in_phone": "+44 1632 960101",
        "website": "https://northwind.example",
        "office_hours": "Monday to Friday, 9:00 to 17:00",
        "signatory": "Sam Carter, Customer Care",
        "bank_name": "Example Bank",
        "iban": "GB33BUKB20201555555555",
        "bic": "BUKBGB22",
    } | fields
    return Brand.objects.create(**fields)


def make_template(**fields: Any) -> TemplateVersion:
    """Return a short wording: an e-mail unless told otherwise."""
    channel = fields.get("channel", Channel.EMAIL)
    fields = {
        "key": f"reminder{number()}",
        "channel": channel,
        "subject": ("Your bill is late" if channel in TITLED else ""),
        "body": "Please pay your bill. Thank you.",
        "state": TemplateVersion.State.APPROVED,
        "published_at": NOW,
    } | fields
    return TemplateVersion.objects.create(**fields)


def make_stream(**fields: Any) -> Stream:
    """Return a running stream with a brand and a policy of its own."""
    fields = {"label": "Late bills"} | fields
    fields["brand"] = fields.get("brand") or make_brand()
    fields["policy"] = fields.get("policy") or make_policy()
    return Stream.objects.create(**fields)


# What the CHECK constraints of a notice ask of each state.
_OF_STATE: dict[str, dict[str, Any]] = {
    State.CLAIMED: {"claim_token": uuid.UUID(int=1), "lease_until": NOW},
    State.HANDING_OFF: {"claim_token": uuid.UUID(int=1), "lease_until": NOW},
    State.SENT: {"sent_at": NOW},
    State.DELIVERED: {"sent_at": NOW, "delivered_at": NOW},
    State.HELD: {"reason": "no_address"},
    State.SUPPRESSED: {"reason": "paid"},
    State.FAILED: {"reason": "hard_bounce"},
    State.CANCELLED: {"reason": "paid"},
}


def make_notice(
    customer: Customer | None = None,
    *,
    invoices: list[Invoice] | None = None,
    state: str = State.SCHEDULED,
    **fields: Any,
) -> Notice:
    """Return a notice in the given state about the given invoices."""
    customer = customer or make_customer()
    fields = (
        {
            "channel": Channel.EMAIL,
            "planned_on": TODAY,
            "dedupe_key": f"test:{number()}",
            "not_before": NOW,
        }
        | _OF_STATE.get(state, {})
        | fields
    )
    fields["stream"] = fields.get("stream") or make_stream()
    fields["template"] = fields.get("template") or make_template(
        channel=fields["channel"]
    )
    notice = Notice.objects.create(customer=customer, state=state, **fields)
    for invoice in invoices or []:
        NoticeItem.objects.create(notice=notice, invoice=invoice)
    return notice


def make_attempt(notice: Notice, **fields: Any) -> Attempt:
    """Return a finished hand-over that the sandbox took."""
    n = fields.pop("number", notice.attempts.count() + 1)
    fields = {
        "provider": "sandbox",
        "destination": "alice@example.com",
        "idempotency_key": f"{notice.reference}-{n}",
        "started_at": NOW,
        "finished_at": NOW,
        "result": Attempt.Result.ACCEPTED,
    } | fields
    return Attempt.objects.create(notice=notice, number=n, **fields)


def make_event(notice: Notice, **fields: Any) -> DeliveryEvent:
    """Return the provider's word that the notice was delivered."""
    fields = {
        "provider": "sandbox",
        "event_id": f"event-{number()}",
        "kind": DeliveryEvent.Kind.DELIVERED,
        "occurred_at": NOW,
    } | fields
    return DeliveryEvent.objects.create(notice=notice, **fields)


def make_link(
    customer: Customer, *, purpose: str, now: dt.datetime = NOW, about: str = ""
) -> str:
    """Keep the link of a message that opens one kind of page, and return its token.

    ``about`` is the reference of the message that the page speaks of.
    """
    reference = f"LINK{number():08}"
    keep_link(reference, purpose=purpose, customer_id=customer.pk, now=now, about=about)
    return mint(reference).token


def make_reply(customer: Customer | None = None, **fields: Any) -> Reply:
    """Return an open reply by e-mail that nobody has read."""
    fields = {
        "channel": "email",
        "provider": "postmark",
        "provider_reference": f"reply-{number()}",
        "sender": "alice@example.com",
        "subject": "Re: Your bill is late",
        "text": "I paid last week.",
        "received_at": NOW,
    } | fields
    return Reply.objects.create(customer=customer, **fields)


def make_sent_copy(
    notice: Notice, body: bytes, media_type: str = "message/rfc822"
) -> SentCopy:
    """Return the stored bytes of a notice that went out."""
    return SentCopy.objects.create(
        notice=notice,
        media_type=media_type,
        body=zstandard.compress(body),
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
    )


# Campaigns -------------------------------------------------------------------

# Key, offset in days, kind, days until a soft step expires, channels.
HOUSEHOLD: tuple[tuple[str, int, str, int | None, list[str]], ...] = (
    ("heads_up", -3, Step.Kind.SOFT, None, ["email", "sms"]),
    ("reminder", 3, Step.Kind.SOFT, 10, ["email", "sms", "letter"]),
    ("second", 14, Step.Kind.SOFT, 14, ["email", "letter"]),
    ("final", 30, Step.Kind.FORMAL, None, ["letter", "email"]),
)


def make_ladder(
    steps: tuple[tuple[str, int, str, int | None, list[str]], ...] = HOUSEHOLD,
    **fields: Any,
) -> Ladder:
    """Return a ladder of four steps, each with an English wording per channel."""
    n = number()
    fields = {"key": f"household{n}", "name": f"Household {n}"} | fields
    ladder = Ladder.objects.create(**fields)
    for position, (key, offset, kind, expires, channels) in enumerate(steps):
        Step.objects.create(
            ladder=ladder,
            position=position,
            key=key,
            offset_days=offset,
            kind=kind,
            expires_after_days=expires,
            channels=channels,
            template_key=f"{ladder.key}-{key}".replace("_", "-"),
        )
        for channel in channels:
            make_template(key=f"{ladder.key}-{key}".replace("_", "-"), channel=channel)
    return ladder


def make_campaign(
    *, state: str = Campaign.State.RUNNING, stream: Stream | None = None, **fields: Any
) -> Campaign:
    """Return a running campaign with a ladder, a brand and a stream of its own."""
    fields = {"name": f"Late bills {number()}", "due_from": dt.date(2026, 1, 1)} | (
        fields
    )
    fields["ladder"] = fields.get("ladder") or make_ladder()
    fields["brand"] = fields.get("brand") or (stream.brand if stream else make_brand())
    if stream is None:
        running = state == Campaign.State.RUNNING
        stream = make_stream(
            label=fields["name"],
            brand=fields["brand"],
            state=Stream.State.RUNNING if running else Stream.State.PAUSED,
        )
    if state != Campaign.State.DRAFT:
        fields.setdefault("started_at", NOW)
    return Campaign.objects.create(stream=stream, state=state, **fields)


def make_enrolment(campaign: Campaign, invoice: Invoice, **fields: Any) -> Enrolment:
    """Return the invoice on the campaign's ladder, due to be looked at on TODAY."""
    fields = {"next_on": TODAY, "due_on": invoice.due_on} | fields
    return Enrolment.objects.create(
        campaign=campaign, customer=invoice.customer, invoice=invoice, **fields
    )


def make_decision(enrolment: Enrolment, step: Step, **fields: Any) -> Decision:
    """Return a decision about one step: a contact when a notice is given."""
    fields = {"decided_on": TODAY} | fields
    notice = fields.get("notice")
    fields.setdefault(
        "outcome", Decision.Outcome.SENT if notice else Decision.Outcome.EXPIRED
    )
    if notice is not None:
        fields.setdefault("channel", notice.channel)
    return Decision.objects.create(enrolment=enrolment, step=step, **fields)
