"""Which texts may be replayed: those whose sample letters come out alike both ways.

A text is proven in a process before its letters are replayed there, for each brand that
sends it: all sample customers, the awkward ones among them, are set both ways. In
operation one letter in some thousands is compared again; a text that fails once goes
the full way from then on.
"""

from __future__ import annotations

import logging
import zlib
from collections import OrderedDict
from functools import partial
from typing import Any

from notices.render import render
from notices.render.compiled import CompiledTemplate
from notices.render.errors import RenderError
from notices.render.facts import Facts
from notices.render.press import printing
from notices.replay import weasy
from notices.replay.conditions import Unprovable
from notices.replay.engine import Replay, Replayed
from notices.replay.file import written
from notices.replay.proof import Difference, compared
from notices.replay.shaping import Unprintable
from notices.replay.sheets import sheet_of
from notices.samples import CASES, sample_facts

log = logging.getLogger(__name__)

# Letters of a text that go the full way before its proof is worth its seconds.
WORTH_PROVING = 25
# One letter in so many is set both ways.
SAMPLED = 2_000
MOST_TEXTS = 256

Text = tuple[Any, Any]


class Trust:
    """Replays the letters of proven texts, and watches over them."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self._verdicts: OrderedDict[Text, bool] = OrderedDict()
        self._met: dict[Text, int] = {}

    def set(self, compiled: CompiledTemplate, facts: Facts) -> Replayed | None:
        """Return a letter set by replay, or None where it has to go the full way.

        :raises RenderError: it cannot be set at all.
        """
        if not self._may_replay(compiled, facts):
            return None
        return self._replayed(compiled, facts)

    def differs(
        self, compiled: CompiledTemplate, facts: Facts, letter: Replayed
    ) -> bool:
        """Compare a sampled letter with the full way; a difference ends all trust."""
        if not is_sampled(facts.reference):
            return False
        difference = self._compared(compiled, facts, letter)
        if difference:
            self._verdicts[text_of(compiled, facts)] = False
            log.error(
                "Replay of the text %s (%s) is off: notice %s came out otherwise (%s).",
                compiled.key,
                compiled.language,
                facts.reference,
                difference.what,
            )
        return bool(difference)

    def is_trusted(self, compiled: CompiledTemplate, facts: Facts) -> bool:
        """Whether letters of a text are replayed for a brand at present."""
        return self._verdicts.get(text_of(compiled, facts), False)

    def prove(self, compiled: CompiledTemplate, facts: Facts) -> bool:
        """Set every sample customer of a text both ways; return whether all agree.

        ``facts`` are a letter's, whose brand sends the text.
        """
        text = text_of(compiled, facts)
        verdict = self._holds(compiled, facts)
        self._verdicts[text] = verdict
        self._verdicts.move_to_end(text)
        while len(self._verdicts) > MOST_TEXTS:
            forgotten, _ = self._verdicts.popitem(last=False)
            self._met.pop(forgotten, None)
        return verdict

    def _may_replay(self, compiled: CompiledTemplate, facts: Facts) -> bool:
        if not weasy.is_known() or facts.enclosures:
            return False
        text = text_of(compiled, facts)
        verdict = self._verdicts.get(text)
        if verdict is not None:
            return verdict
        self._met[text] = met = self._met.get(text, 0) + 1
        return met > WORTH_PROVING and self.prove(compiled, facts)

    def _holds(self, compiled: CompiledTemplate, facts: Facts) -> bool:
        samples = partial(
            sample_facts,
            compiled.kind.key,
            "letter",
            language=compiled.language,
            brand=facts.brand,
        )
        replayed = 0
        for case in CASES:
            sample = samples(case=case)
            try:
                letter = self._replayed(compiled, sample)
            except RenderError:
                continue
            if letter is None:
                continue
            replayed += 1
            difference = self._compared(compiled, sample, letter)
            if difference:
                log.error(
                    "Replay of the text %s (%s) stays off: the sample “%s” comes out "
                    "otherwise (%s).",
                    compiled.key,
                    compiled.language,
                    case,
                    difference.what,
                )
                return False
        if not replayed:
            log.info("No letter of %s (%s) can be replayed.", compiled.key, case)
        return replayed > 0

    def _replayed(self, compiled: CompiledTemplate, facts: Facts) -> Replayed | None:
        sheet = sheet_of(compiled, facts)
        try:
            with printing:
                return self.replay.set(sheet)
        except (Unprovable, Unprintable):
            return None

    def _compared(
        self, compiled: CompiledTemplate, facts: Facts, letter: Replayed
    ) -> Difference:
        try:
            full = render(compiled, facts)
        except RenderError as error:
            return Difference(f"the full way refuses it: {error.code}")
        if full.text != letter.text:
            return Difference("other words in its plain text")
        return compared(full.body, written([letter], title=""))


def text_of(compiled: CompiledTemplate, facts: Facts) -> Text:
    """Return what is proven at once: a text and the brand that sends it."""
    return (compiled.html, facts.brand)


def is_sampled(reference: str) -> bool:
    """Whether a letter is one of those that are compared; always the same ones."""
    return zlib.crc32(reference.encode()) % SAMPLED == 0
