"""A signed root a day over all that was added to the history, and its copy elsewhere.

A chain shows whatever was changed in it, but not that its newest events were cut off.
The root of their day does: a Merkle tree over every event added since the root before,
which it names, so that the newest one speaks for all. Signed with a key that is not in
the database, and written to a file that is not there either: whoever rules the database
alone can forge neither.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from consent import chain
from consent.models import ConsentRoot, RootCopy
from consent.streaming import streamed

log = logging.getLogger(__name__)

VERSION = 1
# What the first root follows.
NOTHING = bytes(32)
# The columns that are signed, in hexadecimal digits where they are bytes.
SIGNED = (
    "day",
    "made_at",
    "after_event",
    "last_event",
    "size",
    "root",
    "previous",
    "public_key",
)


class CopyFault(Exception):
    """The file of roots cannot be written to, or belongs to another history."""


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
        _alone()
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


def _alone() -> None:
    """Keep others who make or copy roots out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('duly consent roots'))")


def _make(
    before: ConsentRoot | None, last: int, day: dt.date, now: dt.datetime
) -> ConsentRoot:
    after = before.last_event if before else 0
    tree = tree_of(after, last)
    key = _signing_key(settings.LEDGER_KEY)
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


# What is signed --------------------------------------------------------------


def as_dict(root: ConsentRoot) -> dict[str, chain.Json]:
    """Return what a root says, in plain JSON values, without its signature."""
    said = {name: chain.plain(getattr(root, name)) for name in SIGNED}
    return {"version": VERSION, **said}


def statement(root: ConsentRoot) -> bytes:
    """Return the bytes a root is signed over."""
    return chain.canonical(as_dict(root))


def fingerprint(root: ConsentRoot) -> bytes:
    """Return the hash by which the next root names this one."""
    return sha256(statement(root)).digest()


def is_signed(root: ConsentRoot) -> bool:
    """Say whether a root bears the signature of this house."""
    if bytes(root.public_key) not in _own_keys():
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes(root.public_key)).verify(
            bytes(root.signature), statement(root)
        )
    except InvalidSignature:
        return False
    return True


def _own_keys() -> set[bytes]:
    return {
        _signing_key(secret).public_key().public_bytes_raw()
        for secret in (settings.LEDGER_KEY, *settings.LEDGER_KEY_FALLBACKS)
    }


@lru_cache(maxsize=8)
def _signing_key(secret: str) -> Ed25519PrivateKey:
    derived = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"duly consent roots"
    ).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


# The copy off the database ---------------------------------------------------


def line_of(root: ConsentRoot) -> bytes:
    """Return a root as the line of the file."""
    said = {**as_dict(root), "signature": bytes(root.signature).hex()}
    return chain.canonical(said) + b"\n"


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of roots; none where there is no file.

    :raises CopyFault: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return
    except OSError as error:
        raise CopyFault(f"{path} cannot be read: {error.strerror}.") from error


def copy_roots(*, path: Path | None = None) -> int:
    """Write the roots the file does not hold yet behind those it does; return how many.

    :raises CopyFault: it cannot be written, or its last line is no root of ours, as
        after an older copy of the database was restored.
    """
    path = path or Path(settings.LEDGER_FILE)
    with transaction.atomic():
        # Two who copy at once would write every line twice.
        _alone()
        missing = list(_behind(path))
        if missing:
            _append(path, b"".join(map(line_of, missing)))
        now = timezone.now()
        RootCopy.objects.bulk_create(
            [RootCopy(root=root, copied_at=now) for root in missing],
            ignore_conflicts=True,
        )
    return len(missing)


def _behind(path: Path) -> Iterator[ConsentRoot]:
    last = deque(lines(path), maxlen=1)
    if not last:
        return ConsentRoot.objects.order_by("pk").iterator()
    root = _named(last[0])
    if root is None or line_of(root) != last[0]:
        raise CopyFault(
            f"The last line of {path} is no root of this database. If an older copy of "
            "it was restored, put the file of then beside it; if not, somebody has "
            "changed one of them: run verify_consent."
        )
    return ConsentRoot.objects.filter(pk__gt=root.pk).order_by("pk").iterator()


def _named(line: bytes) -> ConsentRoot | None:
    """Return the root of the day a line names."""
    try:
        said = json.loads(line)
        day = dt.date.fromisoformat(said["day"])
    except (ValueError, KeyError, TypeError):
        return None
    return ConsentRoot.objects.filter(day=day).first()


def _append(path: Path, added: bytes) -> None:
    """Add lines to the file, all of them or none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = path.stat().st_size if path.exists() else 0
        try:
            with path.open("ab") as file:
                file.write(added)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if path.exists():
                os.truncate(path, before)
            raise
    except OSError as error:
        raise CopyFault(f"{path} cannot be written: {error.strerror}.") from error


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
