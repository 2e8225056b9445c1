"""One question to consent.rules.decide, and whether its facts make sense.

Instants are aware and in UTC. Finds facts that are unknown words, impossible or
contradict each other; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import get_args

from consent.facts import (
    Account,
    AccountStatus,
    Address,
    CallAddress,
    CategoryPref,
    Channel,
    Dispute,
    EConsent,
    EmailAddress,
    History,
    Kind,
    Legal,
    Notice,
    PaperPref,
    Person,
    PersonStatus,
    PersonType,
    Policy,
    PostalAddress,
    SenderRole,
    SmsAddress,
    SmsPermission,
    Suppressed,
    SuppressedFor,
    Switch,
    System,
)
from consent.quiet_hours import zone_of
from consent.request_json import read_facts

_UTC_OFFSET = timedelta(0)
# Far enough from both ends of the calendar for the windows counted from an instant.
_YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """May this notice go to this customer by this channel at ``now``?

    ``unreadable`` are the dotted names of facts that could not be read from JSON.
    """

    now: datetime
    channel: Channel
    sender_role: SenderRole
    system: System
    notice: Notice
    person: Person
    account: Account
    address: Address
    suppression: Suppressed
    e_consent: EConsent
    b2b_e_election: bool
    sms_permission: SmsPermission
    promo_permission: bool
    category_pref: CategoryPref
    paper_pref: PaperPref
    history: History
    policy: Policy
    unreadable: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Request:
        """Return the request in the nested JSON form of the decision cases.

        A missing key takes the first value of its row in the rule book. What cannot be
        read, an unknown key included, is noted in ``unreadable``; nothing is raised.
        """
        return cls(**read_facts(given))

    @property
    def is_collection(self) -> bool:
        """Whether a third party presses for the debt, as a collector does."""
        return self.sender_role == "third_party" and self.notice.dunning

    def fault(self) -> str | None:
        """Return the dotted name of the first fact that makes no sense, or None."""
        if self.unreadable:
            return self.unreadable[0]
        return (
            _unknown_word(_words_of(self))
            or self._instant_fault()
            or self._zone_fault()
            or self._policy_fault()
            or self._contradiction()
        )

    def _instant_fault(self) -> str | None:
        if not _is_plain_instant(self.now):
            return "now"
        for path, read in _DEADLINES:
            moment = read(self)
            if moment is not None and not _is_plain_instant(moment):
                return path
        for path, read in _HISTORIES:
            for moment in read(self):
                if not _is_plain_instant(moment):
                    return path
        return None

    def _zone_fault(self) -> str | None:
        for name in self.person.zones:
            if zone_of(name) is None:
                return "person.tz"
        return None

    def _policy_fault(self) -> str | None:
        if not self.policy.quiet.is_possible:
            return "policy.quiet"
        # A cap of nothing would defer for ever; to stop a channel, switch it off.
        for path, read in _CAPS:
            limit = read(self)
            if limit is not None and limit < 1:
                return path
        return None

    def _contradiction(self) -> str | None:
        notice = self.notice
        if notice.kind == "promo" and notice.legal != "none":
            return "notice.legal"
        if notice.adverse and notice.legal == "none":
            return "notice.legal"
        return None


def _is_plain_instant(moment: datetime) -> bool:
    return moment.utcoffset() == _UTC_OFFSET and moment.year in _YEARS


_VOCABULARIES = tuple(
    (path, frozenset(get_args(words)))
    for path, words in (
        ("channel", Channel),
        ("sender_role", SenderRole),
        ("notice.kind", Kind),
        ("notice.legal", Legal),
        ("person.type", PersonType),
        ("person.status", PersonStatus),
        ("account.status", AccountStatus),
        ("account.dispute", Dispute),
        ("address.email", EmailAddress),
        ("address.sms", SmsAddress),
        ("address.letter", PostalAddress),
        ("address.call", CallAddress),
        ("suppression.email", SuppressedFor),
        ("suppression.sms", SuppressedFor),
        ("e_consent", EConsent),
        ("sms_permission", SmsPermission),
        ("category_pref.email", Switch),
        ("category_pref.sms", Switch),
        ("category_pref.letter", Switch),
        ("category_pref.call", Switch),
        ("paper_pref", PaperPref),
    )
)
_words_of = attrgetter(*(path for path, _ in _VOCABULARIES))


# Thousands of questions in a row are asked in a handful of words.
@lru_cache(maxsize=4096)
def _unknown_word(said: tuple[str, ...]) -> str | None:
    for (path, words), word in zip(_VOCABULARIES, said, strict=True):
        if word not in words:
            return path
    return None


_DEADLINES = tuple(
    (path, attrgetter(path))
    for path in ("notice.not_after", "notice.deliver_by", "notice.revoked_at")
)
_HISTORIES = tuple(
    (path, attrgetter(path)) for path in ("history.sms", "history.dunning")
)
_CAPS = tuple(
    (path, attrgetter(path))
    for path in ("policy.caps.sms_24h", "policy.caps.sms_7d", "policy.caps.dunning_7d")
)
