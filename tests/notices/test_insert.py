"""Bill inserts: one panel for all, that stands out without colour too."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from notices.render import RenderError, TemplateError, compile_version
from notices.render.insert import render_insert
from tests.notices.papers import contrast, pages
from tests.notices.test_postcard import ABOUT
from tests.notices.writing import BRAND, NOW, make_version

BODY = (
    "From {{ paperless.first_ebill_on }} by e-mail. Call {{ paperless.opt_in_phone }}."
)


def compiled(body=BODY, form="insert", kind="paperless"):
    return compile_version(make_version(body, form, "Bills by e-mail", kind=kind))


def insert(body=BODY):
    return render_insert(compiled(body), BRAND, now=NOW, about=ABOUT)


def test_a_panel_says_the_same_in_all_its_forms():
    made = insert()

    (words,) = pages(made.pdf)
    assert "Bills by e-mail" in words
    assert "From 1 September 2026 by e-mail." in words
    assert made.text == "From 1 September 2026 by e-mail. Call +44 113 496 0001.\n"


def test_the_same_text_gives_the_same_panel():
    assert insert() == insert()


def test_the_picture_has_the_size_of_the_panel():
    image = Image.open(io.BytesIO(insert().png))

    assert image.size == pytest.approx((180 / 25.4 * 300, 80 / 25.4 * 300), abs=1)


def test_without_colour_border_and_words_still_stand_out():
    grey = Image.open(io.BytesIO(insert().png)).convert("L")
    middle = grey.height // 2
    paper, border = grey.getpixel((4, middle)), grey.getpixel((30, middle))
    tint = grey.getpixel((grey.width // 2, grey.height - 60))
    words = grey.crop((90, 100, grey.width - 90, grey.height - 60))

    assert contrast(border, paper) >= 4.5
    assert contrast(border, tint) >= 4.5
    assert tint < paper
    assert contrast(words.getextrema()[0], tint) >= 4.5


@pytest.mark.parametrize("form", ["insert", "public"])
@pytest.mark.parametrize(
    "body",
    ["{{ customer.name }}", "{{ reference }}", "{{ answer_link }}", "{% greeting %}"],
)
def test_what_goes_to_all_names_no_customer(form, body):
    with pytest.raises(TemplateError) as error:
        compiled(f"Hello\n\n{body}\n", form)

    assert (error.value.code, error.value.line) == ("customer_data", 3)


@pytest.mark.parametrize("kind", ["reminder", "payment_thanks"])
def test_what_concerns_one_customer_goes_to_nobody_else(kind):
    with pytest.raises(TemplateError) as error:
        compiled("Hello", kind=kind)

    assert error.value.code == "customer_data"


def test_a_text_too_long_for_the_panel_is_refused():
    with pytest.raises(RenderError) as error:
        insert("More and more words.\n\n" * 30)

    assert error.value.code == "too_long"


def test_a_text_for_something_else_makes_no_panel():
    with pytest.raises(RenderError) as error:
        render_insert(compiled("Hello", "email"), BRAND, now=NOW, about=ABOUT)

    assert error.value.code == "wrong_channel"
