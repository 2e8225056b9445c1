"""A customer's own copy of their data: asked for on their page, opened by one link.

The link goes to an e-mail address that somebody stands for and that we have used for a
while (customers.reaching), and only while that one is used does it open. Where no mail
can go, staff are asked instead.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from consent.fingerprints import fingerprint_of
from consent.floods import COPIES, count
from consent.identity import Fact, NothingToAsk, Question, question
from consent.links import Purpose, keep_link
from consent.models import Suppression
from customers.calendars import local_day
from customers.models import ContactPoint, Customer, PersonExport
from customers.own_copy import ask_own_copy
from customers.reaching import Reached
from customers.vault import VaultError
from notices import house
from notices.faults import kind_and_place
from notices.fresh import brand_of
from notices.models import Brand, Channel, Notice, Reply
from notices.models.notices import new_reference
from notices.warned import reached_now

log = logging.getLogger(__name__)

Kind = ContactPoint.Kind

TEXT = "own-copy"
_PREFIX = "own-copy:"
# Told by one pass of the clock; the rest waits for the next.
MOST_AT_ONCE = 20
# For staff: why a copy cannot go by itself, by the code that the page has words for.
WHY = {
    "no_email": "no e-mail address of theirs works, or nobody stands for the one that "
    "was given by a link (Settings › Customers, Vouched for)",
    "new_email": "their e-mail address has been in use for only a few days",
    "no_fact": "neither a postcode nor a phone number is known to ask them for",
    "failed": "the file could not be made; the log of the workers says why",
}


@dataclass(frozen=True, slots=True)
class Way:
    """Where the link to a copy would go: ``address``, or empty and ``why`` not.

    ``until`` is when an address is no longer too new.
    """

    address: str = ""
    why: str = ""
    until: dt.datetime | None = None


class NoWay(Exception):
    """No link can be sent; ``code`` is one of WHY."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def facts_known(customer: Customer, found: Reached) -> dict[Fact, str]:
    """Return what could be asked of a customer; a phone number that is new, or that
    nobody stands for, proves nothing."""
    address = getattr(customer, "postal_address", None)
    return {
        Fact.POSTCODE: address.postcode if address is not None else "",
        Fact.PHONE: found.settled(Kind.MOBILE, Kind.LANDLINE),
    }


def question_of(
    customer: Customer, brand: Brand, *, channels: Iterable[str], now: dt.datetime
) -> Question | None:
    """Return what a firm has asked before a copy opens, None for nothing: three queries
    at most.

    ``channels`` are those of the messages that somebody came by.

    :raises NothingToAsk: nothing is known to ask for.
    """
    if not brand.asks_before_copies:
        return None
    known = facts_known(customer, reached_now(customer, now=now))
    return question(brand.asks_before_copies, known, channels=channels)


def way_of(customer: Customer, brand: Brand, *, asked_by: str, now: dt.datetime) -> Way:
    """Return where a link to a customer's copy may go: five queries at most.

    ``asked_by`` is the channel of the message that the copy is asked for with.
    """
    found = reached_now(customer, now=now)
    until = found.new_until(Kind.EMAIL)
    if until is not None:
        return Way(why="new_email", until=until)
    address = found.settled(Kind.EMAIL)
    if not address or not _can_write(customer, address):
        return Way(why="no_email")
    try:
        known = facts_known(customer, found)
        channels = (Channel.EMAIL, asked_by)
        question(brand.asks_before_copies, known, channels=channels)
    except NothingToAsk:
        return Way(why="no_fact")
    return Way(address=address)


def _can_write(customer: Customer, address: str) -> bool:
    """Whether a mail of ours can go there and would carry a link."""
    if not settings.PUBLIC_URL or Channel.EMAIL not in settings.CHANNELS:
        return False
    if customer.status == Customer.Status.DECEASED:
        return False
    stopped = Suppression.objects.filter(
        channel=Channel.EMAIL, fingerprint=fingerprint_of(address)
    )
    if stopped.exists():
        return False
    return house.text_of(TEXT, Channel.EMAIL, customer.language) is not None


def ask(
    *,
    customer: Customer,
    brand: Brand,
    form_id: uuid.UUID,
    asked_with: str,
    asked_by: str,
    network: str,
    now: dt.datetime,
) -> PersonExport:
    """Have a copy made that its customer is written to about; once a form.

    ``asked_with`` is the message whose link they came by, ``asked_by`` its channel,
    ``network`` is the visitor's address, for counting (consent.floods).

    :raises NoWay: nothing could be sent; nothing is made.
    :raises CopyRefused: one is being made, or was made today.
    """
    way = way_of(customer, brand, asked_by=asked_by, now=now)
    if way.why:
        raise NoWay(way.why)
    export = ask_own_copy(
        customer=customer, form_id=form_id, asked_with=asked_with, now=now
    )
    count(COPIES, network, now=now)
    return export


def tell_finished(*, now: dt.datetime) -> int:
    """Write to the customers whose copies are ready; return to how many.

    Staff are told of what could not be made or sent. One that breaks is told of in the
    log and tried again after all others. Safe to run at any time, and by many at once.
    """
    # Most passes of the clock find none.
    if not _untold().exists():
        return 0
    told = 0
    with transaction.atomic():
        exports = _untold().select_for_update(of=("self",), skip_locked=True)
        found = exports.select_related("customer")
        for one in found[:MOST_AT_ONCE]:
            try:
                with transaction.atomic():
                    told += _tell(one, now)
            except Exception as error:
                # The clock goes on for everybody else.
                why = error if isinstance(error, VaultError) else kind_and_place(error)
                log.error("Nobody can be told of file %s: %s", one.pk, why)
                _untold().filter(pk=one.pk).update(tried_at=now)
    return told


def _untold() -> QuerySet[PersonExport]:
    return PersonExport.objects.filter(
        ~Q(state=PersonExport.State.WAITING),
        form_id__isnull=False,
        told_at__isnull=True,
    ).order_by(F("tried_at").asc(nulls_first=True), "pk")


def _tell(export: PersonExport, now: dt.datetime) -> bool:
    """Tell one customer that their copy is ready, or staff why it is not."""
    export.told_at = now
    export.save(update_fields=["told_at"])
    why = _sent(export, now) if export.is_there(now) else "failed"
    if why:
        tell_staff(customer=export.customer, why=why, now=now)
    return not why


def _sent(export: PersonExport, now: dt.datetime) -> str:
    """Put the mail about a copy in line; return why it cannot go, empty if it did."""
    customer = export.customer
    asked = _asked_with(export)
    brand = asked.stream.brand if asked else brand_of(customer)
    if brand is None:
        return "no_email"
    # Asked again: an address may be new by now.
    way = way_of(customer, brand, asked_by=_channel_of(asked), now=now)
    if way.why:
        return way.why
    reference = new_reference()
    written = house.write(
        key=TEXT,
        customer=customer,
        brand=brand,
        channel=Channel.EMAIL,
        dedupe_key=f"{_PREFIX}{export.pk}",
        reference=reference,
        now=now,
        lasts=export.expires_at - now,
    )
    if written is None:
        return "no_email"
    keep_link(
        reference,
        purpose=Purpose.OWN_COPY,
        customer_id=customer.pk,
        address_print=fingerprint_of(way.address),
        now=now,
    )
    return ""


def asked_by(export: PersonExport) -> str:
    """Return the channel of the message whose link a copy was asked for with: what it
    printed is not asked for when the copy opens."""
    return _channel_of(_asked_with(export))


def _asked_with(export: PersonExport) -> Notice | None:
    asked_with = Notice.objects.filter(reference=export.asked_with)
    return asked_with.select_related("stream__brand").first()


def _channel_of(asked: Notice | None) -> str:
    return asked.channel if asked else Channel.EMAIL


def copy_in(notice: Notice | None, *, now: dt.datetime) -> PersonExport | None:
    """Return the copy that a message of ours leads to, while its file is there."""
    _, found, number = (notice.dedupe_key if notice else "").partition(_PREFIX)
    if notice is None or not found:
        return None
    export = PersonExport.objects.filter(pk=number, customer=notice.customer_id).first()
    return export if export is not None and export.is_there(now) else None


def tell_staff(*, customer: Customer, why: str, now: dt.datetime) -> Reply:
    """Have staff see to a copy that cannot go by itself; once a day for each customer.

    ``why`` is one of WHY. Reminders do not wait for it.
    """
    day = local_day(now, customer.time_zone or "UTC")
    reply, _ = Reply.objects.get_or_create(
        provider="page",
        provider_reference=f"{customer.pk}:own-copy:{day}",
        defaults={
            "customer": customer,
            "channel": Channel.EMAIL,
            "sender": customer.number,
            "subject": "A copy of their data, asked for on the customer's own page",
            "text": f"It cannot go by e-mail: {WHY[why]}. Make sure who they are, have "
            "the file made on their page under Customers, and see that it reaches them "
            "within a month.",
            "classified": Reply.Kind.OTHER,
            "received_at": now,
        },
    )
    return reply
