"""What a provider's answers say about addresses: those not to be written to again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from consent.actions import suppress
from consent.models import Suppression
from customers.actions import number_is_landline
from notices.handovers import Result
from notices.models import Channel, DeliveryEvent
from notices.senders import LANDLINE, Receipt, SendError

Kind = DeliveryEvent.Kind


def suppress_dead(results: Iterable[Result], now: dt.datetime) -> None:
    """Stop writing to addresses that do not exist or whose owner complained."""
    # In one order, so that two workers cannot wait for each other's rows.
    for result in sorted(results, key=lambda one: one.handover.outgoing.destination):
        reason = _suppression(result.answer)
        outgoing = result.handover.outgoing
        if reason and outgoing.channel in {Channel.EMAIL, Channel.SMS}:
            suppress(
                channel=outgoing.channel,
                address=outgoing.destination,
                reason=reason,
                source=f"{result.handover.provider}:{outgoing.reference}",
                now=now,
            )
        if _is_landline(result.answer):
            number_is_landline(number=outgoing.destination)


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
