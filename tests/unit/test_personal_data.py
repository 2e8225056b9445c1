"""What belongs to one person is found however it is written; what is ours is not."""

from __future__ import annotations

import pytest

from notices.personal_data import numbers_in, personal_data

OURS = [
    "+44 113 496 0000",
    "care@northwind.example",
    "GB33BUKB20201555555555",
    "Payments, +44 113 496 0002",
]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("anna@example.org", "an e-mail address"),
        ("ANNA.NOWAK+bills@mail.example.org.", "an e-mail address"),
        ("anna＠example.org", "an e-mail address"),
        ("07700 900123", "a phone or account number"),
        ("+48 600-123-456", "a phone or account number"),
        ("(0113) 496 0009", "a phone or account number"),
        ("٠١٢٣٤٥٦٧٨٩", "a phone or account number"),
        ("account 12345678", "a phone or account number"),
        ("card 4111 1111 1111 1111", "a phone or account number"),
        ("https://x.example/?account=12345678", "a phone or account number"),
        ("DE89 3704 0044 0532 0130 00", "an IBAN"),
        ("DE89370400440532013000", "an IBAN"),
    ],
)
def test_what_may_be_a_persons_own_is_found(text: str, what: str) -> None:
    assert [one.what for one in personal_data(f"See {text} there", OURS)] == [what]


@pytest.mark.parametrize(
    "text",
    [
        "care@northwind.example",
        "Care@Northwind.example.",
        "0113 496 0000",
        "+44 (0)113 496-0000",
        "496 0000",
        "0113 496 0002",
        "GB33 BUKB 2020 1555 5555 55",
        "2026-07-01",
        "01.07.2026, 18:00–20:00",
        "1. 7. 2026",
        "7/1/2026",
        "in 2026/2027",
        "£1,234,567.00",
        "1 234 567,00 zł",
        "12 345 678 EUR",
        "1,234.56",
        "Springfield, IL 62701-1234",
        "•••• 5555",
    ],
)
def test_the_firms_own_and_harmless_numbers_pass(text: str) -> None:
    assert personal_data(f"See {text} there", OURS) == []


def test_words_that_could_be_a_customers_number_are_listed() -> None:
    words = "C-10442 and 2026-07-01, LS1 4AP, 88123."

    assert numbers_in(words) == {"C-10442", "88123"}
