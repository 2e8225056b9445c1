"""Keeps providers' calls as they came, and hands them to workers one at a time.

A call is stored once, whatever its provider repeats. A worker that takes one has it
for two minutes; if it dies, another takes it then. Nothing here reads a call.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Sequence

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from kombu.exceptions import OperationalError as BrokerError

from customers.sealed import ring
from notices.intake.providers import Hook
from notices.models import ProviderCall

log = logging.getLogger(__name__)

BATCH = 50
# How long a worker may take for what it has claimed.
LEASE = dt.timedelta(minutes=2)

STORE = """
INSERT INTO notices_providercall
    (provider, kind, dedupe_key, content_type, reference, body, received_at, state,
     reason, tries, not_before)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'new', '', 0, %s)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING id
"""


def store(
    *,
    hook: Hook,
    identity: str,
    content_type: str,
    reference: str,
    body: bytes,
    now: dt.datetime,
) -> bool:
    """Keep a verified call and wake a worker; False when it is known already."""
    key = hashlib.sha256(
        "\n".join((hook.provider, hook.kind, identity)).encode()
    ).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            STORE,
            [
                hook.provider,
                hook.kind,
                key,
                content_type[:200],
                reference[:40],
                ring().seal(body, "notices_providercall.body"),
                now,
                now,
            ],
        )
        is_new = cursor.fetchone() is not None
    if is_new:
        transaction.on_commit(ring_now)
    return is_new


_rung_at = float("-inf")


def ring_now() -> None:
    """Wake a worker, once a second at most; the tick rings for whatever is left."""
    global _rung_at
    if time.monotonic() - _rung_at < 1:
        return
    _rung_at = time.monotonic()
    try:
        current_app.send_task(
            "notices.tasks.take_calls", queue="intake", expires=15, retry=False
        )
    except BrokerError as error:
        log.warning("The intake cannot be woken, Redis is away: %s", error)


CLAIM = """
UPDATE notices_providercall
SET not_before = %(until)s, tries = tries + 1
WHERE id IN (
    SELECT id FROM notices_providercall
    WHERE state = 'new' AND not_before <= %(now)s
    ORDER BY not_before, id LIMIT %(size)s
    FOR UPDATE SKIP LOCKED
)
RETURNING *
"""


def claim(*, now: dt.datetime, size: int = BATCH) -> list[ProviderCall]:
    """Return calls that wait to be read, oldest first; they are ours for a while."""
    facts = {"until": now + LEASE, "now": now, "size": size}
    calls = list(ProviderCall.objects.raw(CLAIM, facts))
    return sorted(calls, key=lambda call: call.pk)


def waits(now: dt.datetime) -> bool:
    """Whether a call waits to be read."""
    return ProviderCall.objects.filter(
        state=ProviderCall.State.NEW, not_before__lte=now
    ).exists()


FINISH = """
UPDATE notices_providercall
SET state = 'done', reason = '', done_at = %s, body = NULL
WHERE id = ANY(%s) AND state = 'new'
RETURNING id
"""


def finish(
    call: ProviderCall, *, state: str, now: dt.datetime, reason: str = ""
) -> bool:
    """Close a call, in the transaction that acted on it; False when another did.

    What was read is not kept: it holds people's words and addresses. What could not
    be read is, so that staff can look.
    """
    keep = state == ProviderCall.State.FAILED
    closed = ProviderCall.objects.filter(pk=call.pk, state=ProviderCall.State.NEW)
    facts = {"state": state, "reason": reason[:200], "done_at": now}
    return bool(closed.update(**facts) if keep else closed.update(**facts, body=None))


def finish_all(ids: Sequence[int], *, now: dt.datetime) -> set[int]:
    """Close calls that were read and acted on; return those nobody else had."""
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [now, list(ids)])
        return {row[0] for row in cursor.fetchall()}


def put_off(
    call: ProviderCall, *, until: dt.datetime, reason: str = "", counts: bool = True
) -> None:
    """Let a call be read again later; ``counts`` unless it is no fault of the call."""
    waiting = ProviderCall.objects.filter(pk=call.pk, state=ProviderCall.State.NEW)
    waiting.update(
        not_before=until,
        reason=reason[:200],
        tries=F("tries") if counts else F("tries") - 1,
    )


def forget_old(now: dt.datetime) -> int:
    """Delete calls that were dealt with long ago; return how many.

    Providers stop repeating themselves after days (``KEEP_HOOKS_DAYS`` is 30).
    """
    kept = dt.timedelta(days=settings.KEEP_HOOKS_DAYS)
    return (
        ProviderCall.objects.filter(received_at__lt=now - kept)
        .exclude(state=ProviderCall.State.NEW)
        .delete()[0]
    )
