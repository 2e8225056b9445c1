"""The words a notice text may leave open: each field, its kind and its example.

Staff write ``{{ total }}``; this vocabulary says that a field of that name exists,
what kind of value it holds, what to call it on a page, and which subjects of notice
know it. Knows no customer, no template and no Django.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from notices.field_kinds import (
    Account,
    Field,
    Kind,
    Percent,
    Subject,
    Value,
    by_path,
    of_subject,
)
from notices.loops import LOOPS, loop_of

__all__ = [
    "FIELDS",
    "FILTERS",
    "Account",
    "Field",
    "Kind",
    "Percent",
    "Subject",
    "Value",
    "field_at",
    "fields_for",
]

_OPTIONAL = True
_DAY = dt.date(2026, 7, 1)
_NOON = dt.datetime(2026, 6, 18, 12, 0, tzinfo=dt.UTC)

FIELDS = by_path(
    [
        Field("customer.name", Kind.TEXT, "Customer's name", "Anna Nowak", None, True),
        Field("customer.number", Kind.TEXT, "Customer number", "C-10442"),
        Field("customer.is_firm", Kind.FLAG, "Customer is a firm", False),
        Field("brand.name", Kind.TEXT, "Our name", "Northwind Energy"),
        Field("brand.address", Kind.TEXT, "Our address", "1 High Street, Leeds"),
        Field("brand.phone", Kind.TEXT, "Our phone number", "+44 113 496 0000"),
        Field("brand.phone_link", Kind.LINK, "Link to call us", "tel:+441134960000"),
        Field("brand.fax", Kind.TEXT, "Our fax number", "+44 113 496 0009", None, True),
        Field("brand.email", Kind.TEXT, "Our e-mail address", "help@northwind.example"),
        Field(
            "brand.email_link",
            Kind.LINK,
            "Link to write to us",
            "mailto:help@northwind.example",
        ),
        Field("brand.website", Kind.LINK, "Our website", "https://northwind.example"),
        Field(
            "brand.office_hours",
            Kind.TEXT,
            "When we answer",
            "Mon to Fri, 9 to 5",
            None,
            True,
        ),
        Field(
            "brand.payments_contact",
            Kind.TEXT,
            "Our payments department",
            "Payments, +44 113 496 0002",
            None,
            True,
        ),
        Field("brand.signatory", Kind.TEXT, "Who signs", "Jane Hill, Billing"),
        Field("brand.bank_name", Kind.TEXT, "Our bank", "Example Bank", None, True),
        Field("brand.iban", Kind.TEXT, "Our IBAN", "GB33 BUKB 2020 1555 5555 55"),
        Field("brand.bic", Kind.TEXT, "Our BIC", "BUKBGB22", None, True),
        Field("brand.recycles", Kind.FLAG, "We ask to recycle paper", True),
        Field("reference", Kind.TEXT, "Reference of this notice", "7QK2M9XW4BTD"),
        Field("today", Kind.DATE, "Date of this notice", dt.date(2026, 6, 5)),
        Field("reply_by", Kind.DATE, "Answer by", dt.date(2026, 6, 10)),
        Field("accepts_by_use", Kind.FLAG, "Carrying on is a yes here", False),
        Field("must_offer_stop", Kind.FLAG, "The text must offer STOP", True),
        Field("takes_texts", Kind.FLAG, "Customers can text us back", True),
        Field(
            "answer_link",
            Kind.LINK,
            "Link to the customer's answer page",
            "https://bills.northwind.example/r/7QK2M9XW4BTD",
            None,
            True,
        ),
        *of_subject(
            Subject.DEBT,
            ("pay_by", Kind.DATE, "Pay by", dt.date(2026, 6, 12)),
            ("last_day", Kind.DATE, "Last day to pay or call", dt.date(2026, 6, 22)),
            ("total", Kind.MONEY, "Sum still to pay", Decimal("184.20")),
            ("currency", Kind.TEXT, "Currency", "GBP"),
            ("invoice_count", Kind.COUNT, "How many invoices", 2),
            ("oldest_due", Kind.DATE, "Earliest due date", dt.date(2026, 5, 22)),
            ("days_late", Kind.COUNT, "Days since the earliest due date", 14),
            ("is_late", Kind.FLAG, "At least one invoice is late", True),
            ("several_due_dates", Kind.FLAG, "Several due dates", True),
            ("payment_reference", Kind.TEXT, "Payment reference", "C-10442"),
            ("can_pay_by_bank", Kind.FLAG, "We have given an IBAN", True),
            (
                "records_until",
                Kind.MOMENT,
                "Payments known up to",
                dt.datetime(2026, 6, 4, 18, 0, tzinfo=dt.UTC),
            ),
            ("was_contacted", Kind.FLAG, "We have written before", True),
            ("holds_goods", Kind.FLAG, "We hold goods until payment", False),
            ("refuses_orders", Kind.FLAG, "We take no new orders until payment", False),
            ("passes_on_costs", Kind.FLAG, "Late payment costs are passed on", False),
        ),
        *of_subject(
            Subject.CHANGE,
            ("change.old", Kind.ANY, "How it was", "1 High Street, Leeds"),
            ("change.new", Kind.ANY, "How it will be", "9 Canal Road, Leeds"),
            ("change.effective_on", Kind.DATE, "From when", _DAY),
            ("change.first_bill_on", Kind.DATE, "First bill it is on", _DAY, _OPTIONAL),
            ("change.reason", Kind.TEXT, "Why", "We are moving to a larger office."),
            ("change.who", Kind.TEXT, "Whom it concerns", "all customers"),
            ("change.to_do", Kind.TEXT, "What to do", "Nothing to do.", _OPTIONAL),
            ("change.is_optional", Kind.FLAG, "The customer may say no", False),
            ("change.costs_more", Kind.FLAG, "It costs the customer more", False),
            ("change.changes_terms", Kind.FLAG, "The contract terms change", False),
        ),
        *of_subject(
            Subject.PAPERLESS,
            ("paperless.documents", Kind.TEXT, "Which papers", "bills and reminders"),
            ("paperless.reason", Kind.TEXT, "Why", "E-bills arrive sooner."),
            (
                "paperless.first_notice_on",
                Kind.DATE,
                "First notice",
                dt.date(2026, 6, 5),
            ),
            ("paperless.reminder_on", Kind.DATE, "Reminder", dt.date(2026, 7, 6)),
            (
                "paperless.last_paper_on",
                Kind.DATE,
                "Last paper bill",
                dt.date(2026, 8, 3),
            ),
            (
                "paperless.first_ebill_on",
                Kind.DATE,
                "First e-bill",
                dt.date(2026, 9, 1),
            ),
            ("paperless.is_optional", Kind.FLAG, "The customer may say no", True),
            (
                "paperless.paper_fee",
                Kind.MONEY,
                "Fee for paper",
                Decimal("1.50"),
                _OPTIONAL,
            ),
            ("paperless.has_fee", Kind.FLAG, "Paper costs a fee", False),
            (
                "paperless.opt_in_phone",
                Kind.TEXT,
                "Number to agree by phone",
                "+44 113 496 0001",
            ),
            ("paperless.changes_terms", Kind.FLAG, "The contract terms change", False),
        ),
        *of_subject(
            Subject.DETAILS,
            ("details.what", Kind.TEXT, "Which detail", "postal address"),
            ("details.old", Kind.ANY, "How it was", "12 Mill Lane, York"),
            ("details.new", Kind.ANY, "How it is now", "3 Park Row, York"),
            ("details.changed_on", Kind.DATE, "Changed on", dt.date(2026, 6, 4)),
        ),
        *of_subject(
            Subject.PROMISE,
            ("promise.amount", Kind.MONEY, "Promised sum", Decimal("100.00")),
            ("promise.due_on", Kind.DATE, "Promised for", dt.date(2026, 6, 15)),
            ("promise.made_on", Kind.DATE, "Promised on", dt.date(2026, 6, 1)),
        ),
        *of_subject(
            Subject.PLAN,
            ("plan.total", Kind.MONEY, "Sum of the plan", Decimal("300.00")),
            ("plan.count", Kind.COUNT, "How many parts", 3),
            ("plan.first_on", Kind.DATE, "First part due", dt.date(2026, 7, 1)),
            ("plan.last_on", Kind.DATE, "Last part due", dt.date(2026, 9, 1)),
        ),
        *of_subject(
            Subject.PAYMENT,
            ("payment.amount", Kind.MONEY, "Sum received", Decimal("80.00")),
            ("payment.received_on", Kind.DATE, "Received on", dt.date(2026, 6, 4)),
        ),
        *of_subject(
            Subject.CORRECTION,
            (
                "correction.sent_on",
                Kind.DATE,
                "When the wrong one went",
                dt.date(2026, 6, 2),
            ),
            ("correction.wrong", Kind.ANY, "What was wrong", Decimal("184.20")),
            ("correction.right", Kind.ANY, "What is right", Decimal("148.20")),
            (
                "correction.reason",
                Kind.TEXT,
                "How it came about",
                "Two invoices were mixed up.",
                _OPTIONAL,
            ),
        ),
        *of_subject(
            Subject.VISIT,
            ("visit.what", Kind.TEXT, "What for", "Meter exchange"),
            ("visit.starts_at", Kind.MOMENT, "Begins", _NOON),
            ("visit.ends_at", Kind.MOMENT, "Ends", _NOON + dt.timedelta(hours=2)),
            ("visit.place", Kind.TEXT, "Place", "12 Mill Lane, York"),
            (
                "visit.bring",
                Kind.TEXT,
                "What to bring or prepare",
                "Access to the meter",
                _OPTIONAL,
            ),
            ("visit.rebook_by", Kind.DATE, "Another time until", dt.date(2026, 6, 16)),
        ),
    ]
)

# What an author may write behind a field, and for which kinds of field.
FILTERS: Mapping[str, frozenset[Kind]] = {
    "short": frozenset({Kind.DATE}),
    "month": frozenset({Kind.DATE}),
    "time": frozenset({Kind.MOMENT}),
    "plural": frozenset({Kind.COUNT}),
}


def field_at(path: str) -> Field | None:
    """Return the field of that path, or None when the vocabulary has none."""
    loop = loop_of(path)
    return LOOPS[loop][path] if loop else FIELDS.get(path)


def fields_for(subjects: Iterable[Subject]) -> list[Field]:
    """Return the fields a notice with these subjects knows, loops included."""
    known = {None, *subjects}
    every = [*FIELDS.values(), *(f for each in LOOPS.values() for f in each.values())]
    return [field for field in every if field.subject in known]
