"""Messages that invite somebody to e-mail: how often, and that they went.

A sample that somebody asked for invites to nothing. The law of the place says how many
and how long after a no (consent/packs); nobody asks more than three times a year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from consent.invitations import invitable, note_invited
from consent.models import ConsentEvent
from notices.consent_mail import is_sample
from notices.models import ON_PAPER, Notice


def is_invitation(notice: Notice) -> bool:
    """Whether a message asks for a consent that nobody asked us for."""
    return notice.kind == "opt_in_request" and not is_sample(notice)


def weary(notices: Iterable[Notice], now: dt.datetime) -> set[int]:
    """Return the ids of those of these that invite somebody who is not to be invited
    now: no query where nothing invites."""
    asking = {one.pk: one.customer_id for one in notices if is_invitation(one)}
    if not asking:
        return set()
    welcome = invitable(list(asking.values()), now=now)
    return {pk for pk, customer in asking.items() if customer not in welcome}


def note_invitations(notices: Iterable[Notice], now: dt.datetime) -> None:
    """Record what of these invited, in the transaction that sends them first."""
    asking = [one for one in notices if is_invitation(one) and not one.tries]
    for method, on_paper in (
        (ConsentEvent.Method.PAPER_FORM, True),
        (ConsentEvent.Method.WEB, False),
    ):
        asked = [
            one.customer_id for one in asking if (one.channel in ON_PAPER) == on_paper
        ]
        if asked:
            note_invited(asked, method=method, now=now)
