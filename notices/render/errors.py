"""What can go wrong between a text and a message, told by code and by sentence.

Codes are stable and meant for programs; sentences are meant for staff.
"""

from __future__ import annotations


class RenderError(Exception):
    """A notice that cannot be rendered; nothing is cut or guessed instead."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class TemplateError(RenderError):
    """A text that cannot be used for anybody; ``line`` counts from 1, 0 if unknown."""

    def __init__(self, code: str, sentence: str, line: int = 0) -> None:
        super().__init__(code, f"Line {line}: {sentence}" if line else sentence)
        self.line = line
