"""Writes the files of a run, and says of their letters that they are printed.

Both in one transaction, in which every letter is asked about once more: whoever paid
while the letters were set is named, and nothing is stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from django.db import connection, transaction

from customers.calendars import local_day
from customers.sealed import sealed_text
from notices.claims import Clock, Move, move
from notices.doors import keep_links
from notices.facts import facts_of
from notices.gate import Verdict
from notices.models import Attempt, Notice, PrintFile, PrintRun
from notices.owed import Owed
from notices.people import Person, lock_people
from notices.printing.bundles import Bundle, Ready, Sheet
from notices.readying import triage
from notices.render import BrandFacts, Facts
from notices.render.address import country_of, recipient_lines
from notices.served import PRINT_ROOM
from notices.states import State


def claimed_notices(ids: Sequence[int], token: uuid.UUID) -> list[Notice]:
    """Return those of the letters that are still claimed by us, stream by stream."""
    return list(Notice.objects.claimed(ids, token).order_by("stream_id", "pk"))


def facts_for(
    run: PrintRun,
    allowed: Sequence[Verdict],
    people: Mapping[int, Person],
    now: dt.datetime,
) -> dict[int, Facts]:
    """Return what each letter may say, with the words that the decision asks for.

    It is printed on as many sides as its run, whatever the firm does by now.
    """
    owed: dict[int, Owed] = {one.notice.pk: one.owed for one in allowed}
    duties = {one.notice.pk: one.obligations for one in allowed}
    notices = [one.notice for one in allowed]
    facts = facts_of(notices, people, owed, now, obligations=duties)
    return {
        one.notice.pk: replace(
            facts[one.notice.pk],
            brand=_printing(facts[one.notice.pk].brand, run.duplex),
        )
        for one in allowed
    }


# One object for all letters of a run makes every cache keyed by it cheap to ask.
@lru_cache(maxsize=64)
def _printing(brand: BrandFacts, duplex: bool) -> BrandFacts:
    return replace(brand, duplex=duplex)


class _Changed(Exception):
    """Facts changed while letters were set; ``notice_ids`` says whose."""

    def __init__(self, notice_ids: set[int]) -> None:
        super().__init__()
        self.notice_ids = notice_ids


def store(
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
            _ask_again(mine, letters, token, clock)
            for bundle in bundles:
                _store_bundle(mine, bundle, clock())
    except _Changed as error:
        return error.notice_ids
    return set()


def _ask_again(
    run: PrintRun, letters: Sequence[Sheet], token: uuid.UUID, clock: Clock
) -> None:
    """Move all letters on, under the lock of their customers.

    :raises _Changed: some may not go any more, or would say something else.
    """
    by_id = {one.ready.notice.pk: one.ready for one in letters}
    notices = claimed_notices(list(by_id), token)
    people = lock_people(one.customer_id for one in notices)
    now = clock()
    changed = set(by_id) - {one.pk for one in notices}
    for stream_id, group in groupby(notices, key=lambda one: one.stream_id):
        allowed, _ = triage(list(group), people, now)
        # As of the moment the letters were set: only what happened since may differ.
        then = next(iter(by_id.values())).facts.now
        facts = facts_for(run, allowed, people, then)
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
    first_page = printed.first_page, pages = printed.pages,
    blanks = printed.blanks, sheets = printed.sheets,
    sha256 = printed.sha256, address = printed.address, country = printed.country
FROM unnest(%(notices)s::bigint[], %(sequences)s::int[], %(first_pages)s::int[],
            %(pages)s::int[], %(blanks)s::int[], %(sheets)s::int[],
            %(sha256s)s::bytea[], %(addresses)s::bytea[], %(countries)s::text[])
    AS printed
        (notice_id, sequence, first_page, pages, blanks, sheets, sha256, address,
         country)
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
        pages=sum(one.printed.pages - one.printed.blanks for one in bundle.letters),
        sheets=sum(one.sheets for one in bundle.letters),
    )
    _store_items(run, file, bundle.letters)
    _note_attempts(bundle.letters, now)
    keep_links([one.ready.notice for one in bundle.letters], now)
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
                "blanks": [one.printed.blanks for one in letters],
                "sheets": [one.sheets for one in letters],
                "sha256s": [one.sha256 for one in letters],
                "addresses": [_address(one.ready) for one in letters],
                "countries": [country_of(one.ready.facts) for one in letters],
            },
        )
        if cursor.rowcount != len(letters):
            raise RuntimeError(f"{run} lost letters while it was closed.")


def _address(ready: Ready) -> bytes:
    return sealed_text(
        "notices_printitem.address", "\n".join(recipient_lines(ready.facts))
    )


def _note_attempts(letters: Sequence[Sheet], now: dt.datetime) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            notice=one.ready.notice,
            number=one.ready.notice.tries + 1,
            provider=PRINT_ROOM,
            destination=one.ready.facts.destination.as_text(),
            idempotency_key=(
                f"{one.ready.notice.reference}.{one.ready.notice.tries + 1}"
            ),
            started_at=now,
        )
        for one in letters
    )
