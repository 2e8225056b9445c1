"""How somebody comes to agree to e-mail, keeps paper, or goes back to it.

Agreeing takes two steps: choosing, which sends a sample, and showing that it can be
opened (consent.demonstrations). Withdrawing takes one. Each verb is one transaction
with the customer locked, and a form posted twice is recorded once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from consent.demonstrations import Outcome, end_open
from consent.ledger import lock_customers, record_many
from consent.models import Basis, ConsentEvent, ConsentState, Disclosure, Subject
from consent.preferences import switch_on_agreed
from consent.telling import (
    CeremonyError,
    Method,
    Posted,
    Refusal,
    State,
    known_address,
    of_form,
    serve_within,
    standing_of,
    tell,
)
from consent.told import Told
from customers.models import Customer


@transaction.atomic
def serve(
    *, customer: Customer, disclosure: Disclosure, posted: Posted
) -> ConsentEvent:
    """Record that a disclosure was shown, whatever is chosen then: once a form."""
    lock_customers([customer.pk])
    return serve_within(customer, disclosure, posted)


@transaction.atomic
def keep_paper(
    *,
    customer: Customer,
    disclosure: Disclosure,
    posted: Posted,
    more: Mapping[str, Any] | None = None,
) -> ConsentEvent:
    """Record that the customer wants paper; a sample that is out proves nothing."""
    lock_customers([customer.pk])
    known = of_form(customer, posted, State.REFUSED)
    if known is not None:
        return known
    serve_within(customer, disclosure, posted)
    end_open(customer, Outcome.ENDED, posted.now)
    return tell(customer, State.REFUSED, posted, disclosure=disclosure, more=more)


@transaction.atomic
def agree_without_sample(
    *,
    customer: Customer,
    disclosure: Disclosure,
    categories: Sequence[str],
    posted: Posted,
    basis: str = Basis.ESIGN_CONSENT,
    signed_by: str = "",
) -> ConsentEvent:
    """Record a yes that needs no sample: a firm's by its contract, or where law asks
    for none. It is bound to the address we know.

    ``signed_by`` says who speaks for a firm.

    :raises CeremonyError: no address is known.
    """
    lock_customers([customer.pk])
    known = of_form(customer, posted, State.GRANTED)
    if known is not None:
        return known
    address = known_address(customer)
    if not address:
        raise CeremonyError(Refusal.NO_ADDRESS)
    serve_within(customer, disclosure, posted)
    end_open(customer, Outcome.REPLACED, posted.now)
    switch_on_agreed(customer=customer, categories=categories, now=posted.now)
    return tell(
        customer,
        State.GRANTED,
        posted,
        disclosure=disclosure,
        categories=categories,
        address=address,
        basis=basis,
        words=signed_by,
    )


@transaction.atomic
def withdraw(
    *, customer: Customer, posted: Posted, more: Mapping[str, Any] | None = None
) -> ConsentEvent:
    """Go back to paper at once; what was sent before stays as valid as it was.

    Whoever has withdrawn already gets the event of then.
    """
    lock_customers([customer.pk])
    standing = standing_of(customer)
    if standing is not None and standing.state == State.WITHDRAWN:
        return standing.event
    end_open(customer, Outcome.ENDED, posted.now)
    known = known_address(customer)
    return tell(customer, State.WITHDRAWN, posted, address=known, more=more)


def require_again(*, hwsw_version: int, by: str, now: dt.datetime) -> int:
    """Let consents given under older requirements count no more until access is shown
    again; return how many (ES-10).

    Firms that agreed by contract are asked for no demonstration and stay as they are.
    """
    affected = (
        ConsentState.objects.filter(subject=Subject.E_DELIVERY, state=State.GRANTED)
        .filter(Q(hwsw_version__lt=hwsw_version) | Q(hwsw_version__isnull=True))
        .exclude(event__basis=Basis.CONTRACT)
        .order_by("customer_id")
        .values_list("customer_id", "since", "categories", "hwsw_version")
    )
    return record_many(
        _stale(affected.iterator(chunk_size=5000), hwsw_version, by, now)
    )


def _stale(
    rows: Iterator[tuple[int, dt.date, list[str], int | None]],
    hwsw_version: int,
    by: str,
    now: dt.datetime,
) -> Iterator[Told]:
    today = now.astimezone(dt.UTC).date()
    for customer_id, since, categories, before in rows:
        yield Told(
            customer_id=customer_id,
            subject=Subject.E_DELIVERY,
            state=State.STALE,
            method=Method.AGENT,
            effective_on=max(today, since),
            effective_at=now,
            categories=categories,
            hwsw_version=before,
            actor=by,
            evidence={"needs_now": hwsw_version},
        )
