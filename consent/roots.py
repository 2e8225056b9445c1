"""A signed root a day over all that was added to the history, and its copy elsewhere.

A chain shows whatever was changed in it, but not that its newest events were cut off.
The root of their day does: a Merkle tree over every event added since the root before,
which it names, so that the newest one speaks for all. Signed with a key that is not in
the database, and written to a file that is not there either: whoever rules the database
alone can forge neither.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from consent import chain
from consent.models import ConsentRoot
from consent.root_copies import CopyFault, copy_roots, keep_others_out
from consent.root_signing import NOTHING, fingerprint, signing_key, statement
from consent.streaming import streamed

log = logging.getLogger(__name__)

# Making ----------------------------------------------------------------------


def seal(*, now: dt.datetime) -> None:
    """Make the root of the day where it is due, and copy what was not copied.

    A copy that fails is noted in the log and shown on Health until it succeeds.
    """
    make_root(now=now)
    try:
        copy_roots()
    except CopyFault as error:
        log.error("The roots of the consent history were not copied: %s", error)


def make_root(*, now: dt.datetime) -> ConsentRoot | None:
    """Make the root of the day (UTC) over what was added since the last one.

    None where the day has one, or where somebody is writing so long, as an import
    does, that waiting for them would hold everybody else up: ask again later.
    """
    day = now.astimezone(dt.UTC).date()
    if ConsentRoot.objects.filter(day__gte=day).exists():
        return None
    last = _last_event()
    if last is None:
        return None
    with transaction.atomic():
        keep_others_out()
        before = ConsentRoot.objects.order_by("-pk").first()
        if before is not None and before.day >= day:
            return None
        return _make(before, last, day, now)


def _last_event() -> int | None:
    """Wait a second for all who are writing the history; return its last event then.

    Whatever is numbered lower has been committed by now, so that no event can slip in
    among those a root covers. None where somebody was still writing.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute("LOCK TABLE consent_consentevent IN SHARE MODE")
            cursor.execute("SELECT COALESCE(max(id), 0) FROM consent_consentevent")
            return int(cursor.fetchone()[0])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return None
        raise


def _make(
    before: ConsentRoot | None, last: int, day: dt.date, now: dt.datetime
) -> ConsentRoot:
    after = before.last_event if before else 0
    tree = tree_of(after, last)
    key = signing_key(settings.LEDGER_KEY)
    made = ConsentRoot(
        day=day,
        made_at=now,
        after_event=after,
        last_event=max(last, after),
        size=tree.size,
        root=tree.root(),
        previous=fingerprint(before) if before else NOTHING,
        public_key=key.public_key().public_bytes_raw(),
    )
    made.signature = key.sign(statement(made))
    made.save(force_insert=True)
    return made


def tree_of(after: int, last: int) -> chain.Tree:
    """Return the tree over the events numbered above ``after`` up to ``last``.

    A leaf is the number of an event in 8 bytes and its hash, in the order of numbers.
    """
    tree = chain.Tree()
    for number, own in streamed(
        "SELECT id, hash FROM consent_consentevent "
        "WHERE id > %s AND id <= %s ORDER BY id",
        [after, last],
    ):
        tree.add(int(number).to_bytes(8) + bytes(own))
    return tree


# How it stands ---------------------------------------------------------------

_STANDING = """
    SELECT
        (
            SELECT recorded_at FROM consent_consentevent WHERE id > COALESCE(
                (SELECT max(last_event) FROM consent_consentroot), 0
            ) ORDER BY id LIMIT 1
        ),
        (
            SELECT made_at FROM consent_consentroot AS root WHERE NOT EXISTS (
                SELECT FROM consent_rootcopy WHERE root_id = root.id
            ) ORDER BY id LIMIT 1
        )
"""


class Waiting(NamedTuple):
    """Since when something waits: an event for a root, a root for its copy.

    By the oldest event behind the last root, and the oldest root that was never copied.
    """

    unrooted: dt.datetime | None
    uncopied: dt.datetime | None


def waiting() -> Waiting:
    """Return since when something waits: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        return Waiting(*cursor.fetchone())
