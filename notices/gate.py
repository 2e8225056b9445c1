"""Asks again, at the last moment, whether each notice of a group may go.

Loads what consent.rules.decide needs for a group of claimed notices in a handful of
queries; their customers are locked (notices.people). Decides nothing itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from consent import facts as rules
from consent.decision import Decision, Obligation, Outcome
from consent.models import ContactPolicy
from consent.quiet_hours import Quiet
from consent.rules import decide
from notices.history import histories
from notices.models import Notice
from notices.owed import NOTHING, Owed, owed_by_notice
from notices.people import Person
from notices.standing import Standing, suppressions_of


@dataclass(frozen=True, slots=True)
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
    day = now.astimezone(ZoneInfo(stream.brand.time_zone)).date()
    owed = owed_by_notice([notice.pk for notice in notices], day)
    past = histories(people, notices, now)
    suppressed = suppressions_of(people.values())
    policy = rules_policy(stream.policy)
    now = now.astimezone(dt.UTC)
    found = []
    for notice in notices:
        standing = Standing(people[notice.customer_id], suppressed, day)
        history = past[notice.customer_id]
        mine = owed.get(notice.pk, NOTHING)
        decision = decide(
            standing.request(notice, mine, history.as_facts(), policy, now)
        )
        if decision.outcome == Outcome.ALLOW:
            # The next notice of the same group sees this one as gone.
            history.note(notice.channel, now, dunning=notice.dunning)
        found.append(Verdict(notice, decision, mine))
    return found


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
