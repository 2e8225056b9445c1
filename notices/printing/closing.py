"""Closes a run: asks again, sets, and stores file by file, resumable at any point.

A batch of letters is claimed and asked about; set without any lock, since that takes a
minute; and then asked about once more in the very transaction that stores its file
and says that they are printed. Whoever paid in that minute is left out and the file
written without them. So a letter is on paper if and only if its notice says so: a
worker that dies leaves claims, which go back into line, and no file. Nothing is printed
twice or lost, and any number of workers may close the same run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from customers.calendars import local_day
from notices.claims import Move, move
from notices.dispatch import stop_of
from notices.facts import load_facts
from notices.gate import Verdict, lock_people, verdicts
from notices.models import (
    Attempt,
    Notice,
    PrintEvent,
    PrintFile,
    PrintItem,
    PrintRun,
    Stream,
)
from notices.owed import Owed
from notices.printing.pages import fingerprints
from notices.printing.runs import note
from notices.printing.weights import sheets_of, weight_class
from notices.render import Facts, compile_version
from notices.render.address import recipient_lines
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.run import Printed, PrintedLetters, print_letters
from notices.states import State

PROVIDER = "print"
# Letters in one file: what a folding machine takes in a box, and a minute of work.
FILE_SIZE = 500

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Ready:
    """One letter that may go, with the facts it is set from."""

    notice: Notice
    facts: Facts
    compiled: CompiledTemplate


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter as it stands in a file."""

    ready: Ready
    printed: Printed
    sheets: int
    first_page: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The letters of one weight class of a batch, and their PDF."""

    part: str
    pdf: bytes
    letters: tuple[Sheet, ...]


def close_some(*, run_id: int, clock: Clock, seconds: float = 60.0) -> bool:
    """Print the letters of a closing run for up to ``seconds``; True once it is closed.

    ``clock`` gives the aware instant by which debts and permission are judged.
    """
    run = PrintRun.objects.select_related("brand").get(pk=run_id)
    stop_at = time.monotonic() + seconds
    while run.state == PrintRun.State.CLOSING and time.monotonic() < stop_at:
        token = uuid.uuid4()
        ids = _claim(run, clock(), token)
        if ids:
            _print_batch(run, ids, token, clock, stop_at)
        elif not _finish(run, clock()):
            return False
        run.refresh_from_db(fields=["state"])
    return run.state == PrintRun.State.CLOSED


# Materialised: as a plain subquery the planner may run it more than once, and each time
# it would skip the rows just locked and take as many again.
CLAIM = """
WITH next AS MATERIALIZED (
    SELECT notice.id
    FROM notices_printitem AS item
    JOIN notices_notice AS notice ON notice.id = item.notice_id
    JOIN notices_stream AS stream ON stream.id = notice.stream_id
    WHERE item.run_id = %(run)s AND item.state = 'waiting'
      AND notice.state = 'scheduled' AND notice.not_before <= %(now)s
      AND stream.state = 'running'
    ORDER BY item.place, item.id
    LIMIT %(size)s
    FOR UPDATE OF notice SKIP LOCKED
)
UPDATE notices_notice AS notice
SET state = 'claimed', claim_token = %(token)s,
    lease_until = now() + make_interval(secs => %(lease)s)
FROM next WHERE notice.id = next.id
RETURNING notice.id
"""


def _claim(run: PrintRun, now: dt.datetime, token: uuid.UUID) -> list[int]:
    """Take the next letters of a run, a file's worth; they are ours for the lease."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "token": token,
                "lease": settings.LEASE_SECONDS,
                "run": run.pk,
                "now": now,
                "size": FILE_SIZE,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _print_batch(
    run: PrintRun, ids: Sequence[int], token: uuid.UUID, clock: Clock, stop_at: float
) -> None:
    """Take one batch all the way; what there was no time for goes back into line."""
    stop_at = min(stop_at, time.monotonic() + settings.LEASE_SECONDS / 3)
    now = clock()
    ready = _ask(run, ids, token, now)
    letters = print_letters(_while_time(ready, stop_at))
    _hold_faulty(run, ready, letters, token)
    wanted = [at for at, one in enumerate(letters.outcomes) if isinstance(one, Printed)]
    while wanted:
        bundles = _bundles(run, ready, letters, wanted)
        changed = _store(run, bundles, token, clock)
        if not changed:
            break
        wanted = [at for at in wanted if ready[at].notice.pk not in changed]
    # Whatever is still claimed was not stored: no time was left, or facts changed.
    move(
        token=token,
        source=State.CLAIMED,
        moves=[Move(pk, State.SCHEDULED) for pk in ids],
    )


def _while_time(
    ready: Sequence[Ready], stop_at: float
) -> Iterator[tuple[CompiledTemplate, Facts]]:
    for number, one in enumerate(ready):
        # One at least, so that a run always comes forward.
        if number and time.monotonic() > stop_at:
            return
        yield one.compiled, one.facts


def _ask(
    run: PrintRun, ids: Sequence[int], token: uuid.UUID, now: dt.datetime
) -> list[Ready]:
    """Ask whether each letter may go; take out those that may not, with the reason.

    Returns the others in the order of their run.
    """
    with transaction.atomic():
        notices = _notices(ids, token)
        people = lock_people(notices)
        moves: list[Move] = []
        allowed: list[Verdict] = []
        for verdict in _verdicts(notices, people, now):
            stop = stop_of(verdict, now)
            if stop is None:
                allowed.append(verdict)
            else:
                moves.append(stop)
        ready = []
        facts = _facts(allowed, now)
        for verdict in allowed:
            try:
                compiled = compile_version(
                    verdict.notice.template, verdict.notice.channel
                )
            except RenderError as error:
                moves.append(Move(verdict.notice.pk, State.HELD, error.code))
            else:
                known = facts[verdict.notice.pk]
                ready.append(Ready(verdict.notice, known, compiled))
        _pull(run, moves, token)
    places = dict(run.items.filter(notice__in=ids).values_list("notice", "place"))
    return sorted(ready, key=lambda one: (places[one.notice.pk], one.notice.pk))


def _notices(ids: Sequence[int], token: uuid.UUID) -> list[Notice]:
    return list(
        Notice.objects.filter(pk__in=ids, state=State.CLAIMED, claim_token=token)
        .select_related("stream__brand", "stream__policy", "template")
        .order_by("stream_id", "pk")
    )


def _verdicts(
    notices: Sequence[Notice], people: object, now: dt.datetime
) -> Iterator[Verdict]:
    """Ask stream by stream, since each has a policy of its own."""
    for _, group in groupby(notices, key=lambda one: one.stream_id):
        yield from verdicts(list(group), people, now)  # type: ignore[arg-type]


def _facts(allowed: Sequence[Verdict], now: dt.datetime) -> dict[int, Facts]:
    """Return what each letter may say, with the words that the decision asks for."""
    owed: dict[int, Owed] = {one.notice.pk: one.owed for one in allowed}
    facts = load_facts(owed, now)
    return {
        one.notice.pk: replace(
            facts[one.notice.pk],
            obligations=frozenset(map(str, one.decision.obligations)),
        )
        for one in allowed
    }


def _pull(run: PrintRun, moves: Sequence[Move], token: uuid.UUID) -> None:
    """Take letters out of the run, in the caller's transaction."""
    ours = move(token=token, source=State.CLAIMED, moves=moves)
    _take_out(
        run, {one.notice_id: one.reason for one in moves if one.notice_id in ours}
    )


def _take_out(run: PrintRun, reasons: dict[int, str]) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for notice_id, reason in reasons.items():
        by_reason[reason].append(notice_id)
    for reason, ids in by_reason.items():
        run.items.filter(notice__in=ids, state=PrintItem.State.WAITING).update(
            state=PrintItem.State.PULLED, reason=reason
        )
    if reasons:
        PrintRun.objects.filter(pk=run.pk).update(pulled=F("pulled") + len(reasons))


@transaction.atomic
def _hold_faulty(
    run: PrintRun, ready: Sequence[Ready], letters: PrintedLetters, token: uuid.UUID
) -> None:
    """Give to staff what cannot be set or is too heavy; the rest goes on."""
    moves = []
    for one, outcome in zip(ready, letters.outcomes, strict=False):
        if isinstance(outcome, RenderError):
            moves.append(Move(one.notice.pk, State.HELD, outcome.code))
        elif weight_class(sheets_of(outcome.pages, duplex=run.duplex)) is None:
            moves.append(Move(one.notice.pk, State.HELD, "too_heavy"))
    _pull(run, moves, token)


def _bundles(
    run: PrintRun,
    ready: Sequence[Ready],
    letters: PrintedLetters,
    wanted: Sequence[int],
) -> list[Bundle]:
    """Write one PDF for each weight class among the wanted letters."""
    by_class: dict[str, list[int]] = defaultdict(list)
    for at in wanted:
        printed = letters.outcomes[at]
        assert isinstance(printed, Printed)  # noqa: S101  (it is wanted)
        weight = weight_class(sheets_of(printed.pages, duplex=run.duplex))
        if weight is not None:
            by_class[weight.name].append(at)
    return [
        _bundle(run, part, ready, letters, places) for part, places in by_class.items()
    ]


def _bundle(
    run: PrintRun,
    part: str,
    ready: Sequence[Ready],
    letters: PrintedLetters,
    places: Sequence[int],
) -> Bundle:
    pdf = letters.file(places, title=run.name, duplex=run.duplex)
    spans = []
    first = 1
    for at in places:
        printed = letters.outcomes[at]
        assert isinstance(printed, Printed)  # noqa: S101  (it is wanted)
        spans.append((printed, first))
        sheets = sheets_of(printed.pages, duplex=run.duplex)
        first += sheets * 2 if run.duplex else printed.pages
    digests = fingerprints(pdf, ((start, one.pages) for one, start in spans))
    return Bundle(
        part,
        pdf,
        tuple(
            Sheet(
                ready=ready[at],
                printed=printed,
                sheets=sheets_of(printed.pages, duplex=run.duplex),
                first_page=start,
                sha256=digest,
            )
            for at, (printed, start), digest in zip(places, spans, digests, strict=True)
        ),
    )


class _Changed(Exception):
    """Facts changed while letters were set; ``notice_ids`` says whose."""

    def __init__(self, notice_ids: set[int]) -> None:
        super().__init__()
        self.notice_ids = notice_ids


def _store(
    run: PrintRun, bundles: Sequence[Bundle], token: uuid.UUID, clock: Clock
) -> set[int]:
    """Store the files and say that their letters are printed, or change nothing.

    Returns the notices that may no longer go as they were set; none when all is stored.
    """
    letters = [one for bundle in bundles for one in bundle.letters]
    try:
        with transaction.atomic():
            locked = PrintRun.objects.select_related("brand").select_for_update(
                of=("self",)
            )
            mine = locked.get(pk=run.pk)
            if mine.state != PrintRun.State.CLOSING:
                raise _Changed({one.ready.notice.pk for one in letters})
            _ask_again(letters, token, clock)
            for bundle in bundles:
                _store_bundle(mine, bundle, clock())
    except _Changed as error:
        return error.notice_ids
    return set()


def _ask_again(letters: Sequence[Sheet], token: uuid.UUID, clock: Clock) -> None:
    """Move all letters on, under the lock of their customers.

    :raises _Changed: some may not go any more, or would say something else.
    """
    by_id = {one.ready.notice.pk: one.ready for one in letters}
    notices = _notices(list(by_id), token)
    people = lock_people(notices)
    now = clock()
    changed = set(by_id) - {one.pk for one in notices}
    for stream_id, group in groupby(notices, key=lambda one: one.stream_id):
        allowed = [
            one
            for one in verdicts(list(group), people, now)
            if stop_of(one, now) is None
        ]
        # As of the moment the letters were set: only what happened since may differ.
        facts = _facts(allowed, next(iter(by_id.values())).facts.now)
        same = {pk for pk, new in facts.items() if _says(new) == _says(by_id[pk].facts)}
        moves = [Move(pk, State.PRINTING) for pk in same]
        # At once, so that the next stream's caps count them.
        gone = move(token=token, source=State.CLAIMED, moves=moves)
        changed |= {one.pk for one in notices if one.stream_id == stream_id} - gone
    if changed:
        raise _Changed(changed)


def _says(facts: Facts) -> tuple[object, ...]:
    """Return what a letter says of the customer and the debt, and where it goes."""
    return (
        facts.brand,
        facts.customer,
        facts.destination,
        facts.invoices,
        facts.total,
        facts.obligations,
        facts.about,
    )


PRINT = """
UPDATE notices_printitem AS item
SET state = 'printed', file_id = %(file)s, sequence = printed.sequence,
    first_page = printed.first_page, pages = printed.pages, sheets = printed.sheets,
    sha256 = printed.sha256, address = printed.address
FROM unnest(%(notices)s::bigint[], %(sequences)s::int[], %(first_pages)s::int[],
            %(pages)s::int[], %(sheets)s::int[], %(sha256s)s::bytea[],
            %(addresses)s::text[])
    AS printed (notice_id, sequence, first_page, pages, sheets, sha256, address)
WHERE item.run_id = %(run)s AND item.notice_id = printed.notice_id
  AND item.state = 'waiting'
"""


def _store_bundle(run: PrintRun, bundle: Bundle, now: dt.datetime) -> None:
    """Store one file with its letters; the run is locked."""
    number = run.files.count() + 1
    day = local_day(run.opened_at, run.brand.time_zone)
    file = PrintFile.objects.create(
        run=run,
        number=number,
        part=bundle.part,
        name=f"{run.name}-{day:%Y%m%d}-{bundle.part}-{number:03}.pdf",
        body=bundle.pdf,
        size=len(bundle.pdf),
        sha256=hashlib.sha256(bundle.pdf).digest(),
        letters=len(bundle.letters),
        pages=sum(one.printed.pages for one in bundle.letters),
        sheets=sum(one.sheets for one in bundle.letters),
    )
    _store_items(run, file, bundle.letters)
    _note_attempts(bundle.letters, now)
    run.letters += file.letters
    run.pages += file.pages
    run.sheets += file.sheets
    run.save(update_fields=["letters", "pages", "sheets"])


def _store_items(run: PrintRun, file: PrintFile, letters: Sequence[Sheet]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            PRINT,
            {
                "run": run.pk,
                "file": file.pk,
                "notices": [one.ready.notice.pk for one in letters],
                "sequences": list(
                    range(run.letters + 1, run.letters + 1 + len(letters))
                ),
                "first_pages": [one.first_page for one in letters],
                "pages": [one.printed.pages for one in letters],
                "sheets": [one.sheets for one in letters],
                "sha256s": [one.sha256 for one in letters],
                "addresses": [_address(one.ready) for one in letters],
            },
        )
        if cursor.rowcount != len(letters):
            raise RuntimeError(f"{run} lost letters while it was closed.")


def _address(ready: Ready) -> str:
    return "\n".join(recipient_lines(ready.facts, ready.compiled.language))


def _note_attempts(letters: Sequence[Sheet], now: dt.datetime) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            notice=one.ready.notice,
            number=one.ready.notice.tries + 1,
            provider=PROVIDER,
            destination=one.ready.facts.destination.as_text(),
            idempotency_key=(
                f"{one.ready.notice.reference}.{one.ready.notice.tries + 1}"
            ),
            started_at=now,
        )
        for one in letters
    )


@transaction.atomic
def _finish(run: PrintRun, now: dt.datetime) -> bool:
    """Close a run with nothing left to print; False while others work on it."""
    run = PrintRun.objects.select_for_update().get(pk=run.pk)
    if run.state != PrintRun.State.CLOSING:
        return True
    left = run.items.filter(state=PrintItem.State.WAITING).select_related(
        "notice__stream"
    )
    reasons = {}
    for item in left:
        notice = item.notice
        if notice.state == State.CLAIMED:
            return False
        if notice.state == State.SCHEDULED and notice.not_before <= now:
            if notice.stream.state == Stream.State.RUNNING:
                return False
            reasons[notice.pk] = "print_stream_stopped"
        else:
            reasons[notice.pk] = notice.reason or "print_gone"
    _take_out(run, reasons)
    # A run of which every letter was taken out has nothing to post.
    run.state = PrintRun.State.CLOSED if run.letters else PrintRun.State.CANCELLED
    run.closed_at = now
    run.save(update_fields=["state", "closed_at"])
    verb = PrintEvent.Verb.CLOSED if run.letters else PrintEvent.Verb.CANCELLED
    note(run, verb, "", now, "" if run.letters else "every letter was taken out")
    return True
