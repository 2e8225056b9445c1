"""The switch for everything that leaves: stop, release, and the restored-copy guard.

One row is the switch. The claim and the hand-over ask it in their own statement
(notices.claims); whoever touches a wire asks ``is_open`` first and ``is_stopped`` every
second after that, so that a stop is in force within seconds. A house whose
fingerprint is not the database's (notices.installation) finds the switch off.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.utils import timezone

from customers.erasing import replay_erasures
from customers.erasure_file import LedgerDamaged
from notices.installation import fingerprint, machine
from notices.models import Outbound, OutboundEvent
from notices.models.watch import ONLY_ROW

log = logging.getLogger(__name__)


class OutboundError(Exception):
    """A verb that does not fit the switch as it stands; the text is for staff."""


def is_open() -> bool:
    """Say whether this house may send now: nobody stopped it, and it is no copy.

    The first house that asks becomes the one that may send. A house that is another
    one stops everything, and says so.
    """
    switch = Outbound.objects.get(pk=ONLY_ROW)
    if switch.stopped_at is not None:
        return False
    mine = fingerprint()
    if not switch.installation:
        Outbound.objects.filter(pk=ONLY_ROW, installation="").update(installation=mine)
        switch.refresh_from_db()
    if switch.installation == mine and switch.stopped_at is None:
        return True
    if switch.installation != mine:
        _stop_as_copy(mine)
    return False


def is_stopped() -> bool:
    """Say whether everything is stopped, to whoever has asked ``is_open`` before."""
    return not Outbound.objects.filter(pk=ONLY_ROW, stopped_at__isnull=True).exists()


def _stop_as_copy(mine: str) -> None:
    """Switch everything off because this is not the house that may send."""
    now = timezone.now()
    with transaction.atomic():
        stopped = (
            Outbound.objects.filter(pk=ONLY_ROW, stopped_at__isnull=True)
            .exclude(installation=mine)
            .update(
                stopped_at=now,
                stopped_by="",
                cause=Outbound.Cause.COPY,
                reason=f"seen on {machine()}"[:200],
            )
        )
        if stopped:
            _note(OutboundEvent.Verb.STOPPED, "", f"another installation, {machine()}")
    if stopped:
        log.error(
            "This installation is not the one that may send from this database: "
            "everything is stopped. See the page Health."
        )


@transaction.atomic
def stop_everything(*, by: str, reason: str, now: dt.datetime) -> None:
    """Let nothing leave until somebody releases it; in force within seconds.

    :raises OutboundError: it is stopped already, or there is no reason.
    """
    switch = _locked()
    if switch.stopped_at is not None:
        raise OutboundError("Everything is stopped already. Nothing was changed.")
    reason = reason.strip().rstrip(".")
    if not reason:
        raise OutboundError("Say why, in a few words: others will read it.")
    switch.stopped_at = now
    switch.stopped_by = by
    switch.cause = Outbound.Cause.STAFF
    switch.reason = reason[:200]
    switch.save(update_fields=["stopped_at", "stopped_by", "cause", "reason"])
    _note(OutboundEvent.Verb.STOPPED, by, switch.reason, now)


@transaction.atomic
def release(*, by: str, now: dt.datetime) -> None:
    """Let messages leave again; what became late meanwhile waits for staff.

    :raises OutboundError: nothing is stopped, or this is a copy: then somebody must
        first say that this is the real installation.
    """
    switch = _locked()
    if switch.stopped_at is None:
        raise OutboundError("Nothing is stopped. Nothing was changed.")
    if switch.cause == Outbound.Cause.COPY:
        raise OutboundError(
            "This database was last used by another installation. Say first which "
            "one is the real one. Nothing was changed."
        )
    _open(switch)
    _note(OutboundEvent.Verb.RELEASED, by, "", now)


@transaction.atomic
def adopt(*, by: str, now: dt.datetime) -> None:
    """Name this installation the real one, which may send from this database.

    :raises OutboundError: nothing was stopped for being another installation, or
        nobody can tell who was erased since the backup.
    """
    switch = _locked()
    if switch.cause != Outbound.Cause.COPY:
        raise OutboundError("No other installation was seen. Nothing was changed.")
    # A backup brings back whoever was erased since it was made: they go first.
    try:
        replay_erasures(now=now)
    except LedgerDamaged as error:
        raise OutboundError(f"{error} Nothing was changed.") from error
    switch.installation = fingerprint()
    switch.save(update_fields=["installation"])
    _open(switch)
    _note(OutboundEvent.Verb.ADOPTED, by, machine(), now)


def _locked() -> Outbound:
    return Outbound.objects.select_for_update().get(pk=ONLY_ROW)


def _open(switch: Outbound) -> None:
    switch.stopped_at = None
    switch.stopped_by = switch.cause = switch.reason = ""
    switch.save(update_fields=["stopped_at", "stopped_by", "cause", "reason"])


def _note(
    verb: OutboundEvent.Verb, by: str, reason: str, at: dt.datetime | None = None
) -> None:
    OutboundEvent.objects.create(
        verb=verb, by=by, reason=reason[:200], at=at or timezone.now()
    )
