"""Writes down what the ladder decided for one chunk: notices, items, decisions.

A handful of statements a chunk, whatever its size. What is already there is left alone,
so that a chunk written twice adds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from campaigns.due import DueRow
from campaigns.ladder import CaseDay, Closing, Contact, ItemDay, Timetable
from campaigns.models import Campaign, Enrolment, Step
from notices.kinds import FORMS_OF
from notices.models import Notice, TemplateVersion, new_references


class MissingTemplate(Exception):
    """A step has no wording for the channel it would use."""

    def __init__(self, key: str, channel: str) -> None:
        super().__init__(
            f"There is no {channel} wording with the key {key!r}. "
            "Publish one, or take the channel off the step."
        )


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """What is written down of one invoice of a case."""

    contacted: bool
    closed: int
    next_on: dt.date | None
    last_contact_on: dt.date | None
    state: str
    decisions: tuple[tuple[int, str, str, bool], ...]  # step, outcome, channel, sent


@dataclass(frozen=True, slots=True)
class Answer:
    """The ladder's answer in the words of the tables, for all cases alike."""

    items: tuple[AnswerItem, ...]
    reasons: tuple[str, ...]
    step: Step | None
    channel: str
    not_after: dt.datetime | None


@dataclass(slots=True)
class Planned:
    """The answers of one chunk, as columns ready to be written.

    A notice has its place in ``notices`` instead of a key until it is written.
    """

    campaign: Campaign
    timetable: Timetable
    day: dt.date
    not_before: dt.datetime
    notices: list[tuple[str, int, int, str, dt.datetime | None]] = field(
        default_factory=list
    )
    items: list[tuple[int, int]] = field(default_factory=list)
    decisions: list[tuple[int, int, str, str, int | None]] = field(default_factory=list)
    enrolments: list[tuple[int, int, dt.date | None, dt.date | None, str]] = field(
        default_factory=list
    )

    _steps: list[Step] = field(init=False)
    _templates: dict[tuple[str, str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        """Load the steps and their newest wordings once for the chunk."""
        self._steps = list(
            Step.objects.filter(ladder=self.campaign.ladder).order_by("position")
        )
        self._templates = _newest_templates(self._steps)

    def answer(self, decided: CaseDay) -> Answer:
        """Put what the ladder decided into the words of the tables."""
        contact = decided.contact
        channel = contact.channel if contact else ""
        return Answer(
            items=tuple(self._item(item, channel) for item in decided.items),
            reasons=tuple(
                closing.reason for item in decided.items for closing in item.closings
            ),
            step=self._steps[contact.position] if contact else None,
            channel=channel,
            not_after=self._useless_from(contact, decided) if contact else None,
        )

    def _item(self, item: ItemDay, channel: str) -> AnswerItem:
        # Every candidate of the day closes into the one notice.
        contacted = any(closing.reason == "sent" for closing in item.closings)
        return AnswerItem(
            contacted=contacted,
            closed=item.closed,
            next_on=item.next_on,
            last_contact_on=self.day if contacted else None,
            state=self._state(item),
            decisions=tuple(
                (
                    self._steps[position].pk,
                    reason,
                    channel if reason == "sent" else "",
                    reason == "sent",
                )
                for position, reason in item.closings
            ),
        )

    def _state(self, item: ItemDay) -> str:
        paid_on = item.item.paid_on
        if paid_on is not None and paid_on <= self.day:
            return Enrolment.State.SETTLED.value
        finished = item.next_on is None
        return (Enrolment.State.FINISHED if finished else Enrolment.State.ACTIVE).value

    def add(self, rows: Sequence[DueRow], answer: Answer) -> None:
        """Take the day's answer for one case; its rows stand in the answer's order."""
        place = len(self.notices)
        if answer.step is not None:
            self._add_notice(rows, answer, answer.step)
        for row, item in zip(rows, answer.items, strict=True):
            if item.contacted:
                self.items.append((place, row.invoice_id))
            for step_id, outcome, channel, sent in item.decisions:
                self.decisions.append(
                    (
                        row.enrolment_id,
                        step_id,
                        outcome,
                        channel,
                        place if sent else None,
                    )
                )
            self.enrolments.append(
                (
                    row.enrolment_id,
                    item.closed,
                    item.next_on,
                    item.last_contact_on,
                    item.state,
                )
            )

    def _add_notice(self, rows: Sequence[DueRow], answer: Answer, step: Step) -> None:
        """Plan the one notice of a case."""
        # By customer: one message a channel and day. By invoice: one a step. And
        # another one only when the last of them never went.
        first = rows[0]
        about = (
            f"customer:{first.customer_id}:{first.currency}:{self.day}"
            if self.campaign.ladder.group == "customer"
            else f"invoice:{first.invoice_id}:{step.key}"
        )
        reopened = max([row.reopened for row in rows])
        self.notices.append(
            (
                f"campaign:{self.campaign.pk}:{about}:{answer.channel}:{reopened}",
                first.customer_id,
                self._template(step.template_key, answer.channel, first.language),
                answer.channel,
                answer.not_after,
            )
        )

    def _useless_from(self, contact: Contact, answer: CaseDay) -> dt.datetime | None:
        """Return the instant from which the carrying step is too late to be sent.

        Quiet hours or a provider that is away may keep a soft reminder waiting; "your
        bill will be due" must not arrive once it is.
        """
        carried = Closing(contact.position, "sent")
        expires_on = min(
            self.timetable.step_days(item.item.due_on)[contact.position].expires_on
            for item in answer.items
            if carried in item.closings
        )
        if expires_on == dt.date.max:
            return None
        zone = ZoneInfo(self.campaign.brand.time_zone)
        return dt.datetime.combine(expires_on, dt.time(0), zone)

    def _template(self, key: str, channel: str, language: str) -> int:
        """Return the wording in the customer's language, else in English.

        :raises MissingTemplate: neither is published.
        """
        for tongue in (language, language.partition("-")[0], "en"):
            for form in FORMS_OF[channel]:
                found = self._templates.get((key, form, tongue))
                if found is not None:
                    return found
        raise MissingTemplate(key, channel)


def _newest_templates(steps: Sequence[Step]) -> dict[tuple[str, str, str], int]:
    """Return the newest wording for each (key, form, language) of these steps."""
    versions = (
        TemplateVersion.objects.published()
        .filter(key__in={step.template_key for step in steps})
        .order_by("version")
    )
    return {
        (version.key, version.channel, version.language): version.pk
        for version in versions.only("pk", "key", "channel", "language")
    }


NOTICES = """
INSERT INTO notices_notice
    (dedupe_key, reference, customer_id, template_id, channel, not_after,
     stream_id, kind, legal,
     dunning, lane, planned_on, state, reason, not_before, tries, created_at)
SELECT planned.*, %s, 'reminder', 'none', true, %s, %s, 'scheduled', '', %s, 0, now()
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
            %s::timestamptz[])
    AS planned (dedupe_key, reference, customer_id, template_id, channel, not_after)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING dedupe_key, id
"""

ALREADY_THERE = "SELECT dedupe_key, id FROM notices_notice WHERE dedupe_key = ANY(%s)"

ITEMS = """
INSERT INTO notices_noticeitem (notice_id, invoice_id)
SELECT * FROM unnest(%s::bigint[], %s::bigint[])
ON CONFLICT (notice_id, invoice_id) DO NOTHING
"""

DECISIONS = """
INSERT INTO campaigns_decision
    (decided_on, undone, enrolment_id, step_id, outcome, channel, notice_id)
SELECT %s, false, planned.*
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[])
    AS planned
ON CONFLICT (enrolment_id, step_id) WHERE NOT undone DO NOTHING
"""

ENROLMENTS = """
UPDATE campaigns_enrolment AS enrolment
SET closed_steps = planned.closed_steps,
    next_on = planned.next_on,
    last_contact_on = COALESCE(planned.last_contact_on, enrolment.last_contact_on),
    state = planned.state
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::text[])
    AS planned (id, closed_steps, next_on, last_contact_on, state)
WHERE enrolment.id = planned.id
"""


def write_plan(planned: Planned) -> int:
    """Write one chunk's answers in the caller's transaction; return new notices."""
    composed = 0
    with connection.cursor() as cursor:
        ids: list[int] = []
        if planned.notices:
            ids, composed = _write_notices(cursor, planned)
            places, invoices = zip(*planned.items, strict=True)
            items = [[ids[place] for place in places], invoices]
            cursor.execute(ITEMS, [_array(column) for column in items])
        if planned.decisions:
            *columns, places = zip(*planned.decisions, strict=True)
            notice_ids = [None if place is None else ids[place] for place in places]
            told = [_array(column) for column in (*columns, notice_ids)]
            cursor.execute(DECISIONS, [planned.day, *told])
        enrolments = zip(*planned.enrolments, strict=True)
        cursor.execute(ENROLMENTS, [_array(column) for column in enrolments])
    return composed


def _write_notices(cursor: CursorWrapper, planned: Planned) -> tuple[list[int], int]:
    """Write the notices; return the id of each in order, and how many are new."""
    keys, *columns = zip(*planned.notices, strict=True)
    references = new_references(len(keys))
    cursor.execute(
        NOTICES,
        [
            planned.campaign.stream_id,
            Notice.Lane.REMINDER,
            planned.day,
            planned.not_before,
            *(_array(column) for column in (keys, references, *columns)),
        ],
    )
    ids: dict[str, int] = dict(cursor.fetchall())
    composed = len(ids)
    if composed < len(keys):
        cursor.execute(ALREADY_THERE, [[key for key in keys if key not in ids]])
        ids.update(cursor.fetchall())
    return [ids[key] for key in keys], composed


def _array(column: Sequence[object]) -> str:
    """Turn a column into a PostgreSQL array literal for unnest.

    Written here in one join: the driver would look at every cell. ``column`` holds
    text alone, or whole numbers, days and instants with None among them.
    """
    if isinstance(column[0], str):
        return '{"' + '","'.join(map(_escaped, column)) + '"}'
    cells = ["NULL" if cell is None else str(cell) for cell in column]
    return "{" + ",".join(cells) + "}"


def _escaped(text: object) -> str:
    return str(text).replace("\\", "\\\\").replace('"', '\\"')
