"""Takes calls one by one and acts on them; what cannot be read is left for staff."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db import Error, transaction

from notices.actions import ring
from notices.faults import kind_and_place
from notices.intake import bulk, calls, news, replies
from notices.intake.parse import NeedsStaff, parse
from notices.intake.told import News, NotYet, Told
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
        done.update(_read(waiting, clock()))
        if any(call.kind == ProviderCall.Kind.SMS_INBOUND for call in waiting):
            # A STOP is confirmed within minutes or not at all.
            ring(now=clock())
    return done


def _read(waiting: Sequence[ProviderCall], now: dt.datetime) -> Iterator[str]:
    """Read some calls and act on them; yield how each ended."""
    told: dict[int, Sequence[Told]] = {}
    for call in waiting:
        try:
            told[call.pk] = _parse(call)
        except Exception as error:
            # One call nobody foresaw must not keep the others waiting.
            yield _fault(call, error, now)
    plain = _act_on_plain(told, now)
    for call in waiting:
        if call.pk in plain:
            yield State.DONE
        elif call.pk in told:
            yield _act(call, told[call.pk], now)


def _parse(call: ProviderCall) -> Sequence[Told]:
    """Return what a call tells.

    :raises NeedsStaff: only a person can act on it, or it has killed its workers.
    """
    if call.tries > MOST_TRIES:
        raise NeedsStaff("Tried too often. The log says what became of its workers.")
    return parse(call)


def _act_on_plain(told: Mapping[int, Sequence[Told]], now: dt.datetime) -> set[int]:
    try:
        return bulk.act(told, now=now)
    except Error as error:
        # Together they met another worker; one by one they will not.
        log.warning("Calls are acted on one by one: %s", type(error).__name__)
        return set()


def _act(call: ProviderCall, told: Sequence[Told], now: dt.datetime) -> str:
    """Act on one call; return how it ended."""
    try:
        return _do(call, told, now)
    except NotYet:
        calls.put_off(call, until=now + ASK_AGAIN, counts=False)
        return "waits"
    except Exception as error:
        return _fault(call, error, now)


def _do(call: ProviderCall, told: Sequence[Told], now: dt.datetime) -> str:
    state = State.DONE if told else State.IGNORED
    with transaction.atomic():
        bulk.commit_softly()
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
    if isinstance(error, NeedsStaff):
        log.error("Call %s needs a person: %s", call.pk, error)
        calls.finish(call, state=State.FAILED, now=now, reason=str(error))
        return State.FAILED
    reason = kind_and_place(error)
    log.error("Call %s cannot be read: %s", call.pk, reason)
    if call.tries < MOST_TRIES:
        calls.put_off(call, until=now + TRY_AGAIN * call.tries, reason=reason)
        return "put_off"
    calls.finish(call, state=State.FAILED, now=now, reason=reason)
    return State.FAILED
