"""What each provider is asked and answers, as its documentation has it.

A speaker checks the key and the fields its provider needs. It gives back a finished
answer (a refusal, a look-up), or the message it would take with the answer to it.
"""

from __future__ import annotations

import base64
import email
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parseaddr
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.callbacks import ACCOUNT, TOKEN, Taken

KEY, SECRET = "a-key", "a-secret"
DOMAIN = "mg.example.com"

_numbers = itertools.count(1)


@dataclass
class Asked:
    """One request as it arrived; ``connection`` counts the sockets."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @cached_property
    def asks(self) -> dict[str, str]:
        """Return the query's fields."""
        return {name: values[-1] for name, values in parse_qs(self.query).items()}

    @cached_property
    def form(self) -> dict[str, str]:
        """Return a plain form's fields."""
        return {k: v[-1] for k, v in parse_qs(self.body.decode()).items()}

    @cached_property
    def json(self) -> Any:
        """Return the body read as JSON; an empty object where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @cached_property
    def basic(self) -> tuple[str, str]:
        """Return user and password of basic authentication."""
        kind, _, said = self.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return "", ""
        user, _, password = base64.b64decode(said).decode().partition(":")
        return user, password


@dataclass
class Answer:
    """A status, a JSON object and headers."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Return the answer as it goes over the wire, the line left open."""
        body = json.dumps(self.body).encode()
        head = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Date": format_datetime(datetime.now(UTC), usegmt=True),
            **self.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        reason = HTTPStatus(self.status).phrase
        return f"HTTP/1.1 {self.status} {reason}\r\n{lines}\r\n".encode() + body


Spoken = Answer | tuple[Taken, Answer]


def _taken(asked: Asked, provider: str, to: str, **more: Any) -> Taken:
    return Taken(provider, to, connection=asked.connection, **more)


def twilio(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """Messages: create, list by number."""
    if asked.basic != (ACCOUNT, TOKEN):
        return _twilio_error(401, 20003, "Authenticate")
    if path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
        return _twilio_error(404, 20404, f"The requested resource {path} was not found")
    if asked.method == "GET":
        found = [
            _twilio_message(one)
            for one in reversed(known)
            if one.provider == "twilio"
            and one.to == asked.asks.get("To", one.to)
            and str(one.at.date()) == asked.asks.get("DateSent", str(one.at.date()))
        ]
        return Answer(200, {"messages": found, "next_page_uri": None, "page": 0})
    form = asked.form
    if "To" not in form:
        return _twilio_error(400, 21604, "A 'To' phone number is required.")
    if not form.get("Body"):
        return _twilio_error(400, 21602, "Message body is required.")
    if not (form.get("MessagingServiceSid") or form.get("From")):
        return _twilio_error(400, 21603, "A 'From' phone number is required.")
    if not 1 <= int(form.get("ValidityPeriod", "1")) <= 36000:
        return _twilio_error(400, 21624, "ValidityPeriod is out of range")
    taken = _taken(
        asked,
        "twilio",
        form["To"],
        id=f"SM{next(_numbers):032x}",
        reference=form.get("StatusCallback", "").rpartition("/")[2],
        callback=form.get("StatusCallback", ""),
        fields=form,
        body=form["Body"].encode(),
    )
    return taken, Answer(201, _twilio_message(taken))


def _twilio_message(taken: Taken) -> dict[str, Any]:
    return {
        "sid": taken.id,
        "status": taken.status,
        "to": taken.to,
        "from": None,
        "body": taken.body.decode(),
        "num_segments": "1" if taken.price else "0",
        "price": taken.price or None,
        "price_unit": "USD" if taken.price else None,
        "error_code": None,
        "direction": "outbound-api",
        "messaging_service_sid": taken.fields.get("MessagingServiceSid"),
        "date_created": format_datetime(taken.at),
        "date_sent": None,
        "account_sid": ACCOUNT,
    }


def _twilio_error(status: int, code: int, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message, "status": status})


def postmark(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """Single e-mails, and the search by metadata."""
    if asked.headers.get("x-postmark-server-token") != KEY:
        return Answer(401, {"ErrorCode": 10, "Message": "Bad or missing Server API"})
    if path == "/messages/outbound":
        return _found("Messages", [_by_reference(known, asked.asks["metadata_notice"])])
    said = asked.json
    if not (said.get("From") and said.get("To")):
        return Answer(422, {"ErrorCode": 300, "Message": "Invalid email request"})
    if not (said.get("TextBody") or said.get("HtmlBody")):
        return Answer(422, {"ErrorCode": 300, "Message": "Zero bodies"})
    taken = _mail(asked, "postmark", said["To"], said.get("Metadata", {}), said)
    answer = {"ErrorCode": 0, "Message": "OK", "MessageID": taken.id, "To": said["To"]}
    return taken, Answer(200, answer)


def _found(name: str, found: list[list[Taken]]) -> Answer:
    total = len(found[0])
    return Answer(200, {"TotalCount": total, "Count": total, name: [{}] * total})


def _by_reference(known: Sequence[Taken], reference: str) -> list[Taken]:
    return [one for one in known if one.reference == reference]


def _mail(
    asked: Asked,
    provider: str,
    to: str,
    metadata: Mapping[str, str],
    fields: Mapping[str, Any],
    body: bytes = b"",
) -> Taken:
    return _taken(
        asked,
        provider,
        parseaddr(to)[1],
        id=f"{provider}-{next(_numbers)}",
        reference=metadata.get("notice", ""),
        fields=fields,
        body=body,
    )


def mailgun(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """Whole messages (messages.mime), and the events by Message-ID."""
    if asked.basic != ("api", KEY):
        return Answer(401, {"message": "Invalid private key"})
    if not path.startswith(f"/v3/{DOMAIN}/"):
        return Answer(404, {"message": "Domain not found"})
    if path.endswith("/events"):
        wanted = asked.asks["message-id"].encode()
        found = [one for one in known if wanted in one.body.partition(b"\r\n\r\n")[0]]
        return Answer(200, {"items": [{"event": "accepted"}] * len(found)})
    parts = _form_data(asked)
    if not (parts.get("to") and parts.get("message")):
        return Answer(400, {"message": "to or message parameter is missing"})
    fields = {k: v.decode() for k, v in parts.items() if k != "message"}
    metadata = {k[2:]: v for k, v in fields.items() if k.startswith("v:")}
    taken = _mail(asked, "mailgun", fields["to"], metadata, fields, parts["message"])
    answer = {"id": f"<{taken.id}@{DOMAIN}>", "message": "Queued. Thank you."}
    return taken, Answer(200, answer)


def _form_data(asked: Asked) -> dict[str, bytes]:
    """Return the fields of a form with files, byte for byte."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
    parts = {}
    for piece in (b"\r\n" + asked.body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, value = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        assert name is not None
        parts[name[1].decode()] = value
    return parts


def brevo(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """Single e-mails."""
    if asked.headers.get("api-key") != KEY:
        return Answer(401, {"code": "unauthorized", "message": "Key not found"})
    said = asked.json
    for field_ in ("sender", "to", "subject"):
        if not said.get(field_):
            refused = {"code": "missing_parameter", "message": f"{field_} is missing"}
            return Answer(400, refused)
    metadata = json.loads(said["headers"].get("X-Mailin-custom", "{}"))
    taken = _mail(asked, "brevo", said["to"][0]["email"], metadata, said)
    return taken, Answer(201, {"messageId": f"<{taken.id}@smtp-relay>"})


def mailjet(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """E-mails (v3.1), and the search by CustomID."""
    if asked.basic != (KEY, SECRET):
        return Answer(401, {"ErrorMessage": "API key authentication failure."})
    if path == "/v3/REST/message":
        found = _by_reference(known, asked.asks["CustomID"])
        return Answer(200, {"Count": len(found), "Data": [{}] * len(found)})
    said, message = asked.json["Globals"], asked.json["Messages"][0]
    if not said.get("From"):
        error = {"ErrorCode": "mj-0003", "ErrorMessage": "From is mandatory"}
        return Answer(400, {"Messages": [{"Status": "error", "Errors": [error]}]})
    to = message["To"][0]["Email"]
    metadata = json.loads(said.get("EventPayload", "{}"))
    taken = _mail(asked, "mailjet", to, metadata, {**said, **message})
    told = {"Email": to, "MessageID": next(_numbers), "MessageUUID": taken.id}
    return taken, Answer(200, {"Messages": [{"Status": "success", "To": [told]}]})


def ses(asked: Asked, path: str, known: Sequence[Taken]) -> Spoken:
    """SendEmail of SES v2 with raw content."""
    signed = asked.headers.get("authorization", "")
    if not signed.startswith(f"AWS4-HMAC-SHA256 Credential={KEY}/"):
        return Answer(403, {"message": "The security token is invalid."})
    said = asked.json
    try:
        raw = base64.b64decode(said["Content"]["Raw"]["Data"])
    except KeyError:
        return Answer(400, {"message": "Content is missing"})
    metadata = json.loads(email.message_from_bytes(raw).get("X-Metadata", "{}"))
    to = said["Destination"]["ToAddresses"][0]
    taken = _mail(asked, "ses", to, metadata, said, raw)
    return taken, Answer(200, {"MessageId": taken.id})


SPEAKERS: dict[str, Callable[[Asked, str, Sequence[Taken]], Spoken]] = {
    one.__name__: one for one in (twilio, postmark, mailgun, brevo, mailjet, ses)
}
