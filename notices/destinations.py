"""Where a message goes: to the customer's own address, or to one of its own.

Nowhere is an empty destination, which rendering refuses. Whether anything may go there
is for the gate to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from customers.models import PostalAddress
from notices.models import Channel, Notice
from notices.new_address import new_addresses
from notices.people import Person
from notices.render import (
    Destination,
    MailDestination,
    PhoneDestination,
    PostalDestination,
)


def destination_of(person: Person, channel: str, country: str) -> Destination:
    """Return where one customer would be reached by a channel, empty if nowhere.

    ``country`` is the firm's, for an address that names none.
    """
    if channel == Channel.EMAIL:
        return MailDestination(person.usable("email"))
    if channel == Channel.SMS:
        return PhoneDestination(person.usable("mobile"))
    if channel == Channel.CALL:
        return PhoneDestination(person.phone)
    if person.line1 is None or person.postal_state != PostalAddress.State.OK:
        return PostalDestination("", "", "", "", "")
    return PostalDestination(
        line1=person.line1,
        line2=person.line2 or "",
        city=person.city or "",
        postcode=person.postcode or "",
        country=person.postal_country or person.country or country,
    )


def new_destinations(notices: Sequence[Notice]) -> dict[str, Destination]:
    """Return where messages about a new address go, by reference."""
    channels = {one.reference: one.channel for one in notices}
    return {
        reference: MailDestination(address)
        if channels[reference] == Channel.EMAIL
        else PhoneDestination(address)
        for reference, address in new_addresses(notices).items()
    }
