"""What went to a customer lately, as the caps of the permission rules count it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Q

from consent import facts as rules
from notices.models import Attempt, Channel, Notice
from notices.states import State

WEEK = dt.timedelta(days=7)


@dataclass(slots=True)
class History:
    """When texts and reminders went to one customer, newest last."""

    sms: list[dt.datetime]
    dunning: list[dt.datetime]

    def note(self, notice: Notice, when: dt.datetime) -> None:
        """Count a notice as gone at an aware instant."""
        if notice.channel == Channel.SMS:
            self.sms.append(when.astimezone(dt.UTC))
        if notice.dunning:
            self.dunning.append(when.astimezone(dt.UTC))

    def as_facts(self) -> rules.History:
        """Return the history in the words of the rules."""
        return rules.History(sms=tuple(self.sms), dunning=tuple(self.dunning))


def histories(
    people: Iterable[int], notices: Iterable[Notice], now: dt.datetime
) -> dict[int, History]:
    """Return what went to these customers in the last week: one query.

    What is on the wire or unknown counts as gone at the time it was tried; what is on
    paper but not posted yet, or with staff to be called, counts as going now.
    """
    own = [notice.pk for notice in notices]
    recent = (
        Notice.objects.filter(customer__in=list(people))
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
        .exclude(pk__in=own)
        .only("customer_id", "channel", "dunning", "sent_at", "state")
        .order_by("sent_at", "pk")
    )
    tried_at = dict(
        Attempt.objects.filter(notice__in=[one.pk for one in recent if not one.sent_at])
        .values("notice")
        .annotate(last=Max("started_at"))
        .values_list("notice", "last")
    )
    found: dict[int, History] = defaultdict(lambda: History([], []))
    for notice in recent:
        # A forgotten unknown must not count for ever; a letter that lies in the print
        # room or a call on the desk will still go, however long ago it was laid there.
        to_come = notice.state in {State.PRINTING, State.CALLING}
        tried = now if to_come else tried_at.get(notice.pk, now)
        when = notice.sent_at or tried
        if when > now - WEEK:
            found[notice.customer_id].note(notice, when)
    return found
