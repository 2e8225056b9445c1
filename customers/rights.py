"""What staff do for a person's rights: their data as a file, their erasure by two
people, and legal holds that keep everything.

Each verb is one transaction and takes its facts by keyword; making a file is many
small ones, and may be begun again.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import uuid
from collections.abc import Iterator
from typing import IO, Any, cast

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from kombu.exceptions import OperationalError as BrokerError

from customers.access import What, note_access
from customers.erasing import Erased, erase_person
from customers.exporting import write_person
from customers.models import (
    Customer,
    ErasureRequest,
    ExportPart,
    LegalHold,
    PersonExport,
)

log = logging.getLogger(__name__)

PART_BYTES = 1024 * 1024
LEASE = dt.timedelta(minutes=15)
TASK = "campaigns.tasks.make_export"


class RightsError(Exception):
    """A verb that does not fit how things stand; the text is for staff."""


# A person's data ---------------------------------------------------------------


@transaction.atomic
def ask_export(
    *,
    customer: Customer,
    by: str,
    now: dt.datetime,
    form_id: uuid.UUID | None = None,
    asked_with: str = "",
) -> PersonExport:
    """Have a person's data gathered into a file, which stands ready for some days.

    ``form_id`` and the message ``asked_with`` are given where the customer asks for
    themselves (customers.own_copy).

    :raises RightsError: it is being gathered already.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    if customer.exports.filter(state=PersonExport.State.WAITING).exists():
        raise RightsError("It is being made already. Come back in a minute.")
    export = PersonExport.objects.create(
        customer=customer,
        asked_by=by,
        asked_at=now,
        expires_at=now + dt.timedelta(days=settings.KEEP_EXPORTS_DAYS),
        form_id=form_id,
        asked_with=asked_with,
    )
    which = f"file {export.pk}" + (f" with message {asked_with}" if asked_with else "")
    note_access(who=by, what=What.EXPORT_ASKED, whose=customer.pk, which=which)
    transaction.on_commit(lambda: _ring(export.pk))
    return export


def ring_waiting(*, now: dt.datetime) -> None:
    """Wake a worker for each file that nobody has in hand."""
    for pk in _free(now).values_list("pk", flat=True)[:10]:
        _ring(pk)


def _ring(pk: int) -> None:
    try:
        current_app.send_task(TASK, (pk,), queue="intake", expires=60, retry=False)
    except BrokerError as error:
        log.warning("Nobody can be woken for an export, Redis is away: %s", error)


def _free(now: dt.datetime) -> Any:
    untaken = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    return PersonExport.objects.filter(untaken, state=PersonExport.State.WAITING)


def make_export(*, export_id: int, now: dt.datetime) -> bool:
    """Gather the file; False when it is made already or another worker has it."""
    if not _free(now).filter(pk=export_id).update(taken_until=now + LEASE):
        return False
    export = PersonExport.objects.select_related("customer").get(pk=export_id)
    export.parts.all().delete()
    parts = _Parts(export)
    try:
        # Typed for files that a program may also read; this one is written only.
        write_person(export.customer, cast("IO[bytes]", parts), now=now)
        parts.flush_last()
    except Exception:
        export.parts.all().delete()
        export.state = PersonExport.State.FAILED
        export.trouble = "It could not be made. The log of the workers says why."
        export.finished_at = now
        export.save(update_fields=["state", "trouble", "finished_at"])
        raise
    export.state = PersonExport.State.READY
    export.size = parts.written
    export.finished_at = now
    export.save(update_fields=["state", "size", "finished_at"])
    return True


class _Parts(io.RawIOBase):
    """Takes bytes and keeps them in sealed pieces of a megabyte."""

    def __init__(self, export: PersonExport) -> None:
        super().__init__()
        self._export = export
        self._held = bytearray()
        self._number = 0
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self.written += len(data)
        while len(self._held) >= PART_BYTES:
            self._keep(bytes(self._held[:PART_BYTES]))
            del self._held[:PART_BYTES]
        return len(data)

    def flush_last(self) -> None:
        if self._held:
            self._keep(bytes(self._held))
            self._held.clear()

    def _keep(self, body: bytes) -> None:
        self._number += 1
        ExportPart.objects.create(export=self._export, number=self._number, body=body)


def export_pieces(export: PersonExport) -> Iterator[bytes]:
    """Yield the bytes of a file that is ready, a megabyte at a time."""
    parts = export.parts.order_by("number").values_list("body", flat=True)
    for body in parts.iterator(chunk_size=1):
        yield bytes(body)


def clear_exports(*, now: dt.datetime) -> int:
    """Delete files whose days are over; return how many."""
    over = PersonExport.objects.filter(expires_at__lte=now)
    return over.delete()[1].get(PersonExport._meta.label, 0)


# Erasure -------------------------------------------------------------------------


def ask_erasure(*, customer: Customer, by: str, now: dt.datetime) -> ErasureRequest:
    """Ask that a person be erased; somebody else decides.

    :raises RightsError: that is asked already, or it was done.
    """
    if customer.erased_at is not None:
        raise RightsError("This customer is erased already.")
    try:
        with transaction.atomic():
            return ErasureRequest.objects.create(
                customer=customer, asked_by=by, asked_at=now
            )
    except IntegrityError as error:
        raise RightsError("Somebody has asked for it already.") from error


def erasures_to_decide(*, by: str) -> list[ErasureRequest]:
    """Return what waits for this person's word, the oldest first: one query."""
    waiting = ErasureRequest.objects.filter(state=ErasureRequest.State.ASKED)
    others = waiting.exclude(asked_by=by).select_related("customer")
    return list(others.order_by("asked_at")[:5])


@transaction.atomic
def approve_erasure(*, asked: ErasureRequest, by: str, now: dt.datetime) -> Erased:
    """Erase the person, as the second one to say so.

    :raises RightsError: it was decided meanwhile, or by the one who asked.
    :raises ErasureRefused: something must happen first.
    """
    request = _open_request(asked)
    if request.asked_by == by:
        raise RightsError("You asked for it: another person has to agree.")
    done = erase_person(
        customer=request.customer, asked_by=request.asked_by, approved_by=by, now=now
    )
    _decide(request, ErasureRequest.State.DONE, by, now)
    return done


@transaction.atomic
def refuse_erasure(*, asked: ErasureRequest, by: str, now: dt.datetime) -> None:
    """Let a person not be erased; whoever asked may take it back so.

    :raises RightsError: it was decided meanwhile.
    """
    _decide(_open_request(asked), ErasureRequest.State.REFUSED, by, now)


def _open_request(asked: ErasureRequest) -> ErasureRequest:
    request = (
        ErasureRequest.objects.select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=asked.pk)
    )
    if request.state != ErasureRequest.State.ASKED:
        raise RightsError("It was decided meanwhile. Nothing was changed.")
    return request


def _decide(request: ErasureRequest, state: str, by: str, now: dt.datetime) -> None:
    request.state = state
    request.decided_by = by
    request.decided_at = now
    request.save(update_fields=["state", "decided_by", "decided_at"])


# Legal holds -----------------------------------------------------------------------


def place_legal_hold(
    *, customer: Customer, reason: str, by: str, now: dt.datetime
) -> LegalHold:
    """Let nothing of a customer be deleted, whoever asks and however old it is.

    :raises RightsError: no reason, or there is one already.
    """
    reason = reason.strip().rstrip(".")
    if not reason:
        raise RightsError("Say why, in a few words, such as the number of the case.")
    hold, is_new = LegalHold.objects.get_or_create(
        customer=customer,
        defaults={"reason": reason[:200], "placed_by": by, "placed_at": now},
    )
    if not is_new:
        raise RightsError("There is a legal hold already.")
    return hold


def lift_legal_hold(*, customer: Customer) -> None:
    """Let time and law take their course again.

    :raises RightsError: there is no legal hold.
    """
    if not LegalHold.objects.filter(customer=customer).delete()[0]:
        raise RightsError("There is no legal hold any more.")
