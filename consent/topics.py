"""Of which topic a notice is: what a STOP of one topic ends, and what it leaves.

A table of words. Knows no notice but by its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from consent.facts import Kind

# The topics, as staff and customers read them.
TOPICS: Mapping[str, str] = {
    "bills": "Bills",
    "reminders": "Payment reminders",
    "contract_notices": "Changes to the contract",
    "service_news": "News about the service",
    "offers": "Offers",
}
# Other kinds come of what the customer asked for, or warn of danger.
TOPIC_OF: Mapping[str, str] = {
    "reminder": "reminders",
    "overdue": "reminders",
    "bill": "bills",
    "final_bill": "bills",
    "change_notice": "contract_notices",
    "termination": "contract_notices",
    "promo": "offers",
}


def topic_of(kind: str) -> str:
    """Return the topic of a kind of notice (``consent.facts.Kind``)."""
    return TOPIC_OF.get(kind, "service_news")


def kinds_of(topic: str) -> tuple[str, ...]:
    """Return the kinds of notice that belong to a topic."""
    return tuple(kind for kind in get_args(Kind) if topic_of(kind) == topic)
