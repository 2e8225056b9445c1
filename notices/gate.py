"""Asks again, at the last moment, whether each notice of a group may go.

Loads what consent.rules.decide needs for a group of claimed notices in a handful of
queries, under a lock on the customers, so that two workers cannot both find that one
more contact is allowed. Decides nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from consent import facts as rules
from consent.decision import Decision, Outcome
from consent.fingerprints import fingerprint_of
from consent.models import ConsentState, ContactPolicy, Subject, Suppression
from consent.quiet_hours import Quiet
from consent.request import Request
from consent.rules import decide
from customers.models import ContactPoint, Customer, PostalAddress
from customers.money import exponent
from customers.phone import ringing_zones
from notices.history import histories
from notices.models import Channel, Notice
from notices.owed import NOTHING, Owed, owed_by_notice


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one notice, with what it is based on."""

    notice: Notice
    decision: Decision
    owed: Owed


def verdicts(
    notices: Sequence[Notice], people: Mapping[int, Customer], now: dt.datetime
) -> list[Verdict]:
    """Decide about a group of claimed notices of one stream.

    ``people`` are their customers, held by :func:`lock_people` in the same
    transaction; ``now`` was read after that.
    """
    if not notices:
        return []
    stream = notices[0].stream
    day = now.astimezone(ZoneInfo(stream.brand.time_zone)).date()
    owed = owed_by_notice([notice.pk for notice in notices], day)
    past = histories(people, notices, now)
    suppressed = _suppressed(people.values())
    policy = rules_policy(stream.policy)
    found = []
    for notice in notices:
        person = people[notice.customer_id]
        history = past[notice.customer_id]
        mine = owed.get(notice.pk, NOTHING)
        standing = _Standing.of(person, suppressed, day)
        request = standing.request(notice, mine, history.as_facts(), policy, now)
        decision = decide(request)
        if decision.outcome == Outcome.ALLOW:
            # The next notice of the same group sees this one as gone.
            history.note(notice, now)
        found.append(Verdict(notice, decision, mine))
    return found


# Approval and the kill switch are asked in campaigns and settings; what has been
# claimed here is approved.
SYSTEM = rules.System(
    kill_switch=False, approved=True, sandbox=False, sandbox_allowed=False
)


def rules_policy(policy: ContactPolicy) -> rules.Policy:
    """Return a firm's policy in the words of the rules."""
    return rules.Policy(
        quiet=Quiet.between(policy.quiet_start, policy.quiet_end),
        email_quiet=policy.email_quiet,
        sms_number_provided_ok=policy.sms_number_provided_ok,
        optional_paper_ok=policy.optional_paper_ok,
        caps=rules.Caps(
            sms_24h=policy.sms_24h,
            sms_7d=policy.sms_7d,
            dunning_7d=policy.dunning_7d,
        ),
    )


def lock_people(notices: Iterable[Notice]) -> dict[int, Customer]:
    """Lock and load the customers of a group with all that says how to reach them.

    They stay locked until the transaction ends, in the order of their ids, so that
    groups of other workers wait instead of dead-locking.
    """
    wanted = {notice.customer_id for notice in notices}
    customers = (
        Customer.objects.filter(pk__in=wanted)
        .order_by("pk")
        .select_related("postal_address")
        .select_for_update(no_key=True, of=("self",))
        .prefetch_related(
            Prefetch(
                "contact_points",
                ContactPoint.objects.filter(is_primary=True),
                to_attr="primary_points",
            ),
            Prefetch(
                "consent_states", ConsentState.objects.all(), to_attr="all_consents"
            ),
        )
    )
    return {customer.pk: customer for customer in customers}


def _notice_facts(notice: Notice) -> rules.Notice:
    return rules.Notice(
        kind=notice.kind,  # type: ignore[arg-type]
        legal=notice.legal,  # type: ignore[arg-type]
        dunning=notice.dunning,
        not_after=notice.not_after,
    )


def _account(person: Customer, owed: Owed) -> rules.Account:
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


@dataclass(frozen=True, slots=True)
class _Standing:
    """One customer on one day: how to reach them, and what they allowed."""

    person: Customer
    points: Mapping[str, ContactPoint]
    consents: Mapping[str, ConsentState]
    suppressed: Mapping[tuple[str, bytes], str]

    @classmethod
    def of(
        cls,
        person: Customer,
        suppressed: Mapping[tuple[str, bytes], str],
        day: dt.date,
    ) -> _Standing:
        """Take what ``lock_people`` loaded; a consent counts from its own day."""
        return cls(
            person=person,
            points={point.kind: point for point in person.primary_points},  # type: ignore[attr-defined]
            consents={
                state.subject: state
                for state in person.all_consents  # type: ignore[attr-defined]
                if state.since <= day
            },
            suppressed=suppressed,
        )

    def request(
        self,
        notice: Notice,
        owed: Owed,
        history: rules.History,
        policy: rules.Policy,
        now: dt.datetime,
    ) -> Request:
        """Return the question about one notice in the words of the rules."""
        e_delivery = self.consents.get(Subject.E_DELIVERY)
        to_mail = e_delivery is not None and e_delivery.allows_from() is not None
        return Request(
            now=now.astimezone(dt.UTC),
            channel=_permitted_as(notice.channel),
            sender_role="first_party",
            system=SYSTEM,
            notice=_notice_facts(notice),
            person=self._person(notice.channel),
            account=_account(self.person, owed),
            address=self._address(),
            suppression=rules.Suppressed(
                email=self._reason(Channel.EMAIL, "email"),  # type: ignore[arg-type]
                sms=self._reason(Channel.SMS, "mobile"),  # type: ignore[arg-type]
            ),
            e_consent=e_delivery.state if e_delivery else "none",  # type: ignore[arg-type]
            b2b_e_election=False,
            sms_permission=_sms_permission(self.consents.get(Subject.SMS)),
            promo_permission=False,
            # Reminders by e-mail go only where the customer agreed to e-mail.
            category_pref=replace(
                ALL_ON,
                email="on" if to_mail else "off",
                call="off" if self._wants_no_calls() else "on",
            ),
            paper_pref="paperless" if to_mail else "paper",
            history=history,
            policy=policy,
        )

    def _wants_no_calls(self) -> bool:
        calls = self.consents.get(Subject.CALL)
        return calls is not None and calls.allows_from() is None

    def _person(self, channel: str) -> rules.Person:
        return rules.Person(
            type=self.person.kind,  # type: ignore[arg-type]
            status=self.person.status,  # type: ignore[arg-type]
            tz=self._zones() if channel in {"sms", "call"} else self._home(),
        )

    def _home(self) -> tuple[str, ...]:
        return (self.person.time_zone,) if self.person.time_zone else ()

    def _zones(self) -> tuple[str, ...]:
        """Return every zone a phone may ring in: the address's and the number's."""
        phone = self._phone()
        return ringing_zones(self.person.time_zone, phone.value if phone else "")

    def _phone(self) -> ContactPoint | None:
        known = (self.points.get("mobile"), self.points.get("landline"))
        alive = (one for one in known if one and one.state != ContactPoint.State.DEAD)
        return next(alive, None)

    def _address(self) -> rules.Address:
        phone = self._phone()
        return rules.Address(
            email=_email_condition(self.points.get("email")),
            sms=_sms_condition(self.points),
            letter=_letter_condition(self.person),
            call="ok" if phone else "missing",
        )

    def _reason(self, channel: str, kind: str) -> str:
        point = self.points.get(kind)
        if point is None:
            return "none"
        return self.suppressed.get((channel, fingerprint_of(point.value)), "none")


def _permitted_as(channel: str) -> rules.Channel:
    """Return the channel as permission knows it: a postcard is a letter to it."""
    return "letter" if channel == Channel.POSTCARD else channel  # type: ignore[return-value]


ALL_ON = rules.CategoryPref(email="on", sms="on", letter="on", call="on")


def _email_condition(point: ContactPoint | None) -> rules.EmailAddress:
    if point is None or point.state == ContactPoint.State.DEAD:
        return "missing"
    return "unverified" if point.state == ContactPoint.State.UNVERIFIED else "ok"


def _sms_condition(points: Mapping[str, ContactPoint]) -> rules.SmsAddress:
    mobile = points.get("mobile")
    if mobile is None:
        return "landline" if "landline" in points else "missing"
    return "missing" if mobile.state == ContactPoint.State.DEAD else "ok"


def _letter_condition(person: Customer) -> rules.PostalAddress:
    address = getattr(person, "postal_address", None)
    if address is None:
        return "missing"
    if address.is_deliverable:
        return "ok"
    return "returned" if address.state == PostalAddress.State.RETURNED else "missing"


def _sms_permission(state: ConsentState | None) -> rules.SmsPermission:
    if state is None:
        return "none"
    return "express" if state.allows_from() is not None else "revoked"


def _suppressed(people: Iterable[Customer]) -> dict[tuple[str, bytes], str]:
    """Return the reasons for the suppressed addresses of a group: one query."""
    wanted = {
        fingerprint_of(point.value)
        for person in people
        for point in person.primary_points  # type: ignore[attr-defined]
    }
    listed = Suppression.objects.filter(fingerprint__in=wanted).values_list(
        "channel", "fingerprint", "reason"
    )
    return {(channel, bytes(print_)): reason for channel, print_, reason in listed}
