"""The payment slip: what each code says when a camera reads it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from qrbill import QRBill

from notices.bank import (
    checked_iban,
    epc_payload,
    qr_reference,
    read_qr_reference,
    swiss_reference,
)
from notices.render import PostalDestination, RenderError
from tests.notices.papers import GERMAN, SWISS, code_sides, codes, pages, signs
from tests.notices.writing import BRAND, make_facts, make_invoice_facts, starter

URL = "https://bills.northwind.example/r/7QK2M9XW4BTD"
CODE = "7QK2M-9XW4B"
BIEL = PostalDestination("Rue du Lac 1268", "", "Biel", "2501", "CH")


def printed(brand, currency="EUR", *, url="", **facts):
    invoice = make_invoice_facts(currency=currency)
    asked = make_facts("letter", invoice, brand=brand, **facts)
    return starter("formal", replace(asked, answer_url=url, answer_code=CODE))


def swiss(iban=SWISS.iban, currency="CHF", **facts):
    facts.setdefault("destination", BIEL)
    return printed(replace(SWISS, iban=iban), currency, **facts)


def test_a_plain_slip_says_what_to_pay_and_takes_new_details():
    last = pages(printed(BRAND, "GBP").body)[-1]

    for part in (
        "Payment slip",
        "£120.50",
        "R-2026-0001",
        "15 June 2026",
        "7QK2M9XW4BTD",
        "My details have changed",
        "Send this part back to Northwind Energy, 1 High Street",
    ):
        assert part in last


def test_the_slip_of_a_final_letter_names_the_last_day_that_the_letter_names():
    final = pages(starter("final", make_facts("letter", brand=BRAND)).body)

    assert "22 June 2026" in final[0]
    assert "22 June 2026" in final[-1]
    assert "15 June 2026" not in " ".join(final)


def test_a_notice_that_asks_for_nothing_has_no_slip():
    from notices.render import compile_version, render
    from tests.notices.test_postcard import ABOUT
    from tests.notices.writing import make_version

    version = make_version("Hello", "letter", kind="paperless")
    facts = make_facts("letter")
    facts = replace(facts, about=ABOUT, invoices=(), total=Decimal(0), currency="")

    rendered = render(compile_version(version, "letter"), facts)

    assert "Payment slip" not in " ".join(pages(rendered.body))
    assert rendered.pages == rendered.sheets == 1


def test_the_sepa_code_says_the_transfer():
    rendered = printed(replace(GERMAN, slip="epc"))

    assert codes(rendered) == [
        "BCD\n002\n1\nSCT\nCOBADEFFXXX\nNorthwind Energy\nDE89370400440532013000\n"
        "EUR120.50\n\n\nR-2026-0001"
    ]
    assert min(code_sides(rendered)) >= 25


def test_a_sepa_code_knows_euros_only():
    rendered = printed(replace(GERMAN, slip="epc"), "GBP")

    assert codes(rendered) == []
    assert "Payment slip" in pages(rendered.body)[-1]


@pytest.mark.parametrize("amount", ["0", "1000000000.00"])
def test_a_sum_that_a_sepa_code_cannot_say_has_none(amount):
    payload = epc_payload(
        name="N", iban="X", bic="", amount=Decimal(amount), reference=""
    )

    assert payload is None


@pytest.mark.parametrize(
    ("iban", "kind"),
    [("CH5800791123000889012", "SCOR"), ("CH4431999123000889012", "QRR")],
)
def test_the_swiss_code_says_what_another_maker_of_qr_bills_would_say(iban, kind):
    reference = swiss_reference(iban, "R-2026-0001", "X")
    theirs = QRBill(
        account=iban,
        creditor={
            "name": "Northwind Energy",
            "street": "Bahnhofstrasse 1",
            "pcode": "3000",
            "city": "Bern",
            "country": "CH",
        },
        debtor={
            "name": "Anna Nowak",
            "street": "Rue du Lac 1268",
            "pcode": "2501",
            "city": "Biel",
            "country": "CH",
        },
        amount="120.50",
        currency="CHF",
        reference_number=reference[1],
        additional_information="R-2026-0001",
    )

    (said,) = codes(swiss(iban))

    assert reference[0] == kind
    assert said.split("\n") == theirs.qr_data().replace("\r\n", "\n").split("\n")


def test_the_payment_part_stands_on_the_lowest_105_millimetres():
    rendered = swiss()
    last = len(pages(rendered.body)) - 1

    code = code_sides(rendered)
    title = next(sign for sign in signs(rendered.body, last) if sign[2] > 297 - 105)

    assert code == [pytest.approx(46, abs=0.5)]
    assert title[1] == pytest.approx(5, abs=0.5)
    words = pages(rendered.body)[-1]
    assert words.count("CH58 0079 1123 0008 8901 2") == 2
    assert words.count("CHF\r\n") == 2
    assert words.count("120.50") == 2
    assert "Please recycle" not in words


def test_a_debtor_whom_a_swiss_code_cannot_spell_fills_in_by_hand():
    (said,) = codes(swiss(name="王小明"))

    assert said.split("\n")[20:27] == [""] * 7


@pytest.mark.parametrize(("language", "title"), [("en", "Payment part")])
def test_the_words_of_the_payment_part_are_those_of_the_norm(language, title):
    assert title in pages(swiss().body)[-1]


def test_another_currency_than_francs_and_euros_gets_the_plain_slip():
    assert codes(swiss(currency="GBP")) == []


@pytest.mark.parametrize("text", ["10442", "C10442", "007", "7QK2M9XW4BTD", "Z" * 15])
def test_a_qr_reference_can_be_read_back(text):
    number = qr_reference(text)

    assert len(number) == 27
    assert read_qr_reference(number) == text


def test_two_references_never_share_a_qr_reference():
    assert len({qr_reference(text) for text in ("7", "07", "007", "7A", "A7")}) == 5


def test_a_qr_reference_of_somebody_else_is_not_ours():
    with pytest.raises(ValueError, match="not a QR reference of ours"):
        read_qr_reference("210000000003139471430009017")


def test_a_reference_too_long_for_its_number_stands_in_the_message():
    assert swiss_reference("CH5800791123000889012", "x" * 22, "X") == ("NON", "")


def test_a_wrong_account_is_never_printed():
    brand = replace(BRAND, iban="GB33 BUKB 2020 1555 5555 56")

    with pytest.raises(RenderError, match="C-10442") as error:
        printed(brand, "GBP")

    assert error.value.code == "bad_iban"
    with pytest.raises(ValueError, match="check digits"):
        checked_iban("GB33 BUKB 2020 1555 5555 56")


def test_the_answer_page_can_be_scanned_and_typed():
    rendered = printed(BRAND, "GBP", url=URL)

    words = " ".join(pages(rendered.body))
    # In capitals, as every scanner may write it; the page opens by both.
    assert codes(rendered) == [URL.upper()]
    assert min(code_sides(rendered)) >= 25
    assert "bills.northwind.example/code" in words
    assert "with the code\r\n7QK2M-9XW4B" in words


def test_a_page_below_another_path_is_scanned_as_it_is_written():
    url = "https://northwind.example/bills/r/7qk2m9xw4btd"

    assert codes(printed(BRAND, "GBP", url=url)) == [url]


def test_a_letter_without_an_answer_page_offers_none():
    assert codes(printed(BRAND, "GBP")) == []


def test_a_very_short_link_has_a_code_as_wide_as_any():
    assert min(code_sides(printed(BRAND, "GBP", url="https://a.ex"))) >= 25
