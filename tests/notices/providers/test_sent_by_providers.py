"""From a notice in line to a provider's answer in the books, and back out of doubt."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from consent.models import Suppression
from notices import dispatch
from notices.actions import sweep_stuck
from notices.kinds import FORMS_OF
from notices.models import (
    Attempt,
    Notice,
    NoticeItem,
    SentCopy,
    Stream,
    TemplateVersion,
)
from notices.senders.lookup import PATIENCE, REMEMBERED
from notices.starter import install_starters
from notices.states import State
from notices.trial import TrialError, send_test
from tests.factories import (
    NOW,
    TODAY,
    make_consent,
    make_customer,
    make_invoice,
    make_stream,
)
from tests.fakes.http_providers import FakeProviders, Fate
from tests.notices.providers.sending import (
    NUMBER,
    mail_by,
    mail_url,
    texts_by,
    written,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> Stream:
    """Return a running stream without caps or quiet hours."""
    install_starters(["en"])
    return make_stream()


def make_reminder(stream: Stream, channel: str) -> Notice:
    """Return a reminder in line to a customer who agreed to the channel."""
    customer = make_customer(mobile=NUMBER, time_zone="Europe/London")
    make_consent(customer, subject="sms")
    notice = Notice.objects.create(
        stream=stream,
        customer=customer,
        template=TemplateVersion.objects.get(
            key="reminder", channel__in=FORMS_OF[channel], language="en"
        ),
        channel=channel,
        planned_on=TODAY,
        dedupe_key=uuid.uuid4().hex,
        not_before=NOW,
    )
    invoice = make_invoice(customer, due_on=TODAY - dt.timedelta(days=10))
    NoticeItem.objects.create(notice=notice, invoice=invoice)
    return notice


def drain(stream: Stream, channel: str) -> None:
    """Send what is due of a stream."""
    dispatch.drain(stream_id=stream.pk, channel=channel, clock=lambda: NOW)


def test_a_text_is_recorded_with_its_parts_and_twilios_reference(
    fake: FakeProviders, stream: Stream
) -> None:
    notice = make_reminder(stream, "sms")

    with texts_by(fake):
        drain(stream, "sms")

    notice.refresh_from_db()
    (taken,) = fake.taken
    attempt = notice.attempts.get()
    assert (notice.state, taken.reference) == (State.SENT, notice.reference)
    assert (attempt.provider, attempt.provider_reference) == ("twilio", taken.id)
    assert attempt.segments and attempt.segments >= 1
    assert attempt.price is None and attempt.currency == ""
    copy = notice.sent_copy
    assert hashlib.sha256(taken.body).digest() == bytes(copy.sha256)


def test_a_window_that_closes_is_told_to_twilio(
    fake: FakeProviders, stream: Stream
) -> None:
    stream.policy.quiet_start, stream.policy.quiet_end = dt.time(8), dt.time(10, 30)
    stream.policy.save()
    make_reminder(stream, "sms")

    with texts_by(fake):
        drain(stream, "sms")

    assert fake.taken[0].fields["ValidityPeriod"] == "1800"


def test_who_answered_stop_at_twilio_is_texted_no_more(
    fake: FakeProviders, stream: Stream
) -> None:
    notice = make_reminder(stream, "sms")
    fake.fates[NUMBER] = Fate(status=400, body={"code": 21610, "message": "STOP"})

    with texts_by(fake):
        drain(stream, "sms")

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.FAILED, "stop")
    assert Suppression.objects.get().reason == "stop"


@pytest.mark.parametrize("provider", ["postmark", "mailgun", "ses"])
def test_an_email_is_recorded_with_its_providers_reference(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    notice = make_reminder(stream, "email")

    with mail_by(mail_url(fake, provider)):
        drain(stream, "email")

    notice.refresh_from_db()
    (taken,) = fake.taken
    attempt = notice.attempts.get()
    assert (notice.state, attempt.provider) == (State.SENT, provider)
    assert taken.id in attempt.provider_reference
    assert taken.reference == notice.reference


def make_doubt(
    stream: Stream, provider: str, *, minutes: float, body: bytes
) -> tuple[Notice, Attempt]:
    """Return a notice whose hand-over ``minutes`` ago nobody knows the end of."""
    notice = make_reminder(stream, "sms" if provider == "twilio" else "email")
    Notice.objects.filter(pk=notice.pk).update(
        state=State.UNKNOWN, reason="CONNECTION_LOST", tries=1
    )
    SentCopy.objects.create(
        notice=notice,
        media_type="text/plain",
        body=packed(body),
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
    )
    started_at = timezone.now() - dt.timedelta(minutes=minutes)
    attempt = Attempt.objects.create(
        notice=notice,
        number=1,
        provider=provider,
        destination=NUMBER,
        idempotency_key=f"{notice.reference}.1",
        started_at=started_at,
    )
    return notice, attempt


def packed(body: bytes) -> bytes:
    """Return bytes as they are stored without a dictionary."""
    import zstandard

    return zstandard.ZstdCompressor().compress(body)


def state_after_asking(notice: Notice) -> str:
    """Ask the providers, and return where the notice stands then."""
    sweep_stuck()
    notice.refresh_from_db()
    return notice.state


LOOKED_UP = ["postmark", "mailgun", "mailjet"]


@pytest.mark.parametrize("provider", LOOKED_UP)
def test_a_message_the_provider_has_was_sent(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    from notices.senders import sender_for
    from tests.notices.providers.sending import mail

    body = written(reference="7QK2M9XW4BTD")
    notice, _ = make_doubt(stream, provider, minutes=60, body=body)
    Notice.objects.filter(pk=notice.pk).update(reference="7QK2M9XW4BTD")
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        sender.send(mail(body=body))

        assert state_after_asking(notice) == State.SENT


@pytest.mark.parametrize("provider", LOOKED_UP)
def test_a_message_the_provider_lacks_goes_back_into_line(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    notice, _ = make_doubt(stream, provider, minutes=60, body=written())

    with mail_by(mail_url(fake, provider)):
        assert state_after_asking(notice) == State.SCHEDULED


@pytest.mark.parametrize("provider", [*LOOKED_UP, "twilio"])
def test_a_no_that_comes_too_early_is_not_asked_for(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    minutes = PATIENCE[provider].total_seconds() / 60 - 1
    notice, _ = make_doubt(stream, provider, minutes=minutes, body=b"x")

    with mail_by(mail_url(fake, "postmark")), texts_by(fake):
        assert state_after_asking(notice) == State.UNKNOWN
    assert not fake.asked


@pytest.mark.parametrize("provider", LOOKED_UP)
def test_a_no_that_comes_too_late_is_left_to_staff(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    minutes = REMEMBERED[provider].total_seconds() / 60 + 1
    notice, _ = make_doubt(stream, provider, minutes=minutes, body=written())

    with mail_by(mail_url(fake, provider)):
        assert state_after_asking(notice) == State.UNKNOWN
    assert fake.asked


@pytest.mark.parametrize("provider", ["brevo", "ses"])
def test_a_provider_that_cannot_be_asked_leaves_it_to_staff(
    fake: FakeProviders, stream: Stream, provider: str
) -> None:
    notice, _ = make_doubt(stream, provider, minutes=600, body=b"x")

    with mail_by(mail_url(fake, provider)):
        assert state_after_asking(notice) == State.UNKNOWN


def text_on_its_way(fake: FakeProviders, body: bytes) -> None:
    """Let the fake Twilio have a text with these words."""
    from notices.senders import sender_for
    from tests.notices.providers.sending import text

    with sender_for("sms") as sender:
        sender.send(text(words=body.decode()))


def test_a_text_twilio_has_was_sent_and_counts_for_one_notice_only(
    fake: FakeProviders, stream: Stream
) -> None:
    first, _ = make_doubt(stream, "twilio", minutes=11, body=b"Pay, please.")
    second, _ = make_doubt(stream, "twilio", minutes=11, body=b"Pay, please.")
    with texts_by(fake):
        text_on_its_way(fake, b"Pay, please.")

        sweep_stuck()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.SENT, State.SCHEDULED)
    assert first.attempts.get().provider_reference == fake.taken[0].id


def test_a_text_of_other_words_leaves_the_matter_to_staff(
    fake: FakeProviders, stream: Stream
) -> None:
    notice, _ = make_doubt(stream, "twilio", minutes=11, body=b"Pay, please.")
    with texts_by(fake):
        text_on_its_way(fake, b"Something else.")

        assert state_after_asking(notice) == State.UNKNOWN


def test_a_text_of_long_ago_is_not_taken_for_this_one(
    fake: FakeProviders, stream: Stream
) -> None:
    notice, _ = make_doubt(stream, "twilio", minutes=11, body=b"Pay, please.")
    with texts_by(fake):
        text_on_its_way(fake, b"Pay, please.")
        fake.taken[0].at -= dt.timedelta(days=1)

        assert state_after_asking(notice) == State.SCHEDULED


def test_a_provider_that_is_away_is_asked_once_and_later_again(
    fake: FakeProviders, stream: Stream, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in "ab":
        make_doubt(stream, "twilio", minutes=11, body=b"x")
    with texts_by(fake, TWILIO_API_URL="http://127.0.0.1:1"):
        sweep_stuck()
        asked_first = Attempt.objects.filter(asked_at__isnull=False).count()
        sweep_stuck()

    asked = Attempt.objects.filter(asked_at__isnull=False)
    assert (asked_first, asked.count()) == (1, 2)  # one a sweep
    assert not Notice.objects.exclude(state=State.UNKNOWN).exists()
    assert NUMBER not in caplog.text


def test_a_doubt_is_not_asked_about_in_every_pass(
    fake: FakeProviders, stream: Stream
) -> None:
    notice, _ = make_doubt(stream, "twilio", minutes=11, body=b"Pay, please.")
    with texts_by(fake):
        text_on_its_way(fake, b"Something else.")
        fake.asked.clear()
        for _ in range(3):
            sweep_stuck()

    assert len(fake.asked) == 1
    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_trial_goes_through_the_provider(fake: FakeProviders, channel: str) -> None:
    install_starters(["en"])
    version = TemplateVersion.objects.get(
        key="reminder", channel__in=FORMS_OF[channel], language="en"
    )
    to = NUMBER if channel == "sms" else "anna@example.com"
    live: Any = (
        texts_by(fake) if channel == "sms" else mail_by(mail_url(fake, "postmark"))
    )

    with live:
        trial = send_test(version=version, channel=channel, to=to)

    (taken,) = fake.taken
    assert (taken.to, taken.reference) == (to, trial.reference)
    assert taken.provider == trial.provider


def test_a_trial_to_a_country_not_named_says_so(fake: FakeProviders) -> None:
    install_starters(["en"])
    version = TemplateVersion.objects.get(key="reminder", channel="sms", language="en")

    with texts_by(fake), pytest.raises(TrialError, match="SMS_COUNTRIES"):
        send_test(version=version, channel="sms", to="+4915112345678")


def test_attempts_written_without_the_new_columns_stand() -> None:
    """The hot path names its columns: those it does not name have their defaults."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns WHERE table_name ="
            " 'notices_attempt' AND column_name = 'currency'"
        )
        assert cursor.fetchone() == ("''::character varying",)
