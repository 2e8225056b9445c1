"""What the lint is given and what it answers: a text, the house's words, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from notices.kinds import Firmness, Form, NoticeKind, kind_of
from notices.lint.source import Source, source_of


class Severity(StrEnum):
    """What a finding does: refuse, ask for a reason, or only advise."""

    HARD = "hard"
    SOFT = "soft"
    HINT = "hint"


_ORDER = {Severity.HARD: 0, Severity.SOFT: 1, Severity.HINT: 2}


@dataclass(frozen=True)
class Text:
    """One wording to be judged.

    ``step`` is the rung of a ladder it is meant for, from 1, where that is known.
    """

    key: str
    kind: str
    form: str
    language: str
    subject: str
    body: str
    step: int | None = None

    @cached_property
    def notice_kind(self) -> NoticeKind:
        """What sort of notice it is a text for."""
        kind = kind_of(self.kind)
        if kind is None:
            raise KeyError(self.kind)
        return kind

    @cached_property
    def heading(self) -> Source:
        """The subject, read."""
        return Source(self.subject)

    @cached_property
    def content(self) -> Source:
        """The body, read."""
        return Source(self.body)

    @property
    def places(self) -> tuple[tuple[Source, bool], ...]:
        """Subject and body; the second value says which of them has lines."""
        return ((self.heading, False), (self.content, True))

    @property
    def is_written(self) -> bool:
        """Whether it becomes an e-mail or a letter."""
        return self.form in {Form.WRITTEN, Form.EMAIL, Form.LETTER}

    @property
    def is_printed(self) -> bool:
        """Whether it may be put on paper by us."""
        return self.form in {Form.WRITTEN, Form.LETTER, Form.POSTCARD, Form.INSERT}

    @property
    def may_name_consequences(self) -> bool:
        """Whether it is late enough in a ladder for what follows from not paying."""
        early = self.step is not None and self.step < 3
        return self.notice_kind.firmness >= Firmness.FORMAL and not early

    def parts(
        self, blocks: Mapping[str, str], not_in: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Return the fields of text and blocks, and the blocks after a ``%``.

        ``blocks`` are the sources; those of ``not_in`` are not looked into.
        """
        used = frozenset(self.content.blocks)
        inside = (
            source_of(blocks[name]).paths for name in used & blocks.keys() - not_in
        )
        names = {f"%{name}" for name in used}
        return frozenset().union(self.heading.paths, self.content.paths, names, *inside)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with what to do about it.

    ``code`` is stable. ``line`` counts the lines of the body from 1; 0 is the subject
    or the text as a whole. ``words`` are the words at fault, empty where some lack.
    """

    code: str
    severity: Severity
    line: int
    words: str
    sentence: str
    suggestion: str = ""

    @property
    def order(self) -> tuple[int, int, str]:
        """The worst first, then from top to bottom."""
        return (_ORDER[self.severity], self.line, self.code)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text cannot be compiled at all."""

    line: int
    sentence: str


def _no_fault(text: Text) -> Fault | None:
    return None


def _no_glyph_missing(text: str) -> Iterable[str]:
    return ()


# Pairs of English words and what one language says for them.
Glossary = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class House:
    """What the firm and its machines add to our own tables.

    ``names`` are words that are spelt right here; ``jargon`` gives the plain word for
    each of the firm's own; ``blocks`` are the sources of the blocks in this language;
    ``glossary`` is what it calls the firm's own words; ``unnumbered`` are its brands
    that have no number to agree by phone;
    ``compile`` tries to compile; ``missing_glyphs`` returns the signs that no font of
    ours can print.
    """

    names: frozenset[str] = frozenset()
    jargon: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)
    glossary: Glossary = ()
    unnumbered: tuple[str, ...] = ()
    compile: Callable[[Text], Fault | None] = _no_fault
    missing_glyphs: Callable[[str], Iterable[str]] = _no_glyph_missing
