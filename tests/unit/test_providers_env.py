"""EMAIL_URL and TWILIO_… become settings, or stop the start without a key in sight."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import providers


def email(url: str) -> dict[str, Any]:
    return providers.email(url, connections=8)


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        (
            "postmark://tok@?stream=bills",
            {"POSTMARK_SERVER_TOKEN": "tok", "POSTMARK_MESSAGE_STREAM": "bills"},
        ),
        (
            "mailgun://key-1@mg.example.com?region=eu",
            {
                "MAILGUN_API_KEY": "key-1",
                "MAILGUN_SENDER_DOMAIN": "mg.example.com",
                "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3/",
            },
        ),
        (
            "mailgun://key-1@mg.example.com",
            {"MAILGUN_API_URL": "https://api.mailgun.net/v3/"},
        ),
        ("brevo://xkeysib%2F1@", {"BREVO_API_KEY": "xkeysib/1"}),
        (
            "mailjet://key:secret@",
            {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"},
        ),
    ],
)
def test_an_address_becomes_anymails_settings(
    url: str, settings: dict[str, str]
) -> None:
    found = email(url)

    scheme = url.partition(":")[0]
    assert found["ANYMAIL"].items() >= settings.items()
    assert found["EMAIL_PROVIDER"] == scheme
    assert found["EMAIL_BACKEND"] == f"anymail.backends.{scheme}.EmailBackend"
    assert found["ANYMAIL"]["REQUESTS_TIMEOUT"] == (5, 30)


def test_ses_is_never_tried_again_behind_our_back() -> None:
    found = email("ses://AKIA:a%2Fb@?region=eu-central-1&configuration_set=bills")

    client = found["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"]
    assert client["aws_secret_access_key"] == "a/b"
    assert client["region_name"] == "eu-central-1"
    assert client["config"]["retries"] == {"total_max_attempts": 1}
    assert found["ANYMAIL"]["AMAZON_SES_CONFIGURATION_SET_NAME"] == "bills"


def test_ses_without_keys_takes_those_of_the_machine() -> None:
    client = email("ses://?region=eu-west-1")["ANYMAIL"]["AMAZON_SES_CLIENT_PARAMS"]

    assert "aws_access_key_id" not in client


def test_a_mail_server_stays_a_mail_server() -> None:
    found = email("smtps://u:p@mail.example")

    assert (found["EMAIL_PROVIDER"], found["EMAIL_PORT"]) == ("smtp", 465)


def test_the_seconds_a_provider_may_think_can_be_set() -> None:
    found = email("brevo://k@?timeout=7")

    assert found["ANYMAIL"]["REQUESTS_TIMEOUT"] == (5, 7)


@pytest.mark.parametrize(
    "url",
    [
        "pigeon://hunter2@",
        "hunter2",
        "postmark://",
        "postmark://hunter2@?strem=x",
        "postmark://hunter2@/x",
        "postmark://hunter2@?timeout=soon",
        "postmark://hunter2@?timeout=0",
        "postmark://hunter2@?timeout=61",
        "mailgun://hunter2@",
        "mailjet://hunter2@",
        "ses://AKIA:hunter2@",
        "ses://AKIA:hunter2/x@?region=eu-west-1",
        "smtp://u:hunter2/x@mail.example",
    ],
)
def test_a_bad_address_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as caught:
        email(url)

    assert "hunter2" not in str(caught.value)


WHOLE = {
    "account": "AC1",
    "token": "hunter2",
    "sender": "MG1",
    "countries": frozenset({"GB"}),
}


def test_texts_that_are_wholly_set_up_or_not_at_all_are_fine() -> None:
    providers.require_texts(**WHOLE)  # type: ignore[arg-type]
    providers.require_texts(account="", token="", sender="", countries=frozenset())


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ("account", "TWILIO_ACCOUNT_SID"),
        ("token", "TWILIO_AUTH_TOKEN"),
        ("sender", "TWILIO_MESSAGING_SERVICE_SID"),
        ("countries", "SMS_COUNTRIES"),
    ],
)
def test_texts_that_are_half_set_up_stop_the_start(missing: str, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as caught:
        providers.require_texts(**WHOLE | {missing: ""})  # type: ignore[arg-type]

    assert "hunter2" not in str(caught.value)


def test_countries_have_two_letters() -> None:
    with pytest.raises(ImproperlyConfigured, match="two letters"):
        providers.require_texts(**WHOLE | {"countries": frozenset({"GBR"})})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mail", "texts", "channels"),
    [
        ("", False, {"email": "sandbox", "sms": "sandbox"}),
        ("smtp", False, {"email": "smtp"}),
        ("postmark", False, {"email": "anymail"}),
        ("", True, {"sms": "twilio"}),
        ("ses", True, {"email": "anymail", "sms": "twilio"}),
    ],
)
def test_one_live_channel_turns_the_others_off(
    mail: str, texts: bool, channels: dict[str, str]
) -> None:
    found = providers.channels(email=mail, texts=texts, own={})

    by_hand = {"call": "desk", "letter": "print", "postcard": "print"}
    assert found == channels | by_hand


def test_a_class_of_somebodys_own_goes_before_ours() -> None:
    own = providers.own_senders(["sms=house.Gateway", " letter = house.print.Partner"])

    found = providers.channels(email="smtp", texts=True, own=own)

    assert found == {
        "email": "smtp",
        "sms": "house.Gateway",
        "letter": "house.print.Partner",
        "call": "desk",
        "postcard": "print",
    }
    assert "email" not in providers.channels(email="", texts=False, own=own)


@pytest.mark.parametrize(
    "pair", ["sms", "sms=", "sms=Gateway", "sms=.Gateway", "call=house.Gateway", "=a.B"]
)
def test_what_names_no_class_for_a_channel_is_refused(pair: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="such as 'sms=house"):
        providers.own_senders([pair])
