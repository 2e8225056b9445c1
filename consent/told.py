"""What is told about a consent, before it becomes an event of the history. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consent.networks import STORED, network_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event to be recorded; the same words as the columns of ConsentEvent.

    ``address`` binds the consent to itself. ``evidence`` holds references only (ids,
    hashes, numbers of at most 200 characters); what is personal goes into ``words``
    (what the person said) and ``more``, which can be erased. ``ip`` is cut to its
    network before anything is stored. No ``categories`` mean bills, reminders and
    contract notices.
    """

    customer_id: int
    subject: str
    state: str
    method: str
    effective_on: dt.date
    effective_at: dt.datetime | None = None
    valid_until: dt.date | None = None
    basis: str = ""
    jurisdiction: str = ""
    language: str = ""
    categories: Sequence[str] = ()
    disclosure_ref: str = ""
    rendered_sha256: bytes | None = None
    hwsw_version: int | None = None
    ui_version: str = ""
    actor: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    ip: str = ""
    user_agent: str = ""
    url: str = ""
    words: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_personal(self) -> bool:
        """Whether it may have details."""
        return bool(
            self.address
            or self.ip
            or self.user_agent
            or self.url
            or self.words
            or self.more
        )

    @property
    def details(self) -> dict[str, Any]:
        """What is personal of it, without what was not told."""
        found = {
            "address": self.address,
            "ip": network_of(self.ip, STORED),
            "user_agent": self.user_agent,
            "url": self.url,
            "words": self.words,
            "more": dict(self.more),
        }
        return {name: value for name, value in found.items() if value}
