"""What changes what a customer owes, and why we wait.

Each verb is one transaction. Nothing here knows who is told of it: news of money goes
out as the Signal ``payment_received`` after the commit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef

from customers import money
from customers.models import (
    Allocation,
    ContactPoint,
    Customer,
    Hold,
    Invoice,
    Payment,
    PostalAddress,
)
from customers.signals import payment_received


class PaymentRefused(ValueError):
    """A payment that cannot be booked; ``code`` is stable, ``sentence`` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@transaction.atomic
def record_payment(
    *,
    customer: Customer,
    reference: str,
    amount: Decimal,
    currency: str,
    received_on: dt.date,
    invoice: Invoice | None = None,
) -> Payment:
    """Book money that arrived, and settle with it what it can.

    It goes to ``invoice``, else to the customer's open invoices of that currency,
    the longest due first. What is left over stays with the payment, unallocated.
    The same payment booked again is returned as it stands.

    :raises PaymentRefused: ``payment_differs`` (the reference is known with other
        facts), ``other_customer`` or ``other_currency`` (of the invoice),
        ``amount_not_positive``, or a code of :class:`customers.money.MoneyError`.
    """
    exact = _exact(amount, currency)
    # Two clerks booking the same payment at once take turns here.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    known = Payment.objects.filter(reference=reference).first()
    if known is not None:
        return _same(known, customer, exact, currency, received_on)
    if invoice is not None:
        _check_invoice(invoice, customer, currency)
    owed = _owed(customer, currency, invoice)
    payment = Payment.objects.create(
        customer=customer,
        reference=reference,
        amount=exact,
        currency=currency,
        received_on=received_on,
    )
    _settle(payment, owed)
    announce_payments([customer.pk])
    return payment


def _exact(amount: Decimal, currency: str) -> Decimal:
    try:
        exact = money.exact(amount, currency)
    except money.MoneyError as error:
        raise PaymentRefused(error.code, error.sentence) from error
    if exact <= 0:
        raise PaymentRefused("amount_not_positive", "A payment must be more than zero.")
    return exact


def _same(
    known: Payment,
    customer: Customer,
    amount: Decimal,
    currency: str,
    received_on: dt.date,
) -> Payment:
    booked = (known.customer_id, known.amount, known.currency, known.received_on)
    if booked != (customer.pk, amount, currency, received_on):
        raise PaymentRefused(
            "payment_differs",
            f"Payment {known.reference} is already booked with other facts. Give a "
            "correction a reference of its own.",
        )
    return known


def _check_invoice(invoice: Invoice, customer: Customer, currency: str) -> None:
    if invoice.customer_id != customer.pk:
        raise PaymentRefused(
            "other_customer", f"Invoice {invoice} belongs to another customer."
        )
    if invoice.currency != currency:
        raise PaymentRefused(
            "other_currency", f"Invoice {invoice} is in {invoice.currency}."
        )


def _owed(customer: Customer, currency: str, invoice: Invoice | None) -> list[Invoice]:
    """Return the locked invoices to settle, in the order to settle them.

    Every writer locks rows in the order of their ids, so that two payments cannot
    block each other for ever.
    """
    wanted = Invoice.objects.select_for_update().filter(open_amount__gt=0)
    if invoice is not None:
        return list(wanted.filter(pk=invoice.pk))
    found = wanted.filter(
        customer=customer, currency=currency, status=Invoice.Status.OPEN
    )
    return sorted(found.order_by("pk"), key=lambda one: (one.due_on, one.number))


def _settle(payment: Payment, owed: Sequence[Invoice]) -> None:
    shares = money.allocate(payment.amount, [one.open_amount for one in owed])
    Allocation.objects.bulk_create(
        Allocation(payment=payment, invoice=owed[share.index], amount=share.amount)
        for share in shares
    )
    for share in shares:
        _lower(owed[share.index], share.amount)


def _lower(invoice: Invoice, by: Decimal) -> None:
    invoice.open_amount -= by
    if invoice.open_amount == 0:
        invoice.status = Invoice.Status.PAID
        invoice.paid_on = max(
            Payment.objects.filter(allocations__invoice=invoice).values_list(
                "received_on", flat=True
            )
        )
    # The row is locked, so the amount read is the amount that stands.
    invoice.save(update_fields=["open_amount", "status", "paid_on"])


def announce_payments(customer_ids: Iterable[int]) -> None:
    """Tell whoever listens, after the commit, whose money arrived.

    A listener's fault never undoes a payment.
    """
    ids = sorted(set(customer_ids))
    if ids:
        transaction.on_commit(lambda: _send(ids))


def _send(customer_ids: list[int]) -> None:
    payment_received.send_robust(sender=Payment, customer_ids=customer_ids)


def place_hold(
    *,
    customer: Customer,
    reason: str,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    invoice: Invoice | None = None,
    note: str = "",
    by: str = "",
) -> Hold:
    """Wait with one invoice, or with all of a customer's when none is named.

    ``ends_on`` is the last day of waiting; none means until it is lifted. The same
    hold of an invoice placed again is changed, not doubled.
    """
    facts = {"ends_on": ends_on, "note": note, "created_by": by, "lifted_by": ""}
    if invoice is None:
        return Hold.objects.create(
            customer=customer, reason=reason, starts_on=starts_on, **facts
        )
    hold, _ = Hold.objects.update_or_create(
        invoice=invoice,
        reason=reason,
        starts_on=starts_on,
        defaults={**facts, "customer": customer},
    )
    return hold


def lift_hold(*, hold: Hold, today: dt.date, by: str = "") -> None:
    """Stop waiting from ``today`` on.

    A hold that began today still covers today, since what it stopped this morning
    it did stop; one that has not begun is taken away.
    """
    if hold.starts_on > today:
        hold.delete()
        return
    last = max(hold.starts_on, today - dt.timedelta(days=1))
    if hold.ends_on is None or hold.ends_on > last:
        hold.ends_on = last
        hold.lifted_by = by
        hold.save(update_fields=["ends_on", "lifted_by"])


def number_is_wrong(*, customer: Customer, number: str) -> bool:
    """Mark a phone number that is not the customer's; False when it was not known.

    ``number`` is in E.164, as it was dialled; nothing goes there any more.
    """
    points = ContactPoint.objects.filter(
        customer=customer,
        kind__in=[ContactPoint.Kind.MOBILE, ContactPoint.Kind.LANDLINE],
    ).having(value=number)
    return bool(points.update(state=ContactPoint.State.DEAD))


def address_is_wrong(*, customer: Customer, address: str) -> bool:
    """Mark an e-mail address or number that is somebody else's; False when it was not
    known.

    ``address`` in its normal form; nothing of this customer's goes there any more.
    """
    # Compared here: the values may be sealed.
    points = [one for one in customer.contact_points.all() if one.value == address]
    for point in points:
        point.state = ContactPoint.State.DEAD
        point.save(update_fields=["state"])
    return bool(points)


def number_is_landline(*, number: str) -> int:
    """Keep a mobile number as the landline it turned out to be; return how many
    customers it was kept for.

    ``number`` is in E.164. Calls may still go there; texts go to none of them.
    """
    of_customer = ContactPoint.objects.filter(
        customer=OuterRef("customer"), kind=ContactPoint.Kind.LANDLINE
    )
    known = ContactPoint.objects.filter(kind=ContactPoint.Kind.MOBILE).having(
        value=number
    )
    twice = known.filter(Exists(of_customer.having(value=number)))
    twice.update(state=ContactPoint.State.DEAD, is_primary=False)
    others = known.exclude(Exists(of_customer.having(value=number)))
    more = others.filter(Exists(of_customer.filter(is_primary=True)))
    second = more.update(kind=ContactPoint.Kind.LANDLINE, is_primary=False)
    return second + others.update(kind=ContactPoint.Kind.LANDLINE)


def mail_came_back(*, customer: Customer, printed: str) -> bool:
    """Mark a customer's postal address when a letter to it came back.

    ``printed`` is the address as it stood on the letter, a line each. Returns False,
    and marks nothing, when the customer has another address by now.
    """
    address = (
        PostalAddress.objects.select_for_update().filter(customer=customer).first()
    )
    if address is None or not _stands_in(address, printed):
        return False
    address.state = PostalAddress.State.RETURNED
    address.save(update_fields=["state"])
    return True


def _stands_in(address: PostalAddress, printed: str) -> bool:
    """Whether the printed lines hold street, city and post code of the address."""
    lines = _letters_of(printed)
    parts = (address.line1, address.city, address.postcode)
    return all(_letters_of(part) in lines for part in parts)


def _letters_of(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
