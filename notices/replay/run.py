"""Prints many letters into one PDF, by replay where it is proven.

Keeps to the interface of the full way: :func:`print_letters` tells of each letter what
became of it, :meth:`PrintedLetters.file` writes any of them, in any order, as often as
asked. What replay does not set is rendered in full and its pages are put in between.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache

import pikepdf

from notices.render import render
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.replay.engine import Replay, Replayed
from notices.replay.file import leaves, written
from notices.replay.trust import Text, Trust, text_of

Letter = tuple[CompiledTemplate, Facts]


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter that is set: its pages, and what a person reads in it."""

    pages: int
    text: str


@dataclass(frozen=True, slots=True)
class _Full:
    """A letter that went the full way: its own PDF."""

    body: bytes
    pages: int
    text: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How many letters of a run were set in which way."""

    replayed: int
    in_full: int
    refused: int


@dataclass(slots=True)
class PrintedLetters:
    """Letters that were set; ``outcomes`` stand in the order they were given."""

    outcomes: list[Printed | RenderError] = field(default_factory=list)
    _set: dict[int, Replayed | _Full] = field(default_factory=dict)

    def _note(self, place: int, outcome: Replayed | _Full | RenderError) -> None:
        """Note what became of a letter, new or set anew."""
        told: Printed | RenderError
        if isinstance(outcome, RenderError):
            self._set.pop(place, None)
            told = outcome
        else:
            self._set[place] = outcome
            told = Printed(outcome.pages, outcome.text)
        self.outcomes[place : place + 1] = [told]

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
        return _with_full(run, chosen, duplex=duplex)


def print_letters(
    letters: Iterable[Letter], trust: Trust | None = None
) -> PrintedLetters:
    """Set letters, each for itself; one that cannot be set leaves the others alone.

    The outcome of a letter is a :class:`Printed`, or the :class:`RenderError` that
    :func:`notices.render.render` would raise for it; a fault that nobody foresaw is one
    with the code ``render_fault``. ``letters`` may end early: there are as many
    outcomes as it gave letters.
    """
    found = PrintedLetters()
    trust = trust or trusted()
    replayed: dict[Text, list[tuple[int, Letter]]] = {}
    for place, letter in enumerate(letters):
        _set(found, place, letter, trust)
        one = found._set.get(place)
        if not isinstance(one, Replayed):
            continue
        of_text = replayed.setdefault(text_of(*letter), [])
        of_text.append((place, letter))
        if trust.differs(*letter, one):
            # What replay made of this text in this run is not to be trusted either.
            for at, suspect in of_text:
                _set(found, at, suspect, trust)
            of_text.clear()
    return found


@lru_cache(maxsize=1)
def trusted() -> Trust:
    """Return what this process has proven so far."""
    return Trust(Replay())


def _set(found: PrintedLetters, place: int, letter: Letter, trust: Trust) -> None:
    """Set one letter, by replay if its text is proven."""
    compiled, facts = letter
    outcome: Replayed | _Full | RenderError
    try:
        outcome = trust.set(compiled, facts) or _in_full(compiled, facts)
    except RenderError as error:
        outcome = error
    except Exception as error:
        # One letter that nobody foresaw must not keep the others from going.
        outcome = _unforeseen(facts, error)
    found._note(place, outcome)


def _in_full(compiled: CompiledTemplate, facts: Facts) -> _Full:
    rendered = render(compiled, facts)
    return _Full(rendered.body, rendered.pages, rendered.text)


def _unforeseen(facts: Facts, error: Exception) -> RenderError:
    fault = RenderError(
        "render_fault",
        f"The letter to customer {facts.customer.number} broke its rendering: "
        f"{type(error).__name__}.",
    )
    fault.__cause__ = error
    return fault


def _with_full(
    run: bytes, chosen: Sequence[Replayed | _Full], *, duplex: bool
) -> bytes:
    """Return the file of replayed letters with the others set in between."""
    with ExitStack() as opened:
        whole = opened.enter_context(_opened(run))
        at = 0
        for one in chosen:
            if isinstance(one, Replayed):
                at += leaves(one, duplex=duplex)
                continue
            letter = opened.enter_context(_opened(one.body))
            for page in letter.pages:
                # Keys into a structure tree that stays behind, and links.
                for key in ("/StructParents", "/Annots", "/AA"):
                    if key in page.obj:
                        del page.obj[key]
                whole.pages.insert(at, page)
                at += 1
            if duplex and len(letter.pages) % 2:
                _insert_blank(whole, at, letter.pages[-1].mediabox)
                at += 1
        out = io.BytesIO()
        whole.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


def _opened(body: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(body))


def _insert_blank(whole: pikepdf.Pdf, at: int, size: Iterable[object]) -> None:
    blank = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=pikepdf.Array(list(size)),
        Resources=pikepdf.Dictionary(),
    )
    whole.pages.insert(at, pikepdf.Page(whole.make_indirect(blank)))
