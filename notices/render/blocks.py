"""The ready-made parts of a text, one tag each, in the language of the text.

``templates/notices/blocks/<language>`` holds them: a ``.md`` file is set into the
author's Markdown, a pair of ``.html`` and ``.txt`` files stands in for the tag in its
medium (``.letter.html`` where paper wants another form). Names that begin with an
underscore are for layouts alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from notices.fields import FIELDS, Kind
from notices.render.errors import TemplateError

_DEADLINE = "deadline"
_BLOCK_LINE = re.compile(r"^[ \t]*\{%-?\s*(\w+)\s*-?%\}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one language, by name."""

    markdown: dict[str, str]
    html: dict[str, str]
    text: dict[str, str]

    @property
    def names(self) -> frozenset[str]:
        """Return the names an author may use."""
        every = self.markdown.keys() | self.text.keys()
        return frozenset(name for name in every if not name.startswith("_"))

    def html_of(self, name: str, channel: str) -> str:
        """Return a block's HTML; a letter may have one of its own.

        :raises TemplateError: ``block_misplaced``.
        """
        own = self.html.get(f"{name}.{channel}") or self.html.get(name)
        return _found(own, name)

    def text_of(self, name: str) -> str:
        """Return a block's plain text.

        :raises TemplateError: ``block_misplaced``.
        """
        return _found(self.text.get(name), name)

    def spliced(self, source: str) -> str:
        """Return the author's Markdown with Markdown blocks in place of their tags."""

        def written(match: re.Match[str]) -> str:
            return self.markdown.get(match[1], match[0])

        return _BLOCK_LINE.sub(written, source)


def _found(source: str | None, name: str) -> str:
    if source is None:
        raise TemplateError(
            "block_misplaced",
            f"{{% {name} %}} stands alone on its line and takes nothing with it.",
        )
    return source


@lru_cache(maxsize=16)
def blocks_of(language: str) -> Blocks:
    """Return the blocks of a language, read once in a process.

    :raises TemplateError: ``language_unknown``.
    """
    folder = templates() / "blocks" / language
    if not re.fullmatch(r"[a-z]{2,3}", language) or not folder.is_dir():
        raise TemplateError(
            "language_unknown",
            f"There are no building blocks in language {language}.",
        )
    return Blocks(
        markdown=_files(folder, "md"),
        html=_files(folder, "html"),
        text=_files(folder, "txt"),
    )


def templates() -> Path:
    """Return the folder of our own layouts and blocks."""
    return Path(settings.BASE_DIR) / "templates" / "notices"


def _files(folder: Path, ending: str) -> dict[str, str]:
    return {
        path.stem: path.read_text(encoding="utf-8").strip()
        for path in sorted(folder.glob(f"*.{ending}"))
    }


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
