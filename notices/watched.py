"""What is known of the house when it is judged (notices.watches). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Switch:
    """The switch for all that leaves."""

    stopped_at: dt.datetime | None = None
    stopped_by: str = ""
    is_copy: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker as it was last seen."""

    name: str
    queues: tuple[str, ...]
    seen_at: dt.datetime
    claimed_at: dt.datetime | None = None
    hears_broker: bool = True


@dataclass(frozen=True, slots=True)
class Oldest:
    """Since when the oldest due message of a channel and lane could have gone."""

    channel: str
    lane: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Provider:
    """The lane of one provider; ``waiting`` is what is due behind a closed one."""

    name: str
    channels: tuple[str, ...]
    per_second: float | None = None
    failures: int = 0
    failing_since: dt.datetime | None = None
    closed_until: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    reason: str = ""
    waiting: int = 0

    @property
    def is_open(self) -> bool:
        """Whether messages go by it as they come."""
        return self.stopped_at is None and not self.failures


@dataclass(frozen=True, slots=True)
class Ledger:
    """Since when an event of the consent history waits for the root of its day, and a
    root for its copy off the database."""

    unrooted: dt.datetime | None = None
    uncopied: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All there is to judge. ``broker_answers`` is None when Redis was not asked."""

    switch: Switch = Switch()
    rang_at: dt.datetime | None = None
    passed_at: dt.datetime | None = None
    workers: tuple[Worker, ...] = ()
    claimed_at: Mapping[str, dt.datetime] = field(default_factory=dict)
    needed_queues: tuple[str, ...] = ()
    providers: tuple[Provider, ...] = ()
    oldest: tuple[Oldest, ...] = ()
    unknown: int = 0
    paused_for_safety: tuple[tuple[str, str], ...] = ()
    broker_answers: bool | None = None
    ledger: Ledger = Ledger()
