"""The vocabulary of notice texts, and how its values are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from notices.fields import (
    FIELDS,
    FILTERS,
    INVOICE_FIELDS,
    Kind,
    field_at,
    formats_for,
    locale_for,
    plural,
)

TYPES = {
    Kind.TEXT: str,
    Kind.LINK: str,
    Kind.MONEY: Decimal,
    Kind.DATE: dt.date,
    Kind.COUNT: int,
    Kind.FLAG: bool,
}
EVERY_FIELD = [*FIELDS.values(), *INVOICE_FIELDS.values()]

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
    assert set(FILTERS.values()) <= {field.kind for field in EVERY_FIELD}


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


def test_formatters_are_set_up_once():
    assert formats_for("en_GB", "EUR") is formats_for("en_GB", "EUR")


@pytest.mark.parametrize(("count", "word"), [(0, "days"), (1, "day"), (2, "days")])
def test_one_day_but_two_days(count, word):
    assert plural(count, "day", "days") == word
