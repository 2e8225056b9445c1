"""One customer on one day in the words of the permission rules.

Turns rows into the question that consent.rules.decide answers. Asks the database for
nothing but the suppression list, and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from consent import facts as rules
from consent.categories import ANSWERS, OFFERS, category_of
from consent.fingerprints import fingerprint_of
from consent.law import Rules
from consent.mail import stands
from consent.models import Basis, ConsentEvent, Suppression
from consent.request import Request
from consent.standing import permits_mail, sms_permission
from consent.topics import topic_of
from consent.wishes import is_on
from customers.models import ContactPoint, PostalAddress
from customers.money import exponent
from customers.phone import ringing_zones
from notices.models import Channel, Notice
from notices.new_address import has_own_address
from notices.owed import Owed
from notices.people import Person

Suppressions = Mapping[tuple[str, bytes], str]

WITHDRAWN = ConsentEvent.State.WITHDRAWN
REFUSED = ConsentEvent.State.REFUSED
# Approval and the kill switch are asked in campaigns and settings; what has been
# claimed here is approved.
SYSTEM = rules.System(
    kill_switch=False, approved=True, sandbox=False, sandbox_allowed=False
)
ALL_ON = rules.CategoryPref(email="on", sms="on", letter="on", call="on")
# Of a message about a new address: where it goes was looked at when it was given, or is
# looked at when it is written (notices.new_address).
NEW_ADDRESS = rules.Address(email="ok", sms="ok", letter="ok", call="ok")
NOT_SUPPRESSED = rules.Suppressed(email="none", sms="none")
# Where law lets the contract do, these are no obstacle: nobody has to have agreed.
# Whoever withdrew, or chose what goes by e-mail and where, is heard all the same.
NO_OBSTACLE = frozenset({"granted", "none", "pending", "unproven", "stale", "expired"})


def suppressions_of(people: Iterable[Person]) -> Suppressions:
    """Return why the suppressed addresses among theirs are: one query.

    Keyed by channel and fingerprint of the address.
    """
    wanted = {
        fingerprint_of(address)
        for person in people
        for address in (person.email, person.mobile)
        if address
    }
    listed = Suppression.objects.filter(fingerprint__among=wanted).values_list(
        "channel", "fingerprint", "reason"
    )
    return {(channel, bytes(print_)): reason for channel, print_, reason in listed}


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer on one of the firm's days; a consent counts from its own day.

    ``law`` are the rules in force on the customer's own day.
    """

    person: Person
    suppressed: Suppressions
    day: dt.date
    law: Rules

    def request(
        self,
        notice: Notice,
        owed: Owed,
        history: rules.History,
        policy: rules.Policy,
        now: dt.datetime,
    ) -> Request:
        """Return the question about one notice at ``now``, an instant in UTC."""
        person = self.person
        by_mail = stands(
            person.consent, kind=notice.kind, email=person.email, day=self.day
        )
        to_mail = permits_mail(by_mail)
        by_contract = (
            notice.legal == "writing"
            and self.law.contract_is_enough
            and by_mail in NO_OBSTACLE
            and person.e_delivery != REFUSED
        )
        to_text = topic_of(notice.kind) not in person.topic_stops
        to_call = self._since(person.calls, person.calls_since) != WITHDRAWN
        return Request(
            now=now,
            channel=_permitted_as(notice.channel),
            sender_role="first_party",
            system=SYSTEM,
            notice=_notice_facts(notice, self.law),
            person=_someone(person.kind, person.status, _zones(person, notice.channel)),
            account=_account(person, owed),
            address=NEW_ADDRESS if has_own_address(notice) else _address(person),
            suppression=NOT_SUPPRESSED
            if has_own_address(notice) or not self.suppressed
            else rules.Suppressed(
                email=self._reason("email", person.email),
                sms=self._reason("sms", person.mobile),
            ),
            e_consent="granted" if by_contract else by_mail,
            b2b_e_election=by_contract or has_elected(person, by_mail),
            sms_permission=sms_permission(person.sms, person.sms_since, self.day),
            promo_permission=_asked_for(notice, person.turned),
            category_pref=_switches(
                notice.kind,
                tuple(person.turned),
                to_mail=to_mail or by_contract,
                to_text=to_text,
                to_call=to_call,
            ),
            paper_pref="paperless" if to_mail else "paper",
            history=history,
            policy=policy,
        )

    def _since(self, state: str | None, since: dt.date | None) -> str:
        return state if state and since and since <= self.day else "none"

    def _reason(self, channel: str, address: str | None) -> rules.SuppressedFor:
        if not address:
            return "none"
        found = self.suppressed.get((channel, fingerprint_of(address)), "none")
        return found  # type: ignore[return-value]


# Asked of every message, and few people turn a switch.
@lru_cache(maxsize=1024)
def _switches(
    kind: str, turned: tuple[str, ...], *, to_mail: bool, to_text: bool, to_call: bool
) -> rules.CategoryPref:
    """Return whether a kind of notice may come by each channel: what consents let
    through, less what the customer switched off. Answers to what was just asked come by
    the channel they were asked for."""
    if kind in ANSWERS:
        return ALL_ON
    category = category_of(kind)

    def on(channel: str, allowed: bool) -> rules.Switch:
        wanted = category is None or is_on(turned, category, channel)
        return "on" if allowed and wanted else "off"

    return rules.CategoryPref(
        # Offers rest on the switch alone: turning it on is the consent to them.
        email=on("email", to_mail or category == OFFERS),
        sms=on("sms", to_text),
        letter=on("letter", True),
        call=on("call", to_call),
    )


def _asked_for(notice: Notice, turned: Sequence[str]) -> bool:
    """Whether the customer chose to have offers by this channel."""
    channel = _permitted_as(notice.channel)
    return category_of(notice.kind) == OFFERS and is_on(turned, OFFERS, channel)


def has_elected(person: Person, by_mail: rules.EConsent) -> bool:
    """Whether a firm agreed to electronic notices by a clause of its contract."""
    return by_mail == "granted" and person.e_delivery_basis == Basis.CONTRACT


def _notice_facts(notice: Notice, law: Rules) -> rules.Notice:
    legal = "paper_only" if notice.kind in law.paper_only else notice.legal
    return _message(
        notice.kind, legal, notice.dunning, notice.not_after, _revoked_at(notice)
    )


# Of a batch many are alike in these; the same words need not be put together anew.
@lru_cache(maxsize=256)
def _message(
    kind: rules.Kind,
    legal: rules.Legal,
    dunning: bool,
    not_after: dt.datetime | None,
    revoked_at: dt.datetime | None,
) -> rules.Notice:
    return rules.Notice(
        kind=kind,
        legal=legal,
        dunning=dunning,
        not_after=not_after,
        revoked_at=revoked_at,
    )


@lru_cache(maxsize=1024)
def _someone(
    kind: rules.PersonType, status: rules.PersonStatus, zones: tuple[str, ...]
) -> rules.Person:
    return rules.Person(type=kind, status=status, tz=zones)


@lru_cache(maxsize=256)
def _conditions(
    email: rules.EmailAddress,
    sms: rules.SmsAddress,
    letter: rules.PostalAddress,
    call: rules.CallAddress,
) -> rules.Address:
    return rules.Address(email=email, sms=sms, letter=letter, call=call)


def _revoked_at(notice: Notice) -> dt.datetime | None:
    """Return when the STOP came that a notice confirms: it is of no use for longer
    than the confirmation may take (notices.intake.answers)."""
    if notice.kind != "stop_confirmation" or notice.not_after is None:
        return None
    return notice.not_after - rules.STOP_CONFIRMED_WITHIN


def _account(person: Person, owed: Owed) -> rules.Account:
    """What they owe; when all that is left waits on a hold, that is a dispute."""
    all_on_hold = bool(owed.held) and not owed.lines
    return rules.Account(
        status=person.account_status,  # type: ignore[arg-type]
        # With every line on hold something is owed; the hold speaks, not the sum.
        balance_due=1 if all_on_hold else _minor_units(owed),
        dispute="open" if all_on_hold else "none",
        moratorium=False,
        payment_plan=False,
    )


def _minor_units(owed: Owed) -> int:
    """Return what is owed in cents, pence or what the currency has."""
    if not owed.lines:
        return 0
    return int(owed.total.scaleb(exponent(owed.lines[0].currency)))


def _zones(person: Person, channel: str) -> tuple[str, ...]:
    """Return every zone they may be in; a phone rings where its number belongs too."""
    phone = person.phone if channel in {Channel.SMS, Channel.CALL} else ""
    return ringing_zones(person.time_zone, phone)


def _address(person: Person) -> rules.Address:
    return _conditions(
        _email_condition(person.email_state),
        _sms_condition(person),
        _letter_condition(person),
        "ok" if person.phone else "missing",
    )


def _email_condition(state: str | None) -> rules.EmailAddress:
    if state is None or state == ContactPoint.State.DEAD:
        return "missing"
    return "unverified" if state == ContactPoint.State.UNVERIFIED else "ok"


def _sms_condition(person: Person) -> rules.SmsAddress:
    if person.mobile is None:
        return "missing" if person.landline is None else "landline"
    return "ok" if person.usable("mobile") else "missing"


def _letter_condition(person: Person) -> rules.PostalAddress:
    if person.gets_letters:
        return "ok"
    returned = person.postal_state == PostalAddress.State.RETURNED
    return "returned" if returned else "missing"


def _permitted_as(channel: str) -> rules.Channel:
    """Return the channel as permission knows it: a postcard is a letter to it."""
    return "letter" if channel == Channel.POSTCARD else channel  # type: ignore[return-value]
