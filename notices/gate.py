"""Asks again, at the last moment, whether each notice of a group may go.

Loads what consent.rules.decide needs for a group of claimed notices in a handful of
queries; their customers are locked (notices.people). Decides nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from consent import facts as rules
from consent.decision import Decision, Obligation, Outcome, Reason
from consent.law import Rules
from consent.lawbook import Lawbook, lawbook
from consent.models import ContactPolicy
from consent.quiet_hours import Quiet, zone_of
from consent.rules import decide
from customers.calendars import local_day
from customers.plain import plain
from notices.history import histories
from notices.inviting import weary
from notices.models import Notice
from notices.owed import NOTHING, Owed, owed_by_notice
from notices.people import Person
from notices.standing import Standing, suppressions_of


@plain
class Verdict:
    """The answer for one notice, with what it is based on."""

    notice: Notice
    decision: Decision
    owed: Owed

    @property
    def obligations(self) -> frozenset[str]:
        """What the words must do, as rendering knows it."""
        return _words_of(self.decision.obligations)


@lru_cache(maxsize=64)
def _words_of(obligations: tuple[Obligation, ...]) -> frozenset[str]:
    return frozenset(map(str, obligations))


def verdicts(
    notices: Sequence[Notice], people: Mapping[int, Person], now: dt.datetime
) -> list[Verdict]:
    """Decide about claimed notices, sorted by stream: each has a policy of its own.

    ``people`` are their customers, held by ``notices.people.lock_people`` in the same
    transaction; ``now`` was read after that.
    """
    streams = groupby(notices, key=lambda one: one.stream_id)
    return [
        verdict
        for _, group in streams
        for verdict in _of_one_stream(list(group), people, now)
    ]


def _of_one_stream(
    notices: Sequence[Notice], people: Mapping[int, Person], now: dt.datetime
) -> list[Verdict]:
    stream = notices[0].stream
    day = local_day(now, stream.brand.time_zone)
    owed = owed_by_notice([notice.pk for notice in notices], day)
    past = histories(people, notices, now)
    suppressed = suppressions_of(people.values())
    own = rules_policy(stream.policy)
    book = lawbook()
    now = now.astimezone(dt.UTC)
    asked_enough = weary(notices, now)
    found = []
    for notice in notices:
        person = people[notice.customer_id]
        law = law_of(person, book, now, day)
        policy = book.policy(own, law)
        standing = Standing(person, suppressed, day, law)
        history = past[notice.customer_id]
        mine = owed.get(notice.pk, NOTHING)
        decision = decide(
            standing.request(notice, mine, history.as_facts(), policy, now)
        )
        if decision.outcome == Outcome.ALLOW and notice.pk in asked_enough:
            decision = Decision(Outcome.BLOCK, Reason.PREF_CATEGORY_OFF)
        if decision.outcome == Outcome.ALLOW:
            # The next notice of the same group sees this one as gone.
            history.note(notice.channel, now, dunning=notice.dunning)
        found.append(Verdict(notice, decision, mine))
    return found


def law_of(person: Person, book: Lawbook, now: dt.datetime, day: dt.date) -> Rules:
    """Return the rules in force where a customer lives, on their own day; on ``day``,
    the firm's, where their zone is not known."""
    zone = zone_of(person.time_zone) if person.time_zone else None
    local = now.astimezone(zone).date() if zone else day
    return book.rules(*person.place, person.kind, local)


def lawful_policy(
    policy: ContactPolicy, person: Person, now: dt.datetime
) -> rules.Policy:
    """Return a firm's policy in the words of the rules, no looser than law for one
    customer at ``now``."""
    book = lawbook()
    law = law_of(person, book, now, now.astimezone(dt.UTC).date())
    return book.policy(rules_policy(policy), law)


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
