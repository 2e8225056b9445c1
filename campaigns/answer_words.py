"""An answer in words for staff: what was given, and what is left to do."""

from __future__ import annotations

import datetime as dt

from campaigns import words
from notices.models import Answer

Kind = Answer.Kind

HOW = {
    "transfer": "By bank transfer",
    "card": "By card",
    "debit": "By direct debit",
    "cash": "In cash",
    "cheque": "By cheque",
    "other": "In another way",
}
WRONG = {
    "amount": "The amount",
    "twice": "Billed twice",
    "not_mine": "Not ordered or used",
    "quality": "Goods or service not right",
    "cancelled": "Had cancelled",
    "other": "Something else",
}
DETAILS = {
    "email": "E-mail address",
    "mobile": "Mobile number",
    "landline": "Landline number",
    "address": "Postal address",
    "name": "Name",
    "other": "Something else",
}
LINES = {"line1": "Street", "line2": "More", "postcode": "Postcode", "city": "Town"}
# What staff do about each.
TO_DO = {
    Kind.PAID: "Look for the payment. If it is not there by the last day, reminders "
    "go on by themselves.",
    Kind.PROMISE: "Two promises for this bill were missed. Decide whether this one "
    "stands.",
    Kind.PARTS: "Say yes or no, and tell the customer.",
    Kind.CALL: "Call at the hour that was asked for.",
    Kind.DETAILS: "Check it with the customer, then change it in your ledger: the next "
    "import brings it here.",
    Kind.DISPUTE: "Look at the bill and answer. Reminders wait until then.",
    Kind.HARDSHIP: "Get in touch, kindly. Nothing happens by itself until you decide.",
    Kind.NOT_ME: "Nothing more goes to where this message went. Find the right "
    "address.",
    Kind.READ: "",
    Kind.QUESTION: "Answer the customer.",
}


def facts_of(answer: Answer) -> list[tuple[str, str]]:
    """Return what the customer gave, as label and value."""
    facts, found = answer.facts, []
    if "paid_on" in facts:
        found.append(("Paid on", _day(facts["paid_on"])))
        found.append(("How", HOW.get(facts["how"], facts["how"])))
        found.append(("Payment reference", facts.get("note") or "None given"))
    if "pay_on" in facts:
        found.append(("Will pay on", _day(facts["pay_on"])))
    if "reason" in facts:
        found.append(("What is wrong", WRONG.get(facts["reason"], facts["reason"])))
        found.append(("Right amount", facts.get("right") or "Not said"))
    if "which" in facts:
        found += _details(facts["which"], facts["new"])
    if "phone" in facts:
        found.append(("Number to call", facts["phone"]))
    if "until" in facts:
        until = _day(facts["until"]) if facts["until"] else "we have answered"
        found.append(("Told: reminders wait until", until))
    return found


def _details(which: str, new: dict[str, str]) -> list[tuple[str, str]]:
    found = [("What is wrong", DETAILS.get(which, which))]
    return found + [
        (f"New {LINES.get(name, DETAILS.get(name, name)).lower()}", value)
        for name, value in new.items()
    ]


def _day(iso: str) -> str:
    return words.day(dt.date.fromisoformat(iso))


def call_at(answer: Answer) -> dt.datetime | None:
    """Return when the customer wants to be called, if they do."""
    at = answer.facts.get("call_at")
    return dt.datetime.fromisoformat(at) if at else None
