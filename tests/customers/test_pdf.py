"""A PDF somebody gives us is kept only if it is whole, open and not too long."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest

from customers.pdf import MOST_BYTES, PdfError, check_pdf, check_size


def _pdf(pages: int, **saving: Any) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    out = io.BytesIO()
    document.save(out, **saving)
    return out.getvalue()


@pytest.mark.parametrize("pages", [1, 200])
def test_a_whole_pdf_is_kept_with_its_count_of_pages(pages: int) -> None:
    assert check_pdf(_pdf(pages), "a.pdf") == pages


def test_a_pdf_that_opens_only_by_a_password_is_refused() -> None:
    locked = _pdf(1, encryption=pikepdf.Encryption(user="secret", owner="secret"))

    with pytest.raises(PdfError, match="is locked with a password"):
        check_pdf(locked, "a.pdf")


def test_a_pdf_that_opens_but_forbids_printing_is_refused() -> None:
    locked = _pdf(1, encryption=pikepdf.Encryption(user="", owner="secret"))

    with pytest.raises(PdfError, match="locked against printing or copying"):
        check_pdf(locked, "a.pdf")


@pytest.mark.parametrize("pages", [0, 201])
def test_a_pdf_of_too_many_pages_or_none_is_refused(pages: int) -> None:
    with pytest.raises(PdfError, match=f"has {pages} pages; 1 to 200"):
        check_pdf(_pdf(pages), "a.pdf")


def test_a_file_is_too_big_by_its_size_alone() -> None:
    check_size(MOST_BYTES, "a.pdf")
    with pytest.raises(PdfError, match="larger than 10 MB"):
        check_size(MOST_BYTES + 1, "a.pdf")
