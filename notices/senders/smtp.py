"""E-mail through a mail server, by Django's own mail settings (EMAIL_URL).

The dialogue is held step by step (notices.senders.smtp_line), since only the step tells
whether a broken line may have left a message behind: before its text nothing was taken,
after it nobody knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from django.conf import settings

from notices.senders import Outgoing, Receipt, SendError, Take
from notices.senders.smtp_line import SmtpLine


class SmtpSender:
    """Keeps one connection a thread open from the first message to the last."""

    provider = "smtp"

    def __init__(self) -> None:
        self.width: int = settings.EMAIL_CONNECTIONS
        self._lines: list[SmtpLine] = []
        self._mine = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()
        self._mine = threading.local()

    def send(self, message: Outgoing) -> Receipt:
        """Hand one message to the mail server.

        :raises SendError: refused, or the connection broke; it says which.
        """
        line = self._line()
        line.request(message, is_asked=False)
        answer, _ = line.deliver(message, None)
        if isinstance(answer, SendError):
            raise answer
        return answer

    def stream(
        self, take: Take, leaves: Callable[[Outgoing], None]
    ) -> Iterator[tuple[Outgoing, Receipt | SendError]]:
        """Hand over what ``take`` gives until it gives None; yield each answer.

        ``leaves`` is called right before the text of a message goes out. The envelope
        of the next one follows that text at once, where one is at hand.
        """
        line = self._line()
        message, is_asked = take(True), False
        while message is not None:
            following: Outgoing | None = None
            answer: Receipt | SendError
            try:
                line.request(message, is_asked=is_asked)
            except SendError as refusal:
                answer, is_asked = refusal, False
            else:
                following = take(False)
                try:
                    leaves(message)
                    answer, is_asked = line.deliver(message, following)
                except Exception:
                    # Its replies may still come, and must not answer the next one.
                    line.close()
                    raise
            yield message, answer
            message = take(True) if following is None else following

    def _line(self) -> SmtpLine:
        line: SmtpLine | None = getattr(self._mine, "line", None)
        if line is None:
            line = self._mine.line = SmtpLine()
            self._lines.append(line)
        return line
