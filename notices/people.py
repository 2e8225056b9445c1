"""The customers of a batch with all that says how to reach them.

What the gate decides by and what a message is addressed to are the same row, read once
the lock is held. Plain values: a batch is asked for a thousand times a minute.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection

from consent.standing import Consent
from customers.lookups import array_of
from customers.models import ContactPoint, PostalAddress
from customers.plain import plain
from customers.regions import region_of
from customers.sealed import ring

DEAD = ContactPoint.State.DEAD


@plain
class Person:
    """One customer; what is not known is None.

    The addresses are the primary ones, with their ContactPoint states; the consents
    are where the history stands, each with its first day; the basis of e-delivery is
    read for firms alone, ``topic_stops`` are topics they want no texts of, and
    ``turned`` the switches they have turned (consent.wishes).
    """

    pk: int
    number: str
    name: str
    kind: str
    status: str
    account_status: str
    language: str
    country: str
    region: str
    time_zone: str
    email: str | None
    email_state: str | None
    mobile: str | None
    mobile_state: str | None
    landline: str | None
    landline_state: str | None
    line1: str | None
    line2: str | None
    city: str | None
    postcode: str | None
    postal_country: str | None
    postal_state: str | None
    e_delivery: str | None
    e_delivery_since: dt.date | None
    e_delivery_categories: list[str] | None
    e_delivery_print: bytes | None
    e_delivery_until: dt.date | None
    e_delivery_hwsw: int | None
    e_delivery_basis: str | None
    sms: str | None
    sms_since: dt.date | None
    calls: str | None
    calls_since: dt.date | None
    topic_stops: list[str]
    turned: list[str]

    @property
    def place(self) -> tuple[str, str]:
        """Country and region (ISO 3166), each empty where it cannot be told."""
        country = self.country or self.postal_country or ""
        return country, self.region or region_of(country, self.postcode or "")

    @property
    def consent(self) -> Consent:
        """Where their consent to e-mail stands."""
        return Consent(
            self.e_delivery,
            self.e_delivery_since,
            self.e_delivery_categories,
            self.e_delivery_print,
            self.e_delivery_until,
            self.e_delivery_hwsw,
        )

    @property
    def phone(self) -> str:
        """The number a call goes to: the mobile, else the landline."""
        return self.usable("mobile") or self.usable("landline")

    @property
    def gets_letters(self) -> bool:
        """Whether a letter can be sent: line 1, city and postcode, none returned."""
        return bool(
            self.line1
            and self.city
            and self.postcode
            and self.postal_state == PostalAddress.State.OK
        )

    def usable(self, kind: str) -> str:
        """Return the e-mail address, mobile or landline number unless it is dead."""
        value: str | None = getattr(self, kind)
        dead = getattr(self, f"{kind}_state") == DEAD
        return "" if value is None or dead else value


# Where in a row of PEOPLE sealed values stand, and what they were sealed for.
_SEALED = (
    (10, "customers_contactpoint.value"),
    (12, "customers_contactpoint.value"),
    (14, "customers_contactpoint.value"),
    (16, "customers_postaladdress.line1"),
    (17, "customers_postaladdress.line2"),
)
PEOPLE = """
SELECT customer.id, customer.number, customer.name, customer.kind, customer.status,
    customer.account_status, customer.language, customer.country,
    customer.region, customer.time_zone,
    email.value, email.state, mobile.value, mobile.state,
    landline.value, landline.state,
    postal.line1, postal.line2, postal.city, postal.postcode, postal.country,
    postal.state,
    e_delivery.state, e_delivery.since, e_delivery.categories,
    e_delivery.address_print, e_delivery.valid_until, e_delivery.hwsw_version,
    election.basis,
    sms.state, sms.since, calls.state, calls.since,
    ARRAY(SELECT topic FROM consent_topicstop WHERE customer_id = customer.id),
    ARRAY(SELECT category || ':' || channel FROM consent_preference
        WHERE customer_id = customer.id AND is_on = (category = 'offers'))
FROM customers_customer AS customer
LEFT JOIN customers_contactpoint AS email
    ON email.customer_id = customer.id AND email.kind = 'email' AND email.is_primary
LEFT JOIN customers_contactpoint AS mobile
    ON mobile.customer_id = customer.id AND mobile.kind = 'mobile'
   AND mobile.is_primary
LEFT JOIN customers_contactpoint AS landline
    ON landline.customer_id = customer.id AND landline.kind = 'landline'
   AND landline.is_primary
LEFT JOIN customers_postaladdress AS postal ON postal.customer_id = customer.id
LEFT JOIN consent_consentstate AS e_delivery
    ON e_delivery.customer_id = customer.id AND e_delivery.subject = 'e_delivery'
LEFT JOIN consent_consentevent AS election
    ON election.id = e_delivery.event_id AND customer.kind = 'business'
LEFT JOIN consent_consentstate AS sms
    ON sms.customer_id = customer.id AND sms.subject = 'sms'
LEFT JOIN consent_consentstate AS calls
    ON calls.customer_id = customer.id AND calls.subject = 'call'
WHERE customer.id = ANY(%s)
ORDER BY customer.id
"""
LOCK = """
SELECT FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


def lock_people(customer_ids: Iterable[int]) -> dict[int, Person]:
    """Lock and load customers; they stay locked until the transaction ends.

    In the order of their ids, so that groups of other workers wait instead of
    dead-locking; and so that two workers cannot both find that one more contact is
    allowed. Read by a statement of its own: one that waited for the locks itself would
    see consents and addresses as they were before the wait.
    """
    wanted = set(customer_ids)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [array_of(wanted)])
    return people_of(wanted)


def people_of(customer_ids: Iterable[int]) -> dict[int, Person]:
    """Load customers without a lock, for what is only shown."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [array_of(set(customer_ids))])
        return {row[0]: _person(row) for row in cursor.fetchall()}


def _person(row: tuple[Any, ...]) -> Person:
    """Return the customer of a row of PEOPLE.

    :raises VaultError: an address cannot be opened, and nothing may go to it.
    """
    plain = list(row)
    keys = ring()
    for at, column in _SEALED:
        if plain[at] is not None:
            plain[at] = keys.open(plain[at], column).decode()
    return Person(*plain)
