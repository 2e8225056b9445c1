"""What became of a campaign, counted: its ledger and its steps.

The ledger always sums: every step of every invoice that came due is one Decision,
and stands in exactly one line. The total is counted apart, from the decisions alone,
in the same statement and so of the same instant; a page shows both. This module
asks and counts, and changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from campaigns import message_words, phrases
from campaigns.models import Campaign, Step
from campaigns.words import Words
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
        due = phrases.counted(self.came_due, "invoice")
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
        due = phrases.counted(self.selected, "step")
        return f"{due} came due: {_parts(numbers)}."


def _parts(numbers: dict[str, int]) -> str:
    """Return "2 sent and 1 not sent"."""
    parts = [
        f"{numbers[key]:,} {described}"
        for key, (described, _) in GROUPS.items()
        if numbers.get(key)
    ]
    return phrases.listed(parts)


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
        return message_words.CLOSED_WITHOUT_CONTACT.get(outcome, Words(outcome))
    if not state:
        return Words("Message lost from the books", "", "bad", "warn")
    return message_words.notice(state, why)
