"""Acts on many calls at once where all they say is that messages arrived.

That is what nearly every call says. Whatever is out of the ordinary, in the word or in
the notice, is left to be acted on one by one (notices.intake.work).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from customers.sealed import sealed_json
from notices.intake.calls import finish_all
from notices.intake.told import News, Told
from notices.models import Notice
from notices.states import State, check_move

# Outcomes (data/outcomes.toml) that stop nobody and fail nothing.
PLAIN = frozenset({"delivered", "accepted", "nothing"})
# What a worker has in hand, or nobody knows the fate of, is not plain.
SETTLED = frozenset({State.SENT, State.DELIVERED})


def act(told: Mapping[int, Sequence[Told]], *, now: dt.datetime) -> set[int]:
    """Act on the plain ones among some calls (by id); return the ids dealt with.

    One transaction and five statements, whatever the number.
    """
    plain = {
        call: [one for one in words if isinstance(one, News)]
        for call, words in told.items()
        if words and all(_is_plain(one) for one in words)
    }
    if not plain:
        return set()
    with transaction.atomic():
        commit_softly()
        notices = _notices(plain)
        easy = [
            call
            for call, words in plain.items()
            if all(_is_easy(one, notices) for one in words)
        ]
        ours = finish_all(easy, now=now)
        arrived = [
            (notices[one.reference].pk, one)
            for call in sorted(ours)
            for one in plain[call]
            if one.outcome.name == "delivered" and one.reference in notices
        ]
        if arrived:
            _note(arrived)
    return ours


def commit_softly() -> None:
    """Let this transaction not wait for the disk: lost in a crash it is done again,
    since the calls themselves are safe."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _is_plain(one: Told) -> bool:
    return isinstance(one, News) and one.outcome.name in PLAIN


def _notices(plain: Mapping[int, Sequence[News]]) -> dict[str, Notice]:
    references = {one.reference for words in plain.values() for one in words}
    found = Notice.objects.filter(reference__in=references - {""})
    return {one.reference: one for one in found.only("reference", "state", "channel")}


def _is_easy(one: News, notices: Mapping[str, Notice]) -> bool:
    notice = notices.get(one.reference)
    if notice is None:
        return True
    return notice.state in SETTLED and notice.channel == one.channel


_RAW = "notices_deliveryevent.raw"
EVENTS = """
INSERT INTO notices_deliveryevent
    (notice_id, provider, event_id, kind, occurred_at, recorded_at, raw)
SELECT told.notice_id, told.provider, told.event_id, 'delivered', told.occurred_at,
    now(), told.raw
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::bytea[])
    AS told (notice_id, provider, event_id, occurred_at, raw)
ON CONFLICT (provider, event_id) DO NOTHING
"""

MOVES = """
UPDATE notices_notice AS notice
SET state = 'delivered', reason = '', delivered_at = told.occurred_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS told (notice_id, occurred_at)
WHERE notice.id = told.notice_id AND notice.state = 'sent'
"""


def _note(arrived: Sequence[tuple[int, News]]) -> None:
    """Keep the events, and move what was only handed over so far."""
    check_move(State.SENT, State.DELIVERED)
    ids = [notice for notice, _ in arrived]
    times = [one.occurred_at for _, one in arrived]
    with connection.cursor() as cursor:
        cursor.execute(
            EVENTS,
            [
                ids,
                [one.provider for _, one in arrived],
                [one.event_id for _, one in arrived],
                times,
                [sealed_json(_RAW, dict(one.details)) for _, one in arrived],
            ],
        )
        cursor.execute(MOVES, [ids, times])
