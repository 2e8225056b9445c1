"""Gets a claimed batch ready: asks again, renders, and notes the attempts.

One transaction, with the customers locked: whoever may not be written to any more, or
whose message cannot be written, goes where the rules say; of the others the attempt and
the exact bytes are stored before anything touches a wire.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from django.db import DatabaseError, DataError, transaction

from consent.decision import Outcome, Reason
from customers.vault import KeyMissing
from notices.attempts import note_attempts
from notices.claims import MAX_TRIES, Clock, Move, move
from notices.doors import keep_links
from notices.facts import facts_of
from notices.faults import kind_and_place
from notices.gate import Verdict, verdicts
from notices.handovers import Handover
from notices.inviting import note_invitations
from notices.models import Channel, Notice
from notices.papers import Papers, papers_of
from notices.people import Person, lock_people
from notices.render import Facts, RenderError, compile_version, render
from notices.sampling import addressed
from notices.senders import Outgoing
from notices.sms import measure
from notices.states import State

log = logging.getLogger(__name__)

# A hold has no end to wait for; ask again tomorrow.
ASK_AGAIN = dt.timedelta(days=1)
# Bytes of papers that a batch may carry: one worker holds two batches or three.
MOST_BYTES = 16 * 1024 * 1024


def make_ready(
    ids: Sequence[int],
    *,
    token: uuid.UUID,
    provider: str,
    clock: Clock,
    moved: Counter[str],
) -> list[Handover]:
    """Return what of a claimed batch of one stream may go now, noted as on its way.

    The rest has left the claim by then; ``moved`` counts where it went. What is too
    much to carry at once goes back into line as it was.
    """
    one_by_one = partial(
        make_ready, token=token, provider=provider, clock=clock, moved=moved
    )
    try:
        return _make_ready(
            ids, token=token, provider=provider, clock=clock, moved=moved
        )
    except Exception as error:
        is_ours = isinstance(error, (DatabaseError, KeyMissing))
        if is_ours and not isinstance(error, DataError):
            # Not the fault of any notice: they wait until it is mended.
            raise
        # One notice that nobody foresaw must not keep its whole batch from going.
        log.error("A batch of %s broke: %s", len(ids), kind_and_place(error))
        if len(ids) > 1:
            return [one for pk in ids for one in one_by_one([pk])]
    moves = [Move(pk, State.HELD, "RENDER_FAULT") for pk in ids]
    ours = move(token=token, source=State.CLAIMED, moves=moves)
    moved[f"{State.HELD}:RENDER_FAULT"] += len(ours)
    return []


def _make_ready(
    ids: Sequence[int],
    *,
    token: uuid.UUID,
    provider: str,
    clock: Clock,
    moved: Counter[str],
) -> list[Handover]:
    with transaction.atomic():
        # What a busy provider turned away goes behind the others of its batch.
        in_order = ("lane", "not_before", "pk")
        notices = list(Notice.objects.claimed(ids, token).order_by(*in_order))
        people = addressed(
            lock_people(notice.customer_id for notice in notices), notices
        )
        # Read after the wait for the locks: what others sent meanwhile has gone.
        now = clock()
        allowed, moves = triage(notices, people, now)
        owed = {one.notice.pk: one.owed for one in allowed}
        papers = papers_of([one.notice for one in allowed], owed)
        allowed = allowed[: _carried(allowed, papers)]
        duties = {one.notice.pk: one.obligations for one in allowed}
        ready = [one.notice for one in allowed]
        facts = facts_of(ready, people, owed, now, papers, duties)
        handovers = []
        for verdict in allowed:
            made = _rendered(verdict, facts[verdict.notice.pk])
            if isinstance(made, Move):
                moves.append(made)
            else:
                handovers.append(Handover(verdict.notice, made, provider))
                moves.append(Move(verdict.notice.pk, State.HANDING_OFF))
        ours = move(token=token, source=State.CLAIMED, moves=moves)
        give_back([pk for pk in ids if pk not in ours], token)
        handovers = [one for one in handovers if one.notice.pk in ours]
        note_attempts(handovers, now)
        keep_links([one.notice for one in handovers], now)
        note_invitations([one.notice for one in handovers], now)
    for one in moves:
        if one.notice_id in ours and one.target != State.HANDING_OFF:
            moved[f"{one.target}:{one.reason}"] += 1
    return handovers


def _carried(allowed: Sequence[Verdict], papers: Mapping[int, Papers]) -> int:
    """Return how many of these, from the first, may be carried with their papers."""
    weight = 0
    if not any(one.attached for one in papers.values()):
        return len(allowed)
    for at, verdict in enumerate(allowed):
        attached = papers.get(verdict.notice.pk, Papers()).attached
        weight += sum(one.size for one in attached)
        if at and weight > MOST_BYTES:
            return at
    return len(allowed)


def give_back(ids: Sequence[int], token: uuid.UUID) -> None:
    """Put claimed notices back into line as they were: a pause, or no time left."""
    moves = [Move(pk, State.SCHEDULED) for pk in ids]
    move(token=token, source=State.CLAIMED, moves=moves)


def triage(
    notices: Sequence[Notice], people: Mapping[int, Person], now: dt.datetime
) -> tuple[list[Verdict], list[Move]]:
    """Ask the gate about claimed notices: those that may go, and where the others go.

    As ``notices.gate.verdicts``: sorted by stream, with their customers locked.
    """
    allowed, moves = [], []
    for verdict in verdicts(notices, people, now):
        stop = stop_of(verdict, now)
        if stop is None:
            allowed.append(verdict)
        else:
            moves.append(stop)
    return allowed, moves


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
        expired = decision.reason == Reason.NOTICE_EXPIRED
        target = State.EXPIRED if expired else State.SUPPRESSED
        return Move(notice.pk, target, reason)
    # REVIEW needs a person. SUBSTITUTE does too: what law wants on paper is not
    # dropped, and turning it into a letter is the sender's own act.
    return Move(notice.pk, State.HELD, reason)


def _rendered(verdict: Verdict, facts: Facts) -> Outgoing | Move:
    """Return the message, or the move of a notice that cannot be rendered."""
    notice = verdict.notice
    try:
        rendered = render(compile_version(notice.template, notice.channel), facts)
    except RenderError as error:
        log.warning("Notice %s cannot be rendered: %s", notice.reference, error.code)
        return Move(notice.pk, State.HELD, error.code)
    except Exception as error:
        # One message that nobody foresaw must not keep its whole batch from going.
        fault = kind_and_place(error)
        log.error("Notice %s broke its rendering: %s", notice.reference, fault)
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
        ttl_s=verdict.decision.provider_ttl_s,
        units=measure(rendered.text).segments if notice.channel == Channel.SMS else 1,
    )
