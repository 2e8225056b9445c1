"""What a provider's refusal means: by its own code first, then by the HTTP status.

The codes stand in errors.toml. Whatever is not known there is judged by the status
alone, and then no address is ever blamed. What staff are told names the provider, the
code and its words, with every address and number taken out.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from notices.senders import LANDLINE, SendError

TABLE = Path(__file__).with_name("errors.toml")


class Meaning(StrEnum):
    """What a code says about the address, the lane or the message."""

    STOP = "stop"
    INVALID = "invalid"
    LANDLINE = "landline"
    HARD_BOUNCE = "hard_bounce"
    SOFT_LIMIT = "soft_limit"
    UNSUB_ALL = "unsub_all"
    STOPS_LANE = "stops_lane"
    BACKS_OFF = "backs_off"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# Why nothing more goes to the address, as SendError says it.
SUPPRESSES = {
    Meaning.STOP: "stop",
    Meaning.INVALID: "invalid",
    Meaning.LANDLINE: LANDLINE,
    Meaning.HARD_BOUNCE: "hard_bounce",
    Meaning.SOFT_LIMIT: "soft_limit",
    Meaning.UNSUB_ALL: "unsub_all",
}
_BUSY = frozenset({429, 503})
# A message cannot be to blame for these: a key, a bill, a right or an address of ours.
_OURS = frozenset({401, 402, 403, 404, 405, 407})
_REQUEST_TIMEOUT = 408
_PRIVATE = re.compile(r"[^\s'\"<>(]+@[^\s'\">),;]+|\+?\d[\d .()/-]{4,}\d")
_LONGEST_WORDS = 160


@cache
def _table() -> dict[str, dict[str, Meaning]]:
    with TABLE.open("rb") as file:
        read = tomllib.load(file)
    return {
        provider: {code: Meaning(means) for code, means in codes.items()}
        for provider, codes in read.items()
    }


def meaning_of(provider: str, code: str, words: str = "") -> Meaning | None:
    """Return what a provider's code means, or its words; None where nobody knows."""
    codes = _table().get(provider, {})
    said = (means for key, means in codes.items() if " " in key and key in words)
    return codes.get(code) or next(said, None)


def refusal(
    provider: str,
    *,
    status: int,
    code: str = "",
    words: str = "",
    retry_after: float | None = None,
) -> SendError:
    """Return the error for an answer that is no yes.

    ``status`` is the HTTP status, ``code`` and ``words`` what the provider says beside
    it, ``retry_after`` the seconds it asks us to wait.
    """
    said = " ".join(filter(None, (provider, code or str(status), scrubbed(words))))
    means = meaning_of(provider, code, words) or _by_status(status)
    if means in SUPPRESSES:
        return SendError(said, permanent=True, suppresses=SUPPRESSES[means])
    return SendError(
        said,
        permanent=means is Meaning.REFUSED,
        unknown=means is Meaning.UNKNOWN,
        backs_off=means is Meaning.BACKS_OFF,
        retry_after=retry_after if means is Meaning.BACKS_OFF else None,
        stops_lane=means is Meaning.STOPS_LANE,
    )


def _by_status(status: int) -> Meaning:
    """Return what an HTTP status alone means for the message it answers."""
    if status in _BUSY:
        return Meaning.BACKS_OFF
    if status == _REQUEST_TIMEOUT:
        return Meaning.LATER
    if status in _OURS:
        return Meaning.STOPS_LANE
    if 400 <= status < 500:
        return Meaning.REFUSED
    # 500, 502, 504, and a yes that cannot be read: it may have been taken.
    return Meaning.UNKNOWN


def scrubbed(words: str) -> str:
    """Return a provider's words for staff, without addresses and numbers in them."""
    return _PRIVATE.sub("…", " ".join(words.split()))[:_LONGEST_WORDS]
