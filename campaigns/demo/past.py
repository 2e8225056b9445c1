"""Plays the demo company's last weeks through the product, day by day.

Every message, decision and suppression of the demo is made by the same verbs that
work in earnest: on each day what happened is written down, the scheduler makes its
pass, and what is due goes to the sandbox, through the print room or over the call
desk. No message is ever written by hand.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from zoneinfo import ZoneInfo

from campaigns import actions
from campaigns.demo.billing import Receipt
from campaigns.demo.company import LATE_EVENING, Company, Lawyer, Pause, Withdrawal
from campaigns.demo.phone import call_all_due
from consent.actions import record_consent
from consent.models import ConsentEvent, Subject
from customers.actions import place_hold, record_payment
from customers.models import Customer, Invoice
from notices.actions import send_all_due
from notices.models import Notice
from notices.printing.daily import print_all_due

MORNING = dt.time(9, 30)
# After the quiet hours have begun everywhere: texts and calls wait for the morning.
EVENING = dt.time(20, 15)
# Who made the print runs of the past.
PRINTER = "adam"

Happening = Callable[[], object]


def play(
    made: Company,
    *,
    customers: Mapping[str, Customer],
    invoices: Mapping[str, int],
    zone: ZoneInfo,
) -> None:
    """Play every day from the start of the history to yesterday, in the zone's time.

    ``customers`` are by customer number, ``invoices`` are row ids by invoice number.
    """
    happenings = _by_day(made, customers, invoices)
    late_evening = made.today - dt.timedelta(days=LATE_EVENING)
    for day in _days(made.history_from, made.today):
        for happening in happenings[day]:
            happening()
        hour = EVENING if day == late_evening else MORNING
        moment = dt.datetime.combine(day, hour, zone)
        make_pass(moment)
        send_all_due(now=moment)
        call_all_due(now=moment, zone=zone)
        print_all_due(now=moment, by=PRINTER)


def make_pass(moment: dt.datetime) -> None:
    """Make one scheduler pass at a moment, and date what it plans to that moment."""
    before = Notice.objects.order_by("-pk").values_list("pk", flat=True).first()
    actions.tick(now=moment, ring=False)
    # The database stamps rows with its own clock, which knows nothing of the play.
    Notice.objects.filter(pk__gt=before or 0).update(created_at=moment)


def _days(first: dt.date, end: dt.date) -> Iterator[dt.date]:
    for number in range((end - first).days):
        yield first + dt.timedelta(days=number)


def _by_day(
    made: Company, customers: Mapping[str, Customer], invoices: Mapping[str, int]
) -> Mapping[dt.date, list[Happening]]:
    """Return what happens on each day of the history, in a fixed order."""
    found: dict[dt.date, list[Happening]] = defaultdict(list)
    for receipt in made.receipts:
        if receipt.received_on >= made.history_from:
            invoice = invoices[receipt.bill]
            customer = customers[receipt.account]
            found[receipt.received_on].append(
                partial(_receive, receipt, customer, invoice)
            )
    for pause in made.pauses:
        held = invoices[pause.bill] if pause.bill else None
        found[pause.starts_on].append(
            partial(_hold, pause, customers[pause.account], held)
        )
    for withdrawal in made.withdrawals:
        found[withdrawal.on].append(
            partial(_withdraw, withdrawal, customers[withdrawal.account])
        )
    for lawyer in made.lawyers:
        found[lawyer.on].append(partial(_represent, lawyer, customers[lawyer.account]))
    return found


def _receive(receipt: Receipt, customer: Customer, invoice_id: int) -> None:
    record_payment(
        customer=customer,
        reference=receipt.reference,
        amount=receipt.amount,
        currency=receipt.currency,
        received_on=receipt.received_on,
        invoice=Invoice.objects.get(pk=invoice_id),
    )


def _hold(pause: Pause, customer: Customer, invoice_id: int | None) -> None:
    place_hold(
        customer=customer,
        reason=pause.reason,
        starts_on=pause.starts_on,
        ends_on=pause.ends_on,
        invoice=Invoice.objects.get(pk=invoice_id) if invoice_id else None,
        note=pause.note,
        by=pause.by,
    )


def _withdraw(withdrawal: Withdrawal, customer: Customer) -> None:
    record_consent(
        customer=customer,
        subject=Subject.E_DELIVERY,
        state=ConsentEvent.State.WITHDRAWN,
        method=ConsentEvent.Method.AGENT,
        effective_on=withdrawal.on,
        actor="adam",
    )


def _represent(_: Lawyer, customer: Customer) -> None:
    customer.status = Customer.Status.REPRESENTED
    customer.save(update_fields=["status"])
