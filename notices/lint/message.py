"""What is special about a text message: who writes, how many parts, which signs."""

from __future__ import annotations

from collections.abc import Iterator

from notices.kinds import Form
from notices.lint.findings import finding
from notices.lint.sample import sample
from notices.lint.source import TAG
from notices.lint.text import Finding, Text
from notices.lint.words import Words
from notices.sms import MOST_SEGMENTS, downgrade, measure

FIRST_SEEN = 40
_SHOWN = 20


def message_findings(text: Text, words: Words) -> Iterator[Finding]:
    """Yield what makes a text message late to the point, long or dear."""
    if text.form != Form.SMS:
        return
    yield from _opening(text, words)
    filled = sample(text.content, text.language, words.currency)
    plain, changes = downgrade(filled)
    size = measure(plain)
    most = words.limit("segments")
    if size.segments > MOST_SEGMENTS:
        yield finding("sms_too_long", parts=size.segments, most=MOST_SEGMENTS)
    elif size.segments > most:
        yield finding("sms_long", parts=size.segments, most=most)
    fixed, _ = downgrade(text.content.prose)
    costly = [sign for sign in dict.fromkeys(fixed) if _is_costly(sign)]
    if costly and words.phrases and not words.list_of("own_script"):
        without = measure("".join("?" if _is_costly(s) else s for s in plain))
        yield finding(
            "sms_unicode",
            _line_of(text, costly[0]),
            " ".join(costly[:_SHOWN]),
            parts=size.segments,
            fewer=without.segments,
        )
    typed = {change.original for change in changes} & set(text.body)
    if typed - {"\u00a0", "\t"} and not words.list_of("own_script"):
        yield finding("sms_made_plain", 0, " ".join(sorted(typed)[:_SHOWN]))


def _is_costly(sign: str) -> bool:
    return sign > "\x7f" and sign < "\ue000" and measure(sign).encoding == "ucs2"


def _line_of(text: Text, sign: str) -> int:
    return text.content.line_at(max(text.body.find(sign), 0))


def _opening(text: Text, words: Words) -> Iterator[Finding]:
    content = text.content
    begins = content.prose.lstrip(f" \t\r\n{TAG}")
    at = len(content.prose) - len(begins)
    first = next((mark for mark in content.marks if mark.start >= at), None)
    begins_with_us = first and first.start == at and first.path == "brand.name"
    # That it is missing altogether is told among the parts.
    if not begins_with_us and "brand.name" in content.paths:
        yield finding("sms_firm_not_first", words=begins[:FIRST_SEEN])
    seen = sample(content, text.language, words.currency)[:FIRST_SEEN]
    slow = next(words.phrase("openers").found_in(seen), None)
    if slow:
        yield finding("sms_slow_start", 0, slow[0])
