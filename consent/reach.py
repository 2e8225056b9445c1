"""Whether a customer can be reached by a channel at all: address, stops, permission.

P9 to P11 of the rule book. Says what stands in the way, never what is to become of the
notice; the hour and the number of messages are not its concern.
"""

from __future__ import annotations

from collections.abc import Mapping

from consent.decision import Reason
from consent.facts import Channel
from consent.request import Request

_ADDRESS_FAILURES: Mapping[str, Reason] = {
    "missing": Reason.ADDR_MISSING,
    "malformed": Reason.ADDR_MALFORMED,
    "unverified": Reason.ADDR_UNVERIFIED,
    "landline": Reason.ADDR_LANDLINE,
}
_SUPPRESSIONS: Mapping[str, Reason] = {
    "hard_bounce": Reason.SUPP_HARD_BOUNCE,
    "soft_limit": Reason.SUPP_SOFT_LIMIT,
    "complaint": Reason.SUPP_COMPLAINT,
    "unsub_all": Reason.SUPP_UNSUB_ALL,
    "stop": Reason.SUPP_STOP,
    "invalid": Reason.SUPP_INVALID,
    "manual": Reason.SUPP_MANUAL,
}
_CONSENT_FAILURES: Mapping[str, Reason] = {
    "none": Reason.CONSENT_NONE,
    "pending": Reason.CONSENT_PENDING,
    "unproven": Reason.CONSENT_UNPROVEN,
    "stale": Reason.CONSENT_STALE,
    "expired": Reason.CONSENT_EXPIRED,
    "withdrawn": Reason.CONSENT_WITHDRAWN,
    "wrong_scope": Reason.CONSENT_WRONG_SCOPE,
    "address_changed": Reason.CONSENT_ADDRESS_CHANGED,
}
# The address itself died or was taken back, as against a permission that is missing.
ADDRESS_DIED = frozenset({*_ADDRESS_FAILURES.values(), *_SUPPRESSIONS.values()})


def failure(request: Request, channel: Channel) -> Reason | None:
    """Return what P9, P10 or P11 hold against ``channel``."""
    return (
        _address_failure(request, channel)
        or _suppression(request, channel)
        or _writing_failure(request, channel)
        or _sms_failure(request, channel)
        or _promo_failure(request, channel)
        or _switched_off(request, channel)
    )


def _address_failure(request: Request, channel: Channel) -> Reason | None:
    """P9; the postal address is P8's."""
    if channel == "letter":
        return None
    condition = request.address.condition(channel)
    if condition == "unverified" and request.notice.kind == "opt_in_request":
        return None
    return _ADDRESS_FAILURES.get(condition)


def _suppression(request: Request, channel: Channel) -> Reason | None:
    """P10: the address said stop, bounced or complained."""
    if channel == "email":
        return _SUPPRESSIONS.get(request.suppression.email)
    if channel == "sms":
        return _SUPPRESSIONS.get(request.suppression.sms)
    return None


def _writing_failure(request: Request, channel: Channel) -> Reason | None:
    """P11: a writing by e-mail needs the customer's proven word, copies included."""
    if channel != "email" or request.notice.legal != "writing":
        return None
    if request.person.type == "business":
        return None if request.b2b_e_election else Reason.CONSENT_B2B_NO_ELECTION
    return _CONSENT_FAILURES.get(request.e_consent)


def _sms_failure(request: Request, channel: Channel) -> Reason | None:
    """P11: a text needs a permission that was not taken back."""
    if channel != "sms":
        return None
    permission = request.sms_permission
    if permission == "revoked":
        return Reason.CONSENT_SMS_REVOKED
    if permission == "none":
        return Reason.CONSENT_SMS_NONE
    if permission == "number_provided" and not request.policy.sms_number_provided_ok:
        return Reason.CONSENT_SMS_NONE
    return None


def _promo_failure(request: Request, channel: Channel) -> Reason | None:
    """P11: advertising needs leave on every channel, and by text in writing."""
    if request.notice.kind != "promo":
        return None
    if not request.promo_permission:
        return Reason.CONSENT_PROMO
    if channel == "sms" and request.sms_permission != "express_written":
        return Reason.CONSENT_PROMO
    return None


def _switched_off(request: Request, channel: Channel) -> Reason | None:
    """P11: the customer's own switch; letters have theirs in P8."""
    if channel == "letter" or not request.category_pref.is_off(channel):
        return None
    if channel == "sms" and request.notice.kind == "opt_in_request":
        return None
    return Reason.PREF_CATEGORY_OFF


def agreed_to_email(request: Request) -> bool:
    """Whether the customer once agreed to be written to by e-mail, provably."""
    if request.e_consent == "granted":
        return True
    return request.person.type == "business" and request.b2b_e_election
