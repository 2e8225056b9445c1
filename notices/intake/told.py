"""What a call tells, in our own words: news of a message, or what a person said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from customers.models import Customer
from notices.intake.meaning import Outcome
from notices.models import Notice


class NotYet(Exception):
    """Our own worker has not written down yet what this is about: ask again soon."""


@dataclass(frozen=True, slots=True)
class News:
    """A provider's word about one message.

    ``reference`` is the notice's, blank where the provider named none; ``event_id``
    is the same however often and in whatever envelope the word comes.
    """

    provider: str
    channel: str
    outcome: Outcome
    event_id: str
    reference: str
    address: str = field(repr=False)
    occurred_at: dt.datetime
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote to us, quotes and signature cut off.

    ``reference`` is the notice it answers, where it says so. ``keyword`` is what the
    provider itself made of it (STOP, START, HELP), if it says. ``is_automatic``: a
    machine wrote it, not a person.
    """

    provider: str
    channel: str
    message_id: str
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: int
    reference: str
    keyword: str
    is_automatic: bool
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote: the address in its normal form, whom it belongs to, and what they
    answer."""

    address: str
    people: Sequence[Customer]
    notice: Notice | None

    @property
    def customer(self) -> Customer | None:
        """Return the one customer this is about, None when nobody can tell."""
        if self.notice is not None:
            return self.notice.customer
        return self.people[0] if len(self.people) == 1 else None


Told = News | Said
