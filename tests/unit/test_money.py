"""How amounts are read, rounded and shared out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.money import (
    MoneyError,
    allocate,
    currencies,
    exact,
    exponent,
    parse_amount,
    quantise,
    total,
)

amounts = st.decimals("0", "9999999999", places=2)


@pytest.mark.parametrize(
    ("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2)]
)
def test_a_currency_has_the_decimals_of_its_standard(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "CLF", "ZZZ"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(MoneyError) as refused:
        exponent(code)

    assert refused.value.code == "unknown_currency"


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("2.675", "EUR", "2.68"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
        ("1.0049", "EUR", "1.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(amount, currency, rounded):
    assert str(quantise(Decimal(amount), currency)) == rounded


@given(st.decimals("-1000000", "1000000", places=6), st.sampled_from(["EUR", "JPY"]))
def test_rounding_moves_an_amount_by_half_a_unit_at_most(amount, currency):
    unit = Decimal(1).scaleb(-exponent(currency))

    assert abs(quantise(amount, currency) - amount) * 2 <= unit


def test_every_currency_fits_the_amount_columns():
    assert {exponent(code) for code in currencies()} == {0, 2, 3}


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "amount"),
    [
        ("1234.56", ".", "", "1234.56"),
        ("1,234.56", ".", ",", "1234.56"),
        ("1.234,56", ",", ".", "1234.56"),
        ("1 234,56", ",", "", "1234.56"),
        ("1\u00a0234,56", ",", " ", "1234.56"),
        ("1\u202f234\u202f567,8", ",", "", "1234567.8"),
        ("1'234.50", ".", "'", "1234.50"),
        ("1’234.50", ".", "'", "1234.50"),
        ("(55.94)", ".", "", "-55.94"),
        ("55.94-", ".", "", "-55.94"),
        ("-55,94", ",", ".", "-55.94"),
        ("\u221255.94", ".", "", "-55.94"),
        ("€ 1.234,56", ",", ".", "1234.56"),
        ("1.234,56 €", ",", ".", "1234.56"),
        ("€ -5,00", ",", "", "-5.00"),
        ("1 234,50 Kč", ",", "", "1234.50"),
        ("EUR 12.00", ".", "", "12.00"),
        ("US$1,000.00", ".", ",", "1000.00"),
        (".50", ".", "", "0.50"),
        ("0", ".", "", "0"),
    ],
)
def test_an_amount_is_read_in_the_declared_way_of_writing(
    text, decimal, thousands, amount
):
    read = parse_amount(text, decimal=decimal, thousands=thousands)

    assert read == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands"),
    [
        ("1,5", ".", ","),  # five tenths, not fifteen
        ("1.234,56", ".", ","),
        ("1,234.56", ",", "."),
        ("12.34.56", ".", ""),
        ("1,23,456.00", ".", ","),
        ("1234,567.00", ".", ","),
        ("", ".", ""),
        ("abc", ".", ""),
        ("12a", ".", ""),
        ("1e5", ".", ""),
        ("١٢", ".", ""),
        ("€5€", ".", ""),
        ("--5", ".", ""),
        ("5.", ".", ""),
        ("NaN", ".", ""),
        ("Infinity", ".", ""),
    ],
)
def test_what_is_not_an_amount_is_refused_rather_than_guessed(text, decimal, thousands):
    with pytest.raises(MoneyError) as refused:
        parse_amount(text, decimal=decimal, thousands=thousands)

    assert refused.value.code == "bad_amount"
    assert "write it like 1234.56" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "currency"), [("$5.00", "EUR"), ("5 zł", "CZK"), ("USD 5", "EUR")]
)
def test_an_amount_in_another_currency_than_the_row_is_refused(text, currency):
    with pytest.raises(MoneyError) as refused:
        parse_amount(text, currency=currency)

    assert refused.value.code == "other_currency"


def test_an_amount_beyond_the_columns_is_refused():
    with pytest.raises(MoneyError) as refused:
        parse_amount("1 000 000 000 000 000")

    assert refused.value.code == "amount_too_large"


def test_an_exact_amount_is_never_rounded():
    with pytest.raises(MoneyError) as refused:
        exact(Decimal("12.345"), "EUR")

    assert refused.value.code == "too_many_decimals"
    assert str(exact(Decimal("12.3"), "EUR")) == "12.30"


@given(amounts, st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]))
def test_a_written_amount_is_read_back_as_it_was(amount, manner):
    decimal, thousands = manner
    plain = f"{amount:,}"
    written = plain.translate(str.maketrans({",": thousands, ".": decimal}))

    assert parse_amount(written, decimal=decimal, thousands=thousands) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_is_refused_with_a_code(text):
    try:
        amount = parse_amount(text, decimal=",", thousands=".")
    except MoneyError as refused:
        assert refused.code in {"bad_amount", "other_currency", "amount_too_large"}
        assert refused.sentence.endswith(".")
    else:
        assert amount.is_finite()


def test_a_very_long_text_is_refused_at_once():
    with pytest.raises(MoneyError):
        parse_amount(" " * 1_000_000 + "x")


@given(amounts, st.lists(amounts, max_size=8))
def test_a_payment_fills_each_invoice_before_the_next(payment, owed):
    shares = allocate(payment, owed)

    given_out = {share.index: share.amount for share in shares}
    assert total(given_out.values()) == min(payment, total(owed))
    assert all(0 < amount <= owed[at] for at, amount in given_out.items())
    if shares:
        last = shares[-1].index
        assert all(given_out.get(at, 0) == owed[at] for at in range(last))


def test_a_negative_payment_cannot_be_shared_out():
    with pytest.raises(ValueError, match="never negative"):
        allocate(Decimal("-1"), [Decimal("5")])
