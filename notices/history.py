"""What went to a customer lately, as the caps of the permission rules count it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from consent import facts as rules
from notices.models import Attempt, Channel, Notice
from notices.states import State

WEEK = dt.timedelta(days=7)
_NOTHING_YET = rules.History(sms=(), dunning=())


@dataclass(slots=True)
class History:
    """When texts and reminders went to one customer, newest last."""

    sms: list[dt.datetime]
    dunning: list[dt.datetime]

    def note(self, channel: str, when: dt.datetime, *, dunning: bool) -> None:
        """Count a notice as gone at an aware instant."""
        if channel == Channel.SMS:
            self.sms.append(when.astimezone(dt.UTC))
        if dunning:
            self.dunning.append(when.astimezone(dt.UTC))

    def as_facts(self) -> rules.History:
        """Return the history in the words of the rules."""
        if not self.sms and not self.dunning:
            return _NOTHING_YET
        return rules.History(sms=tuple(self.sms), dunning=tuple(self.dunning))


def histories(
    people: Iterable[int], notices: Iterable[Notice], now: dt.datetime
) -> dict[int, History]:
    """Return what went to these customers in the last week: one query.

    What is on the wire or unknown counts as gone at the time it was tried; what is on
    paper but not posted yet, or with staff to be called, counts as going now.
    """
    own = [notice.pk for notice in notices]
    recent = list(
        Notice.objects.filter(customer__among=people)
        .filter(
            Q(sent_at__gt=now - WEEK)
            | Q(
                state__in=[
                    State.HANDING_OFF,
                    State.UNKNOWN,
                    State.PRINTING,
                    State.CALLING,
                ]
            )
        )
        .exclude(pk__among=own)
        .order_by("sent_at", "pk")
        .values_list("pk", "customer_id", "channel", "dunning", "sent_at", "state")
    )
    in_doubt = [pk for pk, *_, sent_at, _ in recent if not sent_at]
    tried_at = _tried_at(in_doubt) if in_doubt else {}
    found: dict[int, History] = defaultdict(lambda: History([], []))
    for pk, customer, channel, dunning, sent_at, state in recent:
        # A forgotten unknown must not count for ever; a letter that lies in the print
        # room or a call on the desk will still go, however long ago it was laid there.
        to_come = state in {State.PRINTING, State.CALLING}
        tried = now if to_come else tried_at.get(pk, now)
        when = sent_at or tried
        if when > now - WEEK:
            found[customer].note(channel, when, dunning=dunning)
    return found


def _tried_at(notice_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Return when each notice was last tried: one query."""
    return dict(
        Attempt.objects.filter(notice__among=notice_ids)
        .values("notice")
        .annotate(last=Max("started_at"))
        .values_list("notice", "last")
    )
