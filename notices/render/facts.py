"""All that a notice may say, as plain values: no ORM object, no query behind them.

Filled by notices.facts for real notices and by hand for previews and tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale

from customers.plain import plain

LONGEST_DESTINATION = 400


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """The firm as its customers know it; ``country`` is ISO 3166.

    ``paper``, ``envelope`` and ``slip`` are the words of notices.models.brand;
    ``logo`` is a PNG of our own drawing, or empty; ``accepts_in`` names the countries
    where carrying on is a yes, with blanks between.
    """

    name: str
    colour: str
    address_line1: str
    address_line2: str
    city: str
    postcode: str
    country: str
    email_from: str
    reply_to: str
    phone: str
    website: str
    office_hours: str
    signatory: str
    bank_name: str
    iban: str
    bic: str
    fax: str = ""
    payments_contact: str = ""
    paper: str = "a4"
    envelope: str = "din_b"
    slip: str = "plain"
    duplex: bool = True
    recycles: bool = True
    logo: bytes = b""
    holds_goods: bool = False
    refuses_orders: bool = False
    passes_on_costs: bool = False
    time_zone: str = "UTC"
    accepts_in: str = ""
    # By language, as pairs, where they were written in others.
    office_hours_in: tuple[tuple[str, str], ...] = ()

    @property
    def answers_to(self) -> str:
        """Where a reply goes."""
        return self.reply_to or self.email_from


@plain
class CustomerFacts:
    """Whom the notice is for; ``kind`` is consumer or business."""

    number: str
    name: str
    kind: str = "consumer"
    language: str = "en"
    country: str = ""
    time_zone: str = ""


@plain
class MailDestination:
    """An e-mail address."""

    address: str

    def as_text(self) -> str:
        """Return the address as one line."""
        return self.address


@plain
class PhoneDestination:
    """A phone number in E.164."""

    number: str

    def as_text(self) -> str:
        """Return the number as one line."""
        return self.number


@dataclass(frozen=True, slots=True)
class PostalDestination:
    """A postal address without the name; ``country`` is ISO 3166."""

    line1: str
    line2: str
    city: str
    postcode: str
    country: str

    def as_text(self) -> str:
        """Return the address as one line, short enough to be kept with an attempt."""
        parts = (self.line1, self.line2, self.postcode, self.city, self.country)
        return ", ".join(part for part in parts if part)[:LONGEST_DESTINATION]


Destination = MailDestination | PhoneDestination | PostalDestination


@plain
class InvoiceFacts:
    """One invoice that is still owed; ``days_late`` is negative before it is due."""

    number: str
    issued_on: dt.date
    due_on: dt.date
    currency: str
    amount: Decimal
    open_amount: Decimal
    days_late: int
    purpose: str = ""
    order_number: str = ""


@plain
class Contact:
    """One earlier notice about the same debt that reached the customer."""

    on: dt.date
    channel: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail; ``media_type`` as in its Content-Type."""

    filename: str
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A paper that is too large to go along: its title and public address."""

    title: str
    url: str


@plain
class Facts:
    """Everything one notice may say.

    ``now`` is the aware instant of rendering and becomes the Date of an e-mail;
    ``today`` is the same day in the firm's zone. ``invoices`` are the open ones,
    sorted by due date, all in ``currency``; ``total`` is the sum of their open
    amounts; a notice that asks for no money has none. ``obligations`` are the words of
    consent.decision.Obligation. ``takes_texts`` says that what the customer texts back
    reaches us. ``about`` holds the notice's own typed facts by field
    (notices.about) and ``fault`` what is wrong with them, ``contacts`` what reached
    the customer before, oldest first, and ``given`` the latest day that one of those
    gave to pay by; ``records_until`` is the instant up to which
    payments are known, ``answer_url`` the customer's own page, empty while there is
    none, ``answer_code`` what opens it typed from paper, ``preferences_url`` where the
    customer chooses what comes how, ``unsubscribe_url`` what stops it at one click;
    ``enclosures`` are PDF files that are printed behind a letter.
    """

    reference: str
    channel: str
    planned_on: dt.date
    today: dt.date
    now: dt.datetime
    brand: BrandFacts
    customer: CustomerFacts
    destination: Destination
    invoices: tuple[InvoiceFacts, ...]
    total: Decimal
    currency: str
    obligations: frozenset[str] = frozenset()
    takes_texts: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    contacts: tuple[Contact, ...] = ()
    given: dt.date | None = None
    records_until: dt.datetime | None = None
    answer_url: str = ""
    answer_code: str = ""
    preferences_url: str = ""
    unsubscribe_url: str = ""
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] = ()
    enclosures: tuple[bytes, ...] = field(default=(), repr=False)


@lru_cache(maxsize=1024)
def country_name(country: str, language: str) -> str:
    """Return the name of a country in a language, or its code when unknown."""
    return str(Locale.parse(language).territories.get(country, country))
