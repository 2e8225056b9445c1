"""What a customer chose on their own page, in the words of staff."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.timezone import localdate

from consent.categories import BY_CHOICE
from consent.models import ContactWish, Preference, PreferenceChange
from consent.topics import TOPICS
from consent.wishes import next_pay_day
from customers.models import Customer

_BY = {
    "email": "by e-mail",
    "sms": "by text message",
    "call": "by phone",
    "letter": "by letter",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a customer chose, what follows from it, and since when."""

    what: str
    follows: str
    since: dt.date


def choices(customer: Customer, today: dt.date) -> list[Choice]:
    """Return what a customer chose: two queries."""
    wish = ContactWish.objects.filter(customer=customer).first()
    return [*_wishes(wish, today), *_switches(customer)]


def _wishes(wish: ContactWish | None, today: dt.date) -> list[Choice]:
    if wish is None:
        return []
    since, found = localdate(wish.since), []
    if wish.channel_order:
        ways = ", then ".join(_BY[one] for one in wish.channel_order)
        found.append(
            Choice(
                f"Rather {ways}",
                "the customer’s own wish; a step that has it goes that way first",
                since,
            )
        )
    if wish.best_time:
        hour = wish.get_best_time_display().lower()
        follows = "e-mails, texts and calls of a day wait for it"
        found.append(Choice(f"Best {hour}", follows, since))
    if wish.pay_day is not None:
        day = next_pay_day(wish.pay_day, today)
        follows = f"next on {day:%-d %B}: a hint for a day to promise"
        found.append(Choice(f"Money comes on day {wish.pay_day}", follows, since))
    return found


def _switches(customer: Customer) -> list[Choice]:
    turned = Preference.objects.filter(customer=customer).order_by("category", "pk")
    return [
        Choice(
            f"{TOPICS[one.category]} {_BY[one.channel]}",
            "asked for" if one.is_on else "switched off by the customer",
            localdate(one.since),
        )
        for one in turned
        if one.is_on == (one.category in BY_CHOICE)
    ]


_WISHES = {
    "language": "language",
    "channel_order": "order of channels",
    "best_time": "best time of day",
    "pay_day": "day money comes",
}


def said(change: PreferenceChange) -> str:
    """Return what one form or click of a customer changed, in one line."""
    return ", ".join(_said(name, after) for name, (_, after) in change.changes.items())


def _said(name: str, after: object) -> str:
    if name in _WISHES:
        written = ", ".join(after) if isinstance(after, list) else after
        return f"{_WISHES[name]}: {written or 'none'}"
    category, _, channel = name.partition(":")
    return f"{TOPICS[category]} {_BY[channel]}: {'on' if after else 'off'}"
