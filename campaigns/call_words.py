"""The words staff see of calls: what came of one, and what follows from it."""

from __future__ import annotations

import datetime as dt

from campaigns import message_words
from campaigns.words import Words
from notices.calls.outcomes import Noted
from notices.calls.times import MOST_TRIES
from notices.models import CallRecord, CallTask
from notices.states import State

# What came of a call.
CALL: dict[str, Words] = {
    "spoke": Words("Spoke with customer", "", "good", "tick"),
    "promised": Words("Promised", "Reminders wait.", "held", "pause"),
    "paid": Words("Says it is paid: check", "Reminders wait.", "attention", "question"),
    "copy": Words("Wants a copy", "Reminders wait.", "attention", "out"),
    "parts": Words("Wants to pay in parts", "Reminders wait.", "held", "pause"),
    "dispute": Words("Questioned by customer", "Reminders wait.", "held", "pause"),
    "hardship": Words("Needs care", "No automatic steps.", "held", "pause"),
    "call_back": Words("Asked to be called later", "", "planned", "clock"),
    "no_answer": Words("No answer", "", "moving", "clock"),
    "busy": Words("Busy", "", "moving", "clock"),
    "message": Words("Left a message", "", "moving", "clock"),
    "wrong_number": Words("Wrong number", "Nothing goes there.", "bad", "cross"),
    "no_calls": Words("Wants no calls", "Nobody calls again.", "held", "pause"),
}

# What follows, as it stands beside the button, and after it was pressed.
FOLLOWS: dict[str, str] = {
    "spoke": "The ladder goes on with its next step.",
    "promised": "The bills wait until that day.",
    "paid": "The bills wait for 7 days while somebody checks.",
    "copy": "The bills wait for 7 days; somebody sends the copy.",
    "parts": "The bills wait until the parts are agreed in writing.",
    "dispute": "The bills wait while somebody checks them.",
    "hardship": "Nothing goes out any more until a person decides.",
    "call_back": "The call comes back to the desk at that time.",
    "no_answer": "It is tried again at another hour.",
    "busy": "It is tried again in an hour.",
    "message": "It is tried again in two days.",
    "wrong_number": "Nobody calls this number again; the ladder takes another way.",
    "no_calls": "Nobody calls this customer again. Other messages still go.",
}


def task_status(task: CallTask, now: dt.datetime) -> Words:
    """Return where a call stands for whoever looks at the desk."""
    notice = task.notice
    if notice.state != State.CALLING:
        return message_words.notice(notice.state, notice.reason, notice.channel)
    if task.is_in_hand(now):
        return Words(f"{task.locked_by} is calling", "", "moving", "arrow")
    if task.wanted_at is not None:
        return Words("Asked to be called now", "", "attention", "clock")
    if task.tries:
        tried = f"No answer, try {task.tries + 1} of {MOST_TRIES}"
        return Words(tried, "", "planned", "clock")
    return message_words.NOTICE[State.CALLING]


def noted(what: Noted, task: CallTask, when: str) -> str:
    """Return what was noted and what follows, as one message to staff.

    ``when`` says in words when it is called again, if it is.
    """
    said = f"Noted: {CALL[what.record.outcome].word}."
    if what.next_at is not None:
        tries = ""
        if what.record.outcome != CallRecord.Outcome.CALL_BACK:
            tries = f", try {task.tries + 1} of {MOST_TRIES}"
        return f"{said} It is called again on {when}{tries}."
    if task.notice.reason == "no_contact":
        return f"{said} Nobody was reached, so the ladder goes on another way."
    return f"{said} {FOLLOWS[what.record.outcome]}"
