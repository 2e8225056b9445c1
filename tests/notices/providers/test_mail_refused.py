"""What a provider's bad day means: try again, never again, or nobody knows."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from notices.senders import SendError, sender_for
from tests.fakes.http_providers import FakeProviders, Fate
from tests.fakes.spoken import KEY
from tests.notices.providers.sending import ANNA, MAIL, mail, mail_by, mail_url


def refused(url: str, **message: Any) -> SendError:
    """Send one message that does not go, and return what it says."""
    with (
        mail_by(url),
        sender_for("email") as sender,
        pytest.raises(SendError) as caught,
    ):
        sender.send(mail(**message))
    return caught.value


def kind_of(error: SendError) -> str:
    """Return the one thing an error says of the message."""
    said = [
        name
        for name in ("permanent", "unknown", "backs_off", "stops_lane")
        if getattr(error, name)
    ]
    assert len(said) < 2, said
    return said[0] if said else "later"


@pytest.mark.parametrize("provider", MAIL)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "permanent"),
        (401, "stops_lane"),
        (403, "stops_lane"),
        (408, "later"),
        (413, "permanent"),
        (429, "backs_off"),
        (500, "unknown"),
        (502, "unknown"),
        (503, "backs_off"),
        (504, "unknown"),
    ],
)
def test_a_status_says_whether_trying_again_can_help(
    fake: FakeProviders, provider: str, status: int, kind: str
) -> None:
    fake.fates["*"] = Fate(status=status)

    error = refused(mail_url(fake, provider))

    assert kind_of(error) == kind
    assert not error.suppresses
    assert len(fake.asked) == 1  # nobody tried again behind our back


@pytest.mark.parametrize("provider", MAIL)
def test_a_busy_provider_says_how_long_to_wait(
    fake: FakeProviders, provider: str
) -> None:
    fake.fates["*"] = Fate(status=429, headers={"Retry-After": "17"})

    assert refused(mail_url(fake, provider)).retry_after == 17


@pytest.mark.parametrize("provider", MAIL)
@pytest.mark.parametrize("takes", [True, False])
def test_a_line_that_breaks_leaves_the_message_unknown(
    fake: FakeProviders, provider: str, takes: bool
) -> None:
    fake.fates["*"] = Fate(cuts=True, takes=takes)

    assert kind_of(refused(mail_url(fake, provider))) == "unknown"


@pytest.mark.parametrize("provider", MAIL)
def test_a_provider_that_is_silent_leaves_the_message_unknown(
    fake: FakeProviders, provider: str
) -> None:
    fake.fates["*"] = Fate(latency=1.5, takes=True)

    assert kind_of(refused(mail_url(fake, provider, seconds=1))) == "unknown"
    assert len(fake.taken) == 1


@pytest.mark.parametrize("provider", MAIL)
def test_a_provider_that_is_away_is_waited_for(
    fake: FakeProviders, provider: str
) -> None:
    there = str(fake.port)

    error = refused(mail_url(fake, provider).replace(there, "1"))

    assert kind_of(error) == "backs_off"


@pytest.mark.parametrize("provider", MAIL)
def test_a_name_nobody_knows_is_waited_for(fake: FakeProviders, provider: str) -> None:
    there = f"127.0.0.1:{fake.port}"

    error = refused(mail_url(fake, provider).replace(there, "api.invalid"))

    assert kind_of(error) == "backs_off"


@pytest.mark.parametrize("provider", MAIL)
def test_a_wrong_key_stops_the_lane(fake: FakeProviders, provider: str) -> None:
    url = mail_url(fake, provider).replace(f"{KEY}", "wrong", 1)

    assert kind_of(refused(url)) == "stops_lane"


@pytest.mark.parametrize(
    ("provider", "status", "body", "kind", "suppresses"),
    [
        (
            "postmark",
            422,
            {
                "ErrorCode": 406,
                "Message": f"Found inactive addresses: {ANNA}.\n"
                "Inactive recipients are ones that have generated a hard bounce",
            },
            "permanent",
            "hard_bounce",
        ),
        (
            "postmark",
            422,
            {"ErrorCode": 300, "Message": f"Invalid 'To' address: '{ANNA}'."},
            "permanent",
            "invalid",
        ),
        (
            "postmark",
            422,
            {"ErrorCode": 405, "Message": "No credits"},
            "stops_lane",
            "",
        ),
        (
            "mailgun",
            400,
            {"message": "to parameter is not a valid address. please check"},
            "permanent",
            "invalid",
        ),
        ("mailgun", 404, {"message": "Domain not found: x"}, "stops_lane", ""),
        (
            "brevo",
            400,
            {"code": "not_enough_credits", "message": "No credits"},
            "stops_lane",
            "",
        ),
        (
            "brevo",
            400,
            {"code": "duplicate_parameter", "message": "seen"},
            "unknown",
            "",
        ),
        (
            "mailjet",
            400,
            {
                "Messages": [
                    {
                        "Status": "error",
                        "Errors": [
                            {
                                "ErrorCode": "mj-0013",
                                "ErrorMessage": f"{ANNA} is an invalid email address.",
                            }
                        ],
                    }
                ]
            },
            "permanent",
            "invalid",
        ),
        (
            "mailjet",
            403,
            {
                "Messages": [
                    {
                        "Status": "error",
                        "Errors": [
                            {
                                "ErrorCode": "send-0008",
                                "ErrorMessage": "not an active sender",
                            }
                        ],
                    }
                ]
            },
            "stops_lane",
            "",
        ),
    ],
)
def test_a_code_of_the_provider_says_more_than_its_status(
    fake: FakeProviders,
    provider: str,
    status: int,
    body: dict[str, Any],
    kind: str,
    suppresses: str,
) -> None:
    fake.fates[ANNA] = Fate(status=status, body=body)

    error = refused(mail_url(fake, provider))

    assert (kind_of(error), error.suppresses) == (kind, suppresses)
    assert ANNA not in error.code


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("TooManyRequestsException", 429, "backs_off"),
        ("ThrottlingException", 400, "backs_off"),
        ("SendingPausedException", 400, "stops_lane"),
        ("MessageRejected", 400, "permanent"),
    ],
)
def test_amazon_names_what_is_wrong(
    fake: FakeProviders, code: str, status: int, kind: str
) -> None:
    fake.fates["*"] = Fate(status=status, headers={"x-amzn-ErrorType": code})

    assert kind_of(refused(mail_url(fake, "ses"))) == kind


@pytest.mark.parametrize("provider", ["postmark", "brevo", "mailjet"])
def test_a_message_that_fields_cannot_say_is_not_sent(
    fake: FakeProviders, provider: str
) -> None:
    head = b'Content-Type: multipart/related; boundary="b"\r\n\r\n'
    body = head + b"--b\r\n\r\nx\r\n--b--\r\n"

    error = refused(mail_url(fake, provider), body=body)

    assert kind_of(error) == "permanent"
    assert not fake.asked


@pytest.mark.parametrize("provider", MAIL)
def test_neither_keys_nor_addresses_reach_an_error_or_the_log(
    fake: FakeProviders, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "notices")
    said = {"message": f"{ANNA} is bad", "Message": f"<{ANNA}>", "ErrorCode": 1}
    fake.fates["*"] = Fate(status=400, body=said)

    error = refused(mail_url(fake, provider))

    told = repr(error) + str(error) + repr(mail()) + caplog.text
    assert ANNA not in told and KEY not in told
    assert error.__cause__ is None and error.__suppress_context__
