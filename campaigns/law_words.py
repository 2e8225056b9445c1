"""In which words staff hear what law holds against a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from campaigns.lawful import Period
from campaigns.phrases import counted, day
from consent.law import Rule


def too_soon(period: Period, told_on: dt.date) -> str:
    """Return why a change may not begin when it is to, and when it may."""
    must = "must" if period.customers > 1 else "has to"
    return (
        f"{period.place}: {counted(period.customers, 'customer')} {must} be told "
        f"of {period.change.words} {period.longest} before. Told on "
        f"{day(told_on)}, it may begin on {day(period.first_on)}, not on "
        f"{day(period.change.effective_on)}."
    )


def in_doubt(rules: Sequence[Rule]) -> str:
    """Return which rules nobody has gone on with, and what to do."""
    named = ", ".join(dict.fromkeys(one.label.lower() for one in rules))
    return (
        f"These rules are not confirmed by counsel, or overdue for review: {named}. "
        "Say on the check page why you go on all the same."
    )
