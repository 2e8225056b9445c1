"""One PDF for each weight class of a batch of letters, each with its place in it.

Writes bytes in memory; notices.printing.storing keeps them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from notices.models import Notice, PrintRun
from notices.printing.pages import fingerprints
from notices.printing.weights import part_of, sheets_of
from notices.render import Facts
from notices.render.compiled import CompiledTemplate
from notices.render.run import Printed
from notices.replay.run import PrintedLetters


@dataclass(frozen=True, slots=True)
class Ready:
    """One letter that may go, with the facts it is set from."""

    notice: Notice
    facts: Facts
    compiled: CompiledTemplate


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter as it stands in a file."""

    ready: Ready
    printed: Printed
    sheets: int
    first_page: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """The letters of one weight class of a batch, and their PDF."""

    part: str
    pdf: bytes
    letters: tuple[Sheet, ...]


def bundles_of(
    run: PrintRun,
    ready: Sequence[Ready],
    letters: PrintedLetters,
    wanted: Sequence[int],
) -> list[Bundle]:
    """Write one PDF for each weight class among the wanted letters."""
    by_class: dict[str, list[int]] = defaultdict(list)
    for at in wanted:
        printed = letters.outcomes[at]
        assert isinstance(printed, Printed)  # noqa: S101  (it is wanted)
        part = part_of(run.channel, sheets_of(printed.pages, duplex=run.duplex))
        if part is not None:
            by_class[part].append(at)
    return [
        _bundle(run, part, ready, letters, places) for part, places in by_class.items()
    ]


def _bundle(
    run: PrintRun,
    part: str,
    ready: Sequence[Ready],
    letters: PrintedLetters,
    places: Sequence[int],
) -> Bundle:
    pdf = letters.file(places, title=run.name, duplex=run.duplex)
    spans = []
    first = 1
    for at in places:
        printed = letters.outcomes[at]
        assert isinstance(printed, Printed)  # noqa: S101  (it is wanted)
        spans.append((printed, first))
        sheets = sheets_of(printed.pages, duplex=run.duplex)
        first += sheets * 2 if run.duplex else printed.pages
    digests = fingerprints(pdf, ((start, one.pages) for one, start in spans))
    return Bundle(
        part,
        pdf,
        tuple(
            Sheet(
                ready=ready[at],
                printed=printed,
                sheets=sheets_of(printed.pages, duplex=run.duplex),
                first_page=start,
                sha256=digest,
            )
            for at, (printed, start), digest in zip(places, spans, digests, strict=True)
        ),
    )
