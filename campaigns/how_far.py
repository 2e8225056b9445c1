"""How far campaigns are: their invoices, their messages, and what to call that.

Each question is one statement, however many campaigns there are.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count

from campaigns import phrases, words
from campaigns.models import Campaign, Enrolment
from campaigns.words import Words
from notices.models import Notice
from notices.served import is_by_hand
from notices.states import State

UNDER_WAY = (State.CLAIMED, State.HANDING_OFF)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the invoices of a campaign stand; ``enrolled`` is counted on its own."""

    enrolled: int
    active: int
    settled: int
    finished: int
    next_on: dt.date | None

    @property
    def sums(self) -> bool:
        """Say whether every enrolled invoice stands somewhere."""
        return self.enrolled == self.active + self.settled + self.finished

    @property
    def lines(self) -> list[tuple[Words, int]]:
        """Return the numbers with their words."""
        return [
            (words.ENROLMENT["active"], self.active),
            (words.ENROLMENT["settled"], self.settled),
            (words.ENROLMENT["finished"], self.finished),
        ]


def standing(campaign: Campaign) -> Standing:
    """Return where a campaign's invoices stand: one query."""
    return standings([campaign])[campaign.pk]


# The row without a state is the total, counted over all rows and not summed up.
STANDINGS = """
SELECT campaign_id, state, count(*), min(next_on) FILTER (WHERE state = 'active')
FROM campaigns_enrolment WHERE campaign_id = ANY(%s)
GROUP BY GROUPING SETS ((campaign_id, state), (campaign_id))
"""


def standings(campaigns: Iterable[Campaign]) -> dict[int, Standing]:
    """Return where each campaign's invoices stand: one query for all of them."""
    ids = [campaign.pk for campaign in campaigns]
    numbers: dict[tuple[int, str | None], int] = defaultdict(int)
    next_on: dict[int, dt.date] = {}
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, [ids])
        for campaign_id, state, number, soonest in cursor.fetchall():
            numbers[campaign_id, state] = number
            if soonest is not None:
                next_on[campaign_id] = soonest
    return {
        pk: Standing(
            enrolled=numbers[pk, None],
            active=numbers[pk, Enrolment.State.ACTIVE],
            settled=numbers[pk, Enrolment.State.SETTLED],
            finished=numbers[pk, Enrolment.State.FINISHED],
            next_on=next_on.get(pk),
        )
        for pk in ids
    }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the messages of a campaign have got."""

    settled: int
    waiting: int
    due: int
    by_hand: int
    under_way: int
    runs: bool

    @property
    def total(self) -> int:
        """Return how many messages the campaign has made."""
        return self.settled + self.waiting + self.under_way

    @property
    def is_moving(self) -> bool:
        """Say whether anything will change without a person, and soon."""
        return self.under_way > 0 or (self.runs and self.due > 0)

    @property
    def sentence(self) -> str:
        """Return the progress as one sentence for people and screen readers."""
        if not self.total:
            return "No message has been made yet."
        done = (
            f"{self.settled:,} of {phrases.counted(self.total, 'message')} dealt with"
        )
        if self.is_moving:
            rest = f"{self.due + self.under_way:,} going out now"
        elif self.by_hand and self.runs:
            rest = f"{self.by_hand:,} waiting for the print room or the call desk"
        elif self.waiting and not self.runs:
            rest = f"{self.waiting:,} in line, and none goes out while it is paused"
        elif self.waiting:
            rest = f"{self.waiting:,} in line for later"
        else:
            rest = "nothing is waiting"
        return f"{done}; {rest}."


def progress(campaign: Campaign, now: dt.datetime) -> Progress:
    """Return how far a campaign's messages have got: two queries by index."""
    return progresses([campaign], now)[campaign.pk]


def progresses(campaigns: Iterable[Campaign], now: dt.datetime) -> dict[int, Progress]:
    """Return how far each campaign's messages have got: two queries for all."""
    streams = {campaign.stream_id: campaign for campaign in campaigns}
    notices = Notice.objects.filter(stream__in=streams).order_by()
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    for stream_id, state, number in notices.values_list("stream_id", "state").annotate(
        number=Count("pk")
    ):
        numbers[stream_id][state] = number
    due: Counter[tuple[int, bool]] = Counter()
    for stream_id, channel, number in (
        notices.waiting()
        .filter(not_before__lte=now)
        .values_list("stream_id", "channel")
        .annotate(number=Count("pk"))
    ):
        due[stream_id, is_by_hand(channel)] += number
    found = {}
    for stream_id, campaign in streams.items():
        states = numbers[stream_id]
        waiting = states.pop(State.SCHEDULED, 0)
        under_way = sum(states.pop(state, 0) for state in UNDER_WAY)
        found[campaign.pk] = Progress(
            settled=sum(states.values()),
            waiting=waiting,
            due=due[stream_id, False],
            by_hand=due[stream_id, True],
            under_way=under_way,
            runs=campaign.state == Campaign.State.RUNNING,
        )
    return found


def status_of(campaign: Campaign, stands: Standing, goes: Progress) -> Words:
    """Return where a campaign stands, in the words staff read."""
    zone = ZoneInfo(campaign.brand.time_zone)
    return words.campaign(
        state=campaign.state,
        paused_by=campaign.paused_by,
        unsafe=campaign.stream.safety_reason,
        moving=goes.is_moving,
        next_on=stands.next_on,
        enrolled=stands.enrolled > 0,
        planned_for=campaign.planned_for and campaign.planned_for.astimezone(zone),
    )
