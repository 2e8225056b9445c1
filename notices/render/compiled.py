"""Compiles a text once: checks, Markdown, layout, CSS inlining, the Liquid parse.

Per message nothing of that is left to do; only fields are filled. Knows no customer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import css_inline

from notices.formats import direction
from notices.kinds import KINDS, NEWS, Form, NoticeKind
from notices.models import Channel, TemplateVersion
from notices.render.blocks import (
    Blocks,
    blocks_of,
    languages,
    subjects_in,
    templates,
    with_deadline,
    with_words,
)
from notices.render.errors import TemplateError
from notices.render.liquid_text import Wording, check, parse
from notices.render.markdown import Document, as_html, read
from notices.render.plain import as_text
from notices.render.privacy import require_discreet
from notices.render.shield import MARKUP, TOKEN, Shield, line_at

COMPILED_AT_HAND = 256
# Forms that are laid out as a page, by the folder of their layout.
LAYOUTS = frozenset({"email", "letter", "postcard", "insert"})

_NO_BLOCKS = Blocks(words={}, markdown={}, html={}, text={})
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_SENTENCE_END = re.compile(r"[.!?]\s*$")


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """One published wording, ready to be filled.

    ``text`` is what a person reads; ``html`` stands where there is a page,
    ``subject`` is empty Liquid where the channel has none.
    """

    key: str
    kind: NoticeKind
    channel: str
    language: str
    subject: Wording
    text: Wording
    html: Wording | None


def compile_version(
    version: TemplateVersion, channel: str | None = None
) -> CompiledTemplate:
    """Return the version compiled for a channel; the latest few hundred stay at hand.

    Without a channel, for the one it is written for; a text for e-mail and letter
    alike is then an e-mail.

    :raises TemplateError: the text uses what does not exist or does not hold together.
    """
    if channel is None:
        written = version.channel == Form.WRITTEN
        channel = str(Channel.EMAIL) if written else version.channel
    return _compiled(
        version.key,
        version.kind,
        channel,
        version.language,
        version.subject,
        version.body,
    )


# Known by the wording itself, not by its number: that could name another text after a
# rolled-back transaction, and two rows of the same words are one text.
@lru_cache(maxsize=COMPILED_AT_HAND)
def _compiled(
    key: str,
    kind: str,
    channel: str,
    language: str,
    subject: str,
    body: str,
) -> CompiledTemplate:
    notice_kind = NEWS if kind == NEWS.key else KINDS[kind]
    # A firm may announce in its own words where we have none for ready-made parts.
    bare = channel == Form.PUBLIC and language not in languages()
    blocks = _NO_BLOCKS if bare else blocks_of(language)
    body = body.replace("\r\n", "\n")
    check(subject, frozenset(), language, notice_kind.subjects)
    check(body, blocks.names, language, notice_kind.subjects)
    require_fit(subject, body, notice_kind, blocks)
    require_discreet(channel, subject, body, notice_kind, blocks)
    page = None
    if channel == Channel.SMS:
        text = _typed(body, language)
    else:
        # Read as it was written first, so that a fault is told with its own line.
        read(body, blocks.names, language)
        document = read(blocks.spliced(body), blocks.names, language)
        text = _plain(document, blocks, channel)
        if channel in LAYOUTS:
            page = parse(_page(document, blocks, channel), html=True)
        elif channel == Form.PUBLIC:
            page = parse(_part(document, blocks, channel), html=True)
    return CompiledTemplate(
        key=key,
        kind=notice_kind,
        channel=channel,
        language=language,
        subject=parse(_typed(subject, language), html=False),
        text=parse(text, html=False),
        html=page,
    )


def require_fit(subject: str, body: str, kind: NoticeKind, blocks: Blocks) -> None:
    """Return when every field and block belongs to what the notice speaks of.

    :raises TemplateError: ``field_unfit``, ``block_unfit``.
    """
    for source in (subject, body):
        for match in MARKUP.finditer(source):
            words = (match["tag"] or "").split()
            block = words[0] if words and words[0] in blocks.names else ""
            needed = blocks.subjects_of(block) if block else subjects_in(match[0])
            if needed <= kind.subjects:
                continue
            what = f"block {block}" if block else f"field in {match[0]}"
            raise TemplateError(
                "block_unfit" if block else "field_unfit",
                f"The {what} speaks of {', '.join(sorted(needed - kind.subjects))}; a "
                f"notice of the kind “{kind.label}” knows nothing of it.",
                line_at(source, match.start()) if source is body else 0,
            )


def _typed(source: str, language: str) -> str:
    """Return the Liquid with the formatter of its kind behind each field."""
    shield = Shield(language)
    return shield.restore(shield.hide(source))


def _plain(document: Document, blocks: Blocks, channel: str) -> str:
    def expand(name: str, arguments: Sequence[str]) -> str:
        source = with_deadline(blocks.text_of(name), arguments)
        return document.shield.hide(source)

    text = as_text(document, expand)
    if channel == Channel.EMAIL:
        text += expand("_papers", []) + "\n\n" + expand("_footer", [])
    return document.shield.restore(text)


def _part(document: Document, blocks: Blocks, channel: str) -> str:
    """Return the body alone as HTML with Liquid: a page of the site stands around."""

    def expand(name: str, arguments: Sequence[str]) -> str:
        source = with_deadline(blocks.html_of(name, channel), arguments)
        return document.shield.hide(source, html=True)

    return document.shield.restore(as_html(document, expand))


def _page(document: Document, blocks: Blocks, channel: str) -> str:
    """Return the whole HTML page of an e-mail or letter as Liquid."""
    shield = document.shield
    # The payment slip asks for the day that the text itself names.
    deadline = "pay_by"

    def expand(name: str, arguments: Sequence[str]) -> str:
        nonlocal deadline
        source = with_deadline(blocks.html_of(name, channel), arguments)
        if name == "key_facts" and arguments:
            deadline = arguments[0]
        return shield.hide(source, html=True)

    body = as_html(document, expand)
    layout = (templates() / channel / "layout.html").read_text(encoding="utf-8")
    layout = with_words(_with_parts(layout, blocks), shield.language)
    layout = layout.replace("{{ deadline }}", f"{{{{ {deadline} }}}}")
    if channel == Channel.EMAIL and direction(shield.language) == "rtl":
        layout = _turned(layout)
    page = shield.hide(layout, html=True)
    page = page.replace("<!--BODY-->", body)
    page = page.replace("<!--PREHEADER-->", html.escape(_preheader(document)))
    if channel == Channel.EMAIL:
        page = _short_lines(_INLINER.inline(page))
    return shield.restore(page)


_SIDES = re.compile(r"padding: ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);")


def _turned(layout: str) -> str:
    """Return a layout with the room of its sides exchanged.

    Mail programs know no padding that follows the direction of a text.
    """
    turned = _SIDES.sub(r"padding: \1 \4 \3 \2;", layout)
    return turned.replace("padding-right: 0;", "padding-left: 0;")


def _short_lines(page: str) -> str:
    """Return the page with a line break wherever one means nothing.

    Inlined styles make lines that mail may not carry as they are.
    """
    return re.sub(r"(</t[dhr]>|</p>|</li>|\}) *(?=[^\s])", r"\1\n", page)


def _with_parts(layout: str, blocks: Blocks) -> str:
    """Return the layout with its own parts, such as ``<!--_footer-->``, set in."""
    return re.sub(r"<!--(_\w+)-->", lambda match: blocks.html[match[1]], layout)


def _preheader(document: Document) -> str:
    """Return the first whole sentence, which an inbox shows beside the subject."""
    for token in document.tokens:
        if token.type != "inline" or not token.children:
            continue
        words = "".join(
            " " if child.type in {"softbreak", "hardbreak"} else child.content
            for child in token.children
        )
        if _SENTENCE_END.search(TOKEN.sub("", words)):
            return words
    return ""
