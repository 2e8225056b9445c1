"""What a provider's answers say about addresses: those not to be written to again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from consent.actions import DeadEnd, suppress_all
from consent.models import Suppression
from customers.actions import number_is_landline
from notices.handovers import Result
from notices.models import Channel, DeliveryEvent
from notices.senders import LANDLINE, Receipt, SendError

Kind = DeliveryEvent.Kind


def suppress_dead(results: Iterable[Result], now: dt.datetime) -> None:
    """Stop writing to addresses that do not exist or whose owner complained."""
    results = list(results)
    told = (_dead_end(result) for result in results)
    suppress_all([one for one in told if one is not None], now=now)
    # In one order, so that two workers cannot wait for each other's rows.
    landlines = {
        result.handover.outgoing.destination
        for result in results
        if _is_landline(result.answer)
    }
    for number in sorted(landlines):
        number_is_landline(number=number)


def _dead_end(result: Result) -> DeadEnd | None:
    """Return what an answer says of its address; None where it may be written to."""
    outgoing = result.handover.outgoing
    reason = _suppression(result.answer)
    if not reason or outgoing.channel not in {Channel.EMAIL, Channel.SMS}:
        return None
    source = f"{result.handover.provider}:{outgoing.reference}"
    return DeadEnd(outgoing.channel, outgoing.destination, reason, source)


def _is_landline(answer: Receipt | SendError) -> bool:
    return isinstance(answer, SendError) and answer.suppresses == LANDLINE


def _suppression(answer: Receipt | SendError) -> str:
    if _is_landline(answer):
        return Suppression.Reason.INVALID
    if isinstance(answer, SendError):
        return answer.suppresses
    kinds = {event.kind for event in answer.events}
    for kind in (Kind.COMPLAINT, Kind.HARD_BOUNCE):
        if kind in kinds:
            return kind
    return ""
