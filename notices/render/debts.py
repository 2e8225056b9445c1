"""What is owed, as the values of a text: sums, dates to pay by, invoices, contacts.

Refuses debts that do not add up rather than print them. Decides no date itself
(notices.render.deadlines), and words nothing.
"""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from notices.render.deadlines import deadlines
from notices.render.errors import RenderError
from notices.render.facts import Contact, Facts, InvoiceFacts
from notices.render.printable import clean


def debt_values(facts: Facts, *, by_post: bool) -> dict[str, object]:
    """Return what a notice about money owed says of it.

    ``by_post`` gives longer days to pay.

    :raises RenderError: ``nothing_owed``, ``two_currencies``, ``sum_wrong``.
    """
    _check(facts)
    dates = deadlines(
        [invoice.due_on for invoice in facts.invoices],
        facts.today,
        by_post=by_post,
        country=facts.brand.country,
        given=facts.given,
    )
    oldest = facts.invoices[0]
    several = len(facts.invoices) > 1
    brand = facts.brand
    return {
        "reply_by": dates.reply_by,
        "pay_by": dates.pay_by,
        "last_day": dates.last_day,
        "total": facts.total,
        "currency": facts.currency,
        "invoices": [_invoice(invoice) for invoice in facts.invoices],
        "invoice_count": len(facts.invoices),
        "oldest_due": oldest.due_on,
        "days_late": max(oldest.days_late, 0),
        "is_late": oldest.days_late > 0,
        "several_due_dates": oldest.due_on != facts.invoices[-1].due_on,
        "payment_reference": clean(facts.customer.number if several else oldest.number),
        "can_pay_by_bank": bool(brand.iban.strip()),
        "records_until": (facts.records_until or facts.now).astimezone(
            ZoneInfo(brand.time_zone)
        ),
        "contacts": [_contact(contact) for contact in facts.contacts],
        "was_contacted": bool(facts.contacts),
        "holds_goods": brand.holds_goods,
        "refuses_orders": brand.refuses_orders,
        "passes_on_costs": brand.passes_on_costs,
    }


def _check(facts: Facts) -> None:
    number = facts.customer.number
    if not facts.invoices or facts.total <= 0:
        raise RenderError(
            "nothing_owed",
            f"Customer {number} owes nothing, so there is nothing to say.",
        )
    if {invoice.currency for invoice in facts.invoices} != {facts.currency}:
        raise RenderError(
            "two_currencies",
            f"The notice to customer {number} mixes currencies; send one for each.",
        )
    if sum((one.open_amount for one in facts.invoices), Decimal(0)) != facts.total:
        raise RenderError(
            "sum_wrong",
            f"The total for customer {number} is not the sum of the open invoices.",
        )


def _invoice(invoice: InvoiceFacts) -> dict[str, object]:
    return {
        "number": clean(invoice.number),
        "purpose": clean(invoice.purpose),
        "order_number": clean(invoice.order_number),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "amount": invoice.amount,
        "paid_amount": invoice.amount - invoice.open_amount,
        "open_amount": invoice.open_amount,
        "days_late": max(invoice.days_late, 0),
        "is_late": invoice.days_late > 0,
        "is_part_paid": invoice.open_amount < invoice.amount,
    }


def _contact(contact: Contact) -> dict[str, object]:
    return {
        "on": contact.on,
        **{
            f"is_{channel}": contact.channel == channel
            for channel in ("email", "sms", "call", "letter")
        },
    }
