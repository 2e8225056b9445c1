"""Stops one kind of message by e-mail at a word of whoever holds the message.

By a button of the mailbox or of the stop page, without a log-in. What law requires does
not stop: it comes on paper from then on.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from consent.categories import REQUIRED, category_of
from consent.models import ConsentState, PreferenceChange, Subject
from consent.preferences import Source, change_switches, scope_by_mail, turned_by
from consent.wishes import SWITCHES, code_of, is_on
from customers.calendars import local_day
from notices.intake.stopping import stop_queued_of
from notices.models import Channel, Notice

Method = PreferenceChange.Method
_BY_THIS_LINK = (Method.STOP_PAGE, Method.ONE_CLICK)


def stoppable(notice: Notice) -> str:
    """Return the category that the link in a message stops; empty where none is: it was
    no e-mail, or the answer to a question."""
    category = category_of(notice.kind) or ""
    if notice.channel != Channel.EMAIL:
        return ""
    can_stop = category in REQUIRED or Channel.EMAIL in SWITCHES.get(category, ())
    return category if can_stop else ""


def is_stopped(notice: Notice, *, now: dt.datetime) -> bool:
    """Whether what the link stops does not come by e-mail any more."""
    category = stoppable(notice)
    customer = notice.customer
    if category in REQUIRED:
        state = ConsentState.objects.filter(
            customer=customer, subject=Subject.E_DELIVERY
        ).first()
        today = local_day(now, customer.time_zone or "UTC")
        return category not in scope_by_mail(state, today)
    return not is_on(turned_by(customer.pk), category, Channel.EMAIL)


@transaction.atomic
def stop(
    *, notice: Notice, source: Source, now: dt.datetime
) -> PreferenceChange | None:
    """Let no more messages of this kind come by e-mail, and take what is in line out of
    it; return what changed, None where all stood so already.

    Safe to repeat any number of times.
    """
    category = stoppable(notice)
    if not category:
        return None
    required = category in REQUIRED
    change = change_switches(
        customer=notice.customer,
        wanted={} if required else {(category, Channel.EMAIL.value): False},
        to_paper=[category] if required else [],
        source=source,
        now=now,
    )
    stop_queued_of(category, customers=[notice.customer_id], channel=Channel.EMAIL)
    return change


def can_undo(notice: Notice) -> bool:
    """Whether the link may take its own stop back.

    Only where it was this kind of link that stopped it last: what a customer chose on
    their own page is not for a mailbox to change. Paper stays until they agree anew.
    """
    category = stoppable(notice)
    if not category or category in REQUIRED:
        return False
    code = code_of(category, Channel.EMAIL)
    last = PreferenceChange.objects.filter(
        customer=notice.customer_id, changes__has_key=code
    ).first()
    if last is None or last.method not in _BY_THIS_LINK:
        return False
    return bool(last.changes[code][1] is False)


@transaction.atomic
def undo(
    *, notice: Notice, source: Source, now: dt.datetime
) -> PreferenceChange | None:
    """Let what the link stopped come by e-mail again; None where it may not."""
    if not can_undo(notice):
        return None
    return change_switches(
        customer=notice.customer,
        wanted={(stoppable(notice), Channel.EMAIL.value): True},
        source=source,
        now=now,
    )
