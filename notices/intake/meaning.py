"""What a provider's word means: for good, for now, our own fault, or nothing.

Decides by tables (``data/*.toml``) on the provider's own words, since a library's
"bounced" hides whether the address is dead. Knows no notice, no database and no
library of a provider. What stands in no table suppresses nobody.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one word; see ``data/outcomes.toml`` for each field."""

    name: str
    event: str = ""
    state: str = ""
    reason: str = ""
    suppress: str = ""
    withdraws: bool = False
    lane: bool = False
    alarm: bool = False


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


OUTCOMES: dict[str, Outcome] = {
    name: Outcome(name, **facts) for name, facts in _table("outcomes").items()
}
_MAIL = _table("email")
_TWILIO = _table("twilio")

# What the library's types mean where the provider's own words add nothing.
_PLAIN = {
    "sent": "accepted",
    "queued": "accepted",
    "delivered": "delivered",
    "complained": "complaint",
    # With most a person's click; where it is not, the provider's words say so below.
    "unsubscribed": "unsubscribed",
}
# Types whose meaning the provider's own words decide.
_ASKED = frozenset({"bounced", "rejected", "failed", "unsubscribed", "unknown"})

_STATUS = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")


def of_mail(
    provider: str, kind: str, words: Mapping[str, Any], status: str = ""
) -> Outcome:
    """Return what an event about an e-mail means.

    ``kind`` is the library's type of event, ``words`` the event as the provider wrote
    it, ``status`` what the mail server of the addressee said, blank without its report.
    """
    if kind not in _ASKED:
        return OUTCOMES[_PLAIN.get(kind, "nothing")]
    table = _MAIL.get(provider, {})
    found = _by_rules(table.get("rules", ()), words)
    if kind == "bounced" and not status:
        found = _by_rules(table.get("unreported", ()), words) or found
    if table.get("status") and kind == "bounced" and found in {"hard", "soft"}:
        found = _by_status(status) or found
    if found:
        return OUTCOMES[found]
    if kind == "unknown":
        return OUTCOMES["nothing"]
    return OUTCOMES[_PLAIN.get(kind, "unknown")]


def of_text(status: str, code: str) -> Outcome:
    """Return what Twilio's status of a text message means; ``code`` may be blank."""
    found = _TWILIO["statuses"].get(status, "nothing")
    if found == "failed":
        found = _TWILIO["codes"].get(code, "unknown")
    return OUTCOMES[found]


def _by_rules(rules: Any, words: Mapping[str, Any]) -> str:
    for rule in rules:
        value = at(words, rule["field"])
        word = str(value).lower() if isinstance(value, bool) else value
        if isinstance(word, str) and word in rule["words"]:
            return str(rule["words"][word])
    return ""


def at(words: Any, path: str) -> Any:
    """Return what stands at "bounce.bounceType", None where there is nothing."""
    value: Any = words
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _by_status(status: str) -> str:
    """Return what an enhanced status (RFC 3463) says; blank when it says nothing.

    Only 5.1.x (no such mailbox or domain, but not our own sender's) and 5.2.1 (mailbox
    closed) blame the address for good. 5.7.x is policy: it blames us.
    """
    found = _STATUS.search(status)
    if found is None:
        return ""
    kind, subject, detail = found.groups()
    if kind == "5" and subject == "1":
        return "soft" if detail in {"7", "8"} else "hard"
    if (kind, subject, detail) == ("5", "2", "1"):
        return "hard"
    # X.0.0 is how servers say nothing.
    return "" if subject == "0" else "soft"
