"""One pass of the scheduler over a campaign: enrol, decide, compose.

Set-based throughout: invoices enter the ladder by one INSERT … SELECT, those whose
day has come stream through campaigns.ladder in chunks, and each chunk's answer is
written by a handful of statements in one transaction under the campaign's row lock.
Never a query per customer. A pass may run twice, be killed between chunks, or meet
another pass: the unique keys of Notice and Decision make a second contact impossible.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max

from campaigns import ladder as rules
from campaigns.alike import Facts, decide_alike, item_of, reach_of
from campaigns.compose import Answer, Planned
from campaigns.due import DueRow, due_rows, standing
from campaigns.ladder import CaseDay
from campaigns.models import Campaign, Enrolment, Step
from campaigns.write_plan import write_plan
from customers.calendars import local_day
from customers.models import Invoice

CHUNK = 8000  # invoices a transaction: about half a second, some megabytes


@dataclass(slots=True)
class Pass:
    """What one pass over one campaign did."""

    enrolled: int = 0
    decided: int = 0
    composed: int = 0
    closed: dict[str, int] = field(default_factory=dict)

    def add(self, other: Pass) -> None:
        """Count another pass into this one."""
        self.enrolled += other.enrolled
        self.decided += other.decided
        self.composed += other.composed
        for reason, number in other.closed.items():
            self.closed[reason] = self.closed.get(reason, 0) + number


def run(*, campaign: Campaign, now: dt.datetime, seconds: float = float("inf")) -> Pass:
    """Make one pass over a campaign as of ``now`` (aware) and say what it did.

    Begins no new chunk after ``seconds``; the next pass goes on from there.
    """
    stop_at = time.monotonic() + seconds
    day = local_day(now, campaign.brand.time_zone)
    done = Pass(enrolled=_enrol(campaign, day))
    while time.monotonic() < stop_at:
        with transaction.atomic():
            if not _lock(campaign):
                break
            rows = due_rows(campaign, day, limit=CHUNK)
            if not rows:
                break
            done.add(_decide(campaign, rows, day=day, now=now))
    return done


def _lock(campaign: Campaign) -> bool:
    """Hold the campaign for this transaction; False when another pass has it, or
    staff paused it meanwhile."""
    return (
        Campaign.objects.running()
        .filter(pk=campaign.pk)
        .select_for_update(skip_locked=True, of=("self",))
        .exists()
    )


def _enrol(campaign: Campaign, day: dt.date) -> int:
    """Put every new invoice of the audience on the ladder; return how many.

    The first pass of a day looks at all invoices, later ones only at newer rows.
    """
    first_today = campaign.ticked_on != day
    newest = Invoice.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if not first_today and newest == campaign.enrolled_through:
        return 0
    invoices = campaign.audience(day)
    if not first_today:
        invoices = invoices.filter(pk__gt=campaign.enrolled_through)
    chosen, parameters = (
        invoices.order_by()
        .values("customer_id", "pk", "due_on")
        .query.sql_with_params()
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if not _lock(campaign):
            return 0
        cursor.execute(
            f"""
            INSERT INTO campaigns_enrolment
                (campaign_id, customer_id, invoice_id, due_on, closed_steps, next_on,
                 state, reopened)
            SELECT %s, audience.customer_id, audience.id, audience.due_on, 0, %s,
                   'active', 0
            FROM ({chosen}) AS audience (customer_id, id, due_on)
            ON CONFLICT DO NOTHING
            """,  # noqa: S608  (the inner SELECT is the ORM's own)
            [campaign.pk, day, *parameters],
        )
        enrolled: int = cursor.rowcount
        if first_today:
            _take_back_returned_payments(campaign, day)
            _notice_new_due_dates(campaign, day)
        campaign.ticked_on = day
        campaign.enrolled_through = newest
        campaign.save(update_fields=["ticked_on", "enrolled_through"])
    return enrolled


def _take_back_returned_payments(campaign: Campaign, day: dt.date) -> None:
    """Put invoices back on the ladder whose payment was taken back, unless another
    campaign has them by now."""
    # Three small questions: as one, a table without statistics yet is compared with
    # itself row by row.
    returned = dict(
        Enrolment.objects.filter(
            campaign=campaign, state=Enrolment.State.SETTLED, invoice__status="open"
        ).values_list("invoice_id", "pk")
    )
    if not returned:
        return
    elsewhere = Enrolment.objects.filter(
        invoice__in=list(returned), state=Enrolment.State.ACTIVE
    ).values_list("invoice_id", flat=True)
    for invoice_id in elsewhere:
        returned.pop(invoice_id, None)
    Enrolment.objects.filter(pk__in=list(returned.values())).update(
        state=Enrolment.State.ACTIVE, next_on=day
    )


NEW_DUE_DATES = """
UPDATE campaigns_enrolment AS enrolment
SET due_on = invoice.due_on, next_on = %s
FROM customers_invoice AS invoice
WHERE invoice.id = enrolment.invoice_id AND invoice.due_on <> enrolment.due_on
  AND enrolment.campaign_id = %s AND enrolment.state = 'active'
"""


def _notice_new_due_dates(campaign: Campaign, day: dt.date) -> None:
    """Look again today at invoices whose due date has changed since."""
    with connection.cursor() as cursor:
        cursor.execute(NEW_DUE_DATES, [day, campaign.pk])


def _decide(
    campaign: Campaign, rows: Sequence[DueRow], *, day: dt.date, now: dt.datetime
) -> Pass:
    """Ask the ladder about a chunk and write its answers."""
    planned = Planned(
        campaign=campaign,
        timetable=timetable_of(campaign),
        day=day,
        not_before=_opening(campaign, now),
    )
    facts_of = standing(campaign, rows, day)
    # Most invoices stand like many others: one question, and one answer, for all.
    alike: dict[Facts, Answer] = {}
    done = Pass(decided=len(rows))
    for rows_of_case in _cases(campaign, rows):
        first = facts_of(rows_of_case[0])
        answer = alike.get(first) if len(rows_of_case) == 1 else None
        if answer is None:
            all_facts = [first, *map(facts_of, rows_of_case[1:])]
            answer = planned.answer(_ask(planned.timetable, all_facts, day))
            if len(rows_of_case) == 1:
                alike[first] = answer
        planned.add(rows_of_case, answer)
        for reason in answer.reasons:
            done.closed[reason] = done.closed.get(reason, 0) + 1
    done.composed = write_plan(planned)
    return done


def _ask(timetable: rules.Timetable, facts: Sequence[Facts], day: dt.date) -> CaseDay:
    """Ask the ladder about one case, whose invoices share a customer."""
    if len(facts) == 1:
        return decide_alike(timetable, facts[0], day)
    case = rules.Case(
        items=[item_of(one, day) for one in facts],
        reach=reach_of(facts[0]),
        last_contact_on=facts[0].last_contact_on,
        wished=facts[0].wished,
    )
    return rules.decide(timetable, case, day)


def _cases(campaign: Campaign, rows: Sequence[DueRow]) -> Iterator[Sequence[DueRow]]:
    """Yield what one message could be about, in a fixed order.

    Never two currencies: sums, thresholds and payment details are of one.
    """
    if campaign.ladder.group == "customer":
        for _, of_customer in groupby(
            rows, key=lambda row: (row.customer_id, row.currency)
        ):
            yield list(of_customer)
    else:
        for row in rows:
            yield (row,)


def _opening(campaign: Campaign, now: dt.datetime) -> dt.datetime:
    """Return the instant today's notices may go out from, in the firm's own day."""
    zone = ZoneInfo(campaign.brand.time_zone)
    day = local_day(now, campaign.brand.time_zone)
    opening = dt.datetime.combine(day, campaign.send_from, zone)
    return max(now, opening.astimezone(dt.UTC))


def timetable_of(campaign: Campaign) -> rules.Timetable:
    """Return the campaign's ladder as the pure rules know it, step days cached."""
    steps = list(Step.objects.filter(ladder=campaign.ladder).order_by("position"))
    return _timetable(
        rules.Ladder(
            key=campaign.ladder.key,
            name=campaign.ladder.name,
            bank_days=campaign.ladder.bank_days,
            min_gap_days=campaign.ladder.min_gap_days,
            group=campaign.ladder.group,  # type: ignore[arg-type]
            steps=tuple(
                rules.Step(
                    key=step.key,
                    offset_days=step.offset_days,
                    kind=step.kind,  # type: ignore[arg-type]
                    channels=tuple(step.channels),  # type: ignore[arg-type]
                    expires_after_days=step.expires_after_days,
                )
                for step in steps
            ),
        )
    )


_TIMETABLES: dict[rules.Ladder, rules.Timetable] = {}


def _timetable(ladder: rules.Ladder) -> rules.Timetable:
    """Keep the timetable of the ladders in use; a process knows few of them."""
    if ladder not in _TIMETABLES:
        if len(_TIMETABLES) >= 32:
            _TIMETABLES.clear()
        _TIMETABLES[ladder] = rules.Timetable(ladder)
    return _TIMETABLES[ladder]
