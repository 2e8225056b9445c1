"""An answer in words for staff: what was given, and what is left to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from campaigns import phrases
from customers.models import ContactPoint
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


# Why a call that was asked for is not on the call desk.
OFF_DESK = {
    "no_bill": "it is about no open bill",
    "other_number": "another number was given than the one we have",
    "no_script": "no script for calls is published",
    "no_calls": "no calls are made from the desk here",
    "no_number": "we have no number of theirs",
    "waits": "something keeps reminders waiting for this customer, and the desk "
    "calls nobody whose reminders wait",
}
GONE = frozenset({"cancelled", "suppressed", "held", "failed", "expired"})


def off_desk(answer: Answer) -> str:
    """Return why a call that was asked for is not on the call desk, if it is not."""
    if answer.kind != Kind.CALL or answer.state != Answer.State.OPEN:
        return ""
    if answer.call is None:
        return OFF_DESK.get(
            answer.facts.get("off_desk", ""), "the desk did not take it"
        )
    if answer.call.state in GONE:
        return "the desk let it go: reminders wait by now, or its hour went by"
    return ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a customer: its label, the address, and what to know of it."""

    label: str
    address: str
    note: str = ""


def ways_to(answer: Answer) -> list[Way]:
    """Return how to reach who answered: one query.

    What was read by somebody else is shown as theirs, not as the customer's.
    """
    ways = []
    dead = (
        "belongs to somebody else: do not use it"
        if answer.kind == Kind.NOT_ME
        else "does not work"
    )
    for point in answer.customer.contact_points.order_by("kind", "-is_primary", "pk"):
        note = dead if point.state == ContactPoint.State.DEAD else ""
        ways.append(Way(point.get_kind_display(), point.value, note))
    return ways


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
    if "said" in facts:
        found.append(("What was said", facts["said"]))
    if answer.kind == Kind.READ and answer.way:
        how = answer.get_way_display()
        found.append(("Told us", how[:1].upper() + how[1:]))
    if "entered_by" in facts:
        found.append(("Noted by", facts["entered_by"]))
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
    return phrases.day(dt.date.fromisoformat(iso))


def call_at(answer: Answer) -> dt.datetime | None:
    """Return when the customer wants to be called, if they do."""
    at = answer.facts.get("call_at")
    return dt.datetime.fromisoformat(at) if at else None
