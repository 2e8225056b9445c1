"""What keeps a set of disclosures from being published. Pure.

Each element of E-SIGN stands in a block of its own in every language; links answer;
a fee is asked only where law lets it; nobody is taken to have agreed by doing nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from consent.disclosures import BLOCKS, MUST_LINK, TARGETS
from consent.disclosures.rendering import Blocks, shown_text

_LINK = re.compile(r"\[[^\]]+\]\((\w+)\)")
_FIELD = re.compile(r"\{(\w*)\}")
_FIELDS = frozenset({"firm", "phone", "fee"})
_MARKUP = re.compile(r"<[a-zA-Z/!]")
# The shortest a block can be and still say something: a sentence in Chinese.
FEWEST_SIGNS = 6
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one language of a set, and what to do about it."""

    language: str
    block: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.language}, {self.block}" if self.block else self.language
        return f"{where}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Draft:
    """One language of a set, as the lint reads it."""

    language: str
    blocks: Blocks
    terms_url: str
    has_fee: bool
    categories: tuple[str, ...]


def faults_of(
    drafts: list[Draft],
    *,
    fee_forbidden: bool,
    answers: Callable[[str], int],
) -> list[Fault]:
    """Return what keeps a set from being published; empty when nothing does.

    ``fee_forbidden``: law of a place its customers live in lets paper cost nothing.
    ``answers`` returns the HTTP status of a step of the page or of an address, or
    ``NO_ANSWER``.
    """
    if not drafts:
        return [Fault("", "", "There is no text in any language. Write one.")]
    found = [fault for draft in drafts for fault in _faults(draft, answers)]
    if fee_forbidden and any(draft.has_fee for draft in drafts):
        found.append(
            Fault(
                "",
                "paper_fee",
                "Law of a place your customers live in forbids a fee for paper. "
                "Set the fee to 0.",
            )
        )
    if len({(one.has_fee, one.categories, one.terms_url) for one in drafts}) > 1:
        found.append(
            Fault(
                "",
                "",
                "The languages differ in fee, categories or terms. Everybody agrees "
                "to the same: make them equal.",
            )
        )
    return found


def _faults(draft: Draft, answers: Callable[[str], int]) -> Iterator[Fault]:
    if not draft.categories:
        yield Fault(
            draft.language, "what_moves", "Name at least one kind of message (ES-4)."
        )
    for name, element in BLOCKS.items():
        block = draft.blocks.get(name, {})
        for sentence in _block_faults(name, element, block, draft.has_fee):
            yield Fault(draft.language, name, sentence)
        for sentence in _assuming(block, draft):
            yield Fault(draft.language, name, sentence)
    for unknown in sorted(draft.blocks.keys() - BLOCKS.keys()):
        yield Fault(draft.language, unknown, "There is no such block. Remove it.")
    yield from _dead_links(draft, answers)


def _block_faults(
    name: str, element: str, block: Mapping[str, str], has_fee: bool
) -> Iterator[str]:
    text = shown_text(block, has_fee=has_fee).strip()
    title = block.get("title", "").strip()
    if len(text) < FEWEST_SIGNS or not title:
        law = f" {element} of the E-SIGN Act asks for it." if element else ""
        yield f"The title or the text is missing.{law} Write it."
        return
    if _MARKUP.search(f"{title} {text}"):
        yield "There is HTML in it. Write plain text."
    for field in _FIELD.findall(f"{title} {text}"):
        if field not in _FIELDS:
            yield f"There is no field {{{field}}}. Use {{firm}}, {{phone}} or {{fee}}."
    if has_fee and name == "paper_fee" and "{fee}" not in text:
        yield "Paper costs something, and the text does not say {fee}. Add it."
    targets = set(_LINK.findall(text))
    for target in sorted(targets - set(TARGETS)):
        yield f"“{target}” is no place to link to. Use one of: {', '.join(TARGETS)}."
    wanted = MUST_LINK.get(name)
    if wanted and wanted not in targets:
        yield f"A link is missing: write [words]({wanted})."


def _assuming(block: Mapping[str, str], draft: Draft) -> Iterator[str]:
    """Say where a text takes somebody to have agreed who has done nothing."""
    text = f"{block.get('title', '')} {shown_text(block, has_fee=draft.has_fee)}"
    folded = text.casefold()
    for phrase in assumptions().get(draft.language.partition("-")[0], ()):
        if phrase in folded:
            yield (
                f"“{phrase}” takes the customer to have agreed already (ES-14). "
                "Say it as a choice."
            )


def _dead_links(draft: Draft, answers: Callable[[str], int]) -> Iterator[Fault]:
    targets = {
        (name, target)
        for name, block in draft.blocks.items()
        for target in _LINK.findall(shown_text(block, has_fee=draft.has_fee))
        if target in TARGETS and target != "contact"
    }
    for name, target in sorted(targets):
        address = draft.terms_url if target == "terms" else target
        status = answers(address) if address else NO_ANSWER
        if not 200 <= status < 400:
            said = f"answers {status}" if status else "does not answer"
            yield Fault(
                draft.language,
                name,
                f"The link {address or target} {said}. Put the page up, or correct "
                "the address.",
            )


@lru_cache(maxsize=1)
def assumptions() -> Mapping[str, tuple[str, ...]]:
    """Return by language how a text takes consent for given, in small letters."""
    path = Path(__file__).resolve().parent / "assumptions.toml"
    with path.open("rb") as file:
        found: dict[str, list[str]] = tomllib.load(file)
    return {language: tuple(phrases) for language, phrases in found.items()}
