"""Calls for tests: due, laid on the desk, and taken in hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from notices.calls.desk import lay_out
from notices.calls.hand import take
from notices.calls.outcomes import Noted, Told, note_outcome, number_of_next
from notices.models import CallTask, Notice, Stream
from tests.factories import (
    NOW,
    TODAY,
    make_customer,
    make_invoice,
    make_notice,
    make_policy,
    make_stream,
    make_template,
    number,
)

SCRIPT = "Ask for {{ customer.name }}. {{ total }} is open since {{ oldest_due }}."


def make_call_stream(**policy: Any) -> Stream:
    """Return a running stream whose customers may be called from 8 to 20."""
    hours = {"quiet_start": dt.time(8), "quiet_end": dt.time(20)} | policy
    return make_stream(policy=make_policy(**hours))


def make_call(stream: Stream | None = None, **fields: Any) -> Notice:
    """Return a due call about 120 euro to somebody in London."""
    phone = fields.pop("phone", f"+4477009{number():05}")
    zone = fields.pop("time_zone", "Europe/London")
    amount = fields.pop("amount", Decimal("120.00"))
    bills = fields.pop("bills", 1)
    currency = fields.pop("currency", "EUR")
    person = make_customer(mobile=phone, time_zone=zone)
    return make_notice(
        person,
        invoices=[
            make_invoice(person, amount=amount, currency=currency) for _ in range(bills)
        ],
        stream=stream or make_call_stream(),
        channel="call",
        template=make_template(channel="call", body=SCRIPT),
        **fields,
    )


def lay(notice: Notice, now: dt.datetime = NOW) -> str:
    """Lay the calls of a notice's stream on the desk; return where it stands then."""
    lay_out(clock=lambda: now)
    notice.refresh_from_db()
    return notice.state


def make_taken_call(by: str = "ann", now: dt.datetime = NOW, **fields: Any) -> CallTask:
    """Return a call that somebody has in hand."""
    notice = make_call(**fields)
    lay(notice, now)
    return take(notice=notice, by=by, now=now)


def note(task: CallTask, outcome: str, now: dt.datetime = NOW, **told: Any) -> Noted:
    """Note what came of a call that somebody has in hand."""
    task.refresh_from_db()
    noted = note_outcome(
        notice=task.notice,
        number=number_of_next(task.notice),
        outcome=outcome,
        by=task.locked_by,
        now=now,
        told=Told(**told),
    )
    task.refresh_from_db()
    task.notice.refresh_from_db()
    return noted


__all__ = ["NOW", "TODAY", "lay", "make_call", "make_call_stream", "make_taken_call"]
