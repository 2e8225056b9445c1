"""What each customer agreed to and asked for, how we know, and what it bounds.

The history (ConsentEvent) is append-only: the database itself refuses UPDATE,
DELETE and TRUNCATE. ConsentState is its projection, rebuilt from it at will. This
room sends nothing and knows of no notice.
"""

from __future__ import annotations

from consent.models.details import (
    ConsentDetail,
    ConsentSubject,
)
from consent.models.disclosures import (
    Demonstration,
    Disclosure,
)
from consent.models.history import (
    Basis,
    Category,
    ConsentEvent,
    ConsentState,
    Subject,
)
from consent.models.limits import (
    ContactPolicy,
    Suppression,
)
from consent.models.links import (
    AccessLink,
    Flood,
)
from consent.models.packs import RuleAcceptance, RulePack, TopicStop
from consent.models.preferences import (
    ContactChange,
    ContactWish,
    LinkRequest,
    Preference,
    PreferenceChange,
)
from consent.models.roots import ConsentRoot, RootCopy

__all__ = [
    "AccessLink",
    "Basis",
    "Category",
    "ConsentDetail",
    "ConsentEvent",
    "ConsentRoot",
    "ConsentState",
    "ConsentSubject",
    "ContactChange",
    "ContactPolicy",
    "ContactWish",
    "Demonstration",
    "Disclosure",
    "Flood",
    "LinkRequest",
    "Preference",
    "PreferenceChange",
    "RootCopy",
    "RuleAcceptance",
    "RulePack",
    "Subject",
    "Suppression",
    "TopicStop",
]
