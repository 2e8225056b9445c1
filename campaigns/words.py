"""The words staff read of where customers, bills, campaigns and consents stand.

A status is always a word and a shape, never a colour alone. This module turns codes
into whole sentences; it decides nothing and asks no database. A code it does not
know is shown as it stands, so that a new reason is never hidden.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from campaigns import phrases
from consent.carrying import GOES_ON
from consent.categories import ASKED_BEFORE
from consent.models import Category, ConsentEvent


@dataclass(frozen=True, slots=True)
class Words:
    """A status: the word, what it means, its tint and the name of its icon."""

    word: str
    meaning: str = ""
    tint: str = "neutral"
    shape: str = "dash"


# How a watch of the Health page stands, by notices.watches.Level.
HEALTH: dict[str, Words] = {
    "GREEN": Words("Well", "", "good", "tick"),
    "AMBER": Words("Look at it", "", "attention", "warn"),
    "RED": Words("Not working", "", "bad", "cross"),
}

ENROLMENT: dict[str, Words] = {
    "active": Words("On the ladder", "", "planned", "clock"),
    "settled": Words("Paid", "", "good", "tick"),
    "finished": Words("Ladder finished", "Every step is behind it.", "neutral", "dash"),
}

HOLD: dict[str, Words] = {
    "dispute": Words("Questioned by customer", "Reminders wait.", "held", "pause"),
    "promise": Words("Promised", "Reminders wait.", "held", "pause"),
    "plan": Words("Paying in parts", "Reminders wait.", "held", "pause"),
    "hardship": Words("Needs care", "No automatic steps.", "held", "pause"),
    "moratorium": Words("Moratorium", "Reminders wait.", "held", "pause"),
    "manual": Words("Paused by staff", "Reminders wait.", "held", "pause"),
    "reply": Words(
        "Waiting: customer answered",
        "Reminders wait until somebody has answered.",
        "held",
        "pause",
    ),
}

CONTACT_POINT: dict[str, Words] = {
    "ok": Words("Usable", "", "good", "tick"),
    "unverified": Words("Not confirmed", "", "attention", "question"),
    "dead": Words("Does not work", "", "bad", "cross"),
    "returned": Words("Mail came back", "", "bad", "cross"),
    "incomplete": Words("Incomplete", "No letter can be sent.", "attention", "warn"),
    "suppressed": Words("Nothing goes there", "", "bad", "cross"),
}

CUSTOMER: dict[str, Words] = {
    "active": Words("Active", "", "good", "tick"),
    "deceased": Words("Has died", "No reminders go out.", "held", "pause"),
    "bankrupt": Words("Insolvent", "No reminders go out.", "held", "pause"),
    "represented": Words("Has a lawyer", "No reminders go out.", "held", "pause"),
    "cease_contact": Words(
        "Asked not to be chased", "No reminders go out.", "held", "pause"
    ),
}

CONSENT: dict[str, Words] = {
    "offered": Words("Asked, no answer", "", "neutral", "clock"),
    "served": Words("Read what it means, no answer", "", "neutral", "clock"),
    "pending": Words("Said yes, PDF not confirmed", "", "attention", "question"),
    "granted": Words("Agreed", "", "good", "tick"),
    "address_changed": Words(
        "Agreed for another address",
        "What law wants in writing goes on paper until they agree for the new one.",
        "attention",
        "question",
    ),
    "refused": Words("Wants paper", "", "neutral", "cross"),
    "unproven": Words("Agreed, without proof", "", "attention", "question"),
    "withdrawn": Words("Withdrew", "", "bad", "cross"),
    "stale": Words("Agreed, to confirm again", "", "attention", "question"),
    "expired": Words("Ended by its date", "", "bad", "cross"),
    "superseded": Words("Replaced by a newer one", "", "neutral", "dash"),
    "none": Words("Not asked", "", "neutral", "dash"),
}


def consent_of(event: ConsentEvent) -> Words:
    """Return what happened to a consent in the short words of the timeline; of one that
    goes on, for what."""
    known = CONSENT[event.state]
    if GOES_ON not in event.evidence:
        return known
    named = event.categories or sorted(ASKED_BEFORE)
    covers = ", ".join(str(Category(one).label) for one in named)
    return replace(known, word=f"{known.word}: goes on for {covers}")


def consent(event: ConsentEvent) -> Words:
    """Return what happened to a consent on a day; bills by e-mail have their word."""
    known = CONSENT[event.state]
    if GOES_ON in event.evidence:
        return consent_of(event)
    if event.state == "withdrawn":
        return replace(known, word=f"Withdrew on {phrases.day(event.effective_on)}")
    if event.state == "granted" and event.subject == "e_delivery":
        return replace(known, word="Agreed to e-bills")
    return known


REPLY: dict[str, Words] = {
    "stop": Words("Asked us to stop", "We stopped at once.", "bad", "cross"),
    "maybe_stop": Words(
        "Seems to ask us to stop",
        "We stopped to be safe. Read it and answer.",
        "attention",
        "question",
    ),
    "start": Words("Allows messages again", "", "good", "tick"),
    "help": Words("Asks for help", "", "attention", "question"),
    "other": Words("Wrote to us", "", "attention", "question"),
}

# What customers answered on their page.
ANSWER: dict[str, Words] = {
    "paid": Words("Says it is paid", "Check the payment.", "attention", "question"),
    "promise": Words("Will pay on a day", "", "planned", "clock"),
    "parts": Words("Wants to pay in parts", "", "attention", "question"),
    "call": Words("Wants to be called", "", "planned", "clock"),
    "details": Words(
        "Has other details", "Nothing is changed yet.", "attention", "question"
    ),
    "dispute": Words(
        "Something is wrong with the bill", "Reminders wait.", "attention", "warn"
    ),
    "hardship": Words("Needs care", "No automatic steps.", "held", "pause"),
    "not_me": Words("Is not the customer", "Nothing more goes there.", "bad", "cross"),
    "read": Words("Has read the notice", "", "good", "tick"),
    "question": Words("Has a question", "", "attention", "question"),
}


def invoice(
    *,
    status: str,
    due_on: dt.date,
    part_paid: bool,
    today: dt.date,
    hold: str = "",
    hold_ends_on: dt.date | None = None,
) -> Words:
    """Return where one invoice stands on ``today``; a hold counts before lateness."""
    if status == "paid":
        return Words("Paid", "", "good", "tick")
    if status == "written_off":
        return Words("Closed without payment", "", "neutral", "dash")
    if hold:
        known = HOLD[hold]
        if hold == "promise" and hold_ends_on is not None:
            return Words(
                f"Promised for {phrases.day(hold_ends_on)}", "", "held", "pause"
            )
        return known
    part = "Partly paid, " if part_paid else ""
    late = (today - due_on).days
    if late > 0:
        return Words(
            phrases.sentence(f"{part}{phrases.counted(late, 'day')} late"),
            "",
            "bad",
            "warn",
        )
    when = "due today" if late == 0 else "not yet due"
    return Words(phrases.sentence(f"{part}{when}"), "", "planned", "clock")


def campaign(
    *,
    state: str,
    paused_by: str = "",
    unsafe: str = "",
    moving: bool = False,
    next_on: dt.date | None = None,
    enrolled: bool = False,
    planned_for: dt.datetime | None = None,
) -> Words:
    """Return where a campaign stands; ``moving`` while messages are going out,
    ``unsafe`` is why a guard paused it, ``planned_for`` is in the firm's own zone."""
    if state == "planned" and planned_for is not None:
        return Words(
            f"Planned for {planned_for:%a %H:%M}",
            f"It begins on {phrases.day(planned_for.date())}.",
            "planned",
            "clock",
        )
    if state == "draft":
        return Words("Draft", "Nothing will go out.", "neutral", "dash")
    if state == "paused" and unsafe:
        return Words(
            f"Paused for safety: {unsafe}",
            "Nothing goes out until you resume.",
            "bad",
            "pause",
        )
    if state == "paused":
        return Words(
            f"Paused by {paused_by}" if paused_by else "Paused",
            "Nothing goes out until you resume.",
            "held",
            "pause",
        )
    if state == "stopped":
        return Words("Stopped", "The rest will never be sent.", "bad", "cross")
    if moving:
        return Words("Sending", "", "moving", "arrow")
    if next_on is not None:
        return Words(
            "Between steps", f"Next on {phrases.day(next_on)}.", "planned", "clock"
        )
    if enrolled:
        return Words("Finished", "Every invoice is paid or done.", "good", "tick")
    return Words(
        "Running", "No invoice has come on the ladder yet.", "planned", "clock"
    )
