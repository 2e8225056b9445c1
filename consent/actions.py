"""What changes a consent or stops an address; the history is only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from consent import ledger
from consent.fingerprints import fingerprint_of
from consent.ledger import lock_customers
from consent.models import ConsentEvent, ConsentState, Subject, Suppression
from consent.projection import project_customers, project_states
from customers.models import Customer
from customers.plain import plain

# The short verb for all who record one thing that happened (consent.ledger).
record_consent = ledger.record

Reason = Suppression.Reason


@transaction.atomic
def rebuild_states(customer_ids: Sequence[int] | None = None) -> None:
    """Bring the projection in line with the history, of all customers by default."""
    if customer_ids is None:
        project_states()
    else:
        project_customers(customer_ids)


# How long several failed deliveries keep us from an address.
SOFT_LIMIT_LASTS = dt.timedelta(days=30)


@plain
class DeadEnd:
    """An address nothing more may go to, why, and who told: a provider, a page."""

    channel: str
    address: str
    reason: str
    source: str


# In one order, so that two workers cannot wait for each other's rows.
SUPPRESS = """
INSERT INTO consent_suppression AS standing
    (channel, fingerprint, reason, source, since)
SELECT told.*, %(now)s FROM unnest(
    %(channels)s::text[], %(fingerprints)s::bytea[], %(reasons)s::text[],
    %(sources)s::text[]
) AS told (channel, fingerprint, reason, source)
ORDER BY told.channel, told.fingerprint
ON CONFLICT (channel, fingerprint) DO UPDATE
SET reason = EXCLUDED.reason, source = EXCLUDED.source, since = EXCLUDED.since
WHERE standing.reason = 'soft_limit' AND EXCLUDED.reason <> 'soft_limit'
"""


def suppress_all(told: Iterable[DeadEnd], *, now: dt.datetime) -> int:
    """Let nothing more go to these addresses; return how many of the stops are new.

    The first reason stands: a later one neither replaces it nor moves its time. Only
    ``soft_limit``, which ends by itself, gives way to a reason that does not.
    """
    first: dict[tuple[str, bytes], DeadEnd] = {}
    # What gives way is told last, so that it never stands before what does not.
    for one in sorted(told, key=lambda one: one.reason == Reason.SOFT_LIMIT):
        first.setdefault((one.channel, fingerprint_of(one.address)), one)
    if not first:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            SUPPRESS,
            {
                "now": now,
                "channels": [channel for channel, _ in first],
                "fingerprints": [fingerprint for _, fingerprint in first],
                "reasons": [str(one.reason) for one in first.values()],
                "sources": [one.source[:120] for one in first.values()],
            },
        )
        new: int = cursor.rowcount
    return new


def suppress(
    *, channel: str, address: str, reason: str, source: str, now: dt.datetime
) -> bool:
    """Let nothing more go to an address; return whether that is new (suppress_all)."""
    return bool(suppress_all([DeadEnd(channel, address, reason, source)], now=now))


def end_soft_limits(*, now: dt.datetime) -> int:
    """Take addresses off the list that only failed too often, a month later."""
    spent = Suppression.objects.filter(
        reason=Suppression.Reason.SOFT_LIMIT, since__lte=now - SOFT_LIMIT_LASTS
    )
    return spent.delete()[0]


# What a consent for each electronic channel is about.
SUBJECTS = {"email": Subject.E_DELIVERY, "sms": Subject.SMS}


@transaction.atomic
def opt_out(
    *,
    channel: str,
    address: str,
    customers: Iterable[Customer],
    reason: str,
    method: str,
    source: str,
    evidence: Mapping[str, Any],
    now: dt.datetime,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """Let nothing more go to an address whose owner does not want it, and withdraw the
    consent of everybody it belongs to; return whether the stop of the address is new.

    A withdrawal is in force at once, whatever day the consent was dated. ``evidence``
    holds references, ``more`` what is personal (consent.ledger).
    """
    is_new = suppress(
        channel=channel, address=address, reason=reason, source=source, now=now
    )
    for customer in sorted(customers, key=lambda one: one.pk):
        _turn(
            customer,
            SUBJECTS[channel],
            ConsentEvent.State.WITHDRAWN,
            method=method,
            address=address,
            evidence=evidence,
            more=more or {},
            now=now,
        )
    return is_new


@transaction.atomic
def permit_again(
    *,
    channel: str,
    address: str,
    customers: Iterable[Customer],
    method: str,
    evidence: Mapping[str, Any],
    now: dt.datetime,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """Take back a STOP at the word of the person who gave it; return whether one stood.

    Informational messages alone: no consent to offers ever follows from it. A stop for
    another reason, a complaint for one, stands.
    """
    lifted, _ = Suppression.objects.filter(
        channel=channel,
        fingerprint=fingerprint_of(address),
        reason=Suppression.Reason.STOP,
    ).delete()
    for customer in sorted(customers, key=lambda one: one.pk):
        _turn(
            customer,
            SUBJECTS[channel],
            ConsentEvent.State.GRANTED,
            method=method,
            address=address,
            evidence=evidence,
            more=more or {},
            now=now,
        )
    return bool(lifted)


def _turn(
    customer: Customer,
    subject: Subject,
    state: ConsentEvent.State,
    *,
    method: str,
    address: str,
    evidence: Mapping[str, Any],
    more: Mapping[str, Any],
    now: dt.datetime,
) -> None:
    """Record that a consent changed, unless it stands so already.

    In force at once: never dated before another event of the same consent.
    """
    lock_customers([customer.pk])
    told = ConsentEvent.objects.filter(customer=customer, subject=subject)
    standing = ConsentState.objects.filter(customer=customer, subject=subject).first()
    if standing is not None and standing.state == state:
        return
    today = now.astimezone(dt.UTC).date()
    latest = told.aggregate(latest=Max("effective_on"))["latest"]
    record_consent(
        customer=customer,
        subject=subject,
        state=state,
        method=method,
        effective_on=max(today, latest) if latest else today,
        effective_at=now,
        address=address,
        evidence=evidence,
        more=more,
    )
