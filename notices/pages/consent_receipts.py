"""The receipt of a choice: as a page, as PDF, and as data. Looking changes nothing."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from consent.links import Door
from consent.models import ConsentEvent, Subject
from notices.consent_papers import receipt_json, receipt_of, receipt_pdf
from notices.models import Notice
from notices.pages.consent_stage import local
from notices.pages.visit import Visit, gone, page_view, see, show

State = ConsentEvent.State
# What somebody gets a receipt of: their own choices.
_CHOICES = (State.GRANTED, State.REFUSED, State.WITHDRAWN)


@page_view(Door.CONSENT, "consent")
def receipt(request: HttpRequest, visit: Visit, record: uuid.UUID) -> HttpResponse:
    """Show the receipt of one choice."""
    event = _event(visit, record)
    if event is None:
        return gone(request)
    facts = receipt_of(event, visit.brand, visit.words)
    return show(
        request,
        visit,
        "pages/consent_receipt.html",
        {
            "facts": facts,
            "heading": f"h_{event.state}",
            "more": f"{event.state}_more",
            "when": local(visit, facts.occurred_at),
            "is_mailed": event.state == State.GRANTED and _is_mailed(event),
            "pdf": visit.path("consent-receipt-pdf", str(record)),
            "data": visit.path("consent-receipt-json", str(record)),
        },
    )


@page_view(Door.CONSENT, "consent")
def as_pdf(request: HttpRequest, visit: Visit, record: uuid.UUID) -> HttpResponse:
    """Return the receipt as a PDF file to keep."""
    event = _event(visit, record)
    if event is None:
        return gone(request)
    facts = receipt_of(event, visit.brand, visit.words)
    body = receipt_pdf(event, facts, visit.brand, visit.words)
    return _file(body, "application/pdf", "receipt.pdf")


@page_view(Door.CONSENT, "consent")
def as_data(request: HttpRequest, visit: Visit, record: uuid.UUID) -> HttpResponse:
    """Return the receipt as JSON, in the names of ISO/IEC TS 27560."""
    event = _event(visit, record)
    if event is None:
        return gone(request)
    body = receipt_json(receipt_of(event, visit.brand, visit.words))
    return _file(body, "application/json", "receipt.json")


def to_receipt(visit: Visit, event: ConsentEvent) -> HttpResponse:
    """Lead on to the receipt of a choice that was just made."""
    return see(visit.path("consent-receipt", str(event.record_id)))


def _event(visit: Visit, record: uuid.UUID) -> ConsentEvent | None:
    return (
        ConsentEvent.objects.select_related("customer")
        .filter(
            customer=visit.customer,
            subject=Subject.E_DELIVERY,
            record_id=record,
            state__in=_CHOICES,
        )
        .first()
    )


def _is_mailed(event: ConsentEvent) -> bool:
    return Notice.objects.filter(dedupe_key=f"receipt:{event.record_id}").exists()


def _file(body: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
