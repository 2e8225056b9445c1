"""The very bytes of a disclosure: the same words give the same bytes for ever.

Blocks are plain paragraphs and lists (``- ``); ``{firm}``, ``{phone}`` and ``{fee}``
are filled in, ``[words](withdraw)`` becomes a link to a step of the page itself. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from consent.disclosures import BLOCKS, STEPS

Blocks = Mapping[str, Mapping[str, str]]

_LINK = re.compile(r"\[([^\]]+)\]\((\w+)\)")
_FIELD = re.compile(r"\{(\w+)\}")
_RTL = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands in the places of a disclosure; ``fee`` is written out, or empty."""

    firm: str
    phone: str
    fee: str
    terms_url: str

    def value(self, field: str) -> str:
        """Return what a field of a text stands for.

        :raises KeyError: there is no such field.
        """
        return {"firm": self.firm, "phone": self.phone, "fee": self.fee}[field]


def shown_text(block: Mapping[str, str], *, has_fee: bool) -> str:
    """Return the text of a block: another one where paper costs something."""
    if has_fee and "text_with_fee" in block:
        return block["text_with_fee"]
    return block.get("text", "")


def rendered(blocks: Blocks, language: str, filling: Filling) -> bytes:
    """Return a disclosure as HTML in UTF-8, to be shown as it is.

    :raises KeyError: a block or a field is unknown or missing.
    """
    way = "rtl" if language in _RTL else "ltr"
    parts = [f'<section class="disclosure" lang="{language}" dir="{way}">']
    for name in BLOCKS:
        block = blocks[name]
        parts.append(f"<h2>{_inline(block['title'], language, filling)}</h2>")
        text = shown_text(block, has_fee=bool(filling.fee))
        parts += _paragraphs(text, language, filling)
    parts.append("</section>")
    return ("\n".join(parts) + "\n").encode()


def spoken(
    blocks: Blocks, filling: Filling, names: tuple[str, ...] = tuple(BLOCKS)
) -> list[tuple[str, str]]:
    """Return the same words as plain text, title and text of each block: a script to
    read aloud on the telephone."""
    return [
        (
            _filled(blocks[name]["title"], filling),
            _filled(
                _LINK.sub(
                    r"\1", shown_text(blocks[name], has_fee=bool(filling.fee))
                ).strip(),
                filling,
            ),
        )
        for name in names
    ]


def _paragraphs(text: str, language: str, filling: Filling) -> list[str]:
    found: list[str] = []
    items: list[str] = []
    for line in [*text.strip().splitlines(), ""]:
        if line.startswith("- "):
            items.append(f"<li>{_inline(line[2:], language, filling)}</li>")
            continue
        if items:
            found.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line.strip():
            found.append(f"<p>{_inline(line.strip(), language, filling)}</p>")
    return found


def _inline(text: str, language: str, filling: Filling) -> str:
    """Return one line as HTML; what is filled in can be neither markup nor a link."""
    parts = []
    at = 0
    for link in _LINK.finditer(text):
        parts.append(_escaped(text[at : link.start()], filling))
        address = html.escape(_address(link[2], language, filling), quote=True)
        leaves = ' rel="noreferrer"' if link[2] == "terms" else ""
        words = _escaped(link[1], filling)
        parts.append(f'<a href="{address}"{leaves}>{words}</a>')
        at = link.end()
    return "".join([*parts, _escaped(text[at:], filling)])


def _address(target: str, language: str, filling: Filling) -> str:
    if target in STEPS:
        # Relative to the page it stands on, whose address holds the customer's token.
        return f"?step={target}&lang={language}"
    return {"contact": "#contact", "terms": filling.terms_url}[target]


def _escaped(text: str, filling: Filling) -> str:
    """Return text as HTML; a phone number reads from the left in every language."""

    def filled(field: re.Match[str]) -> str:
        way = ' dir="ltr"' if field[1] == "phone" else ""
        return f"<bdi{way}>{html.escape(filling.value(field[1]))}</bdi>"

    return _FIELD.sub(filled, html.escape(text, quote=False))


def _filled(text: str, filling: Filling) -> str:
    return _FIELD.sub(lambda field: filling.value(field[1]), text)
