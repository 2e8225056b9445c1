"""The answer of consent.rules.decide: an outcome, its reason, and what it obliges to.

The words of the answer and nothing else: which facts lead to which of them is decided
in consent.rules, what staff read for each of them in the dashboard.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from consent.facts import Channel


class Outcome(StrEnum):
    """What is to become of the notice on this channel."""

    ALLOW = "ALLOW"
    DEFER = "DEFER"
    SUBSTITUTE = "SUBSTITUTE"
    REVIEW = "REVIEW"
    BLOCK = "BLOCK"


class Reason(StrEnum):
    """Why; also used for the cause behind a reason."""

    INPUT_INVALID = "INPUT_INVALID"
    SYS_KILL_SWITCH = "SYS_KILL_SWITCH"
    SYS_NOT_APPROVED = "SYS_NOT_APPROVED"
    SYS_SANDBOX = "SYS_SANDBOX"
    DUP_ALREADY_SENT = "DUP_ALREADY_SENT"
    NOTICE_DEADLINE_MISSED = "NOTICE_DEADLINE_MISSED"
    NOTICE_EXPIRED = "NOTICE_EXPIRED"
    OK_STOP_CONFIRMATION = "OK_STOP_CONFIRMATION"
    OK_HELP_REPLY = "OK_HELP_REPLY"
    STOP_CONFIRM_WINDOW = "STOP_CONFIRM_WINDOW"
    PERSON_DECEASED = "PERSON_DECEASED"
    PERSON_BANKRUPTCY = "PERSON_BANKRUPTCY"
    PERSON_REPRESENTED = "PERSON_REPRESENTED"
    PERSON_CEASE_CONTACT = "PERSON_CEASE_CONTACT"
    ACCT_CLOSED = "ACCT_CLOSED"
    ACCT_NOTHING_DUE = "ACCT_NOTHING_DUE"
    ACCT_DISPUTE_HOLD = "ACCT_DISPUTE_HOLD"
    ACCT_MORATORIUM = "ACCT_MORATORIUM"
    ACCT_PAYMENT_PLAN = "ACCT_PAYMENT_PLAN"
    LEGAL_PAPER_ONLY = "LEGAL_PAPER_ONLY"
    CHANNEL_NOT_SUFFICIENT = "CHANNEL_NOT_SUFFICIENT"
    ADDR_POSTAL_BAD = "ADDR_POSTAL_BAD"
    ADDR_MISSING = "ADDR_MISSING"
    ADDR_MALFORMED = "ADDR_MALFORMED"
    ADDR_UNVERIFIED = "ADDR_UNVERIFIED"
    ADDR_LANDLINE = "ADDR_LANDLINE"
    PREF_PAPERLESS = "PREF_PAPERLESS"
    PREF_CATEGORY_OFF = "PREF_CATEGORY_OFF"
    POLICY_NO_OPTIONAL_PAPER = "POLICY_NO_OPTIONAL_PAPER"
    SUPP_HARD_BOUNCE = "SUPP_HARD_BOUNCE"
    SUPP_SOFT_LIMIT = "SUPP_SOFT_LIMIT"
    SUPP_COMPLAINT = "SUPP_COMPLAINT"
    SUPP_UNSUB_ALL = "SUPP_UNSUB_ALL"
    SUPP_STOP = "SUPP_STOP"
    SUPP_INVALID = "SUPP_INVALID"
    SUPP_MANUAL = "SUPP_MANUAL"
    CONSENT_NONE = "CONSENT_NONE"
    CONSENT_PENDING = "CONSENT_PENDING"
    CONSENT_UNPROVEN = "CONSENT_UNPROVEN"
    CONSENT_STALE = "CONSENT_STALE"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    CONSENT_WRONG_SCOPE = "CONSENT_WRONG_SCOPE"
    CONSENT_ADDRESS_CHANGED = "CONSENT_ADDRESS_CHANGED"
    CONSENT_B2B_NO_ELECTION = "CONSENT_B2B_NO_ELECTION"
    CONSENT_SMS_NONE = "CONSENT_SMS_NONE"
    CONSENT_SMS_REVOKED = "CONSENT_SMS_REVOKED"
    CONSENT_PROMO = "CONSENT_PROMO"
    SOLE_CHANNEL_LOST = "SOLE_CHANNEL_LOST"
    CAP_SMS_24H = "CAP_SMS_24H"
    CAP_SMS_7D = "CAP_SMS_7D"
    CAP_DUNNING_7D = "CAP_DUNNING_7D"
    CAP_EXPIRES_NOTICE = "CAP_EXPIRES_NOTICE"
    QUIET_HOURS = "QUIET_HOURS"
    QUIET_EXPIRES_NOTICE = "QUIET_EXPIRES_NOTICE"
    TZ_UNKNOWN = "TZ_UNKNOWN"
    TZ_NO_OVERLAP = "TZ_NO_OVERLAP"
    OK = "OK"
    OK_FALLBACK = "OK_FALLBACK"
    OK_COURTESY = "OK_COURTESY"


class Obligation(StrEnum):
    """What whoever carries out the decision must see to."""

    SMS_BRAND_AND_STOP_TEXT = "SMS_BRAND_AND_STOP_TEXT"
    LIST_UNSUB_ONE_CLICK = "LIST_UNSUB_ONE_CLICK"
    ARCHIVE_DOCUMENT_HASH = "ARCHIVE_DOCUMENT_HASH"
    PAPER_COPY_AND_WITHDRAW_LINK = "PAPER_COPY_AND_WITHDRAW_LINK"
    PROOF_OF_MAILING = "PROOF_OF_MAILING"
    REG_F_OPT_OUT_TEXT = "REG_F_OPT_OUT_TEXT"
    MARK_AS_COURTESY_COPY = "MARK_AS_COURTESY_COPY"
    NO_MARKETING_TEXT = "NO_MARKETING_TEXT"
    REVERT_TO_PAPER = "REVERT_TO_PAPER"
    OPEN_CONTACT_TASK = "OPEN_CONTACT_TASK"


@dataclass(frozen=True, slots=True)
class Decision:
    """May this notice go to this customer by this channel now, and why.

    ``cause`` is the reason behind the reason, or for INPUT_INVALID the dotted name of
    the fact that makes no sense. ``not_before`` (aware, UTC) stands with a DEFER whose
    end is known. ``use_channel`` stands with SUBSTITUTE: ask again for that channel
    with ``notice.fallback`` set. ``provider_ttl_s`` stands with an allowed text: the
    seconds the provider may hold it before it must be dropped.
    """

    outcome: Outcome
    reason: Reason
    cause: str | None = None
    not_before: datetime | None = None
    use_channel: Channel | None = None
    provider_ttl_s: int | None = None
    obligations: tuple[Obligation, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the decision in plain JSON values, times in ISO form with ``Z``."""
        return {
            "outcome": self.outcome.value,
            "reason": self.reason.value,
            "cause": None if self.cause is None else str(self.cause),
            "not_before": _iso(self.not_before),
            "use_channel": self.use_channel,
            "provider_ttl_s": self.provider_ttl_s,
            "obligations": [obligation.value for obligation in self.obligations],
        }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
