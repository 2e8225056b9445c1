"""The two ways an import says no: to a whole file, and to one cell of a row."""

from __future__ import annotations

from dataclasses import dataclass


class FileRefused(Exception):
    """A file or profile that cannot be used at all; the sentence says what to do.

    ``code`` is stable and meant for programs.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class CellError:
    """Why one cell keeps its row out; ``field`` is empty for the row as a whole."""

    field: str
    code: str
    sentence: str
