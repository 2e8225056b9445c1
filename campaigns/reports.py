"""What became of a campaign, counted: its ledger, its steps, its progress.

The ledger always sums: every step of every invoice that came due is one Decision,
and stands in exactly one line. The total is counted apart, from the decisions alone,
in the same statement and so of the same instant; a page shows both. This module
asks and counts, and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count

from campaigns import words
from campaigns.models import Campaign, Enrolment, Step
from campaigns.words import Words
from notices.models import Notice
from notices.served import is_by_hand
from notices.states import State

# The order of the ledger's lines, and of the words in its sentence.
GROUPS = {
    "sent": ("sent", (State.DELIVERED, State.SENT)),
    "in_line": ("in line", (State.SCHEDULED,)),
    "moving": ("on their way", (State.CLAIMED, State.HANDING_OFF)),
    "printing": ("in a print run", (State.PRINTING,)),
    "calling": ("to be called", (State.CALLING,)),
    "staff": ("waiting for staff", (State.HELD, State.UNKNOWN)),
    "undelivered": ("could not be delivered", (State.FAILED,)),
    "not_sent": ("not sent", (State.SUPPRESSED, State.CANCELLED, State.EXPIRED)),
}
GROUP_OF = {state: key for key, (_, states) in GROUPS.items() for state in states}
NOT_SENT = "not_sent"

UNDER_WAY = (State.CLAIMED, State.HANDING_OFF)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger: the group it belongs to, its words and its number."""

    group: str
    status: Words
    number: int


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the ladder with its numbers, by group."""

    step: Step
    came_due: int
    numbers: dict[str, int]

    @property
    def sentence(self) -> str:
        """Return the step's numbers as one sentence."""
        due = words.counted(self.came_due, "invoice")
        return f"It came due for {due}: {_parts(self.numbers)}."


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of each step that came due; ``selected`` is counted on its own."""

    selected: int
    lines: list[Line]
    steps: list[StepLine] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return the sum of the lines."""
        return sum(line.number for line in self.lines)

    @property
    def sums(self) -> bool:
        """Say whether the lines account for everything that was selected."""
        return self.total == self.selected

    @property
    def sentence(self) -> str:
        """Return the ledger as one sentence."""
        if not self.selected:
            return "No step has come due yet."
        numbers: dict[str, int] = defaultdict(int)
        for line in self.lines:
            numbers[line.group] += line.number
        due = words.counted(self.selected, "step")
        return f"{due} came due: {_parts(numbers)}."


def _parts(numbers: dict[str, int]) -> str:
    """Return "2 sent and 1 not sent"."""
    parts = [
        f"{numbers[key]:,} {described}"
        for key, (described, _) in GROUPS.items()
        if numbers.get(key)
    ]
    return words.listed(parts)


# One statement, one instant. The total does not go through the notices.
LEDGER = """
SELECT decision.step_id, decision.outcome, notice.state, notice.reason, count(*),
       (SELECT count(*) FROM campaigns_decision AS counted
        JOIN campaigns_enrolment AS owner ON owner.id = counted.enrolment_id
        WHERE owner.campaign_id = %(campaign)s)
FROM campaigns_decision AS decision
JOIN campaigns_enrolment AS enrolment ON enrolment.id = decision.enrolment_id
LEFT JOIN notices_notice AS notice ON notice.id = decision.notice_id
WHERE enrolment.campaign_id = %(campaign)s
GROUP BY decision.step_id, decision.outcome, notice.state, notice.reason
"""

LedgerRow = tuple[int, str, str | None, str | None, int, int]


def ledger(campaign: Campaign) -> Ledger:
    """Return what became of every step that came due in a campaign: two queries."""
    with connection.cursor() as cursor:
        cursor.execute(LEDGER, {"campaign": campaign.pk})
        rows: list[LedgerRow] = cursor.fetchall()
    steps = list(Step.objects.filter(ladder=campaign.ladder_id).order_by("position"))
    return Ledger(
        selected=rows[0][5] if rows else 0,
        lines=_lines(rows),
        steps=_step_lines(steps, rows),
    )


def _lines(rows: Iterable[LedgerRow]) -> list[Line]:
    """Add up the rows by what became of them in words, in a fixed order."""
    numbers: dict[tuple[str, Words], int] = defaultdict(int)
    for _, outcome, state, why, number, _ in rows:
        status = _status(outcome, state or "", why or "")
        numbers[_group(outcome, state or ""), status] += number
    lines = [Line(group, status, number) for (group, status), number in numbers.items()]
    order = list(GROUPS)
    return sorted(
        lines, key=lambda one: (order.index(one.group), -one.number, one.status.word)
    )


def _step_lines(steps: Iterable[Step], rows: Iterable[LedgerRow]) -> list[StepLine]:
    """Count each step's groups; a step that never came due has none."""
    numbers: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(GROUPS, 0))
    for step_id, outcome, state, _, number, _ in rows:
        numbers[step_id][_group(outcome, state or "")] += number
    return [
        StepLine(step, sum(numbers[step.pk].values()), dict(numbers[step.pk]))
        for step in steps
    ]


def _group(outcome: str, state: str) -> str:
    """Return the group of a decision; without a notice nothing was sent."""
    if outcome != "sent" or not state:
        return NOT_SENT
    return GROUP_OF[State(state)]


def _status(outcome: str, state: str, why: str) -> Words:
    if outcome != "sent":
        return words.CLOSED_WITHOUT_CONTACT.get(outcome, Words(outcome))
    if not state:
        return Words("Message lost from the books", "", "bad", "warn")
    return words.notice(state, why)


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
        done = f"{self.settled:,} of {words.counted(self.total, 'message')} dealt with"
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
