"""Once a day: what has been kept for long enough goes. Each duty has its setting.

A duty deletes some thousand rows a day at most in one statement, so that the first day
of a large house does not stand in the way of sending.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction

from campaigns.models import Decision, Enrolment
from consent.floods import clear_floods
from consent.links import clear_links
from customers.erasing import replay_erasures
from customers.erasure_file import LedgerDamaged, write_missing
from customers.models import Allocation, Invoice, Payment, Plan, RejectedRow
from customers.rights import clear_exports, ring_waiting
from notices.forgetting import forget_copies, forget_letters, kept_since
from notices.heartbeats import is_turn_of
from notices.models import NoticeItem
from notices.own_copy import tell_finished

log = logging.getLogger(__name__)

MOST = 20_000
DAY = dt.timedelta(days=1)


def keep_in_order(*, now: dt.datetime) -> None:
    """Do what each pass must: erase again whom a restored backup brought back, wake a
    worker for files that people wait for, and tell those whose files are made."""
    try:
        replay_erasures(now=now)
    except LedgerDamaged as error:
        log.error("Erasures cannot be held against their file: %s", error)
    ring_waiting(now=now)
    # A worker may die between the file and the word of it.
    tell_finished(now=now)


def tidy(*, now: dt.datetime) -> dict[str, int]:
    """Delete what has been kept for long enough, once a day; return how many rows of
    which sort, nothing when it is not time yet."""
    if not is_turn_of("tidy", every=DAY, now=now):
        return {}
    done = {
        "links": clear_links(now=now, kept=_days(settings.KEEP_LINKS_DAYS)),
        "floods": clear_floods(now=now),
        "exports": clear_exports(now=now),
        "rejected rows": _rejected_rows(now - _days(settings.KEEP_REJECTS_DAYS)),
        "copies": forget_copies(now=now, most=MOST),
        "print files": forget_letters(now=now),
        "invoices of the erased": _invoices_of_the_erased(kept_since(now).date()),
    }
    try:
        done["erasures"] = write_missing()
    except (OSError, LedgerDamaged) as error:
        log.error("The erasures cannot be written off the database: %s", error)
    return {sort: rows for sort, rows in done.items() if rows}


def _days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def _rejected_rows(before: dt.datetime) -> int:
    old = RejectedRow.objects.filter(data_import__started_at__lt=before)
    return old.filter(pk__in=old.order_by("pk").values("pk")[:MOST]).delete()[0]


@transaction.atomic
def _invoices_of_the_erased(before: dt.date) -> int:
    """Delete what law had kept of people who were erased: invoices and payments of
    before that day, with all that hangs on them; return how many invoices."""
    old = Invoice.objects.filter(
        customer__erased_at__isnull=False, issued_on__lt=before
    ).exclude(status=Invoice.Status.OPEN)
    late = Allocation.objects.filter(payment__received_on__gte=before)
    old = old.exclude(pk__in=late.values("invoice"))
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:MOST])
    if not keys:
        return 0
    Decision.objects.filter(enrolment__invoice__in=keys).delete()
    Enrolment.objects.filter(invoice__in=keys).delete()
    NoticeItem.objects.filter(invoice__in=keys).delete()
    Allocation.objects.filter(invoice__in=keys).delete()
    Payment.objects.filter(
        customer__erased_at__isnull=False,
        received_on__lt=before,
        allocations__isnull=True,
    ).delete()
    deleted = Invoice.objects.filter(pk__in=keys).delete()[1]
    Plan.objects.filter(
        customer__erased_at__isnull=False, invoices__isnull=True
    ).delete()
    return deleted.get(Invoice._meta.label, 0)
