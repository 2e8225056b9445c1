"""Writes a text that was read as plain text: what a person would type.

One line a paragraph, lists with dashes, the shielded Liquid where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token

from notices.render.markdown import Document, Expand, tag_or_block


def as_text(document: Document, expand: Expand) -> str:
    """Return the body as plain text with Liquid still in tokens: one line a paragraph.

    ``expand`` gives the text of a block by its name and arguments.
    """
    return _TextWriter(document, expand).write()


class _TextWriter:
    """Walks the tokens and writes what a person would type."""

    def __init__(self, document: Document, expand: Expand) -> None:
        self.document = document
        self.expand = expand
        self.parts: list[str] = []
        # One entry per open list: the next number, or 0 for a list of dashes.
        self.lists: list[int] = []
        self.mark = ""

    def write(self) -> str:
        for token in self.document.tokens:
            handler = getattr(self, f"_{token.type}", None)
            if handler is not None:
                handler(token)
        return "".join(self.parts)

    def _liquid(self, token: Token) -> None:
        for number in token.meta["numbers"]:
            block = tag_or_block(self.document, number, self.expand, "\ue000{}\ue001")
            named = self.document.shield.tags[number].split()[0]
            end = "\n\n" if named in self.document.blocks else ""
            self.parts.append(block + end)

    def _bullet_list_open(self, token: Token) -> None:
        self.lists.append(0)

    def _ordered_list_open(self, token: Token) -> None:
        self.lists.append(int(token.attrGet("start") or 1))

    def _bullet_list_close(self, token: Token) -> None:
        self.lists.pop()
        if not self.lists:
            self.parts.append("\n")

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        indent = "  " * (len(self.lists) - 1)
        number = self.lists[-1]
        self.mark = f"{indent}{number}. " if number else f"{indent}- "
        if number:
            self.lists[-1] += 1

    def _hr(self, token: Token) -> None:
        self.parts.append("---\n\n")

    def _inline(self, token: Token) -> None:
        end = "\n" if self.lists else "\n\n"
        self.parts.append(self.mark + self._words(token.children or []) + end)
        self.mark = ""

    def _words(self, children: Sequence[Token]) -> str:
        words: list[str] = []
        href = ""
        for child in children:
            if child.type == "text":
                words.append(child.content)
            elif child.type == "softbreak":
                words.append(" ")
            elif child.type == "hardbreak":
                words.append("\n")
            elif child.type == "link_open":
                href = str(child.attrGet("href"))
            elif child.type == "link_close" and href.startswith("https://"):
                words.append(f" ({href})")
        return "".join(words)
