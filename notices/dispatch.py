"""Sends what is due: claim, ask again, render, note the attempt, hand over, record.

The order is the promise. A notice is claimed; inside a second transaction, with its
customer locked, it is asked again whether it may go, rendered, and its attempt and
exact bytes are written; only then is the wire touched, outside of any transaction;
then the result is written. A worker that dies leaves a claim (goes back into line) or
an attempt without a result (unknown, never sent again blindly).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import transaction

from consent.decision import Outcome
from notices.claims import MAX_TRIES, Move, claim, move
from notices.facts import load_facts
from notices.gate import Verdict, lock_people, verdicts
from notices.models import Notice, Stream
from notices.record import Handover, Result, note_attempts, record_results
from notices.render import Facts, RenderError, compile_version, render
from notices.senders import Outgoing, Sender, SendError, sender_for
from notices.states import State

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

CLAIM_SIZE = 100
# The word of settings.CHANNELS for what notices.printing sends in runs.
PRINT_ROOM = "print"
# … and for what people say on the telephone (notices.calls).
CALL_DESK = "desk"
# What one dead worker can leave in doubt, and how soon a pause takes effect.
GROUP_SIZE = 20
# Seconds a group that has begun may still use the wire: with it a task ends well
# within its hard limit (config.celery).
GRACE = 20.0
# A hold has no end to wait for; ask again tomorrow.
ASK_AGAIN = dt.timedelta(days=1)


@dataclass(slots=True)
class Drained:
    """What one drain did: how many notices went to each state, and why."""

    moved: Counter[str] = field(default_factory=Counter)


def drain(
    *, stream_id: int, channel: str, clock: Clock, seconds: float = 20.0
) -> Drained:
    """Send what is due of one stream and channel for up to ``seconds``.

    ``clock`` gives the aware instant that permission, debts and dates are judged by.
    Returns early when nothing is due, or outside the firm's bank days and hours; what
    goes to the print room or the call desk is left to them. Safe to run any number of
    times at once.
    """
    done = Drained()
    if settings.CHANNELS.get(channel) in {PRINT_ROOM, CALL_DESK}:
        return done
    stream = Stream.objects.select_related("brand").get(pk=stream_id)
    sender = sender_for(channel)
    stop_at = time.monotonic() + seconds
    token = uuid.uuid4()
    while time.monotonic() < stop_at and stream.is_open(clock()):
        ids = claim(
            stream_id=stream_id,
            channel=channel,
            now=clock(),
            size=CLAIM_SIZE,
            token=token,
        )
        if not ids:
            break
        if sender is None:
            _hold_all(ids, token, done)
            continue
        with sender:
            for group in _groups(ids):
                if time.monotonic() < stop_at:
                    _work(group, token, sender, clock, done, stop_at + GRACE)
                else:
                    _give_back(group, set(), token)
    return done


def _groups(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), GROUP_SIZE):
        yield ids[start : start + GROUP_SIZE]


def _hold_all(ids: Sequence[int], token: uuid.UUID, done: Drained) -> None:
    """Hold notices of a channel that has no provider; staff decide."""
    moves = [Move(pk, State.HELD, "NO_PROVIDER") for pk in ids]
    moved = move(token=token, source=State.CLAIMED, moves=moves)
    done.moved["held:NO_PROVIDER"] += len(moved)


def _work(
    ids: Sequence[int],
    token: uuid.UUID,
    sender: Sender,
    clock: Clock,
    done: Drained,
    stop_at: float,
) -> None:
    """Take one group all the way; what the wire has no time for goes back.

    Nothing is begun once half the lease is over: when it ends, the sweeper takes this
    worker for dead, and nothing of a living one may still be on the wire.
    """
    stop_at = min(stop_at, time.monotonic() + settings.LEASE_SECONDS / 2)
    handovers = _prepare(ids, token, sender.provider, clock, done)
    results = [_hand_over(sender, handover, stop_at) for handover in handovers]
    if results:
        done.moved.update(record_results(results, token=token, now=clock()))


def _prepare(
    ids: Sequence[int],
    token: uuid.UUID,
    provider: str,
    clock: Clock,
    done: Drained,
) -> list[Handover]:
    """Ask again, render, and note the attempts of a group; return what may go."""
    with transaction.atomic():
        notices = list(
            Notice.objects.filter(pk__in=ids, state=State.CLAIMED, claim_token=token)
            .select_related("stream__brand", "stream__policy", "template")
            .defer("stream__brand__logo")
            .order_by("pk")
        )
        moves: list[Move] = []
        allowed: list[Verdict] = []
        people = lock_people(notices)
        # Read after the wait for the locks: what others sent meanwhile has gone.
        now = clock()
        for verdict in verdicts(notices, people, now):
            stop = stop_of(verdict, now)
            if stop is None:
                allowed.append(verdict)
            else:
                moves.append(stop)
        handovers = []
        facts = load_facts({one.notice.pk: one.owed for one in allowed}, now)
        for verdict in allowed:
            ready = _render(verdict, facts[verdict.notice.pk])
            if isinstance(ready, Move):
                moves.append(ready)
            else:
                handovers.append(Handover(verdict.notice, ready, provider))
                moves.append(Move(verdict.notice.pk, State.HANDING_OFF))
        ours = move(token=token, source=State.CLAIMED, moves=moves)
        _give_back(ids, ours, token)
        handovers = [one for one in handovers if one.notice.pk in ours]
        note_attempts(handovers, now)
    for one in moves:
        if one.notice_id in ours and one.target != State.HANDING_OFF:
            done.moved[f"{one.target}:{one.reason}"] += 1
    return handovers


def _give_back(ids: Sequence[int], moved: set[int], token: uuid.UUID) -> None:
    """Put back into line what a pause kept from being handed over."""
    left = [Move(pk, State.SCHEDULED) for pk in ids if pk not in moved]
    move(token=token, source=State.CLAIMED, moves=left)


def stop_of(verdict: Verdict, now: dt.datetime) -> Move | None:
    """Return where a notice goes that may not be sent now, or None when it may."""
    notice, decision = verdict.notice, verdict.decision
    if decision.outcome == Outcome.ALLOW:
        if notice.tries >= MAX_TRIES:
            return Move(notice.pk, State.HELD, "TOO_MANY_TRIES")
        return None
    reason = str(decision.reason)
    if decision.outcome == Outcome.DEFER:
        return Move(
            notice.pk,
            State.SCHEDULED,
            reason,
            not_before=decision.not_before or now + ASK_AGAIN,
        )
    if decision.outcome == Outcome.BLOCK:
        return Move(notice.pk, State.SUPPRESSED, reason)
    # REVIEW needs a person. SUBSTITUTE does too: what law wants on paper is not
    # dropped, and turning it into a letter is the sender's own act.
    return Move(notice.pk, State.HELD, reason)


def _render(verdict: Verdict, facts: Facts) -> Outgoing | Move:
    """Return the message, or the move of a notice that cannot be rendered."""
    notice = verdict.notice
    facts = replace(
        facts, obligations=frozenset(map(str, verdict.decision.obligations))
    )
    try:
        rendered = render(compile_version(notice.template, notice.channel), facts)
    except RenderError as error:
        log.warning("Notice %s cannot be rendered: %s", notice.reference, error.code)
        return Move(notice.pk, State.HELD, error.code)
    except Exception:
        # One message that nobody foresaw must not keep its whole group from going.
        log.exception("Notice %s broke its rendering", notice.reference)
        return Move(notice.pk, State.HELD, "RENDER_FAULT")
    return Outgoing(
        reference=notice.reference,
        channel=notice.channel,
        destination=facts.destination.as_text(),
        sender=notice.stream.brand.email_from,
        media_type=rendered.media_type,
        body=rendered.body,
        sha256=hashlib.sha256(rendered.body).digest(),
        idempotency_key=f"{notice.reference}.{notice.tries + 1}",
    )


def _hand_over(sender: Sender, handover: Handover, stop_at: float) -> Result:
    """Touch the wire, and say what came of it."""
    if time.monotonic() > stop_at:
        return Result(handover, SendError("no time left", untried=True))
    try:
        return Result(handover, sender.send(handover.outgoing))
    except SendError as error:
        return Result(handover, error)
    except Exception:
        # A fault of ours in mid-send: nobody knows what left, and the rest of the
        # group must still be recorded.
        log.exception("Notice %s broke its sender", handover.notice.reference)
        return Result(handover, SendError("fault of the sender", unknown=True))
