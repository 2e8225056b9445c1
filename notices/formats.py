"""How values are written in a language and country: money, dates, counts, plurals.

Set up once for a locale and currency, then called a million times. Knows no field, no
customer and no Django.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal, format_percent

from notices.fields import Account, Percent

NO_BREAK_SPACE = "\u00a0"
_FROM_LEFT, _FROM_RIGHT = "\u200e", "\u200f"
# CLDR's order; a language's words for counts are given in it.
_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
# A short date as readers write it, where CLDR's has a bare month ("8 maj 2026") or is
# digits between marks of direction, which a reader may take for the month first.
_SHORT_DATE = {"pl": "d.MM.y", "ar": "d MMM y"}
# What stands between day and time where it is no comma, or another one.
_GLUE = {"zh": " ", "ar": "، "}
# Zones by the name readers know them by.
_ZONES = {
    ("cs", "CET"): "SEČ",
    ("cs", "CEST"): "SELČ",
    ("de", "CET"): "MEZ",
    ("de", "CEST"): "MESZ",
    ("ru", "MSK"): "МСК",
}
_RUSSIAN_SUMMER = ", летнее время"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one locale writes values; ``money`` is of one currency.

    ``plural_at`` gives the place, from 0, of the word that goes with a count among the
    words of the language's :func:`plural_forms`.
    """

    locale: str
    money: Callable[[Decimal], str]
    date: Callable[[dt.date], str]
    short_date: Callable[[dt.date], str]
    month: Callable[[dt.date], str]
    percent: Callable[[Decimal], str]
    time: Callable[[dt.datetime], str]
    count: Callable[[int], str]
    plural_at: Callable[[int], int]

    def moment(self, when: dt.datetime) -> str:
        """Return day, time and zone of an instant, in the zone it carries."""
        language, zone = self.locale[:2], zone_word(when)
        glue = _GLUE.get(language, ", ")
        zone = _ZONES.get((language, zone), zone)
        return f"{self.date(when.date())}{glue}{self.time(when)} {zone}"

    def any(self, value: object) -> str:
        """Return what changed, written by what it is: sum, day, number or words."""
        match value:
            case Percent():
                return self.percent(value)
            case Decimal():
                return self.money(value)
            case dt.datetime():
                return self.moment(value)
            case dt.date():
                return self.date(value)
            case int():
                return self.count(value)
            case Account():
                return value.masked
        return str(value)


def zone_word(when: dt.datetime) -> str:
    """Return the short name of an instant's zone: BST, CET, or UTC+03."""
    name = when.tzname() or "UTC"
    return name if name.isalpha() else f"UTC{name}"


@lru_cache(maxsize=512)
def locale_for(language: str, country: str) -> str:
    """Return the locale whose dates and amounts this reader expects.

    That of the language in the customer's country where there is one (Swiss German,
    American English), else the language's own; English is then British.
    """
    try:
        return str(Locale.parse(f"{language}_{country}" if country else language))
    except (UnknownLocaleError, ValueError):
        return "en_GB" if language == "en" else language


@lru_cache(maxsize=64)
def plural_forms(language: str) -> tuple[str, ...]:
    """Return the CLDR plural categories that whole numbers of a language take.

    English: one, other. Polish: one, few, many. Chinese: other.
    """
    rule = Locale.parse(language).plural_form
    found = {rule(number) for number in range(201)}
    return tuple(category for category in _CATEGORIES if category in found)


def _plural_at(locale: Locale) -> Callable[[int], int]:
    forms = plural_forms(locale.language)
    places = {category: place for place, category in enumerate(forms)}
    rule, last = locale.plural_form, len(forms) - 1

    @lru_cache(maxsize=4096)
    def plural_at(count: int) -> int:
        # French has a form for millions of things, which no bill counts.
        return places.get(rule(count), last)

    return plural_at


@lru_cache(maxsize=512)
def formats_for(locale: str, currency: str) -> Formats:
    """Return the formatters of a locale and currency, set up once in a process.

    :raises babel.UnknownLocaleError: Babel knows no such locale.
    """
    known = Locale.parse("en_GB" if locale == "en" else locale)

    @lru_cache(maxsize=4096)
    def date(day: dt.date) -> str:
        return _first_of_month(format_date(day, "long", locale=known), day, known)

    @lru_cache(maxsize=4096)
    def short_date(day: dt.date) -> str:
        pattern = _SHORT_DATE.get(known.language, "medium")
        return _first_of_month(format_date(day, pattern, locale=known), day, known)

    @lru_cache(maxsize=512)
    def month(day: dt.date) -> str:
        return format_skeleton("yMMMM", day, locale=known)

    def percent(share: Decimal) -> str:
        return format_percent(share / 100, locale=known, decimal_quantization=False)

    def time(when: dt.datetime) -> str:
        return clock_time(when.hour, when.minute)

    # By hour and minute: one instant is equal to itself in another zone.
    @lru_cache(maxsize=1440)
    def clock_time(hour: int, minute: int) -> str:
        return format_time(dt.time(hour, minute), "short", locale=known)

    def count(number: int) -> str:
        return (
            str(number) if 0 <= number < 1000 else format_decimal(number, locale=known)
        )

    return Formats(
        locale=locale,
        money=_money(known, currency),
        date=date,
        short_date=short_date,
        month=month,
        percent=percent,
        time=time,
        count=count,
        plural_at=_plural_at(known),
    )


def _first_of_month(written: str, day: dt.date, locale: Locale) -> str:
    """Return the date with the ordinal that French has for the first, as CLDR lacks."""
    if locale.language == "fr" and day.day == 1:
        return written.replace("1 ", "1er ", 1)
    return written


def _money(locale: Locale, currency: str) -> Callable[[Decimal], str]:
    """Return a fast formatter that agrees with Babel, or Babel's own.

    Babel takes 15 microseconds an amount. The pattern is read off samples and put to
    the test on others; where they differ (Indian grouping, say) Babel keeps the work.
    """

    def by_babel(amount: Decimal) -> str:
        return _kept(_spaced(format_currency(amount, currency, locale=locale)))

    sample = by_babel(Decimal(1))
    before = sample[: sample.index("1")] if "1" in sample else ""
    tail = sample[len(before) + 1 :]
    digits = 0
    while digits + 1 < len(tail) and tail[1 + digits] == "0":
        digits += 1
    after = tail[1 + digits :] if digits else tail
    symbols = locale.number_symbols["latn"]
    signs = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})

    def fast(amount: Decimal) -> str:
        return before + f"{amount:,.{digits}f}".translate(signs) + after

    agree = all(fast(one) == by_babel(one) for one in _SAMPLES)
    return fast if agree else by_babel


_SAMPLES = tuple(
    map(
        Decimal,
        [
            "0",
            "0.005",
            "0.015",
            "0.5",
            "1",
            "9.99",
            "12.3",
            "999.995",
            "1000",
            "123456",
            "1234567.895",
        ],
    )
)


def _spaced(money: str) -> str:
    """Return the amount with a space between a currency's letters and its digits.

    CLDR asks for it (PLN 12.50, not PLN12.50); Babel leaves it out.
    """
    for at in range(1, len(money)):
        if money[at].isdigit() and money[at - 1].isalpha():
            return money[:at] + NO_BREAK_SPACE + money[at:]
    return money


def _kept(money: str) -> str:
    """Return the amount with a mark behind a sign such as UK£, which text that is read
    from the right would else show as £UK."""
    from_right = money.startswith(_FROM_RIGHT)
    is_joined = money[-1:] in "£$" and money[-2:-1].isalpha()
    return money + _FROM_LEFT if from_right and is_joined else money


def hours_in(language: str, usual: str, by_language: Mapping[str, str]) -> str:
    """Return a firm's office hours for a reader: in their language where they were
    written in it, else the usual words."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return by_language.get(short) or usual


@lru_cache(maxsize=256)
def zone_words(time_zone: str, language: str) -> str:
    """Return a zone by a name that holds in summer and winter: "Central European Time".

    Where a zone is called by its country, Babel takes the Russian pattern of summer.
    """
    if "/" not in time_zone:
        return time_zone
    name = str(get_timezone_name(ZoneInfo(time_zone), locale=language))
    return name.removesuffix(_RUSSIAN_SUMMER)


@lru_cache(maxsize=64)
def direction(language: str) -> str:
    """Return ``ltr`` or ``rtl``, the way a language is written."""
    return str(Locale.parse(language).text_direction)
