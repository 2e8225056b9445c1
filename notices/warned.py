"""Tells the address before of a new one, and knows whether that word went out.

Trust in an address that the holder of a link brought rests on it (customers.reaching).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from consent.fingerprints import fingerprint_of
from consent.models import ContactChange, Suppression
from customers.models import Customer
from customers.reaching import SETTLES, Reached, reached
from notices import house
from notices.models import Brand, Channel, Notice
from notices.new_address import key_of_old
from notices.states import State

TEXT = "address-asked"
CHANNELS = {
    ContactChange.Kind.EMAIL: Channel.EMAIL,
    ContactChange.Kind.MOBILE: Channel.SMS,
}
_WENT = (State.SENT, State.DELIVERED)


def reached_now(customer: Customer, *, now: dt.datetime) -> Reached:
    """Return how a customer is reached, and which warnings went out: one query, and
    another where an address rests on one."""
    found = reached(customer, now=now)
    asked = found.warnings()
    if not asked:
        return found
    went = Notice.objects.filter(reference__in=asked, state__in=_WENT)
    told = {one.reference: one.sent_at for one in went.only("reference", "sent_at")}
    return replace(found, told={which: at for which, at in told.items() if at})


def warn(*, change: ContactChange, brand: Brand, now: dt.datetime) -> None:
    """Put word of a new address in line, to the one it is to replace (``change.old``).

    What it is worth is noted with the change: nothing where that address was itself
    brought a moment ago by whoever brings this one. In the caller's transaction.
    """
    channel = CHANNELS[ContactChange.Kind(change.kind)]
    if not change.old or _is_stopped(channel, change.old):
        return
    found = reached_now(change.customer, now=now)
    written = house.write(
        key=TEXT,
        customer=change.customer,
        brand=brand,
        channel=channel,
        dedupe_key=key_of_old(change),
        now=now,
        # A mailbox may turn us away for days; until it takes this, nobody was told.
        lasts=SETTLES,
    )
    if written is not None and found.is_warned_by(change.kind):
        change.told_with = written.reference
        change.save(update_fields=["told_with"])


def _is_stopped(channel: str, address: str) -> bool:
    return Suppression.objects.filter(
        channel=channel, fingerprint=fingerprint_of(address)
    ).exists()
