"""Postcards: two sides, and nothing on them that is the customer's own business."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest

from notices.render import (
    PostalDestination,
    RenderError,
    TemplateError,
    compile_version,
    render,
)
from tests.notices.papers import POINTS_PER_MM, pages, signs
from tests.notices.writing import BRAND, PLACE, make_facts, make_version

ABOUT = {
    "paperless.documents": "bills",
    "paperless.reason": "They arrive sooner.",
    "paperless.first_notice_on": dt.date(2026, 6, 5),
    "paperless.reminder_on": dt.date(2026, 7, 6),
    "paperless.last_paper_on": dt.date(2026, 8, 3),
    "paperless.first_ebill_on": dt.date(2026, 9, 1),
    "paperless.is_optional": True,
    "paperless.has_fee": False,
    "paperless.opt_in_phone": "+44 113 496 0001",
    "paperless.changes_terms": False,
}
BODY = "Dear {{ customer.name }},\n\ncall {{ paperless.opt_in_phone }}.\n"


def compiled(body, kind="paperless"):
    return compile_version(make_version(body, "postcard", "By e-mail", kind=kind))


def card(body=BODY, *, name="Anna Nowak", place=PLACE, **brand):
    facts = make_facts(
        "postcard", destination=place, name=name, brand=replace(BRAND, **brand)
    )
    facts = replace(facts, about=ABOUT, invoices=(), total=Decimal(0), currency="")
    return render(compiled(body), facts)


def refused(body, kind="paperless"):
    with pytest.raises(TemplateError) as error:
        compiled(body, kind)
    return error.value


def test_a_card_has_a_side_for_the_address_and_one_for_the_message():
    rendered = card()

    address, message = pages(rendered.body)
    assert "Anna Nowak\r\n12 Mill Lane" in address
    assert "call" not in address
    assert "By e-mail" in message
    assert "+44 113 496 0001" in message
    assert (rendered.pages, rendered.sheets) == (2, 1)


@pytest.mark.parametrize(
    ("paper", "envelope", "size"),
    [("a4", "din_b", (148, 105)), ("letter", "us_10", (152.4, 101.6))],
)
def test_the_card_is_of_the_size_that_goes_with_the_paper(paper, envelope, size):
    body = card(paper=paper, envelope=envelope).body

    page = pypdfium2.PdfDocument(body)[0]
    width, height = page.get_width(), page.get_height()
    assert width / POINTS_PER_MM == pytest.approx(size[0], abs=0.1)
    assert height / POINTS_PER_MM == pytest.approx(size[1], abs=0.1)


def test_the_address_leaves_room_to_stamp_and_sorting_code():
    right = [sign for sign in signs(card().body) if sign[1] > 74]

    assert "".join(sign[0] for sign in right) == "AnnaNowak12MillLaneFlat3YORKYO17HH"
    assert min(sign[2] for sign in right) > 40
    assert max(sign[4] for sign in right) < 105 - 15


def test_a_message_too_long_for_its_side_is_refused():
    with pytest.raises(RenderError, match="C-10442") as error:
        card(BODY + "\n\nMore and more words.\n" * 40)

    assert error.value.code == "too_long"


def test_an_address_that_runs_into_the_sorting_code_is_refused():
    with pytest.raises(RenderError) as error:
        card(name="Wolfeschlegelsteinhausen " * 12)

    assert error.value.code == "address_too_long"


def test_a_card_needs_an_address():
    with pytest.raises(RenderError) as error:
        card(place=PostalDestination("", "", "", "", ""))

    assert error.value.code == "no_address"


@pytest.mark.parametrize(
    "body",
    [
        "Number {{ customer.number }}",
        "See {{ reference }}",
        "Open {{ answer_link }}",
        "Pay to {{ brand.iban }}",
        "{% contact %}",
        "{% if answer_link != '' %}x{% endif %}",
    ],
)
def test_a_card_shows_no_number_and_no_door(body):
    error = refused(f"Hello\n\n{body}\n")

    assert error.code == "account_data"
    assert error.line == 3


@pytest.mark.parametrize("kind", ["reminder", "plan_confirmed", "your_details"])
def test_what_concerns_one_customer_is_no_matter_for_a_card(kind):
    assert refused("Hello", kind).code == "account_data"


def test_a_sum_is_no_matter_for_a_card():
    assert refused("You owe {{ total }}").code in {"account_data", "field_unfit"}
