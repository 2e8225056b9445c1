"""The very message of a notice: its stored bytes once it left, else what would go.

The pages of staff and ``manage.py render`` both ask here, so that what is shown and
what is written to a file can never differ from what was or will be sent.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from customers.vault import VaultError
from notices.consent_mail import is_sample
from notices.consent_papers import without_code
from notices.copies import unpack
from notices.facts import load_facts
from notices.gate import verdicts
from notices.models import Notice, PrintItem, SentCopy
from notices.people import people_of
from notices.printing.folder import FileChanged, body_of
from notices.printing.pages import cut_out
from notices.printing.runs import printed_item
from notices.render import RenderError, compile_version, render
from notices.sampling import addressed
from notices.states import State

# In these states the stored bytes are what went, or may have gone, on the wire. A
# notice back in line has bytes of an earlier try, but will be rendered afresh.
LEFT_US = frozenset(
    {
        State.HANDING_OFF,
        State.PRINTING,
        State.SENT,
        State.DELIVERED,
        State.FAILED,
        State.UNKNOWN,
    }
)

EXPIRED = "Its words were kept for as long as they had to be, and then deleted."

SUFFIXES = {
    "message/rfc822": ".eml",
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message as bytes; ``is_stored`` when they are the bytes that left us."""

    media_type: str
    body: bytes
    subject: str
    text: str
    is_stored: bool

    @property
    def suffix(self) -> str:
        """Return the file name ending of the bytes."""
        return SUFFIXES.get(self.media_type.partition(";")[0], ".txt")


@dataclass(frozen=True, slots=True)
class Mail:
    """The parts of an e-mail that staff look at."""

    subject: str
    sender: str
    recipient: str
    reply_to: str
    text: str
    html: str


def message_of(notice: Notice, now: dt.datetime) -> Message:
    """Return the message of a notice, as it went or as it would go at ``now``.

    :raises RenderError: it cannot be written, since all is paid or a fact is missing;
        ``archive_changed`` when the file it was printed from is not what it was;
        ``not_opened`` when what it needs is sealed with another key.
    """
    try:
        return _message_of(notice, now)
    except VaultError as error:
        raise RenderError("not_opened", str(error)) from error


def _message_of(notice: Notice, now: dt.datetime) -> Message:
    stored = stored_message(notice)
    if stored is not None:
        return stored
    if notice.customer.erased_at is not None:
        raise RenderError("erased", "Whom it would have gone to was erased.")
    facts = load_facts([notice.pk], now)[notice.pk]
    facts = replace(facts, obligations=_obligations(notice, now))
    if is_sample(notice):
        # Whoever types the code agrees: it is for the reader of the sample alone.
        facts = replace(facts, attachments=without_code(notice))
    rendered = render(compile_version(notice.template, notice.channel), facts)
    return Message(
        media_type=rendered.media_type,
        body=rendered.body,
        subject=rendered.subject,
        text=rendered.text,
        is_stored=False,
    )


def stored_message(notice: Notice) -> Message | None:
    """Return the bytes of a notice that left us; None while there are none.

    :raises RenderError: ``copy_damaged`` or ``archive_changed``, when what is stored
        is not what was; ``erased`` or ``copy_expired``, when it was deleted.
    """
    if notice.state not in LEFT_US:
        return None
    copy = SentCopy.objects.filter(notice=notice).first()
    item = None if copy is not None else printed_item(notice)
    if copy is None and item is None:
        return None
    if notice.customer.erased_at is not None:
        raise RenderError(
            "erased",
            "The customer was erased, and the words of this message with them.",
        )
    if copy is not None:
        return _stored(copy)
    return _printed(item) if item is not None else None


def mail_of(message: Message) -> Mail:
    """Take an e-mail apart for reading: the headers people see, text and HTML."""
    parsed = message_from_bytes(message.body, policy=default)
    return Mail(
        subject=str(parsed["Subject"] or ""),
        sender=str(parsed["From"] or ""),
        recipient=str(parsed["To"] or ""),
        reply_to=str(parsed["Reply-To"] or ""),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
    )


def _obligations(notice: Notice, now: dt.datetime) -> frozenset[str]:
    """Return the words the gate would ask of the message when its time has come."""
    people = addressed(people_of([notice.customer_id]), [notice])
    verdict = verdicts([notice], people, max(now, notice.not_before))[0]
    return frozenset(map(str, verdict.decision.obligations))


def _stored(copy: SentCopy) -> Message:
    if not copy.size:
        raise RenderError("copy_expired", EXPIRED)
    body = unpack(copy)
    message = Message(copy.media_type, body, "", "", is_stored=True)
    if message.suffix == ".eml":
        mail = mail_of(message)
        return Message(copy.media_type, body, mail.subject, mail.text, is_stored=True)
    text = body.decode("utf-8", "replace") if message.suffix == ".txt" else ""
    return Message(copy.media_type, body, "", text, is_stored=True)


def _printed(item: PrintItem) -> Message:
    """Cut a letter out of the file of its run, which is held against its SHA-256."""
    assert item.file is not None  # noqa: S101  (a CHECK constraint says so)
    if not item.file.size:
        raise RenderError("copy_expired", EXPIRED)
    assert item.first_page is not None  # noqa: S101
    try:
        body = cut_out(body_of(item.file), item.first_page, item.pages)
    except FileChanged as error:
        raise RenderError("archive_changed", str(error)) from error
    return Message("application/pdf", body, "", "", is_stored=True)


def _part(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part is not None else ""
