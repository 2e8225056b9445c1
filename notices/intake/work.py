"""Takes calls one by one and acts on them; what cannot be read is left for staff."""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from notices.actions import ring
from notices.intake import calls, news, replies
from notices.intake.parse import NeedsStaff, Told, parse
from notices.intake.told import News, NotYet
from notices.models import ProviderCall

log = logging.getLogger(__name__)

State = ProviderCall.State

# Our own worker writes its result within moments, or is swept within minutes.
ASK_AGAIN = dt.timedelta(seconds=5)
TRY_AGAIN = dt.timedelta(minutes=1)
# A call that breaks its reader so often breaks it every time.
MOST_TRIES = 5


def take(*, clock: Callable[[], dt.datetime], seconds: float = 20.0) -> Counter[str]:
    """Read what waits for up to ``seconds``; return how many calls ended how.

    Safe to run any number of times at once. Answers to text messages are rung for.
    """
    stop_at = time.monotonic() + seconds
    done: Counter[str] = Counter()
    while time.monotonic() < stop_at:
        waiting = calls.claim(now=clock())
        if not waiting:
            break
        for call in waiting:
            done[_read(call, clock())] += 1
        if any(call.kind == ProviderCall.Kind.SMS_INBOUND for call in waiting):
            # A STOP is confirmed within minutes or not at all.
            ring(now=clock())
    return done


def _read(call: ProviderCall, now: dt.datetime) -> str:
    """Read one call and act on it; return how it ended."""
    if call.tries > MOST_TRIES:
        calls.finish(call, state=State.FAILED, now=now, reason="tried too often")
        return State.FAILED
    try:
        return _act(call, parse(call), now)
    except NotYet:
        calls.put_off(call, until=now + ASK_AGAIN, counts=False)
        return "waits"
    except NeedsStaff as error:
        log.error("Call %s needs a person: %s", call.pk, error)
        calls.finish(call, state=State.FAILED, now=now, reason=str(error))
        return State.FAILED
    except Exception as error:
        # One call nobody foresaw must not keep the others waiting.
        return _fault(call, error, now)


def _act(call: ProviderCall, told: Sequence[Told], now: dt.datetime) -> str:
    state = State.DONE if told else State.IGNORED
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Lost in a crash, it is done again: the call itself is safe on disk.
            cursor.execute("SET LOCAL synchronous_commit = off")
        # First of all, so that two workers never act on one call.
        if not calls.finish(call, state=state, now=now):
            return "taken"
        for one in told:
            if isinstance(one, News):
                news.act(one, now=now)
            else:
                replies.keep(one, now=now)
    return state


def _fault(call: ProviderCall, error: Exception, now: dt.datetime) -> str:
    """Put a call off, or leave it to staff when it broke too often.

    The words of an error may quote what a customer wrote, so only its kind and place
    are told.
    """
    place = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"{type(error).__name__} in {place.name}, line {place.lineno}"
    log.error("Call %s cannot be read: %s", call.pk, reason)
    if call.tries < MOST_TRIES:
        calls.put_off(call, until=now + TRY_AGAIN * call.tries, reason=reason)
        return "put_off"
    calls.finish(call, state=State.FAILED, now=now, reason=reason)
    return State.FAILED
