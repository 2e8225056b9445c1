"""Reads and checks an author's Markdown once, and writes it as HTML.

The shielded Liquid stays where it was. What has no place in a letter (raw HTML,
pictures, code, tables) is refused with its line, never dropped. Every field of the
text stands in an inline element of its own, so that a name cannot turn the direction
of the words around it and an amount does not break over two lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from notices.fields import Kind
from notices.render.blocks import as_element
from notices.render.errors import TemplateError
from notices.render.shield import TOKEN, Shield

Expand = Callable[[str, Sequence[str]], str]

_REFUSED = {
    "html_block": "raw HTML",
    "html_inline": "raw HTML",
    "image": "a picture",
    "fence": "a block of code",
    "code_block": "a block of code (a line that begins with four blanks)",
    "code_inline": "code",
    "table_open": "a table; use {% invoice_table %} for invoices",
    "blockquote_open": "a quotation",
}
_ONLY_TOKENS = re.compile("\\s*(?:\ue000\\d+\ue001\\s*)+")
_IN_TEXT = re.compile('(href=")?\ue000(\\d+)\ue001')
_OPENERS = {"if": "endif", "unless": "endunless", "for": "endfor"}


@dataclass(frozen=True, slots=True)
class Document:
    """One text, read: its Markdown tokens and the Liquid behind them."""

    tokens: tuple[Token, ...]
    shield: Shield
    blocks: frozenset[str]


def read(source: str, blocks: frozenset[str], language: str) -> Document:
    """Return the text taken apart.

    ``blocks`` are the names that may stand as ``{% name %}`` on a line of their own.

    :raises TemplateError: ``markdown_refused``, ``link_refused``, ``block_misplaced``,
        ``crossed_markup``.
    """
    shield = Shield(language)
    tokens = tuple(_parser(shield).parse(shield.hide(source)))
    document = Document(tokens, shield, blocks)
    _check(document)
    return document


def _parser(shield: Shield) -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    # Links are judged by us: with tokens in them no general rule can.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]

    def tag_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        begin = state.bMarks[start] + state.tShift[start]
        line = state.src[begin : state.eMarks[start]]
        if not _ONLY_TOKENS.fullmatch(line):
            return False
        numbers = [int(number) for number in TOKEN.findall(line)]
        if not all(number in shield.tags for number in numbers):
            return False
        if not silent:
            state.line = start + 1
            token = state.push("liquid", "", 0)
            token.meta = {"numbers": numbers}
            token.map = [start, start + 1]
        return True

    parser.block.ruler.before(
        "code", "liquid", tag_line, {"alt": ["paragraph", "list", "table"]}
    )
    return parser


def _check(document: Document) -> None:
    nesting: list[str] = []
    line = 0
    for token in document.tokens:
        line = token.map[0] + 1 if token.map else line
        _check_allowed(token, line)
        if token.type == "liquid":
            for number in token.meta["numbers"]:
                _nest_tag(document, number, nesting, line)
        elif token.type == "inline":
            _check_inline(document, token, nesting, line)
        else:
            _nest_markup(token, nesting, line)
    if nesting:
        raise _crossed(line)


def _check_inline(
    document: Document, token: Token, nesting: list[str], line: int
) -> None:
    for child in token.children or []:
        _check_allowed(child, line)
        if child.type == "link_open":
            _check_link(document, str(child.attrGet("href") or ""), line)
        _nest_markup(child, nesting, line)
        for number in map(int, TOKEN.findall(child.content)):
            tag = document.shield.tags.get(number)
            if tag is None:
                continue
            if tag.split()[0] in document.blocks:
                raise TemplateError(
                    "block_misplaced",
                    f"{{% {tag} %}} must stand on a line of its own.",
                    line,
                )
            _nest_tag(document, number, nesting, line)


def _check_allowed(token: Token, line: int) -> None:
    if token.type in _REFUSED:
        raise TemplateError(
            "markdown_refused",
            f"Here stands {_REFUSED[token.type]}, which a notice cannot carry.",
            line,
        )


def _check_link(document: Document, href: str, line: int) -> None:
    """Refuse a link that a customer's data could steer."""
    number = TOKEN.fullmatch(href)
    if number:
        output = document.shield.outputs.get(int(number[1]))
        if output and output.kind == Kind.LINK:
            return
    elif href.startswith("https://") and not TOKEN.search(href):
        return
    raise TemplateError(
        "link_refused",
        "A link leads to an address that begins with https:// and holds no field, or "
        "to {{ brand.website }}, {{ brand.phone_link }} or {{ brand.email_link }}.",
        line,
    )


def _nest_markup(token: Token, nesting: list[str], line: int) -> None:
    if token.nesting == 1:
        nesting.append(token.type)
    elif token.nesting == -1:
        opener = token.type.removesuffix("_close") + "_open"
        if not nesting or nesting.pop() != opener:
            raise _crossed(line)


def _nest_tag(document: Document, number: int, nesting: list[str], line: int) -> None:
    """Follow conditions and loops, which must close where they opened.

    Otherwise a condition that does not hold would leave half of an element behind.
    """
    name = document.shield.tags[number].split()[0]
    if name in _OPENERS:
        nesting.append(_OPENERS[name])
    elif name in _OPENERS.values():
        if not nesting or nesting.pop() != name:
            raise _crossed(line)
    elif name in {"else", "elsif"} and (
        not nesting or nesting[-1] not in _OPENERS.values()
    ):
        raise _crossed(line)


def _crossed(line: int) -> TemplateError:
    return TemplateError(
        "crossed_markup",
        "A condition or loop begins inside a paragraph, a list or bold text and ends "
        "outside of it. Begin and end it in the same place.",
        line,
    )


def as_html(document: Document, expand: Expand) -> str:
    """Return the body as HTML with Liquid still in tokens.

    ``expand`` gives the HTML of a block by its name and arguments, shielded already.
    """
    parser = MarkdownIt("commonmark")
    # Blocks bring elements of their own; only the author's fields are wrapped.
    own = frozenset(document.shield.outputs)
    parser.add_render_rule(
        "liquid", lambda self, tokens, at, options, env: lines(tokens[at])
    )

    def lines(token: Token) -> str:
        return "".join(
            tag_or_block(document, number, expand, "<!--\ue000{}\ue001-->")
            for number in token.meta["numbers"]
        )

    def wrapped(match: re.Match[str]) -> str:
        number = int(match[2])
        if match[1] or number not in own:
            return match[0]
        return as_element(document.shield.outputs[number], match[0])

    body = parser.renderer.render(document.tokens, parser.options, {})
    return _IN_TEXT.sub(wrapped, body)


def tag_or_block(document: Document, number: int, expand: Expand, plain: str) -> str:
    """Return the block of that token, or a plain tag as ``plain`` writes it."""
    name, *arguments = document.shield.tags[number].split()
    if name in document.blocks:
        return expand(name, arguments)
    return plain.format(number)
