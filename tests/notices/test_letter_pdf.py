"""The file of a letter: tags, fonts, blank backs, enclosures, the same bytes."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings

from notices.logo import clean_logo
from notices.render import RenderError
from tests.notices.papers import contrast, pages, read_aloud
from tests.notices.test_logo import picture
from tests.notices.writing import BRAND, make_facts, make_invoice_facts, starter


def printed(*invoices, enclosures=(), **brand):
    facts = make_facts("letter", *invoices, brand=replace(BRAND, **brand))
    return starter("formal", replace(facts, enclosures=tuple(enclosures)))


def terms(count=3):
    pdf = pikepdf.new()
    for _ in range(count):
        pdf.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def opened(rendered):
    return pikepdf.open(io.BytesIO(rendered.body))


def test_a_letter_is_tagged_for_being_read_aloud():
    with opened(printed()) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo.Title).startswith("Late payment")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as meta:
            assert meta["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


def test_all_fonts_are_embedded_as_subsets():
    with opened(printed()) as pdf:
        fonts = [
            font.get("/DescendantFonts", [font])[0]
            for page in pdf.pages
            for font in page.get("/Resources", {}).get("/Font", {}).values()
        ]

        assert fonts
        for font in fonts:
            descriptor = font.FontDescriptor
            assert re.match(r"/[A-Z]{6}\+", str(descriptor.FontName))
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys())


def test_words_come_in_reading_order():
    body = printed().body
    parts = ["Anna Nowak", "Customer number", "Dear Anna", "The invoice", "How to pay"]

    for told in (pages(body)[0], read_aloud(body)):
        words = " ".join(told.split())
        assert sorted(parts, key=words.index) == parts


def test_a_slip_on_a_second_page_has_a_sheet_of_its_own():
    rendered = printed()

    _, back, slip = pages(rendered.body)
    assert back == ""
    assert "Page 2 of 2" in slip
    assert "Payment slip" in slip
    assert (rendered.pages, rendered.sheets) == (2, 2)


def test_printed_on_one_side_no_page_is_blank():
    rendered = printed(duplex=False)

    assert all(pages(rendered.body))
    assert (rendered.pages, rendered.sheets) == (2, 2)


def test_a_slip_on_an_odd_page_needs_no_blank():
    invoices = [make_invoice_facts(n, late=60 - n) for n in range(30)]

    rendered = printed(*invoices)

    assert all(pages(rendered.body))
    assert (rendered.pages, rendered.sheets) == (3, 2)


def test_enclosures_stand_behind_the_letter_and_are_known_by_hash():
    enclosure = terms()

    rendered = printed(enclosures=[enclosure])

    # Page, blank, slip, blank, and three pages of terms from a sheet of their own.
    assert len(pages(rendered.body)) == 7
    assert (rendered.pages, rendered.sheets) == (5, 4)
    assert rendered.enclosed == (hashlib.sha256(enclosure).hexdigest(),)


def test_with_enclosures_the_same_facts_still_give_the_same_bytes():
    assert printed(enclosures=[terms()]).body == printed(enclosures=[terms()]).body


def test_a_file_with_enclosures_no_longer_claims_to_be_pdf_ua():
    with opened(printed(enclosures=[terms()])) as pdf, pdf.open_metadata() as meta:
        assert "{http://www.aiim.org/pdfua/ns/id/}part" not in meta


def encrypted():
    with pikepdf.open(io.BytesIO(terms())) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(user="a", owner="b"))
        return out.getvalue()


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7 no", terms()[:60], encrypted()])
def test_a_broken_enclosure_is_refused_with_its_place(broken):
    with pytest.raises(RenderError, match=r"Enclosure 2 .* C-10442") as error:
        printed(enclosures=[terms(), broken])

    assert error.value.code == "enclosure_faulty"


def test_the_logo_takes_the_place_of_the_name():
    with opened(printed(logo=clean_logo(picture()))) as pdf:
        assert len(pdf.pages[0].get_images()) == 1

    assert "Northwind Energy" in pages(printed(logo=clean_logo(picture())).body)[0]


def test_a_logo_that_cannot_be_drawn_is_refused():
    with pytest.raises(RenderError, match="C-10442") as error:
        printed(logo=b"\x89PNG\r\n\x1a\n broken")

    assert error.value.code == "letter_faulty"
    assert "base64" not in error.value.sentence


def test_the_request_to_recycle_can_be_left_out():
    assert "Please recycle this letter" in pages(printed().body)[0]
    assert "recycle" not in pages(printed(recycles=False).body)[0]


def test_no_ink_is_too_light_for_a_printer_without_colour():
    source = (Path(settings.BASE_DIR) / "config/static/letter.css").read_text()

    def grey(hexadecimal):
        red, green, blue = bytes.fromhex(hexadecimal)
        return 0.299 * red + 0.587 * green + 0.114 * blue

    inks = re.findall(r"(?<![-\w])color: #([0-9a-f]{6})", source)
    tints = [*re.findall(r"background: #([0-9a-f]{6})", source), "ffffff"]
    assert inks
    assert len(tints) > 1
    assert all(contrast(grey(i), grey(t)) >= 4.5 for i in inks for t in tints)
