"""The letter on paper: what is printed, where, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from notices.render import PostalDestination, RenderError
from notices.render.address import recipient_lines
from tests.notices.writing import (
    BRAND,
    PLACE,
    make_facts,
    make_invoice_facts,
    starter,
)


def pages(rendered):
    """Return the words of each page, in reading order."""
    document = pypdfium2.PdfDocument(rendered.body)
    return [page.get_textpage().get_text_bounded() for page in document]


def refusal(facts):
    with pytest.raises(RenderError, match="C-10442") as error:
        starter("formal", facts)
    return error.value.code


def test_the_same_facts_give_the_same_pdf():
    facts = make_facts("letter")

    assert starter("formal", facts).body == starter("formal", facts).body


def test_a_letter_prints_its_parts():
    words = " ".join(pages(starter("formal", make_facts("letter"))))

    for part in (
        "Northwind Energy",
        "Customer number",
        "7QK2M9XW4BTD",
        "5 June 2026",
        "Late payment: £120.50, please pay by 15 June 2026",
        "Dear Anna Nowak,",
        "R-2026-0001",
        "GB33 BUKB 2020 1555 5555 55",
        "Jane Hill, Billing",
        "Page 1 of 2",
    ):
        assert part in words


def test_a_long_table_breaks_over_pages_and_repeats_its_head():
    invoices = [make_invoice_facts(n, late=60 - n) for n in range(60)]

    printed = pages(starter("formal", make_facts("letter", *invoices)))

    headed = [page for page in printed if "Issued" in page]
    assert len(printed) == 5  # with the blank back before the slip
    assert len(headed) >= 2
    assert all(f"R-2026-{n:04}" in " ".join(printed) for n in range(60))
    counted = [page for page in printed if page]
    assert all(f"Page {n} of 4" in page for n, page in enumerate(counted, 1))


@pytest.mark.parametrize("name", ["W" * 300, "Wolfeschlegelsteinhausen " * 12])
def test_an_address_too_long_for_the_window_is_refused(name):
    assert refusal(make_facts("letter", name=name)) == "address_too_long"


def test_a_name_of_two_lines_fits_the_window():
    name = "The Very Honourable Society of Ancient and Modern Bell Ringers of York"

    words = pages(starter("formal", make_facts("letter", name=name)))[0]

    assert "Bell Ringers" in words


@pytest.mark.parametrize("missing", ["line1", "city", "postcode"])
def test_an_address_with_a_part_missing_is_refused(missing):
    place = replace(PLACE, **{missing: " "})

    assert refusal(make_facts("letter", destination=place)) == "no_address"


def test_a_letter_without_a_name_is_refused():
    assert refusal(make_facts("letter", name="")) == "no_address"


def test_a_sign_that_no_font_has_is_refused_and_shown():
    facts = make_facts("letter", name="Anna \U000e01ef\U0010fffd")

    with pytest.raises(RenderError, match="C-10442") as error:
        starter("formal", facts)

    assert error.value.code == "glyph_missing"
    assert "\U0010fffd" in error.value.sentence


@pytest.mark.parametrize(
    "name", ["Łukasz Źdźbło", "王小明", "محمد الأنصاري", "Ολυμπία"]
)
def test_names_in_many_scripts_are_printed(name):
    assert starter("formal", make_facts("letter", name=name)).body.startswith(b"%PDF")


def test_a_hostile_name_is_printed_as_typed():
    name = "<b>{{ brand.iban }}</b> **x**"

    assert name in pages(starter("formal", make_facts("letter", name=name)))[0]


def test_nothing_can_be_fetched_while_a_letter_is_made(tmp_path):
    from weasyprint.urls import FatalURLFetchingError

    from notices.render.press import press

    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    page = f'<body><div id="recipient"></div><img src="{secret.as_uri()}">'

    with pytest.raises(FatalURLFetchingError, match="fetches nothing"):
        press(page, sheet="letter.css", whom="letter to customer C-10442")


@pytest.mark.parametrize(
    ("place", "town"),
    [
        (PostalDestination("ul. Długa 1", "", "Łódź", "90-001", "PL"), "90-001 ŁÓDŹ"),
        (PostalDestination("Hauptstr. 1", "", "Köln", "50667", "DE"), "50667 KÖLN"),
        (
            PostalDestination("1 Main St", "", "Boise, ID", "83702", "US"),
            "BOISE, ID 83702",
        ),
        (
            PostalDestination("1-2 Ginza", "", "Tokyo", "104-0061", "JP"),
            "104-0061 Tokyo",
        ),
        (PostalDestination("Somewhere 1", "", "Town", "1", "ZZ"), "1 Town"),
    ],
)
def test_town_and_postcode_stand_as_the_country_wants_them(place, town):
    assert town in recipient_lines(make_facts("letter", destination=place))


def test_abroad_the_country_stands_last_in_capitals():
    place = PostalDestination("Hauptstr. 1", "", "Köln", "50667", "DE")

    lines = recipient_lines(make_facts("letter", destination=place))

    assert lines == ["Anna Nowak", "Hauptstr. 1", "50667 KÖLN", "GERMANY"]


def test_at_home_the_country_is_left_out():
    lines = recipient_lines(make_facts("letter"))

    assert lines == ["Anna Nowak", "12 Mill Lane", "Flat 3", "YORK", "YO1 7HH"]


def test_a_firm_of_that_country_is_at_home_there():
    german = replace(BRAND, country="DE")
    place = PostalDestination("Hauptstr. 1", "", "Köln", "50667", "DE")
    facts = make_facts("letter", destination=place, brand=german)

    assert "GERMANY" not in recipient_lines(facts)
