"""A message on its way to a provider, and what became of it."""

from __future__ import annotations

from customers.plain import plain
from notices.models import Notice
from notices.senders import Outgoing, Receipt, SendError


@plain
class Handover:
    """One message on its way to a provider."""

    notice: Notice
    outgoing: Outgoing
    provider: str


@plain
class Result:
    """What the provider said to one hand-over."""

    handover: Handover
    answer: Receipt | SendError
