"""Changes the one address by which a customer is reached on a channel."""

from __future__ import annotations

from django.db import transaction

from customers.models import ContactPoint, Customer


@transaction.atomic
def reach_at(*, customer: Customer, kind: str, value: str) -> ContactPoint:
    """Use an address from now on in place of the one before, which is kept as a second.

    ``value`` is in its normal form (customers.contact), and known to be theirs.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    points = list(ContactPoint.objects.filter(customer=customer, kind=kind))
    others = [one for one in points if one.value != value and one.is_primary]
    for one in others:
        one.is_primary = False
        one.save(update_fields=["is_primary"])
    known = next((one for one in points if one.value == value), None)
    if known is None:
        return ContactPoint.objects.create(customer=customer, kind=kind, value=value)
    known.is_primary, known.state = True, ContactPoint.State.OK
    known.save(update_fields=["is_primary", "state"])
    return known
