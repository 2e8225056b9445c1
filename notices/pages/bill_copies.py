"""The copy of a bill, on the customer's own page, behind a question if one is set."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from consent.links import Door
from customers.access import What, note_access
from customers.models import InvoiceCopy
from customers.own_copy import CUSTOMER
from notices.pages import identity
from notices.pages.answer_bills import bill_copy_of
from notices.pages.identity import Offer, hand_out
from notices.pages.visit import Visit, gone, page_view
from notices.papers import PDF


@page_view(Door.ANSWER, identity.AREA)
def bill_copy(request: HttpRequest, visit: Visit, invoice: int) -> HttpResponse:
    """Hand out the copy of a bill that the message was about."""
    copy = bill_copy_of(visit, invoice)
    if copy is None:
        return gone(request)
    words = visit.words
    offer = Offer(
        heading=words.say("bill_head", number=copy.invoice.number),
        facts=((words.plain("kind_of_file"), "PDF"),),
        serve=lambda: _served(visit, copy),
        back=visit.path("answer"),
    )
    return hand_out(request, visit, offer)


def _served(visit: Visit, copy: InvoiceCopy) -> HttpResponse:
    number, reference = copy.invoice.number, visit.link.notice_reference
    which = f"{number} with message {reference}"
    note_access(who=CUSTOMER, what=What.INVOICE, whose=visit.customer.pk, which=which)
    response = HttpResponse(bytes(copy.body), content_type=PDF)
    named = content_disposition_header(True, copy.file_name)
    response["Content-Disposition"] = named or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
