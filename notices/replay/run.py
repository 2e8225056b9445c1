"""Prints many letters into one PDF, by replay where it is proven.

Keeps to the interface of :mod:`notices.render.run`, and leaves to it what replay does
not set; the pages of those letters are put in between.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache

import pikepdf

from notices.models import Channel
from notices.render import run as full_way
from notices.render.assemble import EMPTY, plain
from notices.render.errors import RenderError
from notices.render.run import SLAB, Letter, Printed
from notices.replay.engine import Replay, Replayed
from notices.replay.file import leaves, written
from notices.replay.trust import Text, Trust, text_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """How many letters of a run were set in which way."""

    replayed: int
    in_full: int
    refused: int


@dataclass(frozen=True, slots=True)
class _Full:
    """A letter that went the full way: the slab it was set with, its place there."""

    slab: int
    place: int
    pages: int


@dataclass(slots=True)
class PrintedLetters:
    """Letters that were set; ``outcomes`` stand in the order they were given."""

    outcomes: list[Printed | RenderError] = field(default_factory=list)
    _set: dict[int, Replayed | _Full] = field(default_factory=dict)
    _slabs: list[full_way.PrintedLetters] = field(default_factory=list)

    @property
    def ways(self) -> Ways:
        """Return how many letters were set in which way."""
        replayed = sum(isinstance(one, Replayed) for one in self._set.values())
        return Ways(
            replayed=replayed,
            in_full=len(self._set) - replayed,
            refused=len(self.outcomes) - len(self._set),
        )

    def file(self, wanted: Sequence[int], *, title: str, duplex: bool) -> bytes:
        """Return one PDF of the letters at these places of ``outcomes``, in this order.

        In duplex a letter with an odd number of pages is followed by an empty one, so
        that every letter begins on the front of a sheet. The same letters give the same
        bytes.
        """
        chosen = [self._set[place] for place in wanted]
        replayed = [one for one in chosen if isinstance(one, Replayed)]
        run = written(replayed, title=title, duplex=duplex)
        if len(replayed) == len(chosen):
            return run
        return self._with_full(run, chosen, duplex=duplex)

    def _with_full(
        self, run: bytes, chosen: Sequence[Replayed | _Full], *, duplex: bool
    ) -> bytes:
        """Return the file of replayed letters with the others put in between."""
        with ExitStack() as opened:
            whole = opened.enter_context(pikepdf.open(io.BytesIO(run)))
            slabs = {
                number: opened.enter_context(self._slab(number, chosen, duplex=duplex))
                for number in sorted({one.slab for one in _fulls(chosen)})
            }
            taken = dict.fromkeys(slabs, 0)
            at = 0
            for one in chosen:
                if isinstance(one, Replayed):
                    at += leaves(one, duplex=duplex)
                    continue
                for _ in range(one.pages + one.pages % 2 if duplex else one.pages):
                    page = slabs[one.slab].pages[taken[one.slab]]
                    whole.pages.insert(at, page)
                    taken[one.slab] += 1
                    at += 1
            out = io.BytesIO()
            whole.save(
                out,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
        return out.getvalue()

    def _slab(
        self, number: int, chosen: Sequence[Replayed | _Full], *, duplex: bool
    ) -> pikepdf.Pdf:
        """Return the chosen letters of a slab, in the order of the file."""
        places = [one.place for one in _fulls(chosen) if one.slab == number]
        return plain(self._slabs[number].file(places, title="", duplex=duplex))


def _fulls(chosen: Sequence[Replayed | _Full]) -> list[_Full]:
    return [one for one in chosen if isinstance(one, _Full)]


def print_letters(
    letters: Iterable[Letter], trust: Trust | None = None
) -> PrintedLetters:
    """Set letters, each for itself; one that cannot be set leaves the others alone.

    The outcome of a letter is what :func:`notices.render.run.print_letters` gives it.
    ``letters`` may end early: there are as many outcomes as it gave letters. ``trust``
    says which texts are replayed; without it what this process has proven.
    """
    return _Run(trust or trusted()).printed(letters)


@lru_cache(maxsize=1)
def trusted() -> Trust:
    """Return what this process has proven so far."""
    return Trust(Replay())


class _Run:
    """One run while its letters are set."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._found = PrintedLetters()
        # Letters that wait to be set in full, and those replayed, by their text.
        self._waiting: list[tuple[int, Letter]] = []
        self._replayed: dict[Text, list[tuple[int, Letter]]] = {}

    def printed(self, letters: Iterable[Letter]) -> PrintedLetters:
        """Set all letters."""
        for place, letter in enumerate(letters):
            self._set(place, letter)
            if len(self._waiting) >= SLAB:
                self._set_in_full()
        self._set_in_full()
        ways = self._found.ways
        log.info(
            "Letters of a run: %d replayed, %d set in full, %d refused.",
            ways.replayed,
            ways.in_full,
            ways.refused,
        )
        return self._found

    def _set(self, place: int, letter: Letter) -> None:
        """Replay a letter, or have it wait for the full way, as every card does."""
        if letter[0].channel != Channel.LETTER:
            self._await(place, letter)
            return
        # Whatever is wrong with a letter, the full way finds it again and tells it.
        try:
            replayed = self._trust.set(*letter)
        except Exception:
            replayed = None
        if replayed is None:
            self._await(place, letter)
            return
        self._found._set[place] = replayed
        told = Printed(
            leaves(replayed, duplex=False), replayed.text, replayed.sides.count(EMPTY)
        )
        self._found.outcomes[place : place + 1] = [told]
        of_text = self._replayed.setdefault(text_of(*letter), [])
        of_text.append((place, letter))
        if self._trust.differs(*letter, replayed):
            # What replay made of this text in this run is not to be trusted either.
            for at, suspect in of_text:
                self._await(at, suspect)
            of_text.clear()

    def _await(self, place: int, letter: Letter) -> None:
        self._found._set.pop(place, None)
        # Until it is set; a run never ends with it.
        waits = RenderError("waiting", "This letter is not set yet.")
        self._found.outcomes[place : place + 1] = [waits]
        self._waiting.append((place, letter))

    def _set_in_full(self) -> None:
        if not self._waiting:
            return
        found = self._found
        slab = full_way.print_letters(letter for _, letter in self._waiting)
        for at, (place, _) in enumerate(self._waiting):
            outcome = slab.outcomes[at]
            found.outcomes[place] = outcome
            if isinstance(outcome, Printed):
                found._set[place] = _Full(len(found._slabs), at, outcome.pages)
        found._slabs.append(slab)
        self._waiting = []
