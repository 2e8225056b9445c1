"""Paper and envelopes: what shows through each window, and what never may."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from notices.models import Brand
from notices.models.brand import Envelope, Paper
from notices.paper import DIN_A, DIN_B, SHEETS, STATIONERY, stationery_for
from notices.render import PostalDestination, RenderError, compile_version
from notices.samples import sample_facts
from notices.starter import starters
from tests.notices.papers import POINTS_PER_MM, pages, signs
from tests.notices.writing import BRAND, PLACE, make_facts, starter

AMERICAN = PostalDestination(
    "350 Fifth Avenue", "Suite 4100", "Boise, ID", "83702", "US"
)
IN_NORM = {"din_a", "din_b"}


def letter_for(key, **facts):
    stationery = STATIONERY[key]
    is_american = key == "us_10"
    brand = replace(
        BRAND,
        envelope=key,
        paper=stationery.sheet.key,
        country="US" if is_american else "GB",
    )
    place = AMERICAN if is_american else PLACE
    return starter(
        "formal", make_facts("letter", brand=brand, destination=place, **facts)
    )


def inside(sign, box):
    _, left, top, right, bottom = sign
    return (
        left >= box.left - 0.3
        and right <= box.right + 0.3
        and top >= box.top - 0.3
        and bottom <= box.bottom + 0.3
    )


def touches(sign, box):
    _, left, top, right, bottom = sign
    return (
        left < box.right and right > box.left and top < box.bottom and bottom > box.top
    )


@pytest.mark.parametrize("key", STATIONERY)
def test_only_the_address_stands_in_the_window(key):
    window = STATIONERY[key].window
    body = letter_for(key).body

    shown = [sign for sign in signs(body) if touches(sign, window)]

    expected = (
        "AnnaNowak350FifthAvenueSuite4100BOISE,ID83702"
        if key == "us_10"
        else "AnnaNowak12MillLaneFlat3YORKYO17HH"
    )
    assert "".join(sign[0] for sign in shown) == expected
    assert all(inside(sign, window) for sign in shown)


@pytest.mark.parametrize("key", STATIONERY)
def test_nothing_but_the_return_address_can_slide_into_the_window(key):
    stationery = STATIONERY[key]
    around = [
        sign[0]
        for sign in signs(letter_for(key).body)
        if touches(sign, stationery.seen) and not touches(sign, stationery.window)
    ]

    own = "NorthwindEnergy,1HighStreet,Leeds,LS14AP" if key in IN_NORM else ""
    assert "".join(around) == own


@pytest.mark.parametrize("key", STATIONERY)
def test_the_sheet_is_the_paper_of_the_firm(key):
    page = pypdfium2.PdfDocument(letter_for(key).body)[0]

    sheet = STATIONERY[key].sheet
    assert page.get_width() / POINTS_PER_MM == pytest.approx(sheet.width, abs=0.1)
    assert page.get_height() / POINTS_PER_MM == pytest.approx(sheet.height, abs=0.1)


def test_form_a_begins_eighteen_millimetres_above_form_b():
    assert DIN_B.window.top - DIN_A.window.top == pytest.approx(18)
    assert (DIN_A.folds, DIN_B.folds) == ((87, 192), (105, 210))


@pytest.mark.parametrize("key", STATIONERY)
def test_a_long_name_is_refused_behind_every_window(key):
    with pytest.raises(RenderError, match="C-10442") as error:
        letter_for(key, name="Wolfeschlegelsteinhausen " * 12)

    assert error.value.code == "address_too_long"


def test_a_name_of_the_firm_that_its_letterhead_cannot_hold_is_refused():
    brand = replace(BRAND, envelope="din_a", name="The Northern Power Company " * 8)

    with pytest.raises(RenderError) as error:
        starter("formal", make_facts("letter", brand=brand))

    assert error.value.code == "letterhead_too_long"


def test_every_choice_of_a_brand_has_its_data():
    assert {choice.value for choice in Envelope} == set(STATIONERY)
    assert {choice.value for choice in Paper} == set(SHEETS)


@pytest.mark.parametrize(("paper", "envelope"), [("a4", "us_10"), ("letter", "uk_dl")])
def test_paper_that_does_not_fit_its_envelope_is_refused(paper, envelope):
    with pytest.raises(ValueError, match="US Letter"):
        stationery_for(paper, envelope)

    brand = Brand(paper=paper, envelope=envelope)
    assert "envelope" in faults_of(brand)


def test_a_letter_on_the_wrong_paper_names_the_customer():
    brand = replace(BRAND, paper="letter")

    with pytest.raises(RenderError, match="C-10442") as error:
        starter("formal", make_facts("letter", brand=brand))

    assert error.value.code == "bad_paper"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"iban": "GB33 BUKB 2020 1555 5555 56"}, "iban"),
        ({"slip": "epc"}, "slip"),
        ({"slip": "swiss", "iban": "DE89 3704 0044 0532 0130 00"}, "slip"),
        (
            {
                "slip": "swiss",
                "iban": "CH5800791123000889012",
                "paper": "letter",
                "envelope": "us_10",
            },
            "slip",
        ),
        ({"slip": "epc", "iban": "DE89370400440532013000", "name": "x" * 71}, "slip"),
    ],
)
def test_bank_details_that_could_not_be_paid_with_are_refused(facts, field):
    assert set(faults_of(Brand(**facts))) == {field}


def test_good_bank_details_are_taken():
    facts = {"name": "N", "city": "Bern", "postcode": "3000", "country": "CH"}
    brand = Brand(**facts, slip="swiss", iban="CH58 0079 1123 0008 8901 2")

    assert faults_of(brand) == {}


def faults_of(brand):
    from django.core.exceptions import ValidationError

    try:
        brand.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize("language", ["ar", "cs", "de", "en", "fr", "pl", "ru", "zh"])
def test_no_phone_number_breaks_over_two_lines(language):
    version = next(
        one.as_version()
        for one in starters()
        if (one.kind, one.form, one.language) == ("paperless", "insert", language)
    )
    compiled = compile_version(version, "insert")

    page = str(compiled.html)

    number = re.compile(r"\{\{[^}|]*phone\b")
    assert number.search(page)
    for place in number.finditer(page):
        assert page[: place.start()].endswith('<span class="value"><bdi>')


def test_an_account_is_grouped_by_four_in_the_letter_as_on_its_slip():
    brand = replace(BRAND, iban="GB33BUKB20201555555555")

    rendered = starter("formal", make_facts("letter", brand=brand))

    body = " ".join(pages(rendered.body))
    assert "GB33BUKB" not in body
    assert body.count("GB33 BUKB 2020 1555 5555 55") >= 3
    assert "GB33 BUKB 2020 1555 5555 55" in rendered.text


def test_a_letter_with_room_for_its_slip_on_the_last_page_has_no_page_of_slip_alone():
    facts = sample_facts("friendly", "letter")
    brand = replace(facts.brand, duplex=False)

    rendered = starter("friendly", replace(facts, brand=brand))

    last = pages(rendered.body)[-1]
    assert (rendered.pages, rendered.sheets) == (2, 2)
    assert "Payment slip" in last
    assert "Kind regards" in last
