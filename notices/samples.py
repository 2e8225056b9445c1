"""Invented facts for each kind of notice, for previews, the lint and tests.

``typical`` is what most customers are like; the other cases are the awkward ones, so
that an author sees at once what a text does with them. The words of the invented world
stand in ``notices/starter/<language>/samples.toml``, English where a language has none.
Asks no database and no clock: the same question gives the same facts.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from notices.fields import Subject
from notices.kinds import KINDS, Form, NoticeKind
from notices.render.facts import (
    BrandFacts,
    Contact,
    CustomerFacts,
    Destination,
    Facts,
    InvoiceFacts,
    MailDestination,
    PhoneDestination,
    PostalDestination,
)
from notices.sample_matters import TODAY, about_of

# What each case shows, in words for staff.
CASES: Mapping[str, str] = {
    "typical": "A usual customer",
    "one_invoice": "One invoice, nothing sent before",
    "no_name": "No name known",
    "longest_name": "A very long name",
    "rtl_name": "A name written from right to left",
    "most_invoices": "Sixty invoices",
    "huge_sums": "Very large sums",
    "every_clause": "A firm, and everything that may apply",
}
NOW = dt.datetime(2026, 6, 5, 8, 30, tzinfo=dt.UTC)
REFERENCE = "7QK2M9XW4BTD"
MOST_INVOICES = 60

_FOLDER = Path(__file__).resolve().parent / "starter"
_RTL_NAME = "محمد بن عبد الله الأنصاري"
_ANSWER_URL = f"https://bills.northwind.example/r/{REFERENCE}"
_ANSWER_CODE = "7QK2M-9XW4B"
# Read by anybody: they name no customer and link to no customer's page.
_OPEN = frozenset({Form.INSERT.value, Form.PUBLIC.value})


@dataclass(frozen=True, slots=True)
class _Debt:
    """How a step finds its customer: days late, and how often contacted before."""

    days_late: int
    invoices: int = 2
    contacts: int = 0


_DEBTS: Mapping[str, _Debt] = {
    "upcoming": _Debt(-5, invoices=1),
    "friendly": _Debt(4, invoices=1),
    "reminder": _Debt(14, contacts=1),
    "call": _Debt(18, contacts=2),
    "formal": _Debt(25, contacts=3),
    "final": _Debt(40, contacts=4),
    "promise_broken": _Debt(20, contacts=2),
    "part_payment": _Debt(10, invoices=1),
}
_CONTACT_DAYS = (21, 14, 9, 5)
_CONTACT_WAYS = ("email", "sms", "call", "letter")


def sample_facts(
    kind: str,
    channel: str,
    *,
    language: str = "en",
    case: str = "typical",
    brand: BrandFacts | None = None,
) -> Facts:
    """Return invented facts for a notice of that kind.

    ``channel`` is a channel, or the form ``insert`` or ``public``, whose facts name no
    customer. ``case`` is one of :data:`CASES`. A ``brand`` of the firm's own replaces
    the invented one, as it is.

    :raises KeyError: there is no such kind or case.
    """
    CASES[case]
    notice = KINDS[kind]
    world = world_of(language)
    is_open = channel in _OPEN
    invoices = _invoices(kind, case, world) if Subject.DEBT in notice.subjects else ()
    return Facts(
        reference=REFERENCE,
        channel=channel,
        planned_on=TODAY,
        today=TODAY,
        now=NOW,
        brand=brand or _brand(world, case),
        customer=CustomerFacts("", "") if is_open else _customer(world, language, case),
        destination=_destination(channel, world),
        invoices=invoices,
        total=sum((one.open_amount for one in invoices), Decimal(0)),
        currency=world["place"]["currency"] if invoices else "",
        obligations=_obligations(notice, channel),
        takes_texts=True,
        about=about_of(notice, case, world),
        contacts=_contacts(kind, case) if invoices else (),
        records_until=NOW - dt.timedelta(hours=14),
        answer_url="" if is_open else _ANSWER_URL,
        answer_code=_ANSWER_CODE if channel == "letter" else "",
    )


@lru_cache(maxsize=16)
def world_of(language: str) -> Mapping[str, Any]:
    """Return the invented people, places and happenings of a language."""
    path = _FOLDER / language / "samples.toml"
    if not path.is_file():
        path = _FOLDER / "en" / "samples.toml"
    with path.open("rb") as file:
        return tomllib.load(file)


def _brand(world: Mapping[str, Any], case: str) -> BrandFacts:
    words = world["brand"]
    brand = BrandFacts(
        name=words["name"],
        colour="#0B5A68",
        address_line1=words["address_line1"],
        address_line2="",
        city=words["city"],
        postcode=words["postcode"],
        country=world["place"]["country"],
        email_from="bills@northwind.example",
        reply_to="help@northwind.example",
        phone=words["phone"],
        website="https://northwind.example",
        office_hours=words["office_hours"],
        signatory=words["signatory"],
        bank_name=words["bank_name"],
        iban=words["iban"],
        bic=words["bic"],
        time_zone=world["place"]["time_zone"],
    )
    if case != "every_clause":
        return brand
    return replace(
        brand,
        fax=words["fax"],
        payments_contact=words["payments_contact"],
        holds_goods=True,
        refuses_orders=True,
        passes_on_costs=True,
        accepts_in=world["place"]["country"],
    )


def _customer(world: Mapping[str, Any], language: str, case: str) -> CustomerFacts:
    words = world["customer"]
    names = {
        "no_name": "",
        "longest_name": words["longest_name"],
        "rtl_name": _RTL_NAME,
    }
    return CustomerFacts(
        number="C-10442",
        name=names.get(case, words["name"]),
        kind="business" if case == "every_clause" else "consumer",
        language=language,
        country=world["place"]["country"],
        time_zone=world["place"]["time_zone"],
    )


def _destination(channel: str, world: Mapping[str, Any]) -> Destination:
    words = world["customer"]
    if channel in {"sms", "call"}:
        return PhoneDestination(words["mobile"])
    if channel in {"letter", "postcard", "insert"}:
        return PostalDestination(
            line1=words["line1"],
            line2=words["line2"],
            city=words["city"],
            postcode=words["postcode"],
            country=world["place"]["country"],
        )
    return MailDestination("anna@example.org" if channel == "email" else "")


def _obligations(notice: NoticeKind, channel: str) -> frozenset[str]:
    if channel == "sms":
        return frozenset({"SMS_BRAND_AND_STOP_TEXT"})
    if channel != "email":
        return frozenset()
    required = notice.permission in {"change_notice", "overdue"}
    return frozenset(
        {"PAPER_COPY_AND_WITHDRAW_LINK" if required else "LIST_UNSUB_ONE_CLICK"}
    )


def _invoices(
    kind: str, case: str, world: Mapping[str, Any]
) -> tuple[InvoiceFacts, ...]:
    """Return the open invoices, the oldest first; the second is paid in part."""
    debt = _DEBTS[kind]
    count = {"one_invoice": 1, "most_invoices": MOST_INVOICES}.get(case, debt.invoices)
    if case == "every_clause":
        count = max(count, 2)
    purposes = world["invoices"]["purposes"]
    return tuple(
        _invoice(
            number,
            debt.days_late - min(number * 7, 30) - number // 5,
            amount=Decimal("9876543210.98" if case == "huge_sums" else "120.50"),
            paid=Decimal("20.50") if number == 1 or kind == "part_payment" else None,
            currency=world["place"]["currency"],
            purpose=purposes[number % len(purposes)],
            order_number="PO-7781" if number == 1 else "",
        )
        for number in range(count)
    )


def _invoice(
    number: int,
    days_late: int,
    *,
    amount: Decimal,
    paid: Decimal | None,
    currency: str,
    purpose: str,
    order_number: str,
) -> InvoiceFacts:
    due_on = TODAY - dt.timedelta(days=days_late)
    return InvoiceFacts(
        number=f"R-2026-{815 + number:04}",
        issued_on=due_on - dt.timedelta(days=14),
        due_on=due_on,
        currency=currency,
        amount=amount,
        open_amount=amount - (paid or Decimal(0)),
        days_late=days_late,
        purpose=purpose,
        order_number=order_number,
    )


def _contacts(kind: str, case: str) -> tuple[Contact, ...]:
    count = 0 if case == "one_invoice" else _DEBTS[kind].contacts
    days = _CONTACT_DAYS[-count:] if count else ()
    return tuple(
        Contact(TODAY - dt.timedelta(days=day), way)
        for day, way in zip(days, _CONTACT_WAYS, strict=False)
    )
