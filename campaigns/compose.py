"""Writes down what the ladder decided for one chunk: notices, items, decisions.

Six statements a chunk, whatever its size. What is already there is left alone, so
that a chunk written twice adds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.due import DueRow
from campaigns.ladder import CaseDay, Closing, Contact, Timetable
from campaigns.models import Campaign, Enrolment, Step
from notices.kinds import FORMS_OF
from notices.models import Notice, TemplateVersion, new_reference


class MissingTemplate(Exception):
    """A step has no wording for the channel it would use."""

    def __init__(self, key: str, channel: str) -> None:
        super().__init__(
            f"There is no {channel} wording with the key {key!r}. "
            "Publish one, or take the channel off the step."
        )


@dataclass(slots=True)
class Planned:
    """The answers of one chunk, as columns ready to be written."""

    campaign: Campaign
    timetable: Timetable
    day: dt.date
    not_before: dt.datetime
    notices: list[tuple[str, str, int, int, str, dt.datetime | None]] = field(
        default_factory=list
    )
    items: list[tuple[str, int]] = field(default_factory=list)
    decisions: list[tuple[int, int, str, str, str | None]] = field(default_factory=list)
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

    def add(
        self, customer_id: int, language: str, rows: Sequence[DueRow], answer: CaseDay
    ) -> None:
        """Take the day's answer for one case."""
        contact = answer.contact
        included = {item.ref for item in contact.items} if contact else set()
        key = self._add_notice(customer_id, language, answer, rows)
        for row, item in zip(rows, answer.items, strict=True):
            if contact and row.enrolment_id in included:
                self.items.append((key, row.invoice_id))
            for position, reason in item.closings:
                sent = contact is not None and reason == "sent"
                self.decisions.append(
                    (
                        row.enrolment_id,
                        self._steps[position].pk,
                        reason,
                        contact.channel if contact and sent else "",
                        key if sent else None,
                    )
                )
            contacted = row.enrolment_id in included
            self.enrolments.append(
                (
                    row.enrolment_id,
                    item.closed,
                    item.next_on,
                    self.day if contacted else None,
                    self._state(row, item.next_on),
                )
            )

    def _state(self, row: DueRow, next_on: dt.date | None) -> str:
        if row.paid_on is not None and row.paid_on <= self.day:
            return Enrolment.State.SETTLED
        return Enrolment.State.FINISHED if next_on is None else Enrolment.State.ACTIVE

    def _add_notice(
        self,
        customer_id: int,
        language: str,
        answer: CaseDay,
        rows: Sequence[DueRow],
    ) -> str:
        """Plan the one notice of a case and return its key; blank without one."""
        contact = answer.contact
        if contact is None:
            return ""
        step = self._steps[contact.position]
        # By customer: one message a channel and day. By invoice: one a step. And
        # another one only when the last of them never went.
        about = (
            f"customer:{customer_id}:{rows[0].currency}:{self.day}"
            if self.campaign.ladder.group == "customer"
            else f"invoice:{rows[0].invoice_id}:{step.key}"
        )
        reopened = max(row.reopened for row in rows)
        key = f"campaign:{self.campaign.pk}:{about}:{contact.channel}:{reopened}"
        template = self._template(step.template_key, contact.channel, language)
        self.notices.append(
            (
                key,
                new_reference(),
                customer_id,
                template,
                contact.channel,
                self._useless_from(contact, answer),
            )
        )
        return key

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
"""

ITEMS = """
INSERT INTO notices_noticeitem (notice_id, invoice_id)
SELECT notice.id, planned.invoice_id
FROM unnest(%s::text[], %s::bigint[]) AS planned (dedupe_key, invoice_id)
JOIN notices_notice AS notice USING (dedupe_key)
ON CONFLICT (notice_id, invoice_id) DO NOTHING
"""

DECISIONS = """
INSERT INTO campaigns_decision
    (enrolment_id, step_id, outcome, channel, decided_on, notice_id, undone)
SELECT planned.enrolment_id, planned.step_id, planned.outcome, planned.channel, %s,
       notice.id, false
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])
    AS planned (enrolment_id, step_id, outcome, channel, dedupe_key)
LEFT JOIN notices_notice AS notice USING (dedupe_key)
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
        if planned.notices:
            cursor.execute(
                NOTICES,
                [
                    planned.campaign.stream_id,
                    Notice.Lane.REMINDER,
                    planned.day,
                    planned.not_before,
                    *_columns(planned.notices),
                ],
            )
            composed = cursor.rowcount
            cursor.execute(ITEMS, _columns(planned.items))
        if planned.decisions:
            cursor.execute(DECISIONS, [planned.day, *_columns(planned.decisions)])
        cursor.execute(ENROLMENTS, _columns(planned.enrolments))
    return composed


def _columns(rows: Sequence[tuple[object, ...]]) -> list[str]:
    """Turn rows into columns, each a PostgreSQL array literal for unnest.

    Written here in one join a column: the driver would look at every cell.
    """
    return [
        "{" + ",".join(map(_element, column)) + "}"
        for column in zip(*rows, strict=True)
    ]


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
