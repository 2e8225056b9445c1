"""Sends a sample to the very address it is to prove, whichever one we use so far.

Asked about like every message: the stops of that address count, not those of another.
A sample that was replaced or refused meanwhile has no address any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from consent.models import ConsentEvent, Demonstration
from customers.models import ContactPoint
from notices.consent_mail import is_sample
from notices.models import Notice
from notices.people import Person


def addressed(
    people: Mapping[int, Person], notices: Sequence[Notice]
) -> dict[int, Person]:
    """Return the people of a batch, those who get a sample at the address to prove.

    A batch is of one stream and samples have theirs, so that whoever gets a sample in
    it gets nothing else; a customer has one sample in line at most
    (notices.consent_mail). No query where there is no sample.
    """
    references = [one.reference for one in notices if is_sample(one)]
    found = dict(people)
    if not references:
        return found
    open_ones = {
        one.customer_id: one.address
        for one in Demonstration.objects.filter(
            notice_reference__in=references, outcome=Demonstration.Outcome.OPEN
        )
    }
    for notice in notices:
        if is_sample(notice):
            pk = notice.customer_id
            found[pk] = _at(found[pk], open_ones.get(pk))
    return found


def _at(person: Person, address: str | None) -> Person:
    """Return a person as they are to be asked about at that address.

    They have just said yes to it, whatever an older consent to another one says.
    """
    if address is None:
        return replace(person, email=None, email_state=None)
    # Whether mail arrives there is what the sample is to show; a dead one is dead.
    is_dead = person.email == address and not person.usable("email")
    state = ContactPoint.State.DEAD if is_dead else ContactPoint.State.OK
    return replace(
        person,
        email=address,
        email_state=state,
        e_delivery=ConsentEvent.State.PENDING,
        e_delivery_since=dt.date.min,
        e_delivery_categories=None,
        e_delivery_print=None,
        e_delivery_until=None,
    )
