"""Judges what messages leave by: the switch of the house, and each provider. Pure."""

from __future__ import annotations

import datetime as dt

from notices.watch import DEAD, Level, Watch, messages, span
from notices.watched import Provider, Switch

WORK = {
    "tick": "the scheduler's passes",
    "email": "e-mail",
    "sms": "text messages",
    "call": "phone calls",
    "letter": "letters",
    "postcard": "postcards",
}


def outbound(switch: Switch) -> Watch:
    """Say whether anything may leave at all."""
    title = "Sending"
    if switch.stopped_at is None:
        return Watch("outbound", title, Level.GREEN, "Messages may leave.")
    if switch.is_copy:
        return Watch(
            "outbound",
            title,
            Level.RED,
            "Nothing leaves: another installation opened this database "
            f"({switch.reason}).",
            "If this is a restored copy, leave it so: it cannot write to anybody. If "
            "this is the real one, say so on the page Health. Machines that work "
            "together need the same INSTALLATION_ID.",
            switch.stopped_at,
        )
    return Watch(
        "outbound",
        title,
        Level.RED,
        f"Everything is stopped by {switch.stopped_by or 'staff'}: {switch.reason}.",
        "Nothing leaves until somebody with the right releases it.",
        switch.stopped_at,
    )


def provider(lane: Provider, now: dt.datetime) -> Watch:
    """Say how a provider takes what is handed over to it."""
    key, title = f"lane:{lane.name}", f"Provider {lane.name}"
    what = " and ".join(WORK.get(channel, channel) for channel in lane.channels)
    if lane.is_open:
        rate = f", {lane.per_second:g} a second at most" if lane.per_second else ""
        return Watch(key, title, Level.GREEN, f"Open for {what}{rate}.")
    if lane.stopped_at is not None:
        return Watch(
            key,
            title,
            Level.RED,
            f"Paused for safety: it refuses us{_said(lane)}. {_waiting(lane)}",
            "Put right what it refuses: the key, the sender, the credit or the "
            "registration with it. Then choose “Try again”.",
            lane.stopped_at,
            lane.name,
        )
    since = lane.failing_since or now
    lasts = now - since > DEAD
    times = "once" if lane.failures == 1 else f"{lane.failures} times in a row"
    wait = lane.closed_until and lane.closed_until - now
    again = f"in {span(wait)}" if wait and wait > dt.timedelta(0) else "now"
    return Watch(
        key,
        title,
        Level.RED if lasts and lane.waiting else Level.AMBER,
        f"{'Paused for safety: busy' if lasts else 'Busy'} or away, {times}"
        f"{_said(lane)}. {_waiting(lane)} One asks again {again}.",
        "It opens by itself with the first message that is taken; one asks at least "
        "every five minutes. If it lasts, look at the provider's own news.",
        since,
        lane.name,
    )


def _said(lane: Provider) -> str:
    return f" (“{lane.reason}”)" if lane.reason else ""


def _waiting(lane: Provider) -> str:
    if not lane.waiting:
        return "No message waits for it."
    waits = "waits" if lane.waiting == 1 else "wait"
    return f"{messages(lane.waiting)} {waits} for it."
