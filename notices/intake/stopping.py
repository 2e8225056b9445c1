"""Stops at once what is in line for people who asked us to stop."""

from __future__ import annotations

from collections.abc import Sequence

from notices.models import Notice
from notices.states import State, check_move

# The answer to the stop itself still goes.
ANSWERS = ("stop_confirmation", "help_reply")
# What the decision would say of each reason; the ladder knows these words.
_WORDS = {"stop": "SUPP_STOP", "unsub_all": "SUPP_UNSUB_ALL"}


def stop_queued(*, customers: Sequence[int], channel: str, reason: str) -> int:
    """Take out of line what these people would get by a channel; return how many.

    What a worker has in hand is left to it: it asks again before it hands over, and
    finds the stop. What law requires is held, since staff must find another way.
    """
    why = _WORDS[reason]
    check_move(State.SCHEDULED, State.SUPPRESSED)
    check_move(State.SCHEDULED, State.HELD)
    queued = Notice.objects.filter(
        customer__in=customers, channel=channel, state=State.SCHEDULED
    ).exclude(kind__in=ANSWERS)
    required = queued.exclude(legal="none").update(state=State.HELD, reason=why)
    return required + queued.filter(legal="none").update(
        state=State.SUPPRESSED, reason=why
    )
