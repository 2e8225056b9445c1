"""What each customer agreed to and asked for, how we know, and what it bounds.

The history (ConsentEvent) is append-only: the database itself refuses UPDATE,
DELETE and TRUNCATE. ConsentState is its projection, rebuilt from it at will. This
room sends nothing and knows of no notice.
"""

from __future__ import annotations

from consent.models.history import (
    ConsentEvent,
    ConsentState,
    Subject,
)
from consent.models.limits import (
    ContactPolicy,
    Suppression,
)
from consent.models.packs import RuleAcceptance, RulePack, TopicStop

__all__ = [
    "ConsentEvent",
    "ConsentState",
    "ContactPolicy",
    "RuleAcceptance",
    "RulePack",
    "Subject",
    "Suppression",
    "TopicStop",
]
