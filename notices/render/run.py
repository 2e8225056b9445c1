"""Prints many letters into one PDF: fonts once, memory bounded, one fault no disaster.

The interface of every way to print a run; here the full way, in which WeasyPrint lays
out each letter as a document of its own. :func:`print_letters` takes letters and tells
of each what became of it; :meth:`PrintedLetters.file` writes any of them into one PDF,
as often as asked and in any order, without setting them anew. Another way (replay) has
to keep to these two, and to the errors. Asks no database, network or clock.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pikepdf
from weasyprint.document import Document, DocumentMetadata

from notices.models import Channel
from notices.render.assemble import EMPTY, Side, pages_in, plain, sides
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.letter import LaidOut, lay_out, whom
from notices.render.obligations import require_obligations
from notices.render.postcard import lay_out_card
from notices.render.press import listening, printing, require_clean
from notices.render.values import Values, values_of

# Letters drawn at once. A laid-out letter holds some 1.5 MB until it is drawn, and a
# slab brings its fonts once.
SLAB = 64

Letter = tuple[CompiledTemplate, Facts]

# Cards are printed in runs of their own, but set the same way.
_LAYOUTS: dict[str, Callable[[CompiledTemplate, Facts, Values], LaidOut]] = {
    Channel.LETTER: lay_out,
    Channel.POSTCARD: lay_out_card,
}


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter that is set: its pages, and what a person reads in it.

    ``pages`` are those it takes in the file: enclosures and blank backs count, of
    which ``blanks`` are empty.
    """

    pages: int
    text: str
    blanks: int = 0


@dataclass(frozen=True, slots=True)
class _Slab:
    """Some letters drawn into one PDF; ``starts`` are their first pages from 0."""

    pdf: bytes
    starts: tuple[int, ...]


@dataclass(slots=True)
class PrintedLetters:
    """Letters that were set; ``outcomes`` stand in the order they were given."""

    outcomes: list[Printed | RenderError] = field(default_factory=list)
    _slabs: list[_Slab] = field(default_factory=list)
    # Of each letter that is set: its slab and its place there.
    _where: dict[int, tuple[int, int]] = field(default_factory=dict)
    _sides: dict[int, tuple[Side, ...]] = field(default_factory=dict)
    _enclosures: dict[int, tuple[bytes, ...]] = field(default_factory=dict)

    def file(self, wanted: Sequence[int], *, title: str, duplex: bool) -> bytes:
        """Return one PDF of the letters at these places of ``outcomes``, in this order.

        In duplex a letter with an odd number of pages is followed by an empty one, so
        that every letter begins on the front of a sheet: letter ``n`` takes
        ``sheets * 2`` pages of the file. The same letters give the same bytes.
        """
        with pikepdf.new() as run:
            slabs = [pikepdf.open(io.BytesIO(slab.pdf)) for slab in self._slabs]
            papers: dict[bytes, pikepdf.Pdf] = {}
            for place in wanted:
                number, at = self._where[place]
                start = self._slabs[number].starts[at]
                own = slabs[number]
                _, _, width, height = own.pages[start].mediabox
                size = (float(width), float(height))
                for source, page in self._sides[place]:
                    if (source, page) == EMPTY:
                        run.add_blank_page(page_size=size)
                    elif source == 0:
                        run.pages.append(own.pages[start + page])
                    else:
                        paper = self._enclosures[place][source - 1]
                        if paper not in papers:
                            papers[paper] = plain(paper)
                        run.pages.append(papers[paper].pages[page])
                if duplex and len(self._sides[place]) % 2:
                    run.add_blank_page(page_size=size)
            run.docinfo["/Title"] = title
            held = io.BytesIO()
            run.save(
                held,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
        return held.getvalue()


def print_letters(letters: Iterable[Letter]) -> PrintedLetters:
    """Set letters, each for itself; one that cannot be set leaves the others alone.

    Page numbers count each letter's own pages. The outcome of a letter is a
    :class:`Printed`, or the :class:`RenderError` that
    :func:`notices.render.letter.render_letter` would raise for it; a fault that nobody
    foresaw is one with the code ``render_fault``. ``letters`` may end early, when its
    maker runs out of time: there are as many outcomes as it gave letters.
    """
    found = PrintedLetters()
    stream = iter(letters)
    while slab := list(islice(stream, SLAB)):
        _set(slab, found)
    return found


def _set(letters: Sequence[Letter], found: PrintedLetters) -> None:
    """Set and draw one slab of letters."""
    first = len(found.outcomes)
    with printing:
        laid = [_laid_out(letter) for letter in letters]
        for at, (one, (_, facts)) in enumerate(zip(laid, letters, strict=True)):
            found.outcomes.append(_outcome(one, facts, first + at, found))
        good = {
            first + at: one
            for at, one in enumerate(laid)
            if isinstance(one, LaidOut)
            and isinstance(found.outcomes[first + at], Printed)
        }
        if not good:
            return
        with listening() as faults:
            pdf = _drawn(list(good.values()))
        if faults:
            # Somebody's letter has a sign that no font has: find out whose.
            good = _without_faulty(good, letters, first, found)
            pdf = _drawn(list(good.values())) if good else b""
    starts: list[int] = []
    page = 0
    for at, (place, one) in enumerate(good.items()):
        found._where[place] = (len(found._slabs), at)
        starts.append(page)
        page += len(one.document.pages)
    found._slabs.append(_Slab(pdf, tuple(starts)))


def _laid_out(letter: Letter) -> LaidOut | RenderError:
    compiled, facts = letter
    try:
        values = values_of(facts, compiled.language, compiled.kind.subjects)
        with listening() as faults:
            laid = _LAYOUTS[compiled.channel](compiled, facts, values)
        require_clean(faults, whom(facts))
        require_obligations(facts, laid.text)
    except RenderError as error:
        return error
    except Exception as error:
        # One letter that nobody foresaw must not keep the others from going.
        return _unforeseen(facts, error)
    for page in laid.document.pages:
        # Marks of the single letter, which would meet their like in the run.
        page.anchors.clear()
        page.bookmarks.clear()
    return laid


def _unforeseen(facts: Facts, error: Exception) -> RenderError:
    fault = RenderError(
        "render_fault",
        f"The {whom(facts)} broke its rendering: {type(error).__name__}.",
    )
    fault.__cause__ = error
    return fault


def _outcome(
    laid: LaidOut | RenderError, facts: Facts, place: int, found: PrintedLetters
) -> Printed | RenderError:
    if isinstance(laid, RenderError):
        return laid
    try:
        counts = [
            pages_in(one, position, facts.customer.number)
            for position, one in enumerate(facts.enclosures, 1)
        ]
    except RenderError as error:
        return error
    plan = sides(
        len(laid.document.pages),
        has_slip=laid.has_slip,
        duplex=facts.brand.duplex,
        enclosures=counts,
    )
    found._sides[place] = plan
    found._enclosures[place] = facts.enclosures
    return Printed(pages=len(plan), text=laid.text, blanks=plan.count(EMPTY))


def _drawn(letters: Sequence[LaidOut]) -> bytes:
    """Draw letters into one PDF, each font once."""
    first = letters[0].document
    pages = [page for one in letters for page in one.document.pages]
    document = Document(
        pages,
        DocumentMetadata(),
        first.url_fetcher,
        first.font_config,
        first.color_profiles,
        first.output_intent,
    )
    drawn: bytes = document.write_pdf(pdf_identifier=letters[0].identifier)
    return drawn


def _without_faulty(
    good: dict[int, LaidOut],
    letters: Sequence[Letter],
    first: int,
    found: PrintedLetters,
) -> dict[int, LaidOut]:
    """Draw each letter alone, note the faults, and return those that have none."""
    kept = {}
    for place, one in good.items():
        with listening() as faults:
            one.document.write_pdf(pdf_identifier=one.identifier)
        try:
            require_clean(faults, whom(letters[place - first][1]))
        except RenderError as error:
            found.outcomes[place] = error
        else:
            kept[place] = one
    return kept
