"""What one customer can choose and has chosen, as their own page shows it.

Rests on the very row that the gate decides by (notices.people), so that the page
promises nothing that the gate would not do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from consent.categories import OFFERS, REMINDERS, REQUIRED
from consent.fingerprints import fingerprint_of
from consent.law import Rules
from consent.mail import stands
from consent.standing import permits_mail, sms_permission
from consent.wishes import ORDERED, SWITCHES, is_on
from customers.models import Customer
from notices.people import Person
from notices.standing import NO_OBSTACLE, WITHDRAWN, Suppressions, has_elected

# Any kind of a category: consents do not tell them apart.
_KIND = {
    "bills": "bill",
    "contract_notices": "change_notice",
    "reminders": "reminder",
    "service_news": "opt_in_request",
    "offers": "promo",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """One customer, the stops of their addresses, their day and the law where they
    live."""

    person: Person
    suppressed: Suppressions
    day: dt.date
    law: Rules

    def by_mail(self, category: str) -> bool:
        """Whether messages of a category may go by e-mail, as consents stand.

        What law requires goes by e-mail to who agreed with proof, or where law lets
        the contract do (notices.standing).
        """
        person = self.person
        found = stands(
            person.consent, kind=_KIND[category], email=person.email, day=self.day
        )
        if category not in REQUIRED:
            return permits_mail(found)
        if self.law.contract_is_enough and found in NO_OBSTACLE:
            return bool(person.usable("email"))
        if person.kind == Customer.Kind.BUSINESS:
            return has_elected(person, found)
        return found == "granted"

    def possible(self, category: str) -> tuple[str, ...]:
        """Return the channels on which a category could come, were it switched on.

        Offers need no consent but the switch itself.
        """
        return tuple(
            channel
            for channel in SWITCHES[category]
            if self._reached_by(channel)
            and (channel != "email" or category == OFFERS or self.by_mail(category))
        )

    def switched_on(self, category: str) -> tuple[str, ...]:
        """Return the channels on which a category comes now."""
        return tuple(
            channel
            for channel in self.possible(category)
            if is_on(self.person.turned, category, channel)
        )

    @property
    def orderable(self) -> tuple[str, ...]:
        """The channels a customer may name as the first: those reminders can take."""
        possible = self.possible(REMINDERS)
        return tuple(channel for channel in ORDERED if channel in possible)

    def _reached_by(self, channel: str) -> bool:
        person = self.person
        match channel:
            case "email":
                return self._open("email", person.usable("email"))
            case "sms":
                permission = sms_permission(person.sms, person.sms_since, self.day)
                return permission == "express" and self._open(
                    "sms", person.usable("mobile")
                )
            case "call":
                return bool(person.phone) and person.calls != WITHDRAWN
        return person.gets_letters

    def _open(self, channel: str, address: str) -> bool:
        return bool(address) and (
            not self.suppressed
            or (channel, fingerprint_of(address)) not in self.suppressed
        )
