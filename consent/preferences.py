"""What changes a customer's choices; every change leaves a trace that stays.

Switches and wishes are rows; e-mail or paper for what law requires is a consent and
goes into the history (consent.ledger). Nothing is agreed to here: whoever took a
category back to paper agrees again where consents are given.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from consent.actions import record_consent
from consent.carrying import carry_on
from consent.categories import ASKED_BEFORE, REQUIRED
from consent.models import (
    ConsentEvent,
    ConsentState,
    ContactWish,
    Preference,
    PreferenceChange,
    Subject,
)
from consent.wishes import SWITCHES, code_of, is_on
from customers.calendars import local_day
from customers.models import Customer

Method = PreferenceChange.Method
# How the history of consents calls the same.
_METHODS = {
    Method.WEB: ConsentEvent.Method.WEB,
    Method.STOP_PAGE: ConsentEvent.Method.WEB,
    Method.ONE_CLICK: ConsentEvent.Method.ONE_CLICK,
}
_LIVE = (ConsentEvent.State.GRANTED, ConsentEvent.State.UNPROVEN)

Switch = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a change comes from: how, by which form, with which message, from where."""

    method: str
    form_id: uuid.UUID | None = None
    notice_reference: str = ""
    ip: str = ""
    user_agent: str = ""


def turned_by(customer_id: int) -> frozenset[str]:
    """Return the switches a customer has turned from where they stand untouched."""
    rows = Preference.objects.filter(customer=customer_id).values_list(
        "category", "channel", "is_on"
    )
    return frozenset(
        code_of(category, channel)
        for category, channel, on in rows
        if on != is_on((), category, channel)
    )


def scope_by_mail(state: ConsentState | None, day: dt.date) -> frozenset[str]:
    """Return the categories that a consent to e-mail covers on ``day``; none without
    one."""
    if state is None or state.state not in _LIVE or state.since > day:
        return frozenset()
    if state.valid_until is not None and state.valid_until < day:
        return frozenset()
    return frozenset(state.categories or ASKED_BEFORE)


@transaction.atomic
def change_switches(
    *,
    customer: Customer,
    wanted: Mapping[Switch, bool],
    to_paper: Iterable[str] = (),
    source: Source,
    now: dt.datetime,
) -> PreferenceChange | None:
    """Turn switches and take required categories back to paper; return what changed.

    The same form posted again changes nothing and returns the first answer. None: it
    was no form, and all stood so already.

    :raises ValueError: ``to_paper`` names a category that is not required.
    """
    if not REQUIRED.issuperset(to_paper):
        raise ValueError(f"Only {', '.join(sorted(REQUIRED))} go back to paper.")
    known = _locked(customer, source)
    if known is not None:
        return known
    changes = {**_turn(customer, wanted, now)}
    left = _narrowed(customer, frozenset(to_paper), now)
    for category in left.taken:
        changes[code_of(category, "email")] = [True, False]
    if not changes and source.form_id is None:
        return None
    change = _note(customer, source, changes, now)
    _withdraw(customer, left, source, change, now)
    return change


def switch_on_agreed(
    *,
    customer: Customer,
    categories: Iterable[str],
    notice_reference: str = "",
    now: dt.datetime,
) -> PreferenceChange | None:
    """Switch on for e-mail what a customer has just agreed to by name, in the caller's
    transaction; return what changed."""
    wanted = {
        (one, "email"): True for one in categories if "email" in SWITCHES.get(one, ())
    }
    source = Source(method=Method.WEB, notice_reference=notice_reference)
    return change_switches(customer=customer, wanted=wanted, source=source, now=now)


@transaction.atomic
def change_wishes(
    *,
    customer: Customer,
    language: str,
    channel_order: list[str],
    best_time: str,
    pay_day: int | None,
    source: Source,
    now: dt.datetime,
) -> PreferenceChange:
    """Keep how a customer would like to be reached; return what changed.

    The same form posted again changes nothing and returns the first answer.
    """
    known = _locked(customer, source)
    if known is not None:
        return known
    before = ContactWish.objects.filter(customer=customer).first() or ContactWish()
    wished: dict[str, Any] = {
        "channel_order": channel_order,
        "best_time": best_time,
        "pay_day": pay_day,
    }
    changes = {
        name: [getattr(before, name), value]
        for name, value in wished.items()
        if getattr(before, name) != value
    }
    if changes:
        ContactWish.objects.update_or_create(
            customer=customer, defaults={**wished, "since": now}
        )
    if language != customer.language:
        changes["language"] = [customer.language, language]
        customer.language = language
        customer.save(update_fields=["language", "updated_at"])
    return _note(customer, source, changes, now)


def _locked(customer: Customer, source: Source) -> PreferenceChange | None:
    """Lock the customer; return what the same form did before, if it did."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if source.form_id is None:
        return None
    return PreferenceChange.objects.filter(
        form_id=source.form_id, customer=customer
    ).first()


def _turn(
    customer: Customer, wanted: Mapping[Switch, bool], now: dt.datetime
) -> dict[str, list[bool]]:
    turned = turned_by(customer.pk)
    changed = {
        switch: on for switch, on in wanted.items() if is_on(turned, *switch) != on
    }
    for (category, channel), on in changed.items():
        Preference.objects.update_or_create(
            customer=customer,
            category=category,
            channel=channel,
            defaults={"is_on": on, "since": now},
        )
    return {code_of(*switch): [not on, on] for switch, on in changed.items()}


def _note(
    customer: Customer, source: Source, changes: dict[str, Any], now: dt.datetime
) -> PreferenceChange:
    return PreferenceChange.objects.create(
        customer=customer,
        method=source.method,
        form_id=source.form_id,
        notice_reference=source.notice_reference,
        changes=changes,
        at=now,
    )


# Back to paper: a part of a consent ------------------------------------------


@dataclass(frozen=True, slots=True)
class _Left:
    """A consent to e-mail, what is taken from it now, and what stays."""

    state: ConsentState | None
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def _day(customer: Customer, now: dt.datetime) -> dt.date:
    return local_day(now, customer.time_zone or "UTC")


def _narrowed(customer: Customer, to_paper: frozenset[str], now: dt.datetime) -> _Left:
    state = (
        ConsentState.objects.filter(customer=customer, subject=Subject.E_DELIVERY)
        .select_related("event")
        .first()
    )
    scope = scope_by_mail(state, _day(customer, now))
    if not scope and not _has_withdrawn(state):
        # E-mail by contract, where law asks for no consent: there is none to narrow,
        # and a withdrawal is heard all the same.
        return _Left(state, tuple(sorted(to_paper)))
    return _Left(
        state, tuple(sorted(scope & to_paper)), tuple(sorted(scope - to_paper))
    )


def _has_withdrawn(state: ConsentState | None) -> bool:
    return state is not None and state.state == ConsentEvent.State.WITHDRAWN


def _withdraw(
    customer: Customer,
    left: _Left,
    source: Source,
    change: PreferenceChange,
    now: dt.datetime,
) -> None:
    """Record that some categories go on paper from now on, and that the consent goes on
    for the others as it was given: on the same words, bound to the same address."""
    if not left.taken:
        return
    today = _day(customer, now)
    day = max(today, left.state.since) if left.state else today
    told: dict[str, Any] = {
        "customer": customer,
        "subject": Subject.E_DELIVERY,
        "method": _METHODS[Method(source.method)],
        "effective_on": day,
        "effective_at": now,
        "evidence": {"change": change.number},
        "ip": source.ip,
        "user_agent": source.user_agent,
    }
    record_consent(
        state=ConsentEvent.State.WITHDRAWN, categories=list(left.taken), **told
    )
    if left.state is None or not left.kept:
        return
    carry_on(left.state, categories=left.kept, **told)
