"""The provider that lets nothing leave: it keeps what it is given, and plays fate.

Magic addresses give named outcomes, so that staff can try every path:

======================================  ==========================================
``delivered@sandbox.example``           delivered (as is any other address)
``hard-bounce@sandbox.example``         taken, then reported as not existing
``soft-bounce@sandbox.example``         taken, then reported as full
``complaint@sandbox.example``           delivered, then marked as spam
``slow@sandbox.example``                takes two seconds
``refused@sandbox.example``             refused for good at the door
======================================  ==========================================

A tag may follow (``hard-bounce+anna@``). A phone number whose last four digits are
9001 is a dead number, 9002 a phone that is off, 9004 is slow.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from notices.models import DeliveryEvent, SandboxMessage
from notices.senders import Event, Outgoing, Receipt, SendError

MAGIC_DOMAIN = "sandbox.example"
MAGIC_PHONES = {"9001": "hard-bounce", "9002": "soft-bounce", "9004": "slow"}
SLOW_SECONDS = 2.0

Kind = DeliveryEvent.Kind
EVENTS: dict[str, tuple[Kind, ...]] = {
    "hard-bounce": (Kind.HARD_BOUNCE,),
    "soft-bounce": (Kind.SOFT_BOUNCE,),
    "complaint": (Kind.DELIVERED, Kind.COMPLAINT),
}


class SandboxSender:
    """Keeps every message in a table of its own, committed at once."""

    provider = "sandbox"
    # It writes to the database, as the dispatcher does.
    width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def send(self, message: Outgoing) -> Receipt:
        """Keep one message.

        :raises SendError: the address is the magic one that is refused.
        """
        fate = fate_of(message.destination)
        if fate == "refused":
            raise SendError("550 5.1.1", permanent=True, suppresses="hard_bounce")
        if fate == "slow":
            time.sleep(SLOW_SECONDS)
        kept = SandboxMessage.objects.create(
            channel=message.channel,
            reference=message.reference,
            destination=message.destination,
            media_type=message.media_type,
            sha256=message.sha256,
        )
        kinds = EVENTS.get(fate, (Kind.DELIVERED,))
        return Receipt(
            provider_reference=f"sandbox-{kept.pk}",
            events=tuple(Event(f"{kept.pk}:{kind}", kind) for kind in kinds),
        )


def fate_of(destination: str) -> str:
    """Return the outcome a magic address stands for; blank for any other."""
    mailbox, at, domain = destination.rpartition("@")
    if at and domain == MAGIC_DOMAIN:
        return mailbox.partition("+")[0]
    digits = destination if destination.startswith("+") else ""
    return MAGIC_PHONES.get(digits[-4:], "")
