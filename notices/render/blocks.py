"""The ready-made parts of a text, one tag each: structure here, words in each language.

``templates/notices/blocks`` holds the structures: a ``.md`` file is set into the
author's Markdown, a pair of ``.html`` and ``.txt`` files stands in for the tag in its
medium (``.letter.html`` where paper wants another form). ``[[name]]`` in them is a word
or sentence of ``templates/notices/words/<language>.toml``; a sentence is whole there,
with the fields it needs. Names that begin with an underscore are for layouts alone.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from notices.fields import FIELDS, Kind, Subject, field_at
from notices.render.errors import TemplateError
from notices.render.shield import MARKUP, Output, parse_output

_DEADLINE = "deadline"
_BLOCK_LINE = re.compile(r"^[ \t]*\{%-?\s*(\w+)((?:[ \t]+\w+)*)\s*-?%\}[ \t]*$", re.M)
_WORD = re.compile(r"\[\[(\w+)\]\]")
# A list of the author's choice among sentences whose names begin alike.
_PICK = re.compile(r"\[\[\*(\w+)\]\]")
_PATHS = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
MOST_PICKS = 4
_PAPER = frozenset({"letter", "postcard", "insert"})


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one language, by name."""

    words: Mapping[str, str]
    markdown: Mapping[str, str]
    html: Mapping[str, str]
    text: Mapping[str, str]

    @property
    def names(self) -> frozenset[str]:
        """Return the names an author may use."""
        every = self.markdown.keys() | self.text.keys()
        return frozenset(name for name in every if not name.startswith("_"))

    def subjects_of(self, name: str) -> frozenset[Subject]:
        """Return the subjects whose fields a block prints."""
        source = self.markdown.get(name) or self.text.get(name, "")
        return subjects_in(source)

    def html_of(self, name: str, channel: str) -> str:
        """Return a block's HTML; a letter, and with it all paper, may have its own.

        :raises TemplateError: ``block_misplaced``.
        """
        medium = "letter" if channel in _PAPER else channel
        own = self.html.get(f"{name}.{medium}") or self.html.get(name)
        return _found(own, name)

    def text_of(self, name: str) -> str:
        """Return a block's plain text.

        :raises TemplateError: ``block_misplaced``.
        """
        return _found(self.text.get(name), name)

    def spliced(self, source: str) -> str:
        """Return the author's Markdown with Markdown blocks in place of their tags.

        :raises TemplateError: ``block_argument``.
        """

        def written(match: re.Match[str]) -> str:
            block = self.markdown.get(match[1])
            if block is None:
                return match[0]
            return self._picked(match[1], block, match[2].split())

        return _BLOCK_LINE.sub(written, source)

    def choices_of(self, name: str) -> list[str]:
        """Return what an author may name behind a block's own name, if anything."""
        pick = _PICK.search(self.markdown.get(name, ""))
        if pick is None:
            return []
        prefix = pick[1]
        return sorted(
            word.removeprefix(prefix) for word in self.words if word.startswith(prefix)
        )

    def _picked(self, name: str, block: str, arguments: Sequence[str]) -> str:
        """Return a Markdown block with the sentences the author chose for it."""
        pick = _PICK.search(block)
        if pick is None:
            if arguments:
                raise TemplateError("block_argument", f"{{% {name} %}} takes nothing.")
            return block
        prefix, known = pick[1], self.choices_of(name)
        if not 1 <= len(set(arguments) & set(known)) == len(arguments) <= MOST_PICKS:
            raise TemplateError(
                "block_argument",
                f"Name one to {MOST_PICKS} of these after {name}: {', '.join(known)}.",
            )
        lines = [f"- {self.words[prefix + argument]}" for argument in arguments]
        return _PICK.sub(lambda _: "\n".join(lines), block)


def _found(source: str | None, name: str) -> str:
    if source is None:
        raise TemplateError(
            "block_misplaced",
            f"{{% {name} %}} stands alone on its line and takes nothing with it.",
        )
    return source


@lru_cache(maxsize=32)
def blocks_of(language: str) -> Blocks:
    """Return the blocks of a language, read once in a process.

    :raises TemplateError: ``language_unknown``, ``words_missing``.
    """
    words = words_of(language)
    folder = templates() / "blocks"

    def read(ending: str, *, as_html: bool = False) -> dict[str, str]:
        return {
            path.name.removesuffix(f".{ending}"): _worded(
                path.read_text(encoding="utf-8").strip(), words, language, as_html
            )
            for path in sorted(folder.glob(f"*.{ending}"))
        }

    return Blocks(
        words=words,
        markdown=read("md"),
        html=read("html", as_html=True),
        text=read("txt"),
    )


@lru_cache(maxsize=32)
def words_of(language: str) -> Mapping[str, str]:
    """Return the sentences of the blocks in a language, by name.

    :raises TemplateError: ``language_unknown``.
    """
    path = templates() / "words" / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not path.is_file():
        raise TemplateError(
            "language_unknown",
            f"There are no building blocks in language {language}.",
        )
    with path.open("rb") as file:
        found: dict[str, str] = tomllib.load(file)
    return found


def languages() -> tuple[str, ...]:
    """Return the languages that have building blocks, English first."""
    found = sorted(path.stem for path in (templates() / "words").glob("*.toml"))
    return ("en", *(language for language in found if language != "en"))


def templates() -> Path:
    """Return the folder of our own layouts, blocks and words."""
    return Path(settings.BASE_DIR) / "templates" / "notices"


def with_words(source: str, language: str, *, as_html: bool = True) -> str:
    """Return a layout with the words of a language in place of their names.

    :raises TemplateError: ``language_unknown``, ``words_missing``.
    """
    return _worded(source, words_of(language), language, as_html)


def _worded(source: str, words: Mapping[str, str], language: str, as_html: bool) -> str:
    def word(match: re.Match[str]) -> str:
        found = words.get(match[1])
        if found is None:
            raise TemplateError(
                "words_missing", f"Language {language} has no words “{match[1]}”."
            )
        return _in_html(found, language) if as_html else found

    return _WORD.sub(word, source)


def _in_html(words: str, language: str) -> str:
    """Return a sentence as HTML, each of its fields in an inline element of its own."""
    parts, at = [], 0
    for match in MARKUP.finditer(words):
        parts.append(html.escape(words[at : match.start()], quote=False))
        if match["tag"] is not None:
            parts.append(match[0])
        else:
            parts.append(
                as_element(parse_output(match["output"], 0, language), match[0])
            )
        at = match.end()
    parts.append(html.escape(words[at:], quote=False))
    return "".join(parts)


# Numbers, whose groups belong on one line.
_NUMBERS = frozenset({"brand.phone", "brand.fax", "paperless.opt_in_phone"})


def as_element(said: Output, output: str) -> str:
    """Return an output in an inline element.

    A sum, a day and a phone number never break over lines.
    """
    if said.path in _NUMBERS:
        return f'<span class="value"><bdi>{output}</bdi></span>'
    if said.kind in {Kind.MONEY, Kind.DATE, Kind.MOMENT}:
        return f'<span class="value">{output}</span>'
    return f"<bdi>{output}</bdi>"


def with_deadline(source: str, arguments: Sequence[str]) -> str:
    """Return a block's source with the date it names: ``pay_by`` unless one is given.

    :raises TemplateError: ``block_argument``.
    """
    if len(arguments) > 1 or (arguments and _DEADLINE not in source):
        raise TemplateError("block_argument", "A block takes at most one date field.")
    path = arguments[0] if arguments else "pay_by"
    known = FIELDS.get(path)
    if known is None or known.kind != Kind.DATE:
        raise TemplateError("block_argument", f"'{path}' is not a date field.")
    return source.replace(_DEADLINE, path)


_OF_LISTS = {
    "invoices": Subject.DEBT,
    "contacts": Subject.DEBT,
    "instalments": Subject.PLAN,
}


@lru_cache(maxsize=512)
def subjects_in(source: str) -> frozenset[Subject]:
    """Return the subjects of the fields that the Liquid of a text names."""
    found: set[Subject] = set()
    for match in MARKUP.finditer(source):
        bare = re.sub(r'"[^"]*"', "", match["output"] or match["tag"] or "")
        for path in _PATHS.findall(bare):
            field = field_at(path)
            if field is not None and field.subject is not None:
                found.add(field.subject)
            elif path in _OF_LISTS:
                found.add(_OF_LISTS[path])
    return frozenset(found)
