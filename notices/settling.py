"""Settles what dead workers of this machine left, by what their journals tell.

What a journal says was answered is recorded; what it never mentions never left, and
goes back into line; what was begun and not answered is unknown. Moves only what is
still under the dead worker's token: where a lease was swept first, nothing is left.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from notices import lanes
from notices.handovers import Handover, Result
from notices.journal import Story, stories
from notices.models import Attempt
from notices.record import record_all
from notices.senders import Outgoing, Receipt, SendError
from notices.states import State


def journals() -> Path:
    """Return the folder of the journals of this machine's workers."""
    return Path(settings.DULY_HOME) / "wire"


def settle() -> Counter[str]:
    """Settle the journals of dead workers; return how many went to each state."""
    moved: Counter[str] = Counter()
    for story in stories(journals()):
        lanes.give_up_probe(story.token)
        moved += _settle(story)
    return moved


def _settle(story: Story) -> Counter[str]:
    left = Attempt.objects.filter(
        notice__claim_token=story.token,
        notice__state=State.HANDING_OFF,
        finished_at__isnull=True,
    ).select_related("notice")
    results = [Result(_handover(one), _answer(story, one)) for one in left]
    if not results:
        return Counter()
    return record_all(results, token=story.token, now=timezone.now())


def _answer(story: Story, attempt: Attempt) -> Receipt | SendError:
    key = attempt.idempotency_key
    if key in story.answers:
        return story.answers[key]
    if key in story.begun:
        return SendError("worker lost", unknown=True)
    return SendError("worker lost", untried=True)


def _handover(attempt: Attempt) -> Handover:
    """Return a hand-over as it was, without its text: nothing is sent again."""
    outgoing = Outgoing(
        reference=attempt.notice.reference,
        channel=attempt.notice.channel,
        destination=attempt.destination,
        sender="",
        media_type="",
        body=b"",
        sha256=b"",
        idempotency_key=attempt.idempotency_key,
    )
    return Handover(attempt.notice, outgoing, attempt.provider)
