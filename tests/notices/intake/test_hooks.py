"""A provider's call is proven, kept once and answered at once; others leave nothing."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from notices.intake import sns
from notices.intake.checks import check_hooks
from notices.intake.providers import HOOKS, Hook
from notices.models import ProviderCall
from tests.factories import make_notice
from tests.notices.intake import calling
from tests.notices.intake.calling import (
    SHARED,
    TOPIC,
    basic,
    mailgun,
    mailgun_event,
    mailgun_signature,
    post,
    postmark,
    postmark_bounce,
    ses,
    ses_bounce,
    signed,
    sns_message,
    text_from,
    twilio,
)

pytestmark = pytest.mark.django_db

REFERENCE = "0123456789AB"
SAID = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": calling.PHONE}
STATUS = f"hooks/twilio/status/{REFERENCE}"


def stored() -> int:
    return ProviderCall.objects.count()


def test_every_address_below_hooks_is_one_of_our_list() -> None:
    below = {
        pattern.name
        for pattern in get_resolver().url_patterns
        if str(pattern.pattern).startswith("hooks/")
    }

    assert below == {hook.name for hook in HOOKS}
    assert len(below) == 12


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{}", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"MessageSid=SM1", "application/x-www-form-urlencoded"),
        (b"token=a&timestamp=1&signature=b", "application/x-www-form-urlencoded"),
        (json.dumps(sns_message({}) | {"Signature": "AAAA"}).encode(), "text/plain"),
    ],
)
@pytest.mark.parametrize("password", ["", "postmark:wrong", "ü:ö"])
def test_a_call_without_proof_is_refused_and_leaves_nothing(
    hook: Hook, body: bytes, content_type: str, password: str
) -> None:
    where = {"reference": REFERENCE} if hook.more else {}
    headers = {"X-Twilio-Signature": "d3Jvbmc="}
    if password:
        headers |= basic(password)

    answer = Client(enforce_csrf_checks=True).post(
        reverse(hook.name, kwargs=where), body, content_type, headers=headers
    )

    assert answer.status_code == 403
    assert stored() == 0


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_a_hook_whose_secrets_are_not_set_lets_nobody_in(
    hook: Hook, settings: Any
) -> None:
    settings.HOOK_PASSWORD = settings.SES_TOPICS = []
    settings.TWILIO_AUTH_TOKEN = settings.MAILGUN_SIGNING_KEY = ""
    where = {"reference": REFERENCE} if hook.more else {}

    answer = Client().post(
        reverse(hook.name, kwargs=where), b"{}", "application/json", headers=basic(":")
    )

    assert answer.status_code == 403
    assert stored() == 0


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_a_hook_answers_only_what_providers_ask(hook: Hook) -> None:
    where = {"reference": REFERENCE} if hook.more else {}
    address = reverse(hook.name, kwargs=where)

    assert Client().get(address).status_code == 405
    assert Client().head(address).status_code == 200
    assert not Client().head(address).cookies


def test_a_proven_call_is_kept_as_it_came_and_once() -> None:
    body = postmark_bounce(REFERENCE)

    assert postmark(body).status_code == 200
    assert postmark(body).status_code == 200

    kept = ProviderCall.objects.get()
    assert json.loads(bytes(kept.body)) == body
    assert (kept.provider, kept.kind, kept.state) == ("postmark", "tracking", "new")


def test_any_of_several_passwords_opens_while_a_new_one_is_brought_in(
    settings: Any,
) -> None:
    settings.HOOK_PASSWORD = ["old:one", "new:one"]

    for password in settings.HOOK_PASSWORD:
        body = postmark_bounce(REFERENCE, Tag=password)
        answer = post("hooks/postmark/tracking", body, basic(password))
        assert answer.status_code == 200

    assert stored() == 2


def test_a_call_larger_than_its_limit_is_turned_away() -> None:
    large = postmark_bounce(REFERENCE, Content="x" * 1024 * 1024)

    assert postmark(large).status_code == 413
    assert stored() == 0


def test_a_mail_with_a_photograph_is_let_in() -> None:
    mail = calling.postmark_mail("STOP", Attachments=[{"Content": "A" * 4_000_000}])

    assert postmark(mail, "inbound").status_code == 200


def test_nothing_of_a_refused_call_is_logged(caplog: Any) -> None:
    post("hooks/ses/tracking", b"{alice@example.com", {})
    post("hooks/postmark/tracking", postmark_bounce(REFERENCE), basic("a:b"))

    assert "refused" in caplog.text
    assert "alice@example.com" not in caplog.text


# Mailgun


def test_mailgun_needs_its_signature_and_the_password() -> None:
    event = mailgun_event(REFERENCE)

    assert mailgun(event, password=False).status_code == 403
    assert mailgun(event, mailgun_signature(key="wrong")).status_code == 403
    assert stored() == 0

    assert mailgun(event).status_code == 200
    assert stored() == 1


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_signature_of_mailguns_opens_nothing(minutes: int) -> None:
    at = timezone.now() + dt.timedelta(minutes=minutes)

    assert (
        mailgun(mailgun_event(REFERENCE), mailgun_signature(at=at)).status_code == 403
    )
    assert stored() == 0


def test_a_signature_of_mailguns_serves_once_whatever_it_is_put_on() -> None:
    signature = mailgun_signature()

    mailgun(mailgun_event(REFERENCE, "delivered"), signature)
    mailgun(mailgun_event(REFERENCE, "complained"), signature)

    kept = ProviderCall.objects.get()
    assert b"delivered" in bytes(kept.body)


# Amazon


@pytest.mark.parametrize("version", ["1", "2"])
def test_amazons_signature_is_checked_by_us(version: str) -> None:
    message = sns_message(ses_bounce(REFERENCE), SignatureVersion=version)

    assert ses(message | {"Message": "{}"}).status_code == 403
    assert ses(message | {"Subject": "changed"}).status_code == 403
    assert stored() == 0

    assert ses(message).status_code == 200
    assert stored() == 1


def test_another_topic_is_refused_however_well_it_is_signed() -> None:
    message = sns_message(ses_bounce(REFERENCE), TopicArn=TOPIC + "-of-a-stranger")

    assert ses(message).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-"
        + "0" * 32
        + ".pem",
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-"
        + "0" * 32
        + ".pem",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-"
        + "0" * 32
        + ".pem",
        "https://s3.amazonaws.com/SimpleNotificationService-" + "0" * 32 + ".pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-"
        + "0" * 32
        + ".pem",
        "",
    ],
)
def test_a_certificate_is_fetched_from_amazon_alone(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(address: str) -> bytes:
        raise AssertionError(f"{address} was fetched.")

    monkeypatch.setattr(sns, "fetch_certificate", never)
    message = sns_message(ses_bounce(REFERENCE), SigningCertURL=address)

    assert ses(message).status_code == 403


def test_a_certificate_that_has_run_out_proves_nothing() -> None:
    message = sns_message({})

    with pytest.raises(sns.NotSigned, match="run out"):
        sns.verify(
            message,
            now=dt.datetime(2061, 1, 1, tzinfo=dt.UTC),
            fetch=lambda address: calling.amazon()[1],
        )


def test_no_subscription_confirms_itself(caplog: Any) -> None:
    message = sns_message(
        {},
        Type="SubscriptionConfirmation",
        Token="abc",
        SubscribeURL="https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
    )
    ses(signed({k: v for k, v in message.items() if k != "Signature"}))

    assert calling.read() == {"failed": 1}

    kept = ProviderCall.objects.get()
    assert kept.reason.startswith("Amazon SNS asks to confirm")
    assert b"SubscribeURL" in bytes(kept.body)


# Twilio


def test_twilio_may_sign_by_its_token_or_by_a_key_of_our_list() -> None:
    name, secret = next(iter(SHARED.items()))

    assert twilio(STATUS, SAID).status_code == 200
    assert (
        twilio(
            STATUS, SAID | {"MessageStatus": "read"}, shared=name, secret=secret
        ).status_code
        == 200
    )
    assert stored() == 2


@pytest.mark.parametrize(
    ("shared", "secret"),
    [
        ("webhooks_sharedkey_1", "wrong"),
        ("webhooks_sharedkey_1", calling.TOKEN),
        ("webhooks_sharedkey_2", "shared-secret"),
        ("webhooks_sharedkey_2", calling.TOKEN),
        ("", "wrong"),
    ],
)
def test_a_key_that_is_not_ours_opens_nothing(shared: str, secret: str) -> None:
    assert twilio(STATUS, SAID, shared=shared, secret=secret).status_code == 403
    assert stored() == 0


def test_no_other_algorithm_can_be_asked_for() -> None:
    from urllib.parse import urlencode

    from twilio.request_validator import RequestValidator

    signature = RequestValidator(SHARED["webhooks_sharedkey_1"]).compute_signature(
        f"{calling.PUBLIC}/{STATUS}", SAID
    )
    headers = {
        "X-Twilio-Signature": signature,
        "X-Twilio-Webhooks-Signature-Settings": (
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"
        ),
    }

    answer = post(
        STATUS, urlencode(SAID).encode(), headers, "application/x-www-form-urlencoded"
    )

    assert answer.status_code == 403


def test_twilio_signs_the_public_address_not_the_one_behind_the_proxy() -> None:
    assert twilio(STATUS, SAID, base="http://testserver").status_code == 403
    assert twilio(STATUS, SAID, base=calling.PUBLIC).status_code == 200


def test_a_blank_at_the_end_of_a_text_belongs_to_what_is_signed() -> None:
    assert text_from("Stop ").status_code == 200
    assert text_from("", sid="empty").status_code == 200


def test_a_status_is_kept_once_and_another_beside_it() -> None:
    for status in ("sent", "sent", "delivered", "sent"):
        twilio(STATUS, SAID | {"MessageStatus": status})

    assert stored() == 2


# At start-up


def test_a_provider_in_use_without_its_secret_stops_the_start(settings: Any) -> None:
    settings.CHANNELS = {"email": "mailgun", "sms": "twilio"}
    settings.MAILGUN_SIGNING_KEY = settings.TWILIO_AUTH_TOKEN = ""

    with pytest.raises(SystemCheckError) as error:
        call_command("check")

    assert "MAILGUN_SIGNING_KEY is not set" in str(error.value)
    assert "TWILIO_AUTH_TOKEN is not set" in str(error.value)
    assert "POSTMARK" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "provider"),
    [("HOOK_PASSWORD", "postmark"), ("SES_TOPICS", "ses"), ("PUBLIC_URL", "twilio")],
)
def test_a_provider_that_only_reports_needs_its_secret_too(
    name: str, provider: str, settings: Any
) -> None:
    settings.HOOK_PROVIDERS = [provider]
    assert not check_hooks(None)

    setattr(settings, name, "")

    assert [name in str(error) for error in check_hooks(None)] == [True]


def test_a_misspelt_provider_is_an_error(settings: Any) -> None:
    settings.HOOK_PROVIDERS = ["postmrak"]

    assert "postmrak" in str(check_hooks(None)[0])


def test_the_provider_of_djangos_mail_is_in_use(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.SES_TOPICS = []

    assert "SES_TOPICS" in str(check_hooks(None)[0])


def test_a_sandbox_needs_no_secret(settings: Any) -> None:
    settings.HOOK_PASSWORD = settings.SES_TOPICS = []

    assert check_hooks(None) == []
    assert make_notice()
