"""How pages show money, days, moments, statuses and bars; it decides nothing.

A moment always names its zone in the text. A bar is an SVG whose width is a percent
attribute, which a strict Content-Security-Policy allows where a style is refused.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_symbol
from django import template
from django.conf import settings
from django.template import Context
from django.template.defaultfilters import capfirst
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns import message_words, phrases, reasons, words
from campaigns.words import Words
from customers.models import Hold
from customers.money import exponent, quantise
from notices import health
from notices.calls.desk import is_served
from notices.models import Notice, PrintRun
from notices.outbound import is_stopped
from notices.served import HARMLESS, printed_channels
from notices.watches import alarms, watches

register = template.Library()

# Paths on a 16 by 16 grid, drawn as lines of the text's own colour.
SHAPES = {
    "arrow": "M2.5 8h10M8.5 4l4 4-4 4",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2ZM8 5v3.2l2.2 1.3",
    "cross": "M4 4l8 8M12 4l-8 8",
    "dash": "M4 8h8",
    "out": "M5 11l6-6M5.5 5H11v5.5",
    "pause": "M5.5 3.5v9M10.5 3.5v9",
    "question": "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.3v.1",
    "tick": "M3 8.5 6.5 12 13 4.5",
    "warn": "M8 2 14.5 13.5H1.5ZM8 6.3v3.4M8 11.5v.1",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9ZM10.5 10.5 14 14",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an icon that screen readers skip: its word stands beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        SHAPES[name],
    )


@register.simple_tag
def status(state: Words) -> SafeString:
    """Return a status tag: shape, word, and the meaning on hover."""
    return format_html(
        '<span class="status {}"{}>{}<span>{}</span></span>',
        state.tint,
        format_html(' title="{}"', state.meaning) if state.meaning else "",
        icon(state.shape),
        state.word,
    )


@register.simple_tag
def notice_status(notice: Notice) -> SafeString:
    """Return the status tag of a notice."""
    return status(message_words.notice(notice.state, notice.reason, notice.channel))


@register.simple_tag
def run_status(run: PrintRun) -> SafeString:
    """Return the status tag of a print run."""
    return status(message_words.PRINT_RUN[run.state])


@register.filter
def reason_words(code: str) -> str:
    """Return why something did not go, as the second half of a sentence."""
    return reasons.reason(code)


@register.simple_tag
def hold_status(hold: Hold) -> SafeString:
    """Return the status tag of a hold."""
    return status(words.HOLD[hold.reason])


@register.filter
def language_words(code: str) -> str:
    """Return a language in English: "Polish"; an unknown code as it stands."""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Return an amount in its currency's own places: "€1,240.00", "JP¥1,240"."""
    places = exponent(currency)
    number = f"#,##0.{'0' * places}" if places else "#,##0"
    # A sign stands close to the number, letters do not: "€5.00", "PLN 5.00".
    gap = "\u00a0" if get_currency_symbol(currency, "en_GB").isalpha() else ""
    return format_currency(
        quantise(amount, currency),
        currency,
        f"¤{gap}{number}",
        locale="en_GB",
        currency_digits=False,
    )


@register.filter
def channel(key: str) -> str:
    """Return the word for a channel."""
    return message_words.CHANNEL.get(key, key)


@register.filter
def long_date(day: dt.date | None) -> str:
    """Return a day as "10 March 2026", nothing for none."""
    return phrases.day(day) if day else ""


@register.filter
def at(moment: dt.datetime | None, zone: str = "UTC") -> str:
    """Return a moment as "10 March 2026, 09:05 London time"; UTC names itself."""
    if moment is None:
        return ""
    local, named = _local(moment, zone)
    return f"{phrases.day(local.date())}, {local:%H:%M} {named}"


@register.filter
def clock(moment: dt.datetime, zone: str) -> str:
    """Return the time of day in a zone: "Tuesday 09:05 Warsaw time"."""
    local, named = _local(moment, zone)
    return f"{local:%A %H:%M} {named}"


@register.filter
def step_words(key: str) -> str:
    """Return a step's key as words."""
    return phrases.step(key)


@register.filter
def step_offset(days: int) -> str:
    """Return when a step comes, counted from the due date."""
    return phrases.offset(days)


@register.filter
def of(number: int, noun: str) -> str:
    """Return a number with its noun; "customer" or "reply,replies"."""
    singular, _, plural = noun.partition(",")
    return phrases.counted(number, singular, plural)


@register.simple_tag
def many(number: int, noun: str, most: int) -> str:
    """Return a number with its noun as ``of`` does, "More than …" past ``most``."""
    singular, _, plural = noun.partition(",")
    return capfirst(phrases.counted_to(most, number, singular, plural))


@register.simple_tag
def bar(percent: float, tone: str = "") -> SafeString:
    """Return a bar of ``percent`` of its box; its figures stand beside it as text."""
    width = f"{min(max(percent, 0), 100):.2f}%"
    return format_html(
        '<svg class="bar" width="100%" height="14" aria-hidden="true" '
        'focusable="false"><rect class="track" width="100%" height="14" rx="3"/>'
        '<rect class="fill {}" width="{}" height="14" rx="3"/></svg>',
        tone,
        width,
    )


@register.inclusion_tag("includes/outgoing.html")
def outgoing() -> dict[str, object]:
    """Say where messages go: to the sandbox, or live by these channels, if at all."""
    served = settings.CHANNELS
    live = [
        message_words.CHANNEL[key].lower()
        for key, via in served.items()
        if via not in HARMLESS
    ]
    off = [
        word.lower() for key, word in message_words.CHANNEL.items() if key not in served
    ]
    return {
        "live": phrases.listed(live),
        "stopped": bool(live) and is_stopped(),
        "off": phrases.listed(off),
        "prints": bool(printed_channels()),
        "calls": is_served(),
    }


@register.inclusion_tag("includes/alarm.html", takes_context=True)
def alarm(context: Context) -> dict[str, object]:
    """Say what is not working, on every page, and where to read more.

    A page that looked at everything brings its own ``red``; the others look at who is
    at work and at the switch.
    """
    red = context.get("red")
    if red is None:
        now = timezone.now()
        red = alarms(watches(health.facts(now=now, brief=True), now))
    return {"red": red, "rest": len(red) - 1}


def _local(moment: dt.datetime, zone: str) -> tuple[dt.datetime, str]:
    """Return the moment in a zone and the zone's name; UTC where it is not known."""
    try:
        local = moment.astimezone(ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(dt.UTC), "UTC"
    city = zone.rpartition("/")[2].replace("_", " ")
    return local, f"{city} time" if "/" in zone else zone or "UTC"
