"""What changes a consent or stops an address; the history is only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from consent import ledger
from consent.fingerprints import fingerprint_of
from consent.ledger import lock_customers
from consent.models import ConsentEvent, ConsentState, Subject, Suppression
from consent.projection import project_customers, project_states
from customers.models import Customer

# The short verb for all who record one thing that happened (consent.ledger).
record_consent = ledger.record


@transaction.atomic
def rebuild_states(customer_ids: Sequence[int] | None = None) -> None:
    """Bring the projection in line with the history, of all customers by default."""
    if customer_ids is None:
        project_states()
    else:
        project_customers(customer_ids)


# How long several failed deliveries keep us from an address.
SOFT_LIMIT_LASTS = dt.timedelta(days=30)


def suppress(
    *, channel: str, address: str, reason: str, source: str, now: dt.datetime
) -> bool:
    """Let nothing more go to an address; return whether that is new.

    The first reason stands: a later one neither replaces it nor moves its time. Only
    ``soft_limit``, which ends by itself, gives way to a reason that does not.
    """
    facts = {"reason": reason, "source": source[:120], "since": now}
    _, created = Suppression.objects.get_or_create(
        channel=channel, fingerprint=fingerprint_of(address), defaults=facts
    )
    if created or reason == Suppression.Reason.SOFT_LIMIT:
        return created
    replaced = Suppression.objects.filter(
        channel=channel,
        fingerprint=fingerprint_of(address),
        reason=Suppression.Reason.SOFT_LIMIT,
    ).update(**facts)
    return bool(replaced)


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
