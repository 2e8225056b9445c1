"""Facts and texts for tests of rendering: no row of the database behind them."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from decimal import Decimal
from email.message import EmailMessage
from functools import cache

from notices.kinds import FORMS_OF
from notices.models import TemplateVersion
from notices.render import (
    BrandFacts,
    CustomerFacts,
    Destination,
    Facts,
    InvoiceFacts,
    MailDestination,
    PhoneDestination,
    PostalDestination,
    Rendered,
    compile_version,
    render,
)
from notices.render.compiled import CompiledTemplate
from notices.starter import starters

TODAY = dt.date(2026, 6, 5)  # a Friday
NOW = dt.datetime(2026, 6, 5, 8, 30, tzinfo=dt.UTC)

BRAND = BrandFacts(
    name="Northwind Energy",
    colour="#0B5A68",
    address_line1="1 High Street",
    address_line2="",
    city="Leeds",
    postcode="LS1 4AP",
    country="GB",
    email_from="bills@northwind.example",
    reply_to="help@northwind.example",
    phone="+44 113 496 0000",
    website="https://northwind.example",
    office_hours="Monday to Friday, 9:00 to 17:00",
    signatory="Jane Hill, Billing",
    bank_name="Example Bank",
    iban="GB33 BUKB 2020 1555 5555 55",
    bic="BUKBGB22",
)
PLACE = PostalDestination("12 Mill Lane", "Flat 3", "York", "YO1 7HH", "GB")
DESTINATIONS: dict[str, Destination] = {
    "email": MailDestination("anna@example.org"),
    "sms": PhoneDestination("+447700900123"),
    "call": PhoneDestination("+447700900123"),
    "letter": PLACE,
}
DUTIES = {
    "email": frozenset({"LIST_UNSUB_ONE_CLICK"}),
    "sms": frozenset({"SMS_BRAND_AND_STOP_TEXT"}),
}
# Every starter text by key, channel and language, as the pipeline would find it.
STARTERS = {
    (starter.key, channel, starter.language): starter.as_version()
    for starter in starters()
    for channel, forms in FORMS_OF.items()
    if starter.form in forms
}


def make_invoice_facts(
    number: int = 1,
    *,
    late: int = 14,
    amount: str = "120.50",
    paid: str = "0",
    currency: str = "GBP",
) -> InvoiceFacts:
    """Return an open invoice that was due ``late`` days ago."""
    due_on = TODAY - dt.timedelta(days=late)
    return InvoiceFacts(
        number=f"R-2026-{number:04}",
        issued_on=due_on - dt.timedelta(days=14),
        due_on=due_on,
        currency=currency,
        amount=Decimal(amount),
        open_amount=Decimal(amount) - Decimal(paid),
        days_late=late,
    )


def make_facts(
    channel: str = "email",
    *invoices: InvoiceFacts,
    name: str = "Anna Nowak",
    country: str = "GB",
    destination: Destination | None = None,
    brand: BrandFacts = BRAND,
    duties: frozenset[str] | None = None,
) -> Facts:
    """Return the facts of a notice about one late invoice, or about those given."""
    invoices = invoices or (make_invoice_facts(),)
    return Facts(
        reference="7QK2M9XW4BTD",
        channel=channel,
        planned_on=TODAY,
        today=TODAY,
        now=NOW,
        brand=brand,
        customer=CustomerFacts("C-10442", name, country=country),
        destination=destination or DESTINATIONS[channel],
        invoices=invoices,
        total=sum((one.open_amount for one in invoices), Decimal(0)),
        currency=invoices[0].currency,
        obligations=DUTIES.get(channel, frozenset()) if duties is None else duties,
    )


def make_version(
    body: str,
    channel: str = "email",
    subject: str = "About your bill",
    *,
    kind: str = "reminder",
    language: str = "en",
) -> TemplateVersion:
    """Return a text that is not in the database."""
    return TemplateVersion(
        key="t",
        kind=kind,
        channel=channel,
        language=language,
        subject=subject,
        body=body,
    )


def written(body: str, facts: Facts, subject: str = "About your bill") -> Rendered:
    """Return the notice of a text and facts."""
    return render(compile_version(make_version(body, facts.channel, subject)), facts)


def starter(key: str, facts: Facts, language: str = "en") -> Rendered:
    """Return the notice of a starter text."""
    return render(compiled_starter(key, facts.channel, language), facts)


@cache
def compiled_starter(key: str, channel: str, language: str = "en") -> CompiledTemplate:
    """Return a starter text, compiled once a process as in operation."""
    return compile_version(STARTERS[key, channel, language], channel)


def parsed(rendered: Rendered) -> EmailMessage:
    """Return the e-mail as a mail program reads it."""
    message = email.message_from_bytes(rendered.body, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def html_of(rendered: Rendered) -> str:
    """Return the HTML part of an e-mail."""
    part = parsed(rendered).get_body(("html",))
    assert part is not None
    return str(part.get_content())
