"""The sample and the receipt of a consent as tagged PDF, and the receipt as data.

In the language of the page they were asked for on. The same facts give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from consent.demonstrations import SAMPLE_LASTS
from consent.models import (
    ConsentDetail,
    ConsentEvent,
    Demonstration,
    Disclosure,
)
from consent.receipts import Controller, ReceiptFacts, as_json
from consent.sample_codes import shown_code
from customers.masks import masked_email
from notices.consent_mail import is_sample, receipt_in
from notices.models import Brand, Notice
from notices.pages.words import Words, words_for
from notices.render import Attachment

_SHEET = "papers.css"
# In place of a code that staff are not to type for a customer.
HIDDEN = "•••-•••"
_PDF, _JSON = "application/pdf", "application/json"
_ANCHOR = re.compile(r"</?a\b[^>]*>")


def enclosed(notice: Notice) -> tuple[Attachment, ...]:
    """Return what an e-mail about a consent carries, nothing for any other.

    :raises RenderError: as :func:`sample_attachment` does.
    """
    if is_sample(notice):
        return sample_attachment(notice)
    record = receipt_in(notice)
    if record is None:
        return ()
    event = ConsentEvent.objects.select_related("customer").get(record_id=record)
    return receipt_attachments(event, notice.stream.brand)


def without_code(notice: Notice) -> tuple[Attachment, ...]:
    """Return the file of a sample as anybody but its reader may see it.

    :raises RenderError: as :func:`sample_attachment` does.
    """
    return sample_attachment(notice, code=HIDDEN)


def sample_attachment(notice: Notice, *, code: str = "") -> tuple[Attachment, ...]:
    """Return the file of a sample, none where it proves nothing any more; ``code`` is
    printed in place of the real one.

    :raises RenderError: it cannot be set, as ``notices.render.press.press`` says.
    """
    demonstration = Demonstration.objects.filter(
        notice_reference=notice.reference
    ).first()
    if demonstration is None:
        return ()
    brand = notice.stream.brand
    words = words_for(demonstration.language, brand.country, "consent")
    body = sample_pdf(demonstration, brand, words, code=code)
    return (Attachment("sample.pdf", _PDF, body),)


def sample_pdf(
    demonstration: Demonstration, brand: Brand, words: Words, *, code: str = ""
) -> bytes:
    """Return the sample with its code in it, or another."""
    return _pdf(
        "pages/papers/consent_sample.html",
        {
            "brand": brand,
            "words": words,
            "code": code or shown_code(demonstration.notice_reference),
            "until": _local(demonstration.asked_at + SAMPLE_LASTS, brand),
            "created": demonstration.asked_at,
        },
        whom=f"sample {demonstration.notice_reference}",
    )


def receipt_attachments(event: ConsentEvent, brand: Brand) -> tuple[Attachment, ...]:
    """Return the receipt as PDF and as data."""
    words = words_for(event.language, brand.country, "consent")
    facts = receipt_of(event, brand, words)
    return (
        Attachment("receipt.pdf", _PDF, receipt_pdf(event, facts, brand, words)),
        Attachment("receipt.json", _JSON, receipt_json(facts)),
    )


def receipt_pdf(
    event: ConsentEvent, facts: ReceiptFacts, brand: Brand, words: Words
) -> bytes:
    """Return a receipt with the very words that were shown."""
    shown = disclosure_of(event)
    html = bytes(shown.rendered).decode() if shown else ""
    return _pdf(
        "pages/papers/consent_receipt.html",
        {
            "brand": brand,
            "words": words,
            "facts": facts,
            "heading": words.say(f"h_{event.state}"),
            "when": words.formats().moment(_local(facts.occurred_at, brand)),
            # Ours, and escaped when they were published; on paper nothing is clicked.
            "shown": mark_safe(_ANCHOR.sub("", html)),  # noqa: S308
            "created": facts.occurred_at,
        },
        whom=f"receipt {facts.number}",
    )


def receipt_json(facts: ReceiptFacts) -> bytes:
    """Return a receipt in the names of ISO/IEC TS 27560."""
    text = json.dumps(as_json(facts), ensure_ascii=False, indent=2, sort_keys=True)
    return f"{text}\n".encode()


def receipt_of(event: ConsentEvent, brand: Brand, words: Words) -> ReceiptFacts:
    """Return what the receipt of an event says."""
    shown = disclosure_of(event)
    detail = ConsentDetail.objects.filter(event=event).first()
    lines = (brand.address_line1, brand.address_line2, brand.postcode, brand.city)
    before = (
        ConsentEvent.objects.filter(
            customer=event.customer_id, subject=event.subject, seq__lt=event.seq
        )
        .order_by("-seq")
        .values_list("state", flat=True)
        .first()
    )
    return ReceiptFacts(
        number=str(event.record_id),
        principal=event.customer.number,
        state=event.state,
        previous=before or "",
        method=event.method,
        basis=event.basis,
        language=event.language,
        jurisdiction=event.jurisdiction,
        occurred_at=event.effective_at or event.recorded_at,
        valid_until=event.valid_until,
        categories=[(one, words.plain(f"cat_{one}")) for one in event.categories],
        address=masked_email(detail.address) if detail else "",
        notice=event.disclosure_ref,
        notice_sha256=bytes(event.rendered_sha256 or b"").hex(),
        notice_url=shown.terms_url if shown else "",
        requirements_version=event.hwsw_version,
        evidence=event.evidence,
        record_hash=bytes(event.hash).hex(),
        controller=Controller(
            name=brand.name,
            address=", ".join(filter(None, lines)),
            country=brand.country,
            email=brand.answers_to,
            phone=brand.phone,
            url=brand.website,
        ),
        withdrawal_url="",
    )


def disclosure_of(event: ConsentEvent) -> Disclosure | None:
    """Return what was shown before an event; None where nothing was."""
    parts = event.disclosure_ref.split("/")
    if len(parts) != 3:
        return None
    key, language, version = parts
    return Disclosure.objects.filter(
        key=key, language=language, version=int(version)
    ).first()


def _pdf(template: str, context: dict[str, Any], *, whom: str) -> bytes:
    # Where nothing is set, WeasyPrint and what it loads stay out of the process.
    from notices.render.press import directed, picture_of, press

    context["logo"] = picture_of(bytes(context["brand"].logo or b""))
    html = directed(render_to_string(template, context))
    body, _ = press(html, sheet=_SHEET, whom=whom)
    return body


def _local(moment: dt.datetime, brand: Brand) -> dt.datetime:
    return moment.astimezone(ZoneInfo(brand.time_zone))
