"""The one way in which an address or phone number is refused."""

from __future__ import annotations


class ContactError(ValueError):
    """An address that cannot be used.

    ``code`` is stable and meant for programs, ``sentence`` is meant for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
