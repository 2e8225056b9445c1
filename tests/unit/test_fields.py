"""The vocabulary of notice texts, and how its values are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from notices.fields import FIELDS, FILTERS, Account, Kind, Percent, field_at
from notices.formats import formats_for, locale_for, plural_forms
from notices.loops import LOOPS

TYPES = {
    Kind.TEXT: str,
    Kind.LINK: str,
    Kind.MONEY: Decimal,
    Kind.DATE: dt.date,
    Kind.COUNT: int,
    Kind.FLAG: bool,
    Kind.MOMENT: dt.datetime,
    Kind.ANY: (str, Decimal),
}
EVERY_FIELD = [
    *FIELDS.values(),
    *(field for fields in LOOPS.values() for field in fields.values()),
]

amounts = st.decimals(
    min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=3
)
currencies = st.sampled_from(
    ["EUR", "GBP", "USD", "PLN", "CZK", "CNY", "RUB", "JPY", "KWD", "INR", "CHF", "XOF"]
)
locales = st.sampled_from(
    ["en_GB", "en_US", "de_DE", "pl_PL", "fr_FR", "cs_CZ", "ru_RU", "zh_CN", "hi_IN"]
)


@pytest.mark.parametrize("field", EVERY_FIELD, ids=lambda field: field.path)
def test_every_field_has_a_label_and_an_example_of_its_kind(field):
    assert field.label[0].isupper()
    assert isinstance(field.example, TYPES[field.kind])
    assert field_at(field.path) is field


def test_a_field_nobody_defined_is_not_there():
    assert field_at("customer.password") is None


def test_every_filter_is_for_a_kind_that_fields_have():
    assert set().union(*FILTERS.values()) <= {field.kind for field in EVERY_FIELD}


@given(amounts, currencies, locales)
def test_money_is_written_as_babel_writes_it_but_for_the_space(
    amount, currency, locale
):
    ours = formats_for(locale, currency).money(amount)

    babel = format_currency(amount, currency, locale=locale)

    assert ours.replace("\u00a0", "") == babel.replace("\u00a0", "")


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("GBP", "1234.5", "£1,234.50"),
        ("PLN", "12.5", "PLN\u00a012.50"),
        ("JPY", "1234567", "JP¥1,234,567"),
        ("KWD", "1.125", "KWD\u00a01.125"),
        ("GBP", "0", "£0.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(currency, amount, expected):
    assert formats_for("en_GB", currency).money(Decimal(amount)) == expected


@pytest.mark.parametrize(
    ("country", "long", "short"),
    [("GB", "5 June 2026", "5 Jun 2026"), ("US", "June 5, 2026", "Jun 5, 2026")],
)
def test_dates_follow_the_country_of_the_reader(country, long, short):
    formats = formats_for(locale_for("en", country), "USD")

    assert formats.date(dt.date(2026, 6, 5)) == long
    assert formats.short_date(dt.date(2026, 6, 5)) == short


def test_a_short_date_in_polish_is_written_in_figures():
    formats = formats_for("pl", "PLN")

    assert formats.date(dt.date(2026, 5, 8)) == "8 maja 2026"
    assert formats.short_date(dt.date(2026, 5, 8)) == "8.05.2026"


@pytest.mark.parametrize(
    ("locale", "zone", "expected"),
    [
        ("en", "Europe/London", "5 June 2026, 09:30 BST"),
        ("de", "Europe/Berlin", "5. Juni 2026, 09:30 MESZ"),
        ("cs", "Europe/Prague", "5. června 2026, 9:30 SELČ"),
        ("ru", "Europe/Moscow", "5 июня 2026\u202fг., 09:30 МСК"),
        ("zh", "Asia/Shanghai", "2026年6月5日 09:30 CST"),
        ("ar", "Asia/Riyadh", "5 يونيو 2026، 9:30 ص UTC+03"),
    ],
)
def test_a_moment_names_its_zone_as_its_readers_do(locale, zone, expected):
    when = dt.datetime(2026, 6, 5, 9, 30, tzinfo=ZoneInfo(zone))

    assert formats_for(locale, "EUR").moment(when) == expected


def test_a_short_date_in_arabic_names_the_month_and_has_no_marks():
    assert formats_for("ar", "SAR").short_date(dt.date(2026, 5, 8)) == "8 مايو 2026"


def test_a_sum_in_pounds_keeps_its_sign_whole_among_arabic():
    pounds, euros = (formats_for("ar", currency) for currency in ("GBP", "EUR"))

    assert pounds.money(Decimal("220.5")) == "\u200f220.50\u00a0UK£\u200e"
    assert euros.money(Decimal("220.5")) == "\u200f220.50\u00a0€"
    assert formats_for("en_US", "USD").money(Decimal("2")) == "$2.00"


def test_the_first_of_a_month_is_an_ordinal_in_french():
    formats = formats_for("fr", "EUR")

    assert formats.date(dt.date(2026, 7, 1)) == "1er juillet 2026"
    assert formats.date(dt.date(2026, 7, 21)) == "21 juillet 2026"


def test_formatters_are_set_up_once():
    assert formats_for("en_GB", "EUR") is formats_for("en_GB", "EUR")


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", ("day", "days"), {0: "days", 1: "day", 2: "days", 21: "days"}),
        ("fr", ("jour", "jours"), {0: "jour", 1: "jour", 2: "jours"}),
        (
            "pl",
            ("dzień", "dni few", "dni many"),
            {1: "dzień", 2: "dni few", 5: "dni many", 22: "dni few", 12: "dni many"},
        ),
        ("cs", ("den", "dny", "dnů"), {1: "den", 3: "dny", 5: "dnů", 0: "dnů"}),
        ("ru", ("день", "дня", "дней"), {1: "день", 21: "день", 3: "дня", 11: "дней"}),
        ("zh", ("天",), {0: "天", 1: "天", 7: "天"}),
        (
            "ar",
            ("zero", "one", "two", "few", "many", "other"),
            {
                0: "zero",
                1: "one",
                2: "two",
                3: "few",
                10: "few",
                11: "many",
                99: "many",
                100: "other",
                102: "other",
                103: "few",
            },
        ),
    ],
)
def test_each_language_has_its_own_words_for_counts(language, words, expected):
    place = formats_for(language, "EUR").plural_at

    assert len(words) == len(plural_forms(language))
    assert {count: words[place(count)] for count in expected} == expected


def test_what_changed_is_written_by_what_it_is():
    formats = formats_for("de", "EUR")

    assert formats.any(Decimal("1234.5")) == "1.234,50\u00a0€"
    assert formats.any(dt.date(2026, 7, 1)) == "1. Juli 2026"
    assert formats.any("Hauptstraße 1") == "Hauptstraße 1"


@pytest.mark.parametrize(
    ("language", "share", "month"),
    [
        ("en", "2.5%", "July 2026"),
        ("de", "2,5\u00a0%", "Juli 2026"),
        ("pl", "2,5%", "lipiec 2026"),
        ("zh", "2.5%", "2026年7月"),
    ],
)
def test_a_share_and_a_month_are_written_the_local_way(language, share, month):
    formats = formats_for(language, "EUR")

    assert formats.any(Percent("2.5")) == share
    assert formats.month(dt.date(2026, 7, 1)) == month


def test_an_account_number_shows_its_last_four_signs_only():
    assert formats_for("en", "GBP").any(Account("DE89 3704 0044 0532 0130 00")) == (
        "•••• 3000"
    )
    assert Account("123").masked == "••••"


def test_an_instant_is_told_with_its_zone():
    when = dt.datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Europe/Warsaw"))

    assert formats_for("pl", "PLN").moment(when) == "1 lipca 2026, 09:30 CEST"
