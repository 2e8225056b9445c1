"""Puts a call in line that a customer asked for, at the hour they chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from consent.models import ContactPolicy
from customers.calendars import local_day
from customers.models import Hold, Invoice
from notices.calls.outcomes import AFTER_WANTED
from notices.kinds import KINDS
from notices.models import (
    Answer,
    Brand,
    CallTask,
    Channel,
    Notice,
    NoticeItem,
    Stream,
    TemplateVersion,
)
from notices.people import people_of
from notices.served import is_called
from notices.states import State, check_move

STREAM = "Calls that customers asked for"
# Which script is read out: the invitation to talk before any reminder.
_KINDS = ("call", "friendly", "reminder")


class OffDesk(Exception):
    """The call desk cannot take a call; staff call by the answer itself.

    ``why`` is "no_bill", "other_number", "no_script", "no_calls", "no_number" or
    "waits" (reminders wait for the customer, and so do calls of the desk).
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def ask_for_call(
    *, answer: Answer, brand: Brand, at: dt.datetime, now: dt.datetime
) -> Notice:
    """Put the call in line for ``at``.

    :raises OffDesk: the desk cannot take it.
    """
    bills = list(answer.invoices.all())
    script = _script(answer.customer.language)
    why = _why_off_desk(answer, bills, brand, now)
    if why or script is None:
        raise OffDesk(why or "no_script")
    notice = Notice.objects.create(
        stream=_stream(brand),
        customer=answer.customer,
        template=script,
        channel=Channel.CALL,
        kind=KINDS[script.kind].permission,
        dunning=False,
        lane=Notice.Lane.ONE_OFF,
        planned_on=local_day(at, brand.time_zone),
        dedupe_key=f"asked:{answer.reference}",
        not_before=at,
        not_after=at + AFTER_WANTED,
    )
    NoticeItem.objects.bulk_create(
        NoticeItem(notice=notice, invoice=bill) for bill in bills
    )
    # Laid out when its hour comes; that it was wished for puts it first.
    CallTask.objects.create(
        notice=notice,
        laid_out_at=at,
        callable_until=at,
        due_by=at + AFTER_WANTED,
        wanted_at=at,
    )
    return notice


def _why_off_desk(
    answer: Answer, bills: Sequence[Invoice], brand: Brand, now: dt.datetime
) -> str:
    if not bills:
        return "no_bill"
    if answer.facts.get("phone"):
        return "other_number"
    if not is_called(Channel.CALL):
        return "no_calls"
    if not _phone(answer):
        return "no_number"
    today = local_day(now, brand.time_zone)
    holds = Hold.objects.filter(customer=answer.customer).standing_on(today)
    return "waits" if holds.exists() else ""


def call_off(notice: Notice) -> bool:
    """Take a call out of line that is not wanted any more; False if it is too late."""
    check_move(State.SCHEDULED, State.CANCELLED)
    called_off = Notice.objects.filter(pk=notice.pk, state=State.SCHEDULED)
    return bool(called_off.update(state=State.CANCELLED, reason="asked_otherwise"))


def _phone(answer: Answer) -> str:
    return people_of([answer.customer_id])[answer.customer_id].phone


def _script(language: str) -> TemplateVersion | None:
    """Return the newest script in the customer's language, else in English."""
    texts = {
        (text.kind, text.language): text
        for text in TemplateVersion.objects.current().filter(
            channel=Channel.CALL, kind__in=_KINDS
        )
    }
    tongues = (language, language.partition("-")[0], "en")
    wanted = [(kind, tongue) for tongue in tongues for kind in _KINDS]
    return next((texts[one] for one in wanted if one in texts), None)


def _stream(brand: Brand) -> Stream:
    """Return the firm's own stream for such calls: no campaign's pause holds them."""
    found = Stream.objects.filter(brand=brand, label=STREAM).first()
    if found is not None:
        return found
    policy = (
        ContactPolicy.objects.filter(streams__brand=brand).first()
        or ContactPolicy.objects.first()
        or ContactPolicy.objects.create(name=f"{brand.name}: answers")
    )
    return Stream.objects.create(brand=brand, label=STREAM, policy=policy, weight=10)
