"""Texts through Twilio's real SDK: what it is asked, and what its answers mean."""

from __future__ import annotations

import logging
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.urls import resolve

from notices.senders import Receipt, SendError, sender_for
from notices.senders.errors import Meaning, meaning_of
from notices.senders.toll import objection
from notices.senders.twilio import price_of
from tests.fakes.http_providers import FakeProviders, Fate
from tests.fakes.spoken import ACCOUNT, TOKEN
from tests.notices.providers.sending import NUMBER, text, texts_by
from tests.notices.providers.test_mail_refused import kind_of


def send(
    fake: FakeProviders, *, told: dict[str, Any] | None = None, **fields: Any
) -> Receipt:
    """Send one text by the settings ``told``."""
    with texts_by(fake, **(told or {})), sender_for("sms") as sender:
        return sender.send(text(**fields))


def refused(fake: FakeProviders, **fields: Any) -> SendError:
    """Send one text that does not go, and return what it says."""
    with pytest.raises(SendError) as caught:
        send(fake, **fields)
    return caught.value


def test_a_text_goes_once_as_it_is_stored(fake: FakeProviders) -> None:
    receipt = send(fake, words="Grüße – “bald” 42 €")

    (taken,) = fake.taken
    assert taken.body.decode() == "Grüße – “bald” 42 €"
    assert taken.fields["To"] == NUMBER
    assert taken.fields["MessagingServiceSid"] == "MG" + "2" * 32
    assert taken.fields["SmartEncoded"] == "false"
    assert "From" not in taken.fields
    assert receipt.provider_reference == taken.id


def test_twilio_is_told_where_to_report_and_by_which_reference(
    fake: FakeProviders,
) -> None:
    send(fake)

    (taken,) = fake.taken
    assert taken.callback == (
        "https://bills.example.com/hooks/twilio/status/7QK2M9XW4BTD"
    )
    heard = resolve("/hooks/twilio/status/7QK2M9XW4BTD")
    assert (heard.url_name, heard.kwargs["reference"]) == (
        "hook-twilio-status",
        "7QK2M9XW4BTD",
    )


def test_without_a_public_address_no_report_is_asked_for(fake: FakeProviders) -> None:
    send(fake, told={"PUBLIC_URL": ""})

    assert "StatusCallback" not in fake.taken[0].fields


def test_a_number_of_ours_stands_in_for_a_messaging_service(
    fake: FakeProviders,
) -> None:
    told = {"TWILIO_MESSAGING_SERVICE_SID": "", "TWILIO_FROM": "+447700900999"}

    send(fake, told=told)

    assert fake.taken[0].fields["From"] == "+447700900999"


@pytest.mark.parametrize(
    ("window", "held"), [(900, "900"), (5, "60"), (50_000, "3600")]
)
def test_twilio_drops_what_the_window_no_longer_allows(
    fake: FakeProviders, window: int, held: str
) -> None:
    send(fake, ttl_s=window)

    assert fake.taken[0].fields["ValidityPeriod"] == held


def test_parts_are_counted_by_us_where_twilio_says_none(fake: FakeProviders) -> None:
    assert send(fake, words="x" * 161).segments == 2


def test_a_price_is_read_without_its_sign() -> None:
    assert price_of("-0.00750") == Decimal("0.0075")
    assert price_of(None) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "permanent"),
        (401, "stops_lane"),
        (403, "stops_lane"),
        (404, "stops_lane"),
        (408, "later"),
        (429, "backs_off"),
        (500, "unknown"),
        (502, "unknown"),
        (503, "backs_off"),
        (504, "unknown"),
    ],
)
def test_a_status_says_whether_trying_again_can_help(
    fake: FakeProviders, status: int, kind: str
) -> None:
    fake.fates["*"] = Fate(status=status)

    error = refused(fake)

    assert kind_of(error) == kind
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("code", "kind", "suppresses"),
    [
        (21610, "permanent", "stop"),
        (21211, "permanent", "invalid"),
        (21614, "permanent", "landline"),
        (30004, "permanent", "soft_limit"),
        (30007, "stops_lane", ""),
        (30034, "stops_lane", ""),
        (21408, "stops_lane", ""),
        (20429, "backs_off", ""),
        (30001, "backs_off", ""),
        (30003, "later", ""),
        (99999, "permanent", ""),  # not in the table: this message, not this person
    ],
)
def test_a_code_of_twilio_says_what_is_wrong(
    fake: FakeProviders, code: int, kind: str, suppresses: str
) -> None:
    said = {"code": code, "message": f"The 'To' number {NUMBER} is bad", "status": 400}
    fake.fates[NUMBER] = Fate(status=400, body=said)

    error = refused(fake)

    assert (kind_of(error), error.suppresses) == (kind, suppresses)
    assert str(code) in error.code and NUMBER not in error.code


def test_a_busy_twilio_says_how_long_to_wait(fake: FakeProviders) -> None:
    fake.fates["*"] = Fate(status=429, headers={"Retry-After": "3"})

    assert refused(fake).retry_after == 3


def test_errors_in_twilios_newer_form_are_read_too(fake: FakeProviders) -> None:
    said = {
        "type": "https://…/20429",
        "title": "Too many",
        "status": 429,
        "code": 20429,
    }
    fake.fates["*"] = Fate(status=429, body=said)

    assert kind_of(refused(fake)) == "backs_off"


@pytest.mark.parametrize(
    "fate",
    [Fate(cuts=True, takes=True), Fate(cuts=True), Fate(latency=1.5, takes=True)],
)
def test_a_line_that_breaks_or_is_silent_leaves_the_text_unknown(
    fake: FakeProviders, fate: Fate
) -> None:
    fake.fates["*"] = fate

    assert kind_of(refused(fake, told={"SMS_TIMEOUT": 1})) == "unknown"


@pytest.mark.parametrize("there", ["http://127.0.0.1:1", "http://api.invalid"])
def test_a_twilio_that_is_away_is_waited_for(fake: FakeProviders, there: str) -> None:
    error = refused(fake, told={"TWILIO_API_URL": there})

    assert kind_of(error) == "backs_off"


def test_a_text_twilio_failed_at_once_is_not_taken_for_sent(
    fake: FakeProviders,
) -> None:
    said = {"sid": "SM1", "status": "failed", "error_code": 30005}
    fake.fates["*"] = Fate(status=201, body=said)

    error = refused(fake)

    assert (kind_of(error), error.suppresses) == ("permanent", "invalid")


def test_an_answer_that_cannot_be_read_leaves_the_text_unknown(
    fake: FakeProviders,
) -> None:
    fake.fates["*"] = Fate(status=200, headers={"Content-Length": "1"})

    assert kind_of(refused(fake)) == "unknown"


def test_a_wrong_token_stops_the_lane(fake: FakeProviders) -> None:
    error = refused(fake, told={"TWILIO_AUTH_TOKEN": "wrong"})

    assert kind_of(error) == "stops_lane"


@pytest.mark.parametrize(
    ("number", "countries", "words"),
    [
        ("+447700900123", {"GB"}, ""),
        ("+4915112345678", {"GB"}, "DE"),
        ("+18765550123", {"US"}, "JM"),  # Jamaica shares +1
        ("+449098790123", {"GB"}, "premium-rate"),
        ("+447012345678", {"GB"}, "forwarding"),
        ("+8835100012345", {"GB"}, "+883"),  # international networks
        ("no number", {"GB"}, "no phone number"),
    ],
)
def test_numbers_that_cost_or_lie_elsewhere_are_not_texted(
    number: str, countries: set[str], words: str
) -> None:
    against = objection(number, frozenset(countries))

    assert words in against and bool(against) == bool(words)
    assert number not in against


def test_a_costly_number_never_reaches_twilio(fake: FakeProviders) -> None:
    error = refused(fake, to="+4915112345678")

    assert error.permanent and not error.suppresses
    assert "SMS_COUNTRIES" in error.code
    assert not fake.asked


def test_many_threads_send_at_once_each_on_its_own_line(fake: FakeProviders) -> None:
    fake.latency = 0.1
    with texts_by(fake), sender_for("sms") as sender:
        threads = [
            threading.Thread(target=sender.send, args=(text(),)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(fake.taken) == fake.busiest == 8
    assert len({one.connection for one in fake.taken}) == 8


def test_neither_token_nor_number_reaches_an_error_or_the_log(
    fake: FakeProviders, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.fates["*"] = Fate(status=400, body={"code": 1, "message": f"{NUMBER} is bad"})

    error = refused(fake)

    told = repr(error) + repr(text()) + caplog.text
    assert NUMBER not in told and TOKEN not in told and "bill is late" not in told
    assert error.__cause__ is None and error.__suppress_context__
    assert ACCOUNT not in error.code


def test_a_code_nobody_knows_blames_no_one() -> None:
    assert meaning_of("twilio", "12345") is None
    assert meaning_of("twilio", "21610") is Meaning.STOP
