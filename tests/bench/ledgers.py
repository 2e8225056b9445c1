"""Ledgers for benchmarks: many customers with one late invoice each, made in SQL."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from campaigns.models import Campaign, Ladder, Step
from config.collector import leave_what_stays
from consent.ledger import record_many
from consent.models import ContactPolicy
from consent.told import Told
from customers.models import ContactPoint, Customer
from notices.models import Brand, Stream
from notices.starter import install_starters

TODAY = dt.date(2026, 3, 10)
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def make_house() -> Campaign:
    """Return a running campaign of one formal e-mail step, without caps."""
    install_starters(["en"])
    brand = Brand.objects.create(
        key="bench",
        name="Bench Energy",
        address_line1="1 Test Street",
        city="Leeds",
        postcode="LS1 1AA",
        email_from="bills@example.com",
        phone="+44 113 496 0000",
        website="https://example.com/",
        signatory="Billing team",
    )
    policy = ContactPolicy.objects.create(
        name="bench",
        quiet_start=None,
        quiet_end=None,
        sms_24h=None,
        sms_7d=None,
        dunning_7d=None,
    )
    ladder = Ladder.objects.create(key="bench", name="Bench", bank_days="none")
    Step.objects.create(
        ladder=ladder,
        position=0,
        key="reminder",
        offset_days=3,
        kind=Step.Kind.FORMAL,
        channels=["email"],
        template_key="reminder",
    )
    return Campaign.objects.create(
        name="bench",
        ladder=ladder,
        brand=brand,
        stream=Stream.objects.create(label="bench", brand=brand, policy=policy),
        due_from=TODAY - dt.timedelta(days=400),
        state=Campaign.State.RUNNING,
        send_from=dt.time(0),
    )


ROWS = """
WITH customer AS (
    INSERT INTO customers_customer
        (number, kind, name, language, country, time_zone, status, account_status,
         created_at, updated_at)
    SELECT %(tag)s || n, 'consumer', 'Customer ' || n, 'en', 'GB', 'Europe/London',
           'active', 'active', now(), now()
    FROM generate_series(1, %(number)s) AS n
    RETURNING id, number
)
INSERT INTO customers_invoice
    (customer_id, number, issued_on, due_on, currency, amount, open_amount, status)
SELECT id, 'INV-' || number, %(issued)s, %(due)s, 'GBP', 42.50, 42.50, 'open'
FROM customer
"""


def add_late_customers(tag: str, number: int) -> None:
    """Add customers with an e-mail address, consent and one invoice a week late."""
    with connection.cursor() as cursor:
        cursor.execute(
            ROWS,
            {
                "tag": tag,
                "number": number,
                "issued": TODAY - dt.timedelta(days=37),
                "due": TODAY - dt.timedelta(days=7),
            },
        )
    add_points("email", tag, lambda pk, n: f"{n.lower()}@example.com")
    add_consents(tag, "e_delivery", TODAY - dt.timedelta(days=300))


def add_consents(tag: str, subject: str, since: dt.date) -> None:
    """Have the customers whose numbers begin with ``tag`` agree, as told to staff."""
    agreed = Customer.objects.filter(number__startswith=tag).order_by("pk")
    record_many(
        Told(
            customer_id=customer,
            subject=subject,
            state="granted",
            method="agent",
            effective_on=since,
            actor="bench",
        )
        for customer in agreed.values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_points(kind: str, tag: str, address: Callable[[int, str], str]) -> None:
    """Give each customer of the tag an address, made from its id and number."""
    customers = Customer.objects.filter(number__startswith=tag)
    ContactPoint.objects.bulk_create(
        (
            ContactPoint(customer_id=pk, kind=kind, value=address(pk, number))
            for pk, number in customers.values_list("pk", "number")
        ),
        batch_size=5_000,
    )


def peak_rss_mb() -> float:
    """Return the most memory this process has held, in MiB.

    By the kernel's own page about it: what ``getrusage`` tells includes, behind an
    ``exec``, what the process that started this one held.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, told = line.partition(":")
        if name == "VmHWM":
            return round(int(told.split()[0]) / 1024, 1)
    raise LookupError("This system does not tell what a process has held.")


@contextmanager
def as_a_worker() -> Iterator[None]:
    """Have the collector of garbage as a worker process has it, until the end."""
    before = gc.get_threshold()
    leave_what_stays()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
