"""The words staff read of messages: where one stands, what became of each attempt.

What goes on paper is printed and posted, calls are made, everything else is handed to a
provider: each says so in its own words.
"""

from __future__ import annotations

from campaigns.reasons import reason
from campaigns.words import Words
from notices.models import Channel

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
