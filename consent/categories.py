"""What kinds of messages there are to a customer, and of which each notice is.

The one table from kinds of notices (consent.facts.Kind) to the categories that a
consent names, a STOP of one topic ends, and a customer switches on or off. Pure words:
decides nothing and knows no notice but by its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BILLS = "bills"
REMINDERS = "reminders"
CONTRACT_NOTICES = "contract_notices"
SERVICE_NEWS = "service_news"
OFFERS = "offers"

CATEGORIES = (BILLS, REMINDERS, CONTRACT_NOTICES, SERVICE_NEWS, OFFERS)
# What law or contract makes us tell: never off, only by e-mail or on paper.
REQUIRED = frozenset({BILLS, CONTRACT_NOTICES})
# What a consent covers that was given before consents named their categories.
ASKED_BEFORE = frozenset({BILLS, REMINDERS, CONTRACT_NOTICES})
# Off until the customer asks for it (no box is ticked beforehand).
BY_CHOICE = frozenset({OFFERS})

# Answers to what somebody just asked of us.
ANSWERS = frozenset({"stop_confirmation", "help_reply"})
# None: answers to what somebody just asked of us, and warnings of danger. No switch
# stops those.
CATEGORY_OF_KIND: Mapping[str, str | None] = MappingProxyType(
    {
        "bill": BILLS,
        "final_bill": BILLS,
        "reminder": REMINDERS,
        "overdue": REMINDERS,
        "change_notice": CONTRACT_NOTICES,
        "termination": CONTRACT_NOTICES,
        "opt_in_request": SERVICE_NEWS,
        "promo": OFFERS,
        "safety_alert": None,
        "stop_confirmation": None,
        "help_reply": None,
    }
)


def category_of(kind: str) -> str | None:
    """Return the category of a kind of notice; None for what no switch stops."""
    return CATEGORY_OF_KIND.get(kind)


def scope_of(kind: str) -> str | None:
    """Return the category a consent must name to cover a kind of notice.

    None: a consent to any will do, as for news about the service itself.
    """
    category = category_of(kind)
    return None if category == SERVICE_NEWS else category


def kinds_of(category: str) -> tuple[str, ...]:
    """Return the kinds of notices that are of one category."""
    return tuple(kind for kind, one in CATEGORY_OF_KIND.items() if one == category)
