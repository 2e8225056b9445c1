"""Talks to providers: one shape for all of them, and no retry in any of them.

A sender is opened, sends one message at a time and is closed. It returns a Receipt
or raises one SendError that says whether trying again can help. What becomes of the
notice is decided above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it goes to a provider; the body is sent byte for byte.

    Its repr names the reference alone: it may end in a log.
    """

    reference: str
    channel: str
    destination: str = field(repr=False)
    sender: str
    media_type: str
    body: bytes = field(repr=False)
    sha256: bytes = field(repr=False)
    idempotency_key: str
    # Seconds the provider may hold a text before it must be dropped.
    ttl_s: int | None = None
    # What it counts for in the provider's rate: the parts of a text.
    units: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something a provider tells about a message it took."""

    event_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message; ``events`` are what it already knows of it."""

    provider_reference: str
    events: tuple[Event, ...] = ()
    # Parts a text was billed in, and what they cost where the provider says so.
    segments: int | None = None
    price: Decimal | None = None
    currency: str = ""


LANDLINE = "landline"


class SendError(Exception):
    """A provider did not take a message.

    ``permanent``: trying again cannot help. ``unknown``: it may have taken it, so
    trying again could send it twice. ``untried``: the wire was never touched.
    ``suppresses``: the address itself is at fault, and why (a Suppression.Reason, or
    LANDLINE: no text reaches the number, a call may).
    ``backs_off``: the provider is busy or away, so the whole lane waits, for
    ``retry_after`` seconds where it said how long. ``stops_lane``: we are at fault
    (an account, a registration, a password), and nothing more goes until staff mend it.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        unknown: bool = False,
        untried: bool = False,
        suppresses: str = "",
        backs_off: bool = False,
        retry_after: float | None = None,
        stops_lane: bool = False,
    ) -> None:
        super().__init__(code)
        # The provider's words, perhaps: PostgreSQL keeps no NUL.
        self.code = code.replace("\0", "")
        self.permanent = permanent
        self.unknown = unknown
        self.untried = untried
        self.suppresses = suppresses
        self.backs_off = backs_off
        self.retry_after = retry_after
        self.stops_lane = stops_lane


# Gives the next message to hand over: asked with True it waits for one, with False it
# gives one only if it is at hand. None: there is none, or no more.
Take = Callable[[bool], Outgoing | None]


class Sender(Protocol):
    """What every provider looks like to dispatch.

    ``send`` is called by ``width`` threads at once, between enter and exit; a width of
    nothing means the caller's own thread.
    """

    provider: str
    width: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def send(self, message: Outgoing) -> Receipt:
        """Hand one message over.

        :raises SendError: it was not taken, or nobody knows.
        """
        ...


@runtime_checkable
class StreamSender(Sender, Protocol):
    """A provider to which messages go faster one behind the other."""

    def stream(
        self, take: Take, leaves: Callable[[Outgoing], None]
    ) -> Iterator[tuple[Outgoing, Receipt | SendError]]:
        """Hand over what ``take`` gives until it gives None; yield each answer.

        ``leaves`` is to be called right before a message may reach the provider.
        """
        ...


# By name, as each brings its provider's library with it. A channel served by somebody's
# own class names that instead (the variable SENDERS).
SENDERS = {
    "sandbox": "notices.senders.sandbox.SandboxSender",
    "smtp": "notices.senders.smtp.SmtpSender",
    "anymail": "notices.senders.anymail.AnymailSender",
    "twilio": "notices.senders.twilio.TwilioSender",
}


def sender_for(channel: str) -> Sender | None:
    """Return the sender that serves a channel, or None where none is set up."""
    name = settings.CHANNELS.get(channel)
    return None if name is None else sender_class(name)()


def sender_class(name: str) -> type[Sender]:
    """Return the class a channel names: one of ours, or by its dotted path.

    :raises ImportError: there is none.
    """
    found: type[Sender] = import_string(SENDERS.get(name, name))
    return found
