"""What Today shows first: what needs a person, and the first steps of a house.

Every figure is one set-based question, asked as of ``now`` in the firm's own zone.
Figures that could run into millions stop at a cap and say so. Changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Exists,
    OuterRef,
    QuerySet,
)

from campaigns.answer_words import call_at, off_desk
from campaigns.models import Campaign, Decision, Enrolment, Ladder
from campaigns.reply_times import overdue_answers, overdue_replies
from campaigns.silence import Silent, silent
from consent.models import ContactPolicy
from customers.models import (
    ContactPoint,
    Customer,
    DataImport,
    Invoice,
    RejectedRow,
)
from customers.plans import missed_plans
from notices.calls.queue import count_free, to_do
from notices.models import Answer, Brand, Notice, ProviderCall, Reply
from notices.senders import LANDLINE
from notices.states import State

CAP = 1000
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


def house_zone() -> str:
    """Return the zone in which the firm's day begins: that of its first brand."""
    zone = Brand.objects.order_by("pk").values_list("time_zone", flat=True).first()
    return zone or "UTC"


def capped(rows: QuerySet[Any], cap: int | None = None) -> int:
    """Count up to ``cap + 1`` rows, CAP unless told: more is not worth the wait."""
    most = CAP if cap is None else cap
    return rows.order_by()[: most + 1].count()


# What needs a person ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attention:
    """What only a person can move on."""

    replies: int
    overdue: int
    care: int
    silent: Silent
    missed_parts: int
    unread: int
    calls: int
    after_calls: int
    asked: list[str]
    held: int
    unknown: int
    failed: int
    unreachable: int
    landlines: int
    paused: list[Campaign]
    drafts: list[Campaign]
    imports: list[DataImport]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing needs a person."""
        return not (
            self.replies
            or self.silent.number
            or self.missed_parts
            or self.unread
            or self.calls
            or self.after_calls
            or self.asked
            or self.held
            or self.unknown
            or self.failed
            or self.unreachable
            or self.landlines
            or self.paused
            or self.drafts
            or self.imports
        )


def attention(day: dt.date, now: dt.datetime) -> Attention:
    """Return what needs a person: twenty-one queries."""
    answers = Answer.objects.filter(state=Answer.State.OPEN)
    notices = Notice.objects
    waiting = list(
        Campaign.objects.filter(state__in=[Campaign.State.PAUSED, Campaign.State.DRAFT])
        .select_related("stream")
        .order_by("name")
    )
    return Attention(
        replies=capped(Reply.objects.filter(state=Reply.State.OPEN)) + capped(answers),
        overdue=capped(overdue_replies(now)) + capped(overdue_answers(now)),
        silent=silent(now, cap=CAP),
        missed_parts=capped(missed_plan_customers(day)),
        care=capped(answers.filter(kind=Answer.Kind.HARDSHIP)),
        unread=capped(ProviderCall.objects.filter(state=ProviderCall.State.FAILED)),
        calls=count_free(now, most=CAP + 1),
        after_calls=capped(to_do()),
        asked=off_desk_hours(answers),
        held=capped(notices.filter(state=State.HELD)),
        unknown=capped(notices.filter(state=State.UNKNOWN)),
        failed=capped(notices.filter(state=State.FAILED, planned_on__gt=day - WEEK)),
        unreachable=capped(unreachable()),
        landlines=capped(landlines(day)),
        paused=[one for one in waiting if one.state == Campaign.State.PAUSED],
        drafts=[one for one in waiting if one.state == Campaign.State.DRAFT],
        imports=list(
            DataImport.objects.filter(
                Exists(RejectedRow.objects.filter(data_import=OuterRef("pk")))
            )[:5]
        ),
    )


def off_desk_hours(answers: QuerySet[Answer]) -> list[str]:
    """Return the hours of the calls that were asked for and are not on the call desk,
    in the customer's zone, the first first; CAP + 1 of more. One query."""
    asked = answers.filter(kind=Answer.Kind.CALL).select_related("call")
    hours = [
        at.astimezone(ZoneInfo(one.facts.get("zone", "UTC")))
        for one in asked[: CAP + 1]
        if off_desk(one) and (at := call_at(one)) is not None
    ]
    return [f"{at:%a %-d %b, %H:%M}" for at in sorted(hours)]


def missed_plan_customers(day: dt.date) -> QuerySet[Customer]:
    """Return customers whose plan ended by a missed part that needs a person."""
    return Customer.objects.filter(
        pk__in=missed_plans(day).order_by().values("customer_id")
    )


def unreachable() -> QuerySet[Customer]:
    """Return customers whom a step could not reach and who still owe."""
    missed = Decision.objects.filter(
        outcome=Decision.Outcome.NO_CHANNEL,
        enrolment__state=Enrolment.State.ACTIVE,
        enrolment__invoice__status=Invoice.Status.OPEN,
    )
    return Customer.objects.filter(pk__in=missed.values("enrolment__customer_id"))


def landlines(day: dt.date) -> QuerySet[Customer]:
    """Return who still owes, and of whom we only have a landline for a mobile: found
    out in the last 30 days, and no other mobile written down since."""
    told = Notice.objects.filter(
        state=State.FAILED, reason=LANDLINE, planned_on__gt=day - dt.timedelta(days=30)
    )
    mobile = ContactPoint.objects.filter(
        customer=OuterRef("pk"),
        kind=ContactPoint.Kind.MOBILE,
        state=ContactPoint.State.OK,
    )
    owing = Invoice.objects.filter(customer=OuterRef("pk"), status=Invoice.Status.OPEN)
    return Customer.objects.filter(
        ~Exists(mobile), Exists(owing), pk__in=told.order_by().values("customer_id")
    )


# The first steps ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """Which of the first steps are behind the firm."""

    has_brand: bool
    has_policy: bool
    has_ladder: bool
    has_customers: bool
    has_campaign: bool
    has_sent: bool

    @property
    def is_over(self) -> bool:
        """Say whether a message went out: all that comes before it is done."""
        return self.has_sent

    @property
    def is_set_up(self) -> bool:
        """Say whether there is all that a campaign is written down with."""
        return self.has_brand and self.has_policy and self.has_ladder


def begun() -> Begun:
    """Return which first steps are done: six cheap queries."""
    return Begun(
        has_brand=Brand.objects.exists(),
        has_policy=ContactPolicy.objects.exists(),
        has_ladder=Ladder.objects.exists(),
        has_customers=Customer.objects.exists(),
        has_campaign=Campaign.objects.exists(),
        has_sent=Notice.objects.gone_out().exists(),
    )
