"""Keeps a customer's data off what others can read: postcards, inserts, public pages.

Looks at the text and at the blocks it uses, words included, before anybody's facts are
filled in. Knows no customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from notices.fields import Subject, field_at
from notices.kinds import Form, NoticeKind
from notices.render.blocks import Blocks, subjects_in
from notices.render.errors import TemplateError
from notices.render.shield import MARKUP, line_at

# What is the same for everybody, or for all who are invited.
_OPEN = {
    Form.POSTCARD: frozenset({Subject.PAPERLESS}),
    Form.INSERT: frozenset({Subject.PAPERLESS, Subject.CHANGE, Subject.VISIT}),
    Form.PUBLIC: frozenset({Subject.PAPERLESS, Subject.CHANGE, Subject.VISIT}),
}
# A reference or a link of one's own opens one's own page to whoever holds the card.
_NUMBERS = frozenset({"customer.number", "reference", "answer_link", "brand.iban"})
_CUSTOMERS = frozenset({"reference", "answer_link", "must_offer_stop"})
_PATHS = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")


def require_discreet(
    form: str, subject: str, body: str, kind: NoticeKind, blocks: Blocks
) -> None:
    """Return when a text shows nobody what is the customer's own business.

    :raises TemplateError: ``account_data`` on a postcard, ``customer_data`` in an
        insert or on a public page.
    """
    if form not in _OPEN:
        return
    open_subjects = _OPEN[Form(form)]
    if kind.subjects - open_subjects:
        raise _refusal(form, f"a notice of the kind “{kind.label}”", 0)
    for source in (subject, body):
        for match in MARKUP.finditer(source):
            for what in _told(match, blocks):
                if _is_private(form, what):
                    line = line_at(source, match.start()) if source is body else 0
                    raise _refusal(form, what, line)


def _told(match: re.Match[str], blocks: Blocks) -> Iterator[str]:
    """Yield the fields that a piece of Liquid, or the block it names, prints."""
    tag = (match["tag"] or "").split()
    if tag and tag[0] in blocks.names:
        name = tag[0]
        sources = (blocks.markdown, blocks.text, blocks.html)
        for source in sources:
            for inner in MARKUP.finditer(source.get(name, "")):
                yield from _fields(inner)
    else:
        yield from _fields(match)


def _fields(match: re.Match[str]) -> Iterator[str]:
    bare = re.sub(r'"[^"]*"', "", match["output"] or match["tag"] or "")
    for path in _PATHS.findall(bare):
        if field_at(path) is not None or subjects_in("{{" + path + "}}"):
            yield path


def _is_private(form: str, path: str) -> bool:
    field = field_at(path)
    if field is None or field.subject not in {None, *_OPEN[Form(form)]}:
        return True
    if form == Form.POSTCARD:
        return path in _NUMBERS
    return path.startswith("customer.") or path in _CUSTOMERS


def _refusal(form: str, what: str, line: int) -> TemplateError:
    if form == Form.POSTCARD:
        return TemplateError(
            "account_data",
            f"A postcard can be read by anybody, so it may not show {what}. Write "
            "what concerns all, and where to ask.",
            line,
        )
    return TemplateError(
        "customer_data",
        f"This goes to everybody alike, so it may not show {what}. Write what "
        "concerns all.",
        line,
    )
