"""Whether this is the hour for it: caps and quiet hours put to one request.

P13 and P14 of the rule book. Says what stands in the way and until when, never what is
to become of the notice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from consent.caps import released_at
from consent.decision import Reason
from consent.facts import Channel
from consent.quiet_hours import closes_at, opens_at
from consent.request import Request

_DAY = timedelta(hours=24)
_WEEK = timedelta(days=7)
_TTL_MIN_S = 60
_TTL_MAX_S = 3600


def cap_in_force(request: Request) -> tuple[Reason, datetime] | None:
    """Return the cap that holds the notice back the longest, and when it lets go."""
    now, history, caps = request.now, request.history, request.policy.caps
    releases: list[tuple[Reason, datetime | None]] = []
    if request.channel == "sms":
        daily = released_at(now, history.sms, caps.sms_24h, _DAY)
        weekly = released_at(now, history.sms, caps.sms_7d, _WEEK)
        releases = [(Reason.CAP_SMS_24H, daily), (Reason.CAP_SMS_7D, weekly)]
    if request.notice.dunning:
        dunning = released_at(now, history.dunning, caps.dunning_7d, _WEEK)
        releases.append((Reason.CAP_DUNNING_7D, dunning))
    latest: tuple[Reason, datetime] | None = None
    for cap, released in releases:
        if released is not None and (latest is None or released > latest[1]):
            latest = cap, released
    return latest


def quiet_verdict(
    request: Request, channel: Channel
) -> tuple[Reason | None, datetime | None]:
    """Return what the hour holds against ``channel``, and when it no longer does.

    No reason where it may go now. QUIET_HOURS comes with the moment of release;
    QUIET_EXPIRES_NOTICE says that moment is past the notice's deadline.
    """
    if not _keeps_quiet_hours(request, channel):
        return None, None
    zones = request.person.zones
    if not zones:
        return Reason.TZ_UNKNOWN, None
    quiet = request.policy.quiet
    if closes_at(request.now, zones, quiet) is not None:
        return None, None
    opening = opens_at(request.now, zones, quiet)
    if opening is None:
        return Reason.TZ_NO_OVERLAP, None
    if request.notice.expires_before(opening):
        return Reason.QUIET_EXPIRES_NOTICE, None
    return Reason.QUIET_HOURS, opening


def provider_ttl_s(request: Request) -> int:
    """Return how many seconds a provider may hold the text: not past the window.

    What keeps no quiet hours has no window to end, and gets the longest time.
    """
    closing: datetime | None = None
    if _keeps_quiet_hours(request, "sms"):
        closing = closes_at(request.now, request.person.zones, request.policy.quiet)
    if closing is None:
        return _TTL_MAX_S
    seconds = (closing - request.now) // timedelta(seconds=1)
    return max(_TTL_MIN_S, min(seconds, _TTL_MAX_S))


def _keeps_quiet_hours(request: Request, channel: Channel) -> bool:
    policy = request.policy
    if policy.quiet.is_whole_day or request.notice.kind == "safety_alert":
        return False
    if channel == "email":
        return policy.email_quiet or request.is_collection
    return channel != "letter"
