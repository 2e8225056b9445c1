"""Who was asked to answer by a day and did not: what follows when the day has passed.

For money the ladder itself follows: it waits for the day to answer by, since that lies
before its next step (notices.render.deadlines), and its rules R1 to R7 know nothing of
answers. A change or an invitation to go paperless climbs no ladder, so that its next
step is a person's: Today counts who is silent, and their list says whom to ask by
another way. Nothing is written down for it; who answers leaves the count by answering.

The day is what the text gave, counted from the day it was sent: letters count from
their posting, so that nobody is asked early. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from consent.models import ConsentEvent, Subject
from customers.calendars import later, local_day
from customers.models import Customer
from notices.kinds import KINDS
from notices.models import ON_PAPER, Answer, Brand, Notice, Reply, TemplateVersion
from notices.render.deadlines import answer_by

# Later it is history: the reports count it, and nobody is asked any more.
SHOWN_DAYS = 30
# No span to answer in is longer, holidays and weekends with it.
LONGEST = 40
# Invitations and changes; that paper has stopped asks for nothing.
INVITATION = "paperless"
ASKING = tuple(
    key for key, kind in KINDS.items() if kind.is_change or key == INVITATION
)
# A day of the message's own, where it was given one.
SAID = KeyTextTransform("reply_by", "about")


@dataclass(frozen=True, slots=True)
class Silent:
    """How many customers are silent, up to a cap, and the last day they were given."""

    number: int = 0
    last_day: dt.date | None = None
    is_one_day: bool = True


def silent(now: dt.datetime, *, cap: int) -> Silent:
    """Count up to ``cap + 1`` customers who did not answer in time: three queries."""
    days: dict[int, dt.date] = {}
    brands = {one.pk: one for one in _brands()}
    # In no order: whichever are found first are enough to reach the cap.
    rows = _unanswered(now).order_by()[: cap + 1]
    for customer, brand, channel, sent_at, said in rows.values_list(
        "customer_id", "stream__brand_id", "channel", "sent_at", SAID
    ):
        days[customer] = _day_of(brands[brand], channel, sent_at, said)
    if not days:
        return Silent()
    return Silent(len(days), max(days.values()), len(set(days.values())) == 1)


def silent_customers(now: dt.datetime) -> QuerySet[Customer]:
    """Return those customers."""
    return Customer.objects.filter(
        pk__in=_unanswered(now).order_by().values("customer_id")
    )


def _unanswered(now: dt.datetime) -> QuerySet[Notice]:
    """Return the messages whose day has passed within SHOWN_DAYS, and nothing came."""
    asking = (
        TemplateVersion.objects.filter(kind__in=ASKING)
        .filter(Q(body__contains="reply_by") | Q(subject__contains="reply_by"))
        .values("pk")
    )
    asked = Notice.objects.filter(
        template__in=asking,
        state__in=["sent", "delivered"],
        customer__status=Customer.Status.ACTIVE,
    )
    since = {"customer": OuterRef("customer"), "received_at__gte": OuterRef("sent_at")}
    chosen = ConsentEvent.objects.filter(
        customer=OuterRef("customer"),
        subject=Subject.E_DELIVERY,
        recorded_at__gte=OuterRef("sent_at"),
    ).exclude(method=ConsentEvent.Method.IMPORT)
    # Who was asked again has until the later day.
    again = Notice.objects.filter(
        customer=OuterRef("customer"),
        sent_at__gt=OuterRef("sent_at"),
        template__in=asking,
    )
    return (
        asked.annotate(said=SAID)
        .filter(_is_over(_brands(), now))
        .filter(~Exists(Answer.objects.filter(**since)))
        .filter(~Exists(Reply.objects.filter(**since)))
        .filter(~(Q(template__kind=INVITATION) & Exists(chosen)))
        .filter(~Exists(again))
    )


def _brands() -> Sequence[Brand]:
    return list(Brand.objects.only("pk", "country", "time_zone"))


def _is_over(brands: Sequence[Brand], now: dt.datetime) -> Q:
    """Return what is true of messages whose day to answer by has passed lately."""
    over = Q(pk__in=[])
    for brand in brands:
        today = local_day(now, brand.time_zone)
        first = later(today, -SHOWN_DAYS)
        found = Q(said__gte=first.isoformat(), said__lt=today.isoformat())
        for by_post in (True, False):
            channel = Q(channel__in=ON_PAPER) if by_post else ~Q(channel__in=ON_PAPER)
            found |= channel & _sent(brand, first, today, by_post=by_post)
        over |= Q(stream__brand=brand.pk) & found
    return over


def _sent(brand: Brand, first: dt.date, today: dt.date, *, by_post: bool) -> Q:
    """Return when messages went whose usual day lies from ``first`` to yesterday."""
    days = [
        day
        for day in (later(today, -back) for back in range(SHOWN_DAYS + LONGEST))
        if first <= _answer_by(brand, day, by_post=by_post) < today
    ]
    if not days:
        return Q(pk__in=[])
    return Q(
        said__isnull=True,
        sent_at__gte=_midnight(brand, min(days)),
        sent_at__lt=_midnight(brand, later(max(days), 1)),
    )


def _day_of(brand: Brand, channel: str, sent_at: dt.datetime, said: str) -> dt.date:
    """Return the day a message gave to answer by."""
    if said:
        return dt.date.fromisoformat(said)
    day = local_day(sent_at, brand.time_zone)
    return _answer_by(brand, day, by_post=channel in ON_PAPER)


def _answer_by(brand: Brand, day: dt.date, *, by_post: bool) -> dt.date:
    return answer_by(day, by_post=by_post, country=brand.country)


def _midnight(brand: Brand, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), ZoneInfo(brand.time_zone))
