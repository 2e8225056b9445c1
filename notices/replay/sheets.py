"""What replay needs of a letter: its page taken apart, and what it is laid out with.

The one place here that knows how letters are made. What the full way refuses before
its layout is refused here by the same functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate
from weasyprint.document import Document, DocumentMetadata

from notices.paper import Stationery
from notices.render.compiled import CompiledTemplate
from notices.render.facts import Facts
from notices.render.letter import geometry, letter_values, limits, stationery_of, whom
from notices.render.liquid_text import Wording, fill, parse
from notices.render.obligations import require_obligations
from notices.render.press import (
    Fetcher,
    fonts,
    require_inside,
    shared_style,
    style_sheet,
)
from notices.render.qr import QUIET, picture
from notices.render.texts import subject_of, text_of
from notices.render.values import values_of
from notices.replay.marks import Apart, marked, taken_apart
from notices.replay.weasy import Setting

__all__ = ["QUIET", "Sheet", "picture", "sheet_of"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter before its layout; ``text`` is what a person reads in it.

    ``has_slip`` says that its last page is torn, ``duplex`` that sheets have two sides.
    """

    apart: Apart
    text: str
    stationery: Stationery
    language: str
    whom: str
    has_slip: bool
    duplex: bool

    @property
    def shape(self) -> tuple[object, ...]:
        """Return what all letters laid out alike share."""
        return (self.paper, self.apart.shape)

    @property
    def paper(self) -> tuple[object, ...]:
        """Return what all letters with one style sheet share."""
        return (self.stationery, self.language)

    @property
    def setting(self) -> Setting:
        """Return what it is laid out with."""
        return _setting(self.stationery, self.language)

    def check(self, pages: Sequence[Any]) -> None:
        """Return when nothing grew beyond its place.

        :raises RenderError: as the full way does.
        """
        document = Document(pages, DocumentMetadata(), None, fonts(), {}, None)
        require_inside(document, limits(self.stationery), self.whom)


def sheet_of(compiled: CompiledTemplate, facts: Facts) -> Sheet:
    """Return a letter, filled and taken apart.

    :raises RenderError: it cannot be filled, or lacks what it must say.
    """
    number = facts.customer.number
    values = values_of(facts, compiled.language, compiled.kind.subjects)
    subject = subject_of(compiled, values, number)
    assert compiled.html is not None  # noqa: S101  (every letter is compiled with it)
    page_values = letter_values(compiled, facts, values, subject, draw=str)
    page = fill(_marked(compiled.html), page_values, number)
    text = text_of(compiled, values, number)
    require_obligations(facts, text)
    return Sheet(
        apart=taken_apart(page),
        text=text,
        stationery=stationery_of(facts),
        language=compiled.language,
        whom=whom(facts),
        has_slip=bool(page_values["slip"]["kind"]),  # type: ignore[index]
        duplex=facts.brand.duplex,
    )


@lru_cache(maxsize=256)
def _marked(page: BoundTemplate) -> Wording:
    return parse(marked(str(page)), html=True)


@lru_cache(maxsize=64)
def _setting(stationery: Stationery, language: str) -> Setting:
    styles = (style_sheet("letter.css"), shared_style(geometry(stationery, language)))
    return Setting(fonts(), styles, Fetcher())
