"""The words staff read for every state, each with its tint and its shape.

A status is always a word and a shape, never a colour alone. This module turns codes
into whole sentences; it decides nothing and asks no database. A code it does not
know is shown as it stands, so that a new reason is never hidden.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from campaigns.reasons import reason
from consent.carrying import GOES_ON
from consent.categories import ASKED_BEFORE
from consent.models import Category, ConsentEvent
from notices.models import Channel


@dataclass(frozen=True, slots=True)
class Words:
    """A status: the word, what it means, its tint and the name of its icon."""

    word: str
    meaning: str = ""
    tint: str = "neutral"
    shape: str = "dash"


ON_ITS_WAY = Words("On its way", "A worker has it in hand.", "moving", "arrow")

NOTICE: dict[str, Words] = {
    "scheduled": Words(
        "In line", "It goes out when its time comes.", "planned", "clock"
    ),
    "claimed": ON_ITS_WAY,
    "handing_off": ON_ITS_WAY,
    "printing": Words(
        "In a print run", "It is on paper and waits to be posted.", "moving", "out"
    ),
    "calling": Words(
        "Call today", "It waits for a person to call.", "planned", "clock"
    ),
    "sent": Words(
        "Handed over", "The provider took it; not yet confirmed.", "moving", "out"
    ),
    "delivered": Words(
        "Delivered",
        "It reached the inbox, phone or letter box. That is no proof of reading.",
        "good",
        "tick",
    ),
    "held": Words("Waiting for staff", "A person must decide.", "attention", "pause"),
    "suppressed": Words("Not sent", "", "neutral", "dash"),
    "failed": Words(
        "Could not deliver", "The next step uses another way.", "bad", "cross"
    ),
    "unknown": Words(
        "Not known whether it went",
        "The line broke while it was handed over. It is never sent again unasked.",
        "attention",
        "question",
    ),
    "cancelled": Words("Cancelled", "", "neutral", "dash"),
    "expired": Words("Too late to be of use", "", "neutral", "dash"),
}

# How a watch of the Health page stands, by notices.watches.Level.
HEALTH: dict[str, Words] = {
    "GREEN": Words("Well", "", "good", "tick"),
    "AMBER": Words("Look at it", "", "attention", "warn"),
    "RED": Words("Not working", "", "bad", "cross"),
}

# Channels on paper, and what is said otherwise of them, by state and reason.
PAPER = frozenset({"letter", "postcard"})
ON_PAPER: dict[tuple[str, str], Words] = {
    ("scheduled", ""): Words(
        "Waits to be printed", "The next print run takes it.", "planned", "clock"
    ),
    ("printing", ""): Words(
        "Printed", "It lies in the house and waits to be posted.", "moving", "out"
    ),
    ("sent", ""): Words("Posted", "Not proof of arrival.", "moving", "out"),
    ("failed", "returned"): Words(
        "Came back", "The next step uses another way.", "bad", "cross"
    ),
}

# The same of calls, which people make.
ON_CALL: dict[tuple[str, str], Words] = {
    ("scheduled", ""): Words("Call when due", "", "planned", "clock"),
    ("scheduled", "no_answer"): Words("No answer", "Tried again.", "moving", "clock"),
    ("scheduled", "busy"): Words("Busy", "Tried again.", "moving", "clock"),
    ("scheduled", "message"): Words(
        "Left a message", "Tried again.", "moving", "clock"
    ),
    ("scheduled", "call_back"): Words(
        "Asked to be called later", "", "planned", "clock"
    ),
    ("delivered", ""): Words("Spoke with customer", "", "good", "tick"),
    ("suppressed", "ACCT_NOTHING_DUE"): Words("Not needed: paid", "", "good", "tick"),
    ("failed", "no_contact"): Words(
        "Nobody reached", "The ladder goes on another way.", "bad", "cross"
    ),
    ("failed", "not_called"): Words(
        "Nobody called", "The ladder goes on another way.", "bad", "cross"
    ),
    ("failed", "wrong_number"): Words(
        "Wrong number", "The next step uses another way.", "bad", "cross"
    ),
}
# What was said otherwise of a channel, by state and reason.
OTHERWISE = {"letter": ON_PAPER, "postcard": ON_PAPER, "call": ON_CALL}
# What an attempt on paper says: nothing was handed to any provider.
PRINTED: dict[str, Words] = {
    "unknown": Words("Printed, not posted yet", "", "moving", "out"),
    "accepted": Words("Posted", "", "good", "tick"),
    "try_later": Words("Not posted", "Its run was cancelled.", "neutral", "dash"),
}

PRINT_RUN: dict[str, Words] = {
    "open": Words("Gathered", "Nothing is printed yet.", "planned", "clock"),
    "closing": Words("Being printed to files", "", "moving", "arrow"),
    "closed": Words("Ready to post", "Print, post, then say so.", "attention", "out"),
    "posted": Words("Posted", "", "good", "tick"),
    "cancelled": Words("Cancelled", "Nothing of it was posted.", "neutral", "dash"),
}

CLOSED_WITHOUT_CONTACT: dict[str, Words] = {
    "expired": Words("Too late", "The step missed its useful days.", "neutral", "dash"),
    "superseded": Words(
        "Skipped for the next step",
        "The next step had come, so this one was left out.",
        "neutral",
        "dash",
    ),
    "no_channel": Words(
        "No way to reach",
        "No allowed e-mail address, phone or postal address.",
        "attention",
        "warn",
    ),
}

ENROLMENT: dict[str, Words] = {
    "active": Words("On the ladder", "", "planned", "clock"),
    "settled": Words("Paid", "", "good", "tick"),
    "finished": Words("Ladder finished", "Every step is behind it.", "neutral", "dash"),
}

ATTEMPT: dict[str, Words] = {
    "unknown": Words("Not known", "No answer came.", "attention", "question"),
    "accepted": Words("Taken", "The provider took it.", "good", "tick"),
    "refused": Words("Refused for good", "Trying again cannot help.", "bad", "cross"),
    "try_later": Words("Not taken", "It is tried again later.", "moving", "clock"),
}

EVENT: dict[str, Words] = {
    "delivered": Words("Delivered", "", "good", "tick"),
    "hard_bounce": Words("Address does not exist", "", "bad", "cross"),
    "soft_bounce": Words(
        "Could not deliver", "Full or off for now.", "moving", "clock"
    ),
    "complaint": Words("Marked as spam", "We stopped this channel.", "bad", "cross"),
    "returned": Words("Came back", "The address is marked.", "bad", "cross"),
    "refused": Words("Not taken on by the provider", "", "bad", "cross"),
    "unsubscribed": Words("Unsubscribed", "We stopped this channel.", "bad", "cross"),
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
        return replace(known, word=f"Withdrew on {day(event.effective_on)}")
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

CHANNEL: dict[str, str] = {str(one): str(one.label) for one in Channel}


def notice(state: str, why: str = "", channel: str = "") -> Words:
    """Return the status of a notice with its reason, "Not sent: paid" for one.

    What goes on paper is posted, not handed over; calls are made.
    """
    otherwise = OTHERWISE.get(channel, {}).get((state, why))
    if otherwise is not None:
        return otherwise
    known = NOTICE.get(state, Words(state))
    # Expired says it all.
    if not why or state == "expired":
        return known
    return Words(f"{known.word}: {reason(why)}", known.meaning, known.tint, known.shape)


def attempt(result: str, provider: str) -> Words:
    """Return what became of an attempt; on paper it is printed and posted."""
    on_paper = PRINTED.get(result) if provider == "print" else None
    return on_paper or ATTEMPT[result]


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
            return Words(f"Promised for {day(hold_ends_on)}", "", "held", "pause")
        return known
    part = "Partly paid, " if part_paid else ""
    late = (today - due_on).days
    if late > 0:
        return Words(_sentence(f"{part}{counted(late, 'day')} late"), "", "bad", "warn")
    when = "due today" if late == 0 else "not yet due"
    return Words(_sentence(f"{part}{when}"), "", "planned", "clock")


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
            f"It begins on {day(planned_for.date())}.",
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
        return Words("Between steps", f"Next on {day(next_on)}.", "planned", "clock")
    if enrolled:
        return Words("Finished", "Every invoice is paid or done.", "good", "tick")
    return Words(
        "Running", "No invoice has come on the ladder yet.", "planned", "clock"
    )


def step(key: str) -> str:
    """Return a step's key as a heading: "first_reminder" reads "First reminder"."""
    return _sentence(key.replace("_", " ").replace("-", " ").strip())


def offset(days: int) -> str:
    """Return when a step comes, counted from the due date."""
    if days == 0:
        return "On the due date"
    side = "after" if days > 0 else "before"
    return f"{counted(abs(days), 'day')} {side} the due date"


def day(value: dt.date) -> str:
    """Return a date as "10 March 2026"."""
    return f"{value.day} {value:%B %Y}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 invoice", "1,240 invoices"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def counted_to(most: int, number: int, noun: str, plural: str = "") -> str:
    """Return a number that was counted to ``most`` and one more, with its noun: past
    ``most`` nobody knows the rest, as in "more than 1,000 customers"."""
    if number <= most:
        return counted(number, noun, plural)
    return f"more than {counted(most, noun, plural)}"


def listed(words: Collection[str]) -> str:
    """Return "a, b and c"."""
    first = list(words)
    if len(first) < 2:
        return "".join(first)
    return f"{', '.join(first[:-1])} and {first[-1]}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
