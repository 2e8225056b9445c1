"""One e-mail from facts to bytes: compiled once, against everything each time.

The reference is what a straightforward program does for every message: parse the
wording with python-liquid, fill it with Babel's formatters, make HTML of the Markdown,
inline the style sheet and let Django write the MIME message. Same wording, same facts,
same values; both say the same words, and the run fails if they do not.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from email import message_from_bytes, policy
from functools import cache, partial
from typing import Any

import css_inline
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from django.core.mail import EmailMultiAlternatives
from liquid import Environment, FalsyStrictUndefined
from markdown_it import MarkdownIt

from notices.formats import locale_for, zone_word
from notices.render import compile_version, render
from notices.render.blocks import blocks_of, templates, with_deadline, with_words
from notices.render.compiled import CompiledTemplate, _typed, _with_parts
from notices.render.facts import Facts, MailDestination
from notices.render.liquid_text import _plural, _written
from notices.render.shield import MARKUP
from notices.render.values import values_of
from tests.bench.ledgers import peak_rss_mb
from tests.notices.writing import STARTERS, make_facts, make_invoice_facts

WORDING = ("reminder", "email", "en")
ROUNDS = 10
# The reference is so much slower that it gets a part of every round's messages.
REFERENCE_SHARE = 20


def run(n: int) -> dict[str, Any]:
    """Measure both sides in turns on ``n`` messages in all; rates in messages/s."""
    compiled = compile_version(STARTERS[WORDING], WORDING[1])
    naive = _naive(compiled)
    _require_equal(compiled, naive, _customer(7))
    per_round = max(n // ROUNDS, REFERENCE_SHARE)
    ours, reference, few = 0.0, 0.0, per_round // REFERENCE_SHARE
    for turn in range(ROUNDS):
        facts = [_customer(turn * per_round + number) for number in range(per_round)]
        started = time.perf_counter()
        for one in facts:
            render(compiled, one)
        ours += time.perf_counter() - started

        started = time.perf_counter()
        for one in facts[:few]:
            naive(one)
        reference += time.perf_counter() - started
    ours_rate, reference_rate = per_round * ROUNDS / ours, few * ROUNDS / reference
    return {
        "bench": "render",
        "n": per_round * ROUNDS,
        "ours_per_s": round(ours_rate),
        "reference": "python-liquid, Babel, markdown-it, css-inline, Django's message",
        "reference_per_s": round(reference_rate),
        "ratio": round(ours_rate / reference_rate, 2),
        "peak_rss_mb": peak_rss_mb(),
    }


def _customer(number: int) -> Facts:
    """Return the facts of a customer like no other, with one to three invoices."""
    invoices = [
        make_invoice_facts(
            number * 3 + each,
            late=40 - 9 * each - number % 5,
            amount=str(Decimal(1999 + number * 7 % 90_000 + each) / 100),
            paid="5.50" if number % 4 == 0 else "0",
        )
        for each in range(1 + number % 3)
    ]
    facts = make_facts("email", *invoices, name=f"Kim Müller & Søn {number}")
    return replace(
        facts,
        reference=f"7QK2M9{number:06}",
        customer=replace(facts.customer, number=f"C-{number:06}"),
        destination=MailDestination(f"kim{number}@example.org"),
    )


def _naive(compiled: CompiledTemplate) -> Callable[[Facts], bytes]:
    """Return the straightforward program for the same wording."""
    language = compiled.language
    version, blocks = STARTERS[WORDING], blocks_of(language)

    def block(match: re.Match[str]) -> str:
        name, *arguments = (match["tag"] or "none").split()
        source = blocks.html.get(name)
        return f"\n{with_deadline(source, arguments)}\n" if source else match[0]

    markdown = _typed(MARKUP.sub(block, blocks.spliced(version.body)), language)
    layout = (templates() / "email" / "layout.html").read_text(encoding="utf-8")
    layout = _typed(with_words(_with_parts(layout, blocks), language), language)
    # The first sentence of the page, which an inbox shows.
    preheader = re.search(
        r'class="preheader"[^>]*>(.*?)</div>', str(compiled.html), re.S
    )
    assert preheader is not None
    layout = layout.replace("<!--PREHEADER-->", preheader[1])
    subject, text = _typed(version.subject, language), str(compiled.text)

    def message(facts: Facts) -> bytes:
        values = values_of(facts, language, compiled.kind.subjects)
        values |= _by_babel(facts, language)
        words = " ".join(_filled(subject, values, escape=False).split())
        plain = _filled(text, values, escape=False).strip() + "\n"
        body = MarkdownIt("commonmark").render(_filled(markdown, values, escape=True))
        page = _filled(layout, {**values, "subject": words}, escape=True)
        page = css_inline.inline(page.replace("<!--BODY-->", body))
        return _by_django(facts, words, re.sub(r"\n{3,}", "\n\n", plain), page)

    return message


def _filled(source: str, values: Mapping[str, object], *, escape: bool) -> str:
    return _environment(escape=escape).from_string(source).render(**values)


@cache
def _environment(*, escape: bool) -> Environment:
    env = Environment(autoescape=escape, undefined=FalsyStrictUndefined)
    env.filters |= {"plural": _plural, "written": _written}
    return env


def _by_babel(facts: Facts, language: str) -> dict[str, object]:
    """Return Babel's own formatters under the names that wordings use."""
    locale = locale_for(language, facts.customer.country)

    def moment(when: Any) -> str:
        day = format_date(when, "long", locale=locale)
        return f"{day}, {format_time(when, 'short', locale=locale)} {zone_word(when)}"

    return {
        "as_money": lambda sum_: format_currency(sum_, facts.currency, locale=locale),
        "as_date": partial(format_date, format="long", locale=locale),
        "as_short_date": partial(format_date, format="medium", locale=locale),
        "as_count": partial(format_decimal, locale=locale),
        "as_moment": moment,
    }


def _by_django(facts: Facts, subject: str, text: str, page: str) -> bytes:
    brand, reference = facts.brand, facts.reference
    assert isinstance(facts.destination, MailDestination)
    message = EmailMultiAlternatives(
        subject,
        text,
        f"{brand.name} <{brand.email_from}>",
        [facts.destination.address],
        reply_to=[brand.reply_to],
        headers={
            "Message-ID": f"<{reference}.1@northwind.example>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": "en",
            "X-Duly-Notice": reference,
            "List-Unsubscribe": f"<mailto:{brand.reply_to}?subject=stop%20{reference}>",
        },
    )
    message.attach_alternative(page, "text/html")
    body: bytes = message.message().as_bytes(linesep="\r\n")
    return body


def _require_equal(
    compiled: CompiledTemplate, naive: Callable[[Facts], bytes], facts: Facts
) -> None:
    """Fail unless both say the same words, in subject, text and page."""
    ours, theirs = map(_words, (render(compiled, facts).body, naive(facts)))
    assert ours == theirs, f"{ours}\n\n{theirs}"


def _words(body: bytes) -> str:
    """Return the subject, the text and what a browser shows of the page, unspaced."""
    message = message_from_bytes(body, policy=policy.default)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None and page is not None
    shown = re.sub(r"<style.*?</style>|<[^>]*>", "", page.get_content(), flags=re.S)
    parts = (message["Subject"], plain.get_content(), html.unescape(shown))
    return "".join(" ".join(parts).split())
