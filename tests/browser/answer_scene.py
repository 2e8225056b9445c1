"""Customers with a message in hand, so that their own page can be driven."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

LANGUAGES = ("en", "pl", "zh", "ar")
NAMES = {
    "en": "Alice Late",
    "pl": "Zażółć Gęślą-Jaźń",
    "zh": "王小明电力有限公司",
    "ar": "شركة الكهرباء الوطنية",
}
# One message a journey, known by its reference, from which its token is drawn.
JOURNEYS = (
    *("paid", "promise", "parts", "call", "details", "dispute", "hardship"),
    *("notme", "look", "stop", "staff"),
)


def reference(language: str, journey: str) -> str:
    """Return the reference of one message of the scene."""
    return f"{language}{journey}".upper().ljust(12, "0")[:12]


def build_answers(brand, today, now):  # type: ignore[no-untyped-def]
    """Write the messages, with a survey and a pay page."""
    from consent.links import store_notice_links
    from notices.models import Survey, SurveyQuestion
    from notices.states import State
    from tests import factories as make

    brand.pay_url = "https://pay.example/{reference}?sum={amount}"
    brand.save()
    survey = Survey.objects.create(brand=brand, name="After an answer")
    for position, kind in enumerate(("scale", "yes_no", "text"), start=1):
        words = {"en": "How easy was this?", "pl": "Czy to było łatwe?"}
        SurveyQuestion.objects.create(
            survey=survey, position=position, kind=kind, words=words
        )
    stream = make.make_stream(brand=brand, policy=make.make_policy())
    for language in LANGUAGES:
        for journey in JOURNEYS:
            person = make.make_customer(
                name=NAMES[language],
                language=language,
                mobile=f"+447700920{len(journey):03}",
                address=True,
            )
            bills = [
                make.make_invoice(
                    person,
                    due_on=today - dt.timedelta(days=12 + number),
                    amount=Decimal("240.50") + number,
                    purpose="Electricity, spring" if number else "",
                )
                for number in range(3 if language == "ar" else 1)
            ]
            notice = make.make_notice(
                person,
                invoices=bills,
                state=State.SENT,
                stream=stream,
                channel="letter",
                reference=reference(language, journey),
                sent_at=now,
            )
            store_notice_links(
                [(notice.reference, person.pk)], now=now, with_codes=True
            )
            if journey == "staff":
                _answer(notice, bills, brand, today, now)


def _answer(notice, bills, brand, today, now):  # type: ignore[no-untyped-def]
    """Answer as a customer does, for the pages of staff."""
    from notices.answers import File, Given, Origin, give_answer
    from notices.offers import Part

    origin = Origin(customer=notice.customer, notice=notice, brand=brand)
    dispute = Given(
        kind="dispute",
        form_id=uuid.uuid4(),
        invoices=bills,
        facts={"reason": "amount", "right": "100,00"},
        text="It should be 100. " * 20 + "x" * 200,
        files=[File("meter.pdf", "application/pdf", b"%PDF-1.7")],
    )
    parts = Given(
        kind="parts",
        form_id=uuid.uuid4(),
        invoices=bills,
        facts={"parts": [], "currency": "EUR"},
        parts=[
            Part(today + dt.timedelta(days=30 * number), bills[0].open_amount / 2)
            for number in (1, 2)
        ],
        until=today + dt.timedelta(days=60),
        waits_for_yes=True,
    )
    for given in (dispute, parts):
        give_answer(given=given, origin=origin, now=now)
