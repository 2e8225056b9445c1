"""A sender as a firm may write one of its own: it keeps what it is given."""

from __future__ import annotations

from types import TracebackType
from typing import ClassVar, Self

from notices.senders import Outgoing, Receipt, SendError


class Recorder:
    """Takes every message, or says what it was told to say."""

    provider = "recorder"
    width = 0
    taken: ClassVar[list[Outgoing]] = []
    says: ClassVar[list[SendError]] = []

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
        """Keep one message."""
        if self.says:
            raise self.says.pop()
        self.taken.append(message)
        return Receipt(f"recorded as {len(self.taken)}")


class Nameless(Recorder):
    """One whose lane would have no name."""

    provider = ""
