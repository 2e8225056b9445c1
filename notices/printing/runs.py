"""Makes print runs of the letters that are due, closes, posts and cancels them.

Each verb is one transaction under the lock of its run, and may be repeated without
harm. How letters get onto paper is notices.printing.closing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from kombu.exceptions import OperationalError as BrokerError

from customers.calendars import local_day
from notices.models import (
    Attempt,
    Brand,
    Channel,
    Notice,
    PrintEvent,
    PrintItem,
    PrintRun,
    Stream,
)
from notices.states import State, check_move

NOON = dt.time(12)
Verb = PrintEvent.Verb


class PrintRunError(Exception):
    """A verb that does not fit the run as it stands; the text is for staff."""


class NothingToPrint(PrintRunError):
    """No letter of the firm is due."""


def printed_channels() -> tuple[str, ...]:
    """Return the channels whose notices wait for the print room."""
    return tuple(key for key, via in settings.CHANNELS.items() if via == "print")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Letters of a firm that a run would take now, and those of closed days."""

    brand: Brand
    channel: str
    ready: int
    later: int


def waiting(now: dt.datetime) -> list[Waiting]:
    """Return what waits for the print room, by firm and channel."""
    streams = (
        Stream.objects.filter(state=Stream.State.RUNNING)
        .select_related("brand")
        .defer("brand__logo")
    )
    by_stream = {stream.pk: stream for stream in streams}
    found: dict[tuple[int, str], Waiting] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            WAITING, [list(by_stream), list(printed_channels()), now, list(by_stream)]
        )
        for stream_id, channel, number in cursor.fetchall():
            stream = by_stream[stream_id]
            known = found.get((stream.brand_id, channel))
            ready, later = (known.ready, known.later) if known else (0, 0)
            if stream.is_open(now):
                ready += number
            else:
                later += number
            found[stream.brand_id, channel] = Waiting(
                stream.brand, channel, ready, later
            )
    return sorted(found.values(), key=lambda one: (one.brand.name, one.channel))


WAITING = """
SELECT notice.stream_id, notice.channel, count(*)
FROM notices_notice AS notice
WHERE notice.stream_id = ANY(%s) AND notice.channel = ANY(%s)
  AND notice.state = 'scheduled' AND notice.not_before <= %s
  AND notice.stream_id = ANY(%s)
  AND NOT EXISTS (
      SELECT FROM notices_printitem AS item
      WHERE item.notice_id = notice.id AND item.state IN ('waiting', 'printed')
  )
GROUP BY notice.stream_id, notice.channel
"""

# In the order a mail house wants them: at home by post code, then abroad by country.
COLLECT = """
INSERT INTO notices_printitem
    (run_id, notice_id, place, state, reason, pages, sheets, sha256, address,
     return_reason)
SELECT %(run)s, notice.id,
       left(concat_ws(' ',
           CASE WHEN postal.country IN ('', %(home)s) THEN '' ELSE postal.country END,
           upper(postal.postcode), postal.line1), 300),
       'waiting', '', 0, 0, '', '', ''
FROM notices_notice AS notice
LEFT JOIN customers_postaladdress AS postal
    ON postal.customer_id = notice.customer_id
WHERE notice.stream_id = ANY(%(streams)s) AND notice.channel = %(channel)s
  AND notice.state = 'scheduled' AND notice.not_before <= %(now)s
ON CONFLICT (notice_id) WHERE state IN ('waiting', 'printed') DO NOTHING
"""


@transaction.atomic
def open_run(
    *, brand: Brand, now: dt.datetime, channel: str = "letter", by: str = ""
) -> PrintRun:
    """Gather the due letters of a firm into a run; nothing is printed yet.

    Letters of campaigns that are paused, or whose firm's day is closed, stay.

    :raises NothingToPrint: there is none.
    """
    # One run at a time gets the next number.
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    streams = Stream.objects.filter(brand=brand, state=Stream.State.RUNNING)
    firms = streams.select_related("brand").defer("brand__logo")
    open_now = [one.pk for one in firms if one.is_open(now)]
    newest = PrintRun.objects.filter(brand=brand).aggregate(number=Max("number"))
    run = PrintRun.objects.create(
        brand=brand,
        number=(newest["number"] or 0) + 1,
        channel=channel,
        # A card has an address on its back, however letters are printed.
        duplex=brand.duplex or channel == Channel.POSTCARD,
        opened_at=now,
        opened_by=by,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            COLLECT,
            {
                "run": run.pk,
                "home": brand.country,
                "streams": open_now,
                "channel": channel,
                "now": now,
            },
        )
        if not cursor.rowcount:
            # Raised inside the transaction, so that the number is not used up.
            raise NothingToPrint(f"No letter of {brand.name} is due now.")
    note(run, Verb.OPENED, by, now)
    return run


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an open run will take, before it is set: ``is_guess`` without history."""

    letters: int
    pages: int
    sheets: int
    is_guess: bool

    @property
    def sheets_saved(self) -> int:
        """Return how many sheets printing on both sides saves."""
        return self.pages - self.sheets


# By wording, since letters of the same words are about as long.
ESTIMATE = """
SELECT COALESCE(sum(wanted.letters), 0),
       COALESCE(sum(wanted.letters) FILTER (WHERE known.pages IS NOT NULL), 0),
       COALESCE(sum(wanted.letters * COALESCE(known.pages, 1)), 0),
       COALESCE(sum(wanted.letters * COALESCE(known.sheets, 1)), 0)
FROM (
    SELECT notice.template_id, count(*) AS letters
    FROM notices_printitem AS item
    JOIN notices_notice AS notice ON notice.id = item.notice_id
    WHERE item.run_id = %s AND item.state = 'waiting'
    GROUP BY notice.template_id
) AS wanted
LEFT JOIN LATERAL (
    SELECT avg(lately.pages) AS pages, avg(lately.sheets) AS sheets
    FROM (
        SELECT printed.pages, printed.sheets
        FROM notices_printitem AS printed
        JOIN notices_notice AS sent ON sent.id = printed.notice_id
        WHERE printed.state = 'printed' AND sent.template_id = wanted.template_id
        ORDER BY printed.id DESC LIMIT 200
    ) AS lately
) AS known ON true
"""


def estimate(run: PrintRun) -> Estimate:
    """Return what the waiting letters of a run will take, by their like of late."""
    with connection.cursor() as cursor:
        cursor.execute(ESTIMATE, [run.pk])
        letters, known, pages, sheets = cursor.fetchone()
    return Estimate(int(letters), round(pages), round(sheets), is_guess=known < letters)


@transaction.atomic
def begin_closing(
    *, run: PrintRun, now: dt.datetime, by: str = "", ring_workers: bool = True
) -> PrintRun:
    """Have an open run printed to files by the workers; again, it goes on.

    Without ``ring_workers`` the caller closes it, and no worker is woken.

    :raises PrintRunError: it is closed, posted or cancelled.
    """
    run = _locked(run)
    if run.state == PrintRun.State.OPEN:
        run.state = PrintRun.State.CLOSING
        run.save(update_fields=["state"])
        note(run, Verb.CLOSING, by, now)
    elif run.state != PrintRun.State.CLOSING:
        raise PrintRunError(f"Run {run} is {run.get_state_display().lower()} already.")
    if ring_workers:
        transaction.on_commit(lambda: ring(run.pk))
    return run


def ring(run_id: int) -> bool:
    """Wake a worker for a run that is being closed; False when Redis is away.

    A ring nobody hears is no loss: every tick rings for what is being closed.
    """
    try:
        current_app.send_task(
            "notices.tasks.close_print_run", (run_id,), queue="letter", expires=15
        )
    except BrokerError:
        return False
    return True


# Set-based, since a run may have a hundred thousand letters.
POST = """
UPDATE notices_notice AS notice
SET state = 'sent', reason = '', sent_at = %(at)s
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND notice.id = item.notice_id AND notice.state = 'printing'
"""

FINISH = """
UPDATE notices_attempt AS attempt
SET result = %(result)s, finished_at = %(now)s, error = %(error)s,
    provider_reference = CASE WHEN %(result)s = 'accepted'
        THEN %(name)s || '#' || item.sequence ELSE '' END
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND attempt.notice_id = item.notice_id AND attempt.provider = 'print'
  AND attempt.finished_at IS NULL
"""


@transaction.atomic
def mark_posted(
    *, run: PrintRun, posted_on: dt.date, now: dt.datetime, by: str = ""
) -> PrintRun:
    """Note that the letters of a closed run were posted on a day: now they are sent.

    Again with the same day, nothing changes.

    :raises PrintRunError: it is not closed, or the day cannot be.
    """
    run = _locked(run)
    if run.state == PrintRun.State.POSTED and run.posted_on == posted_on:
        return run
    if run.state != PrintRun.State.CLOSED:
        raise PrintRunError(
            f"Run {run} is {run.get_state_display().lower()}; only a run that is ready "
            "to post can be marked as posted."
        )
    zone = run.brand.time_zone
    if posted_on > local_day(now, zone):
        raise PrintRunError("That day has not come yet. Mark it when it is posted.")
    assert run.closed_at is not None  # noqa: S101  (a closed run knows when)
    if posted_on < local_day(run.closed_at, zone):
        raise PrintRunError("The run was printed after that day. Look at the date.")
    check_move(State.PRINTING, State.SENT)
    with connection.cursor() as cursor:
        cursor.execute(POST, {"run": run.pk, "at": _moment(posted_on, now, zone)})
        _finish(cursor, run, Attempt.Result.ACCEPTED, "", now)
    run.state = PrintRun.State.POSTED
    run.posted_on = posted_on
    run.save(update_fields=["state", "posted_on"])
    note(run, Verb.POSTED, by, now, f"on {posted_on}")
    return run


def _moment(posted_on: dt.date, now: dt.datetime, zone: str) -> dt.datetime:
    """Return now for what is posted today, noon for an earlier day."""
    if posted_on == local_day(now, zone):
        return now
    return dt.datetime.combine(posted_on, NOON, ZoneInfo(zone))


BACK = """
UPDATE notices_notice AS notice
SET state = 'scheduled', reason = ''
FROM notices_printitem AS item
WHERE item.run_id = %(run)s AND item.state = 'printed'
  AND notice.id = item.notice_id AND notice.state = 'printing'
"""


@transaction.atomic
def cancel_run(*, run: PrintRun, now: dt.datetime, by: str = "") -> PrintRun:
    """Give up a run of which nothing was posted; its letters go back into line.

    The files stay, marked as those of a cancelled run.

    :raises PrintRunError: it is being closed, or was posted.
    """
    run = _locked(run)
    if run.state == PrintRun.State.CANCELLED:
        return run
    if run.state not in {PrintRun.State.OPEN, PrintRun.State.CLOSED}:
        raise PrintRunError(
            f"Run {run} is {run.get_state_display().lower()} and cannot be cancelled."
        )
    check_move(State.PRINTING, State.SCHEDULED)
    with connection.cursor() as cursor:
        cursor.execute(BACK, {"run": run.pk})
        _finish(
            cursor, run, Attempt.Result.TRY_LATER, f"{run} was cancelled, unposted", now
        )
    run.items.filter(
        state__in=[PrintItem.State.WAITING, PrintItem.State.PRINTED]
    ).update(state=PrintItem.State.RELEASED)
    run.state = PrintRun.State.CANCELLED
    run.save(update_fields=["state"])
    note(run, Verb.CANCELLED, by, now)
    return run


def note(
    run: PrintRun, verb: str, by: str, at: dt.datetime, what: str = ""
) -> PrintEvent:
    """Keep who did what to a run, and when."""
    return PrintEvent.objects.create(run=run, verb=verb, by=by, at=at, what=what[:300])


def note_reprint(
    *, run: PrintRun, what: str, now: dt.datetime, by: str = ""
) -> PrintEvent:
    """Keep that stored pages were taken out to be printed again: a file or a letter.

    :raises PrintRunError: the run was cancelled; its letters went back into line.
    """
    if run.state == PrintRun.State.CANCELLED:
        raise PrintRunError(
            f"Run {run} was cancelled and its letters went back into line; printing "
            "it again could send them twice."
        )
    return note(run, Verb.REPRINTED, by, now, what)


def _finish(
    cursor: object, run: PrintRun, result: str, error: str, now: dt.datetime
) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        FINISH,
        {
            "run": run.pk,
            "name": run.name,
            "result": result,
            "error": error,
            "now": now,
        },
    )


def _locked(run: PrintRun) -> PrintRun:
    return (
        PrintRun.objects.select_related("brand")
        .select_for_update(of=("self",))
        .get(pk=run.pk)
    )


def printed_item(notice: Notice) -> PrintItem | None:
    """Return the letter of a run that a notice was printed as, if any."""
    return (
        PrintItem.objects.filter(notice=notice, state=PrintItem.State.PRINTED)
        .select_related("run__brand")
        .first()
    )
