"""Stops writing to an address whose owner says that they are not the customer."""

from __future__ import annotations

from consent.fingerprints import fingerprint_of
from customers.actions import address_is_wrong
from customers.models import Customer, PostalAddress
from notices.models import ON_PAPER, Channel, Notice

_KINDS = {
    Channel.EMAIL: ("email",),
    Channel.SMS: ("mobile",),
    Channel.CALL: ("mobile", "landline"),
}


def stop_writing_to(
    *, customer: Customer, notice: Notice | None, address_print: bytes | None
) -> None:
    """Let nothing of this customer go where their message was read by somebody else.

    It is the address that ``notice`` went to, or the one a fresh link was sent to.
    Others of this customer stay, and so does the address with other customers.
    """
    if notice is not None and notice.channel in ON_PAPER:
        PostalAddress.objects.filter(customer=customer).update(
            state=PostalAddress.State.RETURNED
        )
        return
    for address in _addresses(customer, notice, address_print):
        address_is_wrong(customer=customer, address=address)


def _addresses(
    customer: Customer, notice: Notice | None, address_print: bytes | None
) -> list[str]:
    points = list(customer.contact_points.all())
    if address_print is not None:
        wanted = bytes(address_print)
        return [one.value for one in points if fingerprint_of(one.value) == wanted]
    if notice is None:
        return []
    written = notice.attempts.order_by("-number").first()
    if written is not None:
        return [written.destination]
    kinds = _KINDS[Channel(notice.channel)]
    return [one.value for one in points if one.kind in kinds and one.is_primary]
