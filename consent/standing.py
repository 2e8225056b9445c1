"""How a consent stands for one message: its kind, its address, its day.

Pure: what the history says, what is asked, one word out. The words are those of the
permission rules (consent.facts.EConsent).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from consent.facts import EConsent, SmsPermission

# What everybody was asked for before a consent named its categories.
ASKED_BEFORE = frozenset({"bills", "reminders", "contract_notices"})

# As the permission rules call a consent that stands so, if nothing else ends it.
_LIVE: dict[str, EConsent] = {
    "granted": "granted",
    "unproven": "unproven",
    "pending": "pending",
    "stale": "stale",
}
_ENDED: dict[str, EConsent] = {"withdrawn": "withdrawn", "expired": "expired"}

# Agreed enough for what no law wants in writing: a reminder by e-mail goes to whoever
# said yes and has not taken it back.
_SAID_YES = frozenset(_LIVE.values())


class Consent(NamedTuple):
    """Where one consent stands: the columns of ConsentState. No state: never asked.

    ``address_print`` is that of the address it is bound to, None where to none.
    """

    state: str | None = None
    since: dt.date | None = None
    categories: Sequence[str] | None = None
    address_print: bytes | None = None
    valid_until: dt.date | None = None
    hwsw_version: int | None = None


def e_consent(
    consent: Consent,
    *,
    category: str | None,
    address_print: bytes | None,
    day: dt.date,
    hwsw_in_force: int | None = None,
) -> EConsent:
    """Return how a consent stands for a message of ``category`` on ``day``.

    ``category`` None: any. ``address_print`` is that of the address the message would
    go to (consent.fingerprints). ``hwsw_in_force`` is the version of the stated needs
    for reading e-mail; a consent given under an earlier one is stale, and one that
    names none was given under the first. None: nothing has changed.
    """
    if not consent.state or consent.since is None or consent.since > day:
        return "none"
    live = _LIVE.get(consent.state)
    if live is None:
        return _ENDED.get(consent.state, "none")
    if consent.valid_until is not None and consent.valid_until < day:
        return "expired"
    if category is not None and category not in (consent.categories or ASKED_BEFORE):
        return "wrong_scope"
    if consent.address_print is not None and consent.address_print != address_print:
        return "address_changed"
    if live == "granted" and hwsw_in_force is not None:
        return "stale" if (consent.hwsw_version or 1) < hwsw_in_force else live
    return live


def permits_mail(standing: EConsent) -> bool:
    """Whether messages that need no proven consent may go by e-mail."""
    return standing in _SAID_YES


def sms_permission(
    state: str | None, since: dt.date | None, day: dt.date
) -> SmsPermission:
    """Return what the history of texts permits on ``day``.

    A yes that was never confirmed, or was not wanted, permits nothing.
    """
    if not state or since is None or since > day:
        return "none"
    if state == "withdrawn":
        return "revoked"
    return "express" if state in {"granted", "unproven"} else "none"
