"""Attempts: written with the exact bytes before the wire, closed by what came back.

A few statements a group, whatever its size. Moves no notice, and asks neither whether
one may go nor who sends it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection
from django.db.backends.utils import CursorWrapper

from customers.lookups import array_of
from customers.sealed import ring, sealed_text
from notices.copies import Packer, packers_for
from notices.handovers import Handover, Result
from notices.models import Attempt, SentCopy
from notices.senders import Receipt, SendError

COPIES = """
COPY notices_sentcopy (notice_id, media_type, body, dictionary_id, size, sha256)
FROM STDIN (FORMAT BINARY)
"""
COPY_CONTEXT = "notices_sentcopy.body"
COPY_TYPES = ("int8", "varchar", "bytea", "int8", "int4", "bytea")

ATTEMPTS = """
COPY notices_attempt (notice_id, number, provider, destination, idempotency_key,
    started_at, result, provider_reference, error)
FROM STDIN (FORMAT BINARY)
"""
ATTEMPT_TYPES = (
    "int8", "int2", "varchar", "bytea", "varchar", "timestamptz", "varchar",
    "varchar", "varchar",
)  # fmt: skip


def note_attempts(handovers: Sequence[Handover], now: dt.datetime) -> None:
    """Write the attempts and the exact bytes, in the caller's transaction."""
    if not handovers:
        return
    packers = packers_for([one.notice for one in handovers])
    # A second try replaces what the first never handed over.
    SentCopy.objects.filter(notice__among=[one.notice.pk for one in handovers]).delete()
    # Packed as they are written: a batch may weigh some tens of megabytes.
    copies = (_copy(one, packers[one.notice.pk]) for one in handovers)
    attempts = [
        (
            one.notice.pk,
            one.notice.tries + 1,
            one.provider,
            sealed_text("notices_attempt.destination", one.outgoing.destination),
            one.outgoing.idempotency_key,
            now,
            Attempt.Result.UNKNOWN.value,
            "",
            "",
        )
        for one in handovers
    ]
    with connection.cursor() as cursor:
        _copy_in(cursor, COPIES, COPY_TYPES, copies)
        _copy_in(cursor, ATTEMPTS, ATTEMPT_TYPES, attempts)


def _copy(handover: Handover, packer: Packer) -> tuple[object, ...]:
    outgoing = handover.outgoing
    return (
        handover.notice.pk,
        outgoing.media_type,
        ring().seal(packer.pack(outgoing.body), COPY_CONTEXT),
        packer.dictionary_id,
        len(outgoing.body),
        outgoing.sha256,
    )


def _copy_in(
    cursor: CursorWrapper,
    statement: str,
    types: Sequence[str],
    rows: Iterable[tuple[object, ...]],
) -> None:
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def forget_untried(results: Sequence[Result]) -> None:
    """Take back the attempts that said nothing of their message: they were none."""
    untried = [
        result.handover.outgoing.idempotency_key
        for result in results
        if isinstance(result.answer, SendError) and took_nothing(result.answer)
    ]
    if untried:
        Attempt.objects.filter(idempotency_key__among=untried).delete()


FINISH = """
UPDATE notices_attempt AS attempt
SET result = answer.result, provider_reference = one.provider_reference,
    error = answer.error, segments = answer.segments, price = answer.price,
    currency = answer.currency,
    finished_at = CASE WHEN answer.result <> 'unknown' THEN %(now)s END
FROM unnest(%(keys)s::text[], %(references)s::text[], %(which)s::int[])
    AS one (idempotency_key, provider_reference, which)
JOIN unnest(
    %(results)s::text[], %(errors)s::text[], %(segments)s::int[],
    %(prices)s::numeric[], %(currencies)s::text[]
) WITH ORDINALITY
    AS answer (result, error, segments, price, currency, which)
    USING (which)
WHERE attempt.idempotency_key = one.idempotency_key
  -- That nobody knows says nothing more where somebody has found out meanwhile.
  AND (attempt.finished_at IS NULL OR answer.result <> 'unknown')
"""


def finish_attempts(results: Sequence[Result], now: dt.datetime) -> None:
    """Close the attempts; one whose outcome nobody knows stays open."""
    # Most of a group are answered alike, but for the provider's reference.
    alike: dict[tuple[object, ...], int] = {}
    references, which = [], []
    for result in results:
        word, reference, error = _written(result.answer)
        answer = (word, error, *_billed(result.answer))
        references.append(reference)
        which.append(alike.setdefault(answer, len(alike) + 1))
    words, errors, segments, prices, currencies = map(list, zip(*alike, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            FINISH,
            {
                "now": now,
                "keys": array_of(
                    one.handover.outgoing.idempotency_key for one in results
                ),
                "references": array_of(references),
                "which": array_of(which),
                "results": words,
                "errors": errors,
                "segments": segments,
                "prices": prices,
                "currencies": currencies,
            },
        )


def _billed(answer: Receipt | SendError) -> tuple[int | None, Decimal | None, str]:
    """Return the parts, the price and the currency of an answer."""
    if isinstance(answer, Receipt):
        return answer.segments, answer.price, answer.currency[:3]
    return None, None, ""


def _written(answer: Receipt | SendError) -> tuple[str, str, str]:
    """Return the result, the provider's reference and the error of an answer."""
    if isinstance(answer, Receipt):
        return Attempt.Result.ACCEPTED, _kept(answer.provider_reference, 200), ""
    if answer.unknown:
        return Attempt.Result.UNKNOWN, "", _kept(answer.code, 300)
    refused = Attempt.Result.REFUSED if answer.permanent else Attempt.Result.TRY_LATER
    return refused, "", _kept(answer.code, 300)


def _kept(words: str, most: int) -> str:
    # PostgreSQL keeps no NUL; one in an answer must not lose its whole group.
    return words.replace("\0", "")[:most]


def took_nothing(answer: SendError) -> bool:
    """Whether this message was not the matter: it may go again, whoever was busy."""
    return answer.untried or answer.backs_off or answer.stops_lane
