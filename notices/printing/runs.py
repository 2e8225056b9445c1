"""Makes print runs of the letters that are due, and has them closed.

Each verb is one transaction under the lock of its run, and may be repeated without
harm. How letters get onto paper is notices.printing.closing; what becomes of the paper,
notices.printing.posting.
"""

from __future__ import annotations

import datetime as dt

from celery import current_app
from django.db import connection, transaction
from django.db.models import Max
from kombu.exceptions import OperationalError as BrokerError

from customers.sealed import sealed_text
from notices.models import (
    Brand,
    Channel,
    Notice,
    PrintEvent,
    PrintItem,
    PrintRun,
    Stream,
)

Verb = PrintEvent.Verb


class PrintRunError(Exception):
    """A verb that does not fit the run as it stands; the text is for staff."""


class NothingToPrint(PrintRunError):
    """No letter of the firm is due."""


# In the order a mail house wants them: at home by post code, then abroad by country.
COLLECT = """
INSERT INTO notices_printitem
    (run_id, notice_id, place, state, reason, pages, blanks, sheets, sha256, address,
     country, return_reason)
SELECT %(run)s, notice.id,
       left(concat_ws(' ',
           CASE WHEN postal.country IN ('', %(home)s) THEN '' ELSE postal.country END,
           upper(postal.postcode)), 300),
       'waiting', '', 0, 0, 0, '', %(address)s, '', ''
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
                # Written once it is printed.
                "address": sealed_text("notices_printitem.address", ""),
            },
        )
        if not cursor.rowcount:
            # Raised inside the transaction, so that the number is not used up.
            raise NothingToPrint(f"No letter of {brand.name} is due now.")
    note(run, Verb.OPENED, by, now)
    return run


@transaction.atomic
def begin_closing(
    *, run: PrintRun, now: dt.datetime, by: str = "", ring_workers: bool = True
) -> PrintRun:
    """Have an open run printed to files by the workers; again, it goes on.

    Without ``ring_workers`` the caller closes it, and no worker is woken.

    :raises PrintRunError: it is closed, posted or cancelled.
    """
    run = locked(run)
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


def locked(run: PrintRun) -> PrintRun:
    """Return a run under a lock; the caller is in a transaction."""
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


def live_item(notice: Notice) -> PrintItem | None:
    """Return the run that has gathered or printed a notice, if any does."""
    return (
        PrintItem.objects.filter(
            notice=notice,
            state__in=[PrintItem.State.WAITING, PrintItem.State.PRINTED],
        )
        .select_related("run__brand")
        .first()
    )
