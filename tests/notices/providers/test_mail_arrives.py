"""What each e-mail provider is given: the message as it was written, and ids alone."""

from __future__ import annotations

import base64
import json
from email import message_from_bytes, policy
from typing import Any

import pytest

from notices.render.facts import Attachment
from notices.senders import sender_for
from tests.fakes.http_providers import FakeProviders
from tests.fakes.spoken import Taken
from tests.notices.providers.sending import (
    ANNA,
    HTML,
    IN_FIELDS,
    MAIL,
    TEXT,
    mail,
    mail_by,
    mail_url,
    written,
)

PDF = Attachment(
    filename="Rechnung März.pdf",
    media_type="application/pdf",
    body=b"%PDF-1.7\r\n\0\xff",
)


def taken_by(fake: FakeProviders, provider: str, body: bytes | None = None) -> Taken:
    """Send one message and return what the provider took."""
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        sender.send(mail(body=body))
    (taken,) = fake.taken
    return taken


@pytest.mark.parametrize("provider", MAIL)
def test_a_message_arrives_once_with_our_reference(
    fake: FakeProviders, provider: str
) -> None:
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        receipt = sender.send(mail())

    (taken,) = fake.taken
    assert sender.provider == taken.provider == provider
    assert (taken.to, taken.reference) == (ANNA, "7QK2M9XW4BTD")
    assert receipt.provider_reference


def test_mailgun_is_given_the_stored_bytes(fake: FakeProviders) -> None:
    assert taken_by(fake, "mailgun").body == written()


def test_ses_is_given_the_stored_bytes_behind_one_header(fake: FakeProviders) -> None:
    body = written(text="Good day.\n", html="<p>Good day.</p>\n")

    first, _, rest = taken_by(fake, "ses", body).body.partition(b"\r\n")

    assert rest == body
    assert first.startswith(b"X-Metadata: {")


def test_ses_is_given_ascii_that_says_the_same(fake: FakeProviders) -> None:
    raw = taken_by(fake, "ses", written(files=(PDF,))).body

    assert raw.isascii()
    said, stored = (
        message_from_bytes(one, policy=policy.default)
        for one in (raw.partition(b"\r\n")[2], written(files=(PDF,)))
    )
    assert said.items() == stored.items()
    for ours, theirs in zip(stored.walk(), said.walk(), strict=True):
        if not ours.is_multipart():
            assert ours.get_content() == theirs.get_content()


def fields_of(taken: Taken) -> dict[str, Any]:
    """Return what a provider was told in fields, under one name for all."""
    said = taken.fields
    if taken.provider == "postmark":
        headers = {one["Name"]: one["Value"] for one in said["Headers"]}
        files = [base64.b64decode(f["Content"]) for f in said.get("Attachments", ())]
        names = [f["Name"] for f in said.get("Attachments", ())]
        return {
            "subject": said["Subject"],
            "text": said["TextBody"],
            "html": said["HtmlBody"],
            "from": said["From"],
            "reply_to": said["ReplyTo"],
            "headers": headers,
            "files": files,
            "names": names,
        }
    if taken.provider == "brevo":
        return {
            "subject": said["subject"],
            "text": said["textContent"],
            "html": said["htmlContent"],
            "from": json.dumps(said["sender"]),
            "reply_to": said["replyTo"]["email"],
            "headers": said["headers"],
            "files": [
                base64.b64decode(f["content"]) for f in said.get("attachment", ())
            ],
            "names": [f["name"] for f in said.get("attachment", ())],
        }
    if taken.provider == "mailjet":
        found = said.get("Attachments", ())
        return {
            "subject": said["Subject"],
            "text": said["TextPart"],
            "html": said["HTMLPart"],
            "from": json.dumps(said["From"]),
            "reply_to": said["ReplyTo"]["Email"],
            "headers": said["Headers"],
            "files": [base64.b64decode(f["Base64Content"]) for f in found],
            "names": [f["Filename"] for f in found],
        }
    bodies = {one["type"]: one["value"] for one in said["content"]}
    found = said.get("attachments", ())
    return {
        "subject": said["subject"],
        "text": bodies["text/plain"],
        "html": bodies["text/html"],
        "from": json.dumps(said["from"]),
        "reply_to": said["reply_to_list"][0]["email"],
        "headers": said["headers"],
        "files": [base64.b64decode(f["content"]) for f in found],
        "names": [f["filename"] for f in found],
    }


@pytest.mark.parametrize("provider", IN_FIELDS)
def test_fields_say_what_was_written(fake: FakeProviders, provider: str) -> None:
    said = fields_of(taken_by(fake, provider, written(files=(PDF,))))

    assert said["subject"] == "Ihre Rechnung für März"
    assert (said["text"], said["html"]) == (TEXT, HTML)
    assert "bills@example.org" in said["from"]
    assert said["reply_to"] == "ask@example.org"
    assert (said["files"], said["names"]) == ([PDF.body], [PDF.filename])
    headers = said["headers"]
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Duly-Notice"] == "7QK2M9XW4BTD"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith(
        "<https://bills.example.com/stop/abc>, <mailto:ask@example.org?"
    )


def test_postmark_keeps_our_message_id(fake: FakeProviders) -> None:
    headers = fields_of(taken_by(fake, "postmark"))["headers"]

    assert headers["Message-ID"] == "<7QK2M9XW4BTD.1@example.org>"
    assert headers["X-PM-KeepID"] == "true"


@pytest.mark.parametrize(
    ("provider", "switches"),
    [
        ("postmark", {"TrackOpens": False, "TrackLinks": "None"}),
        ("mailgun", {"o:tracking": "no", "o:tracking-opens": "no"}),
        ("mailjet", {"TrackOpens": "disabled", "TrackClicks": "disabled"}),
    ],
)
def test_opens_and_clicks_are_not_counted(
    fake: FakeProviders, provider: str, switches: dict[str, Any]
) -> None:
    fields = taken_by(fake, provider).fields

    assert {name: fields[name] for name in switches} == switches


@pytest.mark.parametrize("provider", MAIL)
def test_a_batch_keeps_its_connection(fake: FakeProviders, provider: str) -> None:
    with mail_by(mail_url(fake, provider)), sender_for("email") as sender:
        for _ in range(3):
            sender.send(mail())

    assert {one.connection for one in fake.taken} == {fake.taken[0].connection}
