"""What tests ask of a printed page: words with their places, codes, pictures."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp

from notices.render import Rendered
from tests.notices.writing import BRAND

POINTS_PER_MM = 72 / 25.4
GERMAN = replace(
    BRAND, country="DE", iban="DE89 3704 0044 0532 0130 00", bic="COBADEFFXXX"
)
SWISS = replace(
    BRAND,
    country="CH",
    slip="swiss",
    iban="CH58 0079 1123 0008 8901 2",
    bic="",
    address_line1="Bahnhofstrasse 1",
    city="Bern",
    postcode="3000",
)


def pages(body: bytes) -> list[str]:
    """Return the words of each page, in reading order."""
    document = pypdfium2.PdfDocument(body)
    return [page.get_textpage().get_text_bounded() for page in document]


def signs(body: bytes, page: int = 0) -> list[tuple[str, float, float, float, float]]:
    """Return each sign of a page with left, top, right, bottom in mm from the top."""
    sheet = pypdfium2.PdfDocument(body)[page]
    text, height = sheet.get_textpage(), sheet.get_height()
    found = []
    for at in range(text.count_chars()):
        sign = chr(pdfium.FPDFText_GetUnicode(text.raw, at))
        left, bottom, right, top = text.get_charbox(at)
        if sign.strip():
            place = (left, height - top, right, height - bottom)
            found.append((sign, *(each / POINTS_PER_MM for each in place)))
    return found


def codes(rendered: Rendered) -> list[str]:
    """Return what the codes of all pages say, as a camera reads them."""
    return [
        code.text
        for page in pypdfium2.PdfDocument(rendered.body)
        for code in _seen(page)
    ]


def code_sides(rendered: Rendered) -> list[float]:
    """Return the width of each code in millimetres, without its quiet zone."""
    found = []
    for page in pypdfium2.PdfDocument(rendered.body):
        for code in _seen(page):
            width = code.position.top_right.x - code.position.top_left.x
            found.append(width / 4 / POINTS_PER_MM)
    return found


def _seen(page: pypdfium2.PdfPage) -> list[zxingcpp.Barcode]:
    """Return the QR codes of a page; looking for other kinds takes five times as long,
    and we print none."""
    picture = page.render(scale=4, grayscale=True).to_pil()
    found: list[zxingcpp.Barcode] = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormat.QRCode
    )
    return found


def contrast(dark: float, light: float) -> float:
    """Return the WCAG contrast of two greys from 0 to 255."""

    def linear(grey: float) -> float:
        part = grey / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return (linear(light) + 0.05) / (linear(dark) + 0.05)


def read_aloud(body: bytes, page: int = 0) -> str:
    """Return the words of a page in the order of its tags, as a screen reader does."""
    sheet = pypdfium2.PdfDocument(body)[page]
    text = sheet.get_textpage()
    marked: dict[int, str] = {}
    for part in sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        number = pdfium.FPDFPageObj_GetMarkedContentID(part.raw)
        buffer = (pdfium.FPDF_WCHAR * 500)()
        size = pdfium.FPDFTextObj_GetText(part.raw, text.raw, buffer, 500)
        words = bytes(buffer)[: max(size - 2, 0)].decode("utf-16-le")
        marked[number] = marked.get(number, "") + words
    tree = pdfium.FPDF_StructTree_GetForPage(sheet.raw)
    roots = range(pdfium.FPDF_StructTree_CountChildren(tree))
    order: list[int] = []
    for at in roots:
        _walk(pdfium.FPDF_StructTree_GetChildAtIndex(tree, at), order)
    pdfium.FPDF_StructTree_Close(tree)
    return " ".join(marked.get(number, "") for number in order)


def _walk(element: object, order: list[int]) -> None:
    for at in range(pdfium.FPDF_StructElement_CountChildren(element)):
        number = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, at)
        if number >= 0:
            order.append(number)
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, at)
        if child:
            _walk(child, order)
