"""How each channel is served: by a provider, in the sandbox, or by people here.

The one place that knows the words of ``settings.CHANNELS`` for what people do: they
print and post (notices.printing), and they telephone (notices.calls).
"""

from __future__ import annotations

from django.conf import settings

from notices.senders import sender_class

PRINT_ROOM = "print"
CALL_DESK = "desk"
# What ends in a person, whom no provider's clock drives.
BY_HAND = frozenset({PRINT_ROOM, CALL_DESK})
# From these nothing leaves by itself: the sandbox keeps all, and what people do waits
# for staff.
HARMLESS = BY_HAND | {"sandbox"}


def printed_channels() -> tuple[str, ...]:
    """Return the channels whose notices wait for the print room."""
    return tuple(key for key, via in settings.CHANNELS.items() if via == PRINT_ROOM)


def is_by_hand(channel: str) -> bool:
    """Say whether a channel's notices wait for people, who print or telephone."""
    return settings.CHANNELS.get(channel) in BY_HAND


def is_called(channel: str) -> bool:
    """Say whether a channel's notices wait for people at the call desk."""
    return settings.CHANNELS.get(channel) == CALL_DESK


def is_live() -> bool:
    """Say whether anything can leave by itself: some channel has a provider."""
    return not set(settings.CHANNELS.values()) <= HARMLESS


def takes_texts() -> bool:
    """Say whether what customers text back reaches us: Twilio knows where to report it
    and our texts come from a number, or a Messaging Service, and not from a name."""
    sender = settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM
    is_number = sender == settings.TWILIO_MESSAGING_SERVICE_SID or not sender.strip(
        "+0123456789"
    )
    reports = bool(settings.PUBLIC_URL and settings.CHANNELS.get("sms") == "twilio")
    return reports and bool(sender) and is_number


def lane_of(channel: str) -> str:
    """Return the lane by which a channel goes out; blank where people carry it."""
    sender: str = settings.CHANNELS.get(channel, "")
    if sender == "anymail":
        return str(settings.EMAIL_PROVIDER)
    if sender in BY_HAND:
        return ""
    return sender_class(sender).provider if "." in sender else sender
