"""Asks providers about the notices whose fate is unknown, a few at a time.

Each attempt is asked about once it is old enough for the answer to be trusted, and then
now and again, until the provider, its reports or staff have settled it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.db.models import F, Q
from django.db.models.functions import Now

from notices.models import Attempt
from notices.senders.lookup import PATIENCE, CannotAsk, took
from notices.states import State

log = logging.getLogger(__name__)

# A sweep asks so many, and each not before so long after the last time: an answer may
# take seconds, and a sweep is a part of the scheduler's pass.
MOST_ASKED = 10
ASK_AGAIN = dt.timedelta(minutes=10)


def answered() -> Iterator[tuple[Attempt, bool]]:
    """Yield attempts whose provider says whether it has the message.

    A provider that does not answer is left in peace until the next sweep.
    """
    silent: set[str] = set()
    for attempt in _due():
        if attempt.provider in silent:
            continue
        Attempt.objects.filter(pk=attempt.pk).update(asked_at=Now())
        try:
            arrived = took(attempt)
        except CannotAsk as error:
            log.warning("Notice %s stays unknown: %s", attempt.notice.reference, error)
            silent.add(attempt.provider)
            continue
        if arrived is None:
            continue
        if attempt.provider_reference:
            attempt.save(update_fields=["provider_reference"])
        yield attempt, arrived


def _due() -> list[Attempt]:
    """Return the attempts to ask about now, those never asked about first."""
    old_enough = Q()
    for provider, patience in PATIENCE.items():
        old_enough |= Q(provider=provider, started_at__lte=Now() - patience)
    in_doubt = Attempt.objects.filter(
        old_enough,
        Q(asked_at__isnull=True) | Q(asked_at__lt=Now() - ASK_AGAIN),
        notice__state=State.UNKNOWN,
        finished_at__isnull=True,
    ).select_related("notice")
    return list(
        in_doubt.order_by(F("asked_at").asc(nulls_first=True), "pk")[:MOST_ASKED]
    )
