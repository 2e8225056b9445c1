"""Letters that are due, and runs of them, for tests of the print room."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pypdfium2

from customers.models import Customer
from notices.kinds import FORMS_OF
from notices.models import Brand, Notice, PrintRun, Stream, TemplateVersion
from notices.printing.closing import close_some
from notices.printing.runs import begin_closing, open_run
from tests.factories import (
    NOW,
    TODAY,
    make_customer,
    make_invoice,
    make_notice,
    make_policy,
    make_stream,
    number,
)


def make_print_stream(**fields: Any) -> Stream:
    """Return a running stream that allows letters."""
    return make_stream(policy=make_policy(), **fields)


def make_letter(
    stream: Stream,
    *,
    postcode: str = "LS1 1AA",
    invoices: int = 1,
    name: str = "",
    **fields: Any,
) -> Notice:
    """Return a due letter in the shipped words of a reminder."""
    customer = make_customer(
        email=None,
        e_delivery=False,
        name=name or f"Person {number()}",
    )
    address(customer, postcode=postcode)
    return make_notice(
        customer,
        stream=stream,
        channel="letter",
        template=TemplateVersion.objects.get(
            key="reminder", channel__in=FORMS_OF["letter"], language="en"
        ),
        invoices=[
            make_invoice(customer, due_on=TODAY - dt.timedelta(days=10))
            for _ in range(invoices)
        ],
        **fields,
    )


def address(customer: Customer, **fields: Any) -> None:
    """Give a customer a postal address."""
    from tests.factories import make_address

    make_address(customer, **fields)


def close(run: PrintRun, at: dt.datetime = NOW) -> PrintRun:
    """Close a run in this process."""
    begin_closing(run=run, now=at, by="ada", ring_workers=False)
    close_some(run_id=run.pk, clock=lambda: at)
    run.refresh_from_db()
    return run


def printed(brand: Brand, at: dt.datetime = NOW) -> PrintRun:
    """Return a closed run of what is due."""
    return close(open_run(brand=brand, now=at, by="ada"), at)


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page of a PDF."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]
