"""The nouns a request is made of, and the words each of them may hold.

Every fact about the customer has to be given: whoever forgets one should hear it from
the type checker and not from a customer. Only a policy has values of its own. Knows
where no fact comes from, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from consent.quiet_hours import PLACELESS, Quiet

# How long after a STOP its one confirmation may still go.
STOP_CONFIRMED_WITHIN = timedelta(minutes=5)

Channel = Literal["email", "sms", "letter", "call"]
SenderRole = Literal["first_party", "third_party"]
Kind = Literal[
    "reminder",
    "overdue",
    "bill",
    "final_bill",
    "change_notice",
    "termination",
    "promo",
    "opt_in_request",
    "safety_alert",
    "stop_confirmation",
    "help_reply",
]
Legal = Literal["none", "writing", "paper_only"]
PersonType = Literal["consumer", "business"]
PersonStatus = Literal["active", "deceased", "bankrupt", "represented", "cease_contact"]
AccountStatus = Literal["active", "closed"]
Dispute = Literal["none", "open"]
EmailAddress = Literal["ok", "missing", "malformed", "unverified"]
SmsAddress = Literal["ok", "missing", "malformed", "landline"]
PostalAddress = Literal["ok", "missing", "malformed", "returned"]
CallAddress = Literal["ok", "missing", "malformed"]
SuppressedFor = Literal[
    "none",
    "hard_bounce",
    "soft_limit",
    "complaint",
    "unsub_all",
    "stop",
    "invalid",
    "manual",
]
EConsent = Literal[
    "granted",
    "none",
    "pending",
    "unproven",
    "stale",
    "expired",
    "withdrawn",
    "wrong_scope",
    "address_changed",
]
SmsPermission = Literal[
    "express", "none", "number_provided", "express_written", "revoked"
]
Switch = Literal["on", "off"]
PaperPref = Literal["paperless", "paper", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The state of our own house: may anything leave it?"""

    kill_switch: bool
    approved: bool
    sandbox: bool
    sandbox_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is to be sent.

    ``not_after`` is the last instant at which it is of use, ``deliver_by`` the last at
    which it is in time by law, ``revoked_at`` the STOP a confirmation answers.
    """

    kind: Kind
    legal: Legal
    dunning: bool
    adverse: bool = False
    courtesy: bool = False
    fallback: bool = False
    already_sent: bool = False
    not_after: datetime | None = None
    deliver_by: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def is_required(self) -> bool:
        """Whether law or contract demands it, so that it must not end in silence."""
        return self.legal != "none" and not self.courtesy

    @property
    def is_pressing(self) -> bool:
        """Whether it presses for money or announces a harm."""
        return self.dunning or self.adverse

    def expires_before(self, moment: datetime) -> bool:
        """Whether ``moment`` is past the use or the legal deadline of the notice."""
        for last in (self.not_after, self.deliver_by):
            if last is not None and moment > last:
                return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who it is for; ``tz`` are the IANA names of all zones they may be in."""

    type: PersonType
    status: PersonStatus
    tz: tuple[str, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that name a place; none where nothing is known."""
        if PLACELESS not in self.tz:
            return self.tz
        return tuple(name for name in self.tz if name != PLACELESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What they owe, in minor units of the account's currency, and why we wait."""

    status: AccountStatus
    balance_due: int
    dispute: Dispute
    moratorium: bool
    payment_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The condition of the customer's address for each channel."""

    email: EmailAddress
    sms: SmsAddress
    letter: PostalAddress
    call: CallAddress

    def condition(self, channel: Channel) -> str:
        """Return the condition of the address ``channel`` needs."""
        condition: str = getattr(self, channel)
        return condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """Why nothing more may go to the address; kept for e-mail and texts only."""

    email: SuppressedFor
    sms: SuppressedFor


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPref:
    """The customer's switches for this category of notice."""

    email: Switch
    sms: Switch
    letter: Switch
    call: Switch

    def is_off(self, channel: Channel) -> bool:
        """Whether the customer switched this category off on ``channel``."""
        switch: str = getattr(self, channel)
        return switch == "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """When texts and dunning notices of any channel went to this customer."""

    sms: tuple[datetime, ...]
    dunning: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many may go in a moving window; None is no cap."""

    sms_24h: int | None = 1
    sms_7d: int | None = 2
    dunning_7d: int | None = 3


DAYTIME = Quiet(8 * 60, 20 * 60)
USUAL_CAPS = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The firm's own limits; the hours are the customer's local time."""

    quiet: Quiet = DAYTIME
    email_quiet: bool = False
    sms_number_provided_ok: bool = True
    optional_paper_ok: bool = False
    caps: Caps = USUAL_CAPS
