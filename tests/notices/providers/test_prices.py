"""What texts cost, as Twilio says it a day later."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import nullcontext
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from notices.models import Attempt
from notices.senders import sender_for
from tests.factories import make_notice
from tests.fakes.http_providers import FakeProviders
from tests.notices.providers.sending import NUMBER, text, texts_by

pytestmark = pytest.mark.django_db


def make_text(fake: FakeProviders) -> Attempt:
    """Return the attempt of a text that Twilio took today."""
    with sender_for("sms") as sender:
        receipt = sender.send(text())
    notice = make_notice(state="sent")
    return Attempt.objects.create(
        notice=notice,
        number=9,
        provider="twilio",
        destination=NUMBER,
        idempotency_key=f"{notice.reference}.9",
        started_at=dt.datetime.now(dt.UTC),
        provider_reference=receipt.provider_reference,
        segments=receipt.segments,
    )


def noted(day: dt.date, *, unpriced: str = "") -> dict[str, Any]:
    """Run the command; ``unpriced`` are the words it fails with, if it has to."""
    out = StringIO()
    fails = pytest.raises(CommandError, match=unpriced) if unpriced else nullcontext()
    with fails:
        call_command("note_prices", "--day", str(day), "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_a_price_is_noted_once(fake: FakeProviders) -> None:
    with texts_by(fake):
        billed = make_text(fake)
        fake.to(NUMBER)[0].price = "-0.00750"
        day = fake.taken[0].at.date()

        first, again = noted(day), noted(day)

    billed.refresh_from_db()
    assert (billed.price, billed.currency) == (Decimal("0.0075"), "USD")
    assert (first["noted"], again["noted"]) == (1, 0)


def test_a_text_without_a_price_yet_is_no_success(fake: FakeProviders) -> None:
    with texts_by(fake):
        billed, unbilled = make_text(fake), make_text(fake)
        fake.to(NUMBER)[0].price = "-0.00750"
        found = noted(fake.taken[0].at.date(), unpriced="no price yet for 1 text of")

    billed.refresh_from_db()
    unbilled.refresh_from_db()
    assert (found["noted"], found["unpriced"]) == (1, 1)
    # What has one is noted all the same.
    assert (billed.price, unbilled.price) == (Decimal("0.0075"), None)


def test_what_failed_or_is_not_ours_needs_no_price(fake: FakeProviders) -> None:
    with texts_by(fake):
        make_text(fake)
        fake.taken[0].status = "failed"
        with sender_for("sms") as sender:
            sender.send(text())
        assert noted(fake.taken[0].at.date())["unpriced"] == 0


def test_another_day_is_left_alone(fake: FakeProviders) -> None:
    with texts_by(fake):
        attempt = make_text(fake)
        fake.taken[0].price = "-0.00750"
        day = fake.taken[0].at.date() - dt.timedelta(days=1)

        assert noted(day)["noted"] == 0

    attempt.refresh_from_db()
    assert attempt.price is None


def test_a_twilio_that_refuses_is_reported(fake: FakeProviders) -> None:
    with (
        texts_by(fake, TWILIO_AUTH_TOKEN="wrong"),
        pytest.raises(CommandError, match="20003"),
    ):
        noted(dt.date(2026, 3, 10))


def test_without_twilio_there_are_no_prices() -> None:
    with pytest.raises(CommandError, match="TWILIO_ACCOUNT_SID"):
        noted(dt.date(2026, 3, 10))
