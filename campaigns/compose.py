"""Puts what the ladder decided for one chunk into notices, items and decisions.

Writes nothing: that is campaigns.write_plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from campaigns.due import DueRow
from campaigns.ladder import CaseDay, Closing, Contact, ItemDay, Timetable
from campaigns.models import Campaign, Enrolment, Step
from consent.wishes import not_before
from notices.kinds import FORMS_OF
from notices.models import TemplateVersion


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
    notices: list[tuple[str, int, int, str, dt.datetime | None, dt.datetime]] = field(
        default_factory=list
    )
    items: list[tuple[int, int]] = field(default_factory=list)
    decisions: list[tuple[int, int, str, str, int | None]] = field(default_factory=list)
    enrolments: list[tuple[int, int, dt.date | None, dt.date | None, str]] = field(
        default_factory=list
    )

    _steps: list[Step] = field(init=False)
    _templates: dict[tuple[str, str, str], int] = field(init=False)
    _chosen: dict[tuple[str, str, str], int] = field(default_factory=dict, init=False)
    _by_customer: bool = field(init=False)
    _prefix: str = field(init=False)

    def __post_init__(self) -> None:
        """Load the steps and their newest wordings once for the chunk."""
        self._steps = list(
            Step.objects.filter(ladder=self.campaign.ladder).order_by("position")
        )
        self._templates = _newest_templates(self._steps)
        self._by_customer = self.campaign.ladder.group == "customer"
        self._prefix = f"campaign:{self.campaign.pk}"

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
            if self._by_customer
            else f"invoice:{first.invoice_id}:{step.key}"
        )
        reopened = max([row.reopened for row in rows])
        wanted = (step.template_key, answer.channel, first.language)
        template = self._chosen.get(wanted)
        if template is None:
            template = self._chosen[wanted] = self._template(*wanted)
        self.notices.append(
            (
                f"{self._prefix}:{about}:{answer.channel}:{reopened}",
                first.customer_id,
                template,
                answer.channel,
                answer.not_after,
                self._not_before(first, answer),
            )
        )

    def _not_before(self, row: DueRow, answer: Answer) -> dt.datetime:
        """Return from when a message may go: the hour the customer named, where they
        did and the day still has it; a letter has no hour."""
        if not row.best_time or answer.channel == "letter":
            return self.not_before
        wished = not_before(
            row.best_time,
            self.not_before,
            row.time_zone or self.campaign.brand.time_zone,
            self.campaign.stream.policy.quiet_end,
        )
        too_late = answer.not_after is not None and wished >= answer.not_after
        return self.not_before if too_late else wished

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
