"""What may not be read by strangers: a customer's facts on open cards and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from notices.fields import Kind, Subject, field_at
from notices.kinds import Form
from notices.lint.findings import finding, line_of
from notices.lint.source import Mark, source_of
from notices.lint.text import Finding, Text
from notices.loops import LOOPS

# What one customer owes, has promised or has told us.
_PERSONAL = frozenset(
    {
        Subject.DEBT,
        Subject.PROMISE,
        Subject.PLAN,
        Subject.PAYMENT,
        Subject.CORRECTION,
        Subject.DETAILS,
    }
)
_ACCOUNT = frozenset({"customer.number", "brand.iban"})
_CUSTOMER = frozenset({"reference", "answer_link"})
_LISTS = frozenset(loop.split()[-1] for loop in LOOPS)

_Question = Callable[[str], bool]


def privacy_findings(text: Text, blocks: Mapping[str, str]) -> Iterator[Finding]:
    """Yield fields and blocks that a postman or a passer-by should not read.

    A block is as unfit as what it prints; ``blocks`` are their sources.
    """
    for form, code, is_unfit in _QUESTIONS:
        if text.form != form:
            continue
        for source, has_lines in text.places:
            for mark in source.marks:
                if any(is_unfit(path) for path in _paths(mark, blocks)):
                    shown = source.text[mark.start : mark.end]
                    line = line_of(source, mark.start, has_lines=has_lines)
                    yield finding(code, line, shown)


def _paths(mark: Mark, blocks: Mapping[str, str]) -> Iterable[str]:
    """Return what a field, a tag or a block looks at."""
    words = mark.words
    if not mark.is_tag:
        return [mark.path]
    if words and words[0] in blocks:
        return source_of(blocks[words[0]]).paths
    return words[1:]


def _on_a_card(path: str) -> bool:
    known = field_at(path)
    if path in _ACCOUNT or path in _LISTS:
        return True
    return known is not None and (
        known.subject in _PERSONAL
        or (known.kind == Kind.MONEY and known.subject != Subject.PAPERLESS)
    )


def _in_public(path: str) -> bool:
    return path.startswith("customer.") or path in _CUSTOMER or _on_a_card(path)


def _on_an_insert(path: str) -> bool:
    return path.startswith("customer.") or _on_a_card(path)


# Who may read each form, and so what may not stand there.
_QUESTIONS: tuple[tuple[Form, str, _Question], ...] = (
    (Form.POSTCARD, "account_on_postcard", _on_a_card),
    (Form.INSERT, "balance_on_insert", _on_an_insert),
    (Form.PUBLIC, "customer_in_public", _in_public),
)
