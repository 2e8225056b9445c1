"""Showing that one can open what will be sent: the sample, and the tries.

A sample goes to the very address; the code printed in it, and a fact of the account,
make the consent (E-SIGN, 15 USC 7001(c)(1)(C)(ii)). Each verb is one transaction with
the customer locked, and a form posted twice is recorded once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

from consent.fingerprints import fingerprint_of
from consent.ledger import lock_customers
from consent.links import OPENS, Door, keep_link, opens, use_up
from consent.models import (
    AccessLink,
    ConsentEvent,
    ContactChange,
    Demonstration,
    Disclosure,
)
from consent.preferences import switch_on_agreed
from consent.sample_codes import is_code, is_theirs, kept_code
from consent.telling import (
    CeremonyError,
    Method,
    Posted,
    Refusal,
    State,
    known_print,
    serve_within,
    tell,
)
from customers.models import ContactPoint, Customer
from customers.reaching import reach_at

Outcome = Demonstration.Outcome

# How long a sample can be opened by the link in it.
SAMPLE_LASTS = OPENS[AccessLink.Purpose.GRANT][Door.GRANT]
MOST_WRONG = 5
# Whoever holds a link could otherwise have mail sent to strangers all day.
MOST_SAMPLES = 5
DAY = dt.timedelta(days=1)


class Result(StrEnum):
    """What became of a code that was typed."""

    GRANTED = "granted"
    ALREADY = "already"
    WRONG = "wrong"
    LOCKED = "locked"
    MOVED = "moved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of one try, with the event it led to and how many are left."""

    result: Result
    event: ConsentEvent | None = None
    left: int = 0


@transaction.atomic
def ask_for_sample(
    *,
    customer: Customer,
    disclosure: Disclosure,
    address: str,
    categories: Sequence[str],
    reference: str,
    posted: Posted,
    more: Mapping[str, Any] | None = None,
) -> tuple[Demonstration, bool]:
    """Record a yes that is not proven yet; return its demonstration, and whether it is
    new (a form posted twice asks once).

    ``address`` is in its normal form; ``reference`` will be that of the message with
    the sample. An earlier sample proves nothing from now on.

    :raises CeremonyError: too many samples within a day.
    """
    lock_customers([customer.pk])
    known = Demonstration.objects.filter(form=posted.form).first()
    if known is not None:
        return known, False
    lately = Demonstration.objects.filter(
        customer=customer, asked_at__gt=posted.now - DAY
    )
    if lately.count() >= MOST_SAMPLES:
        raise CeremonyError(Refusal.TOO_MANY_SAMPLES)
    serve_within(customer, disclosure, posted)
    end_open(customer, Outcome.REPLACED, posted.now)
    print_ = fingerprint_of(address)
    keep_link(
        reference,
        purpose=AccessLink.Purpose.GRANT,
        customer_id=customer.pk,
        now=posted.now,
        address_print=print_,
    )
    demonstration = Demonstration.objects.create(
        customer=customer,
        link=AccessLink.objects.get(notice_reference=reference),
        disclosure=disclosure,
        notice_reference=reference,
        address=address,
        address_print=print_,
        known_print=known_print(customer),
        categories=sorted(categories),
        language=posted.language,
        method=posted.method,
        code_hash=kept_code(reference),
        form=posted.form,
        asked_at=posted.now,
    )
    tell(
        customer,
        State.PENDING,
        posted,
        disclosure=disclosure,
        categories=categories,
        address=address,
        evidence={"code_id": reference},
        more=more,
    )
    return demonstration, True


@transaction.atomic
def show_access(
    *, link: AccessLink, code: str, fact: str, sample_sha256: str, posted: Posted
) -> Proof:
    """Take the code from a sample and a fact of the account; agreed if both are right.

    ``fact`` is what is asked of the customer (:func:`consent.sample_codes.asked_of`);
    ``sample_sha256`` of the message that held the sample. A link serves once, on
    success; after five wrong tries it takes no more.
    """
    customer = link.customer
    lock_customers([customer.pk])
    demonstration = (
        Demonstration.objects.select_for_update()
        .select_related("disclosure")
        .filter(link=link)
        .first()
    )
    if demonstration is None or not opens(link, Door.GRANT, now=posted.now):
        return Proof(Result.ENDED)
    if bytes(link.address_print or b"") != bytes(demonstration.address_print):
        return Proof(Result.ENDED)
    if demonstration.outcome != Outcome.OPEN:
        return _standing(demonstration)
    right_code = is_code(
        code, demonstration.notice_reference, bytes(demonstration.code_hash)
    )
    # Both are always looked at: which of the two was wrong is nobody's business.
    if not (is_theirs(customer, fact) & right_code):
        return _wrong(demonstration, posted.now)
    if _moved(demonstration):
        _end(demonstration, Outcome.MOVED, posted.now)
        return Proof(Result.MOVED)
    return Proof(Result.GRANTED, _grant(demonstration, link, sample_sha256, posted))


def _standing(demonstration: Demonstration) -> Proof:
    if demonstration.outcome == Outcome.GRANTED:
        granted = ConsentEvent.objects.filter(
            customer=demonstration.customer_id,
            state=State.GRANTED,
            evidence__code_id=demonstration.notice_reference,
        ).first()
        return Proof(Result.ALREADY, granted)
    ended = {Outcome.LOCKED: Result.LOCKED, Outcome.MOVED: Result.MOVED}
    return Proof(ended.get(Outcome(demonstration.outcome), Result.ENDED))


def _wrong(demonstration: Demonstration, now: dt.datetime) -> Proof:
    demonstration.wrong += 1
    demonstration.save(update_fields=["wrong"])
    left = MOST_WRONG - demonstration.wrong
    if left > 0:
        return Proof(Result.WRONG, left=left)
    _end(demonstration, Outcome.LOCKED, now)
    return Proof(Result.LOCKED)


def _moved(demonstration: Demonstration) -> bool:
    """Whether another address was put in meanwhile than the one that was known."""
    now_known = known_print(demonstration.customer)
    before = demonstration.known_print
    return now_known != (bytes(before) if before else None) and now_known != bytes(
        demonstration.address_print
    )


def _grant(
    demonstration: Demonstration,
    link: AccessLink,
    sample_sha256: str,
    posted: Posted,
) -> ConsentEvent:
    _use_address(demonstration, posted.now)
    event = tell(
        demonstration.customer,
        State.GRANTED,
        posted,
        disclosure=demonstration.disclosure,
        categories=demonstration.categories,
        address=demonstration.address,
        evidence={
            "code_id": demonstration.notice_reference,
            # Of a sample whose code came another way there are no bytes.
            **({"sample_sha256": sample_sha256} if sample_sha256 else {}),
            "asked_by": demonstration.method,
        },
    )
    switch_on_agreed(
        customer=demonstration.customer,
        categories=demonstration.categories,
        notice_reference=demonstration.notice_reference,
        now=posted.now,
    )
    _end(demonstration, Outcome.GRANTED, posted.now)
    use_up(link, now=posted.now)
    return event


def _use_address(demonstration: Demonstration, now: dt.datetime) -> None:
    """Write to the address of a sample from now on, trusted as far as somebody else
    stands for it: who was told at the one before, or staff who took it by telephone."""
    change = ContactChange.objects.filter(
        notice_reference=demonstration.notice_reference
    ).first()
    if change is not None:
        change.confirmed_at = now
        change.save(update_fields=["confirmed_at"])
    reach_at(
        customer=demonstration.customer,
        kind=ContactPoint.Kind.EMAIL,
        value=demonstration.address,
        told_with=change.told_with if change is not None else "",
        is_vouched=demonstration.method == Method.PHONE,
    )


def end_open(customer: Customer, outcome: Outcome, now: dt.datetime) -> None:
    """End the sample that is out, if any; the caller holds the customer."""
    Demonstration.objects.filter(customer=customer, outcome=Outcome.OPEN).update(
        outcome=outcome, ended_at=now
    )


def _end(demonstration: Demonstration, outcome: Outcome, now: dt.datetime) -> None:
    demonstration.outcome, demonstration.ended_at = outcome, now
    demonstration.save(update_fields=["outcome", "ended_at"])
