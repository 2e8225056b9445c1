"""Which replies and answers have waited longer than the firm allows itself.

A firm gives itself working days (Brand.reply_days): what came in on a Friday with one
day is overdue from Tuesday on, where Monday was worked. Who asked to be called at an
hour waits for that hour and is counted with the calls. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from customers.calendars import BankDays, later, local_day
from notices.models import Answer, Brand, Reply
from notices.offers import calendar_of, in_bank_days

# With every holiday in it no span of working days is longer than this.
LONGEST_SPAN = 60


def overdue(now: dt.datetime) -> Q:
    """Return what is true of a reply or an answer that is overdue: one query.

    What belongs to no message is held to the first firm's days.
    """
    brands = list(
        Brand.objects.order_by("pk").only("reply_days", "country", "time_zone")
    )
    found = Q(pk__in=[])
    for brand in brands:
        of_brand = Q(notice__stream__brand=brand.pk)
        if brand is brands[0]:
            of_brand |= Q(notice__isnull=True)
        found |= of_brand & Q(received_at__lt=_since(brand, now))
    return found


def overdue_replies(now: dt.datetime) -> QuerySet[Reply]:
    """Return the replies that should have been answered by now."""
    return Reply.objects.filter(overdue(now), state=Reply.State.OPEN)


def overdue_answers(now: dt.datetime) -> QuerySet[Answer]:
    """Return the answers that should have been dealt with by now."""
    return Answer.objects.filter(overdue(now), state=Answer.State.OPEN).exclude(
        kind=Answer.Kind.CALL
    )


def _since(brand: Brand, now: dt.datetime) -> dt.datetime:
    """Return the instant before which all that came in is overdue now."""
    today = local_day(now, brand.time_zone)
    is_working = calendar_of(brand.country)
    day = later(today, -1)
    while later(today, -LONGEST_SPAN) < day and not _is_over(
        day, brand.reply_days, today, is_working
    ):
        day = later(day, -1)
    midnight = dt.datetime.combine(later(day, 1), dt.time(0))
    return midnight.replace(tzinfo=ZoneInfo(brand.time_zone))


def _is_over(day: dt.date, allowed: int, today: dt.date, is_working: BankDays) -> bool:
    return in_bank_days(day, allowed, is_working) < today
