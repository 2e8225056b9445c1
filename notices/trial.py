"""One message of a text to somebody of our own, through the provider set up here.

Filled with a made-up person's facts, so that a trial never shows a customer. It is no
notice: nothing is kept of it but what the provider keeps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from customers.contact import (
    ContactError,
    PostalAddress,
    normalise_email,
    normalise_phone,
)
from notices.kinds import channels_of
from notices.messages import Message
from notices.models import Channel, SandboxMessage, TemplateVersion
from notices.models.notices import new_reference
from notices.outbound import is_open
from notices.preview_facts import facts_of_sample
from notices.render import (
    Destination,
    Facts,
    MailDestination,
    PhoneDestination,
    PostalDestination,
    RenderError,
    compile_version,
    render,
)
from notices.senders import Outgoing, SendError, sender_for
from notices.served import PRINT_ROOM

# What may be tried: a call is made by a person, and a postcard goes with a run.
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.LETTER)


class TrialError(Exception):
    """A trial that did not go out; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What went out, and to whom; ``file`` is where a letter lies to be printed."""

    reference: str
    channel: str
    provider: str
    destination: str
    sha256: str
    file: str = ""


def send_test(*, version: TemplateVersion, channel: str, to: str) -> Trial:
    """Send one message of a text to an address, now.

    ``to`` is an e-mail address, a phone number with its country code, or a postal
    address whose lines are parted by line breaks or semicolons.

    :raises TrialError: the address, the text or the provider does not allow it.
    """
    if channel not in CHANNELS or channel not in channels_of(version.channel):
        raise TrialError(
            f"“{version.key}” is written for {version.get_channel_display().lower()}; "
            f"it cannot be tried as {channel}."
        )
    outgoing = _written(version, channel, to, new_reference())
    trial = Trial(
        reference=outgoing.reference,
        channel=channel,
        provider=PRINT_ROOM,
        destination=outgoing.destination,
        sha256=outgoing.sha256.hex(),
    )
    if settings.CHANNELS.get(channel) == PRINT_ROOM:
        return replace(trial, file=str(_laid_by(outgoing)))
    return replace(trial, provider=_hand_over(outgoing))


def received(version: TemplateVersion, reference: str) -> Message | None:
    """Return a trial of a text as the sandbox received it.

    The sandbox keeps no bytes: they are made again, and shown if they are the same.
    None when no such trial came, or text or firm have changed since.
    """
    kept = SandboxMessage.objects.filter(reference=reference).first()
    if kept is None or kept.channel not in channels_of(version.channel):
        return None
    try:
        again = _written(version, kept.channel, kept.destination, reference)
    except TrialError:
        return None
    if again.sha256 != bytes(kept.sha256):
        return None
    text = again.body.decode("utf-8", "replace") if kept.channel == "sms" else ""
    return Message(again.media_type, again.body, "", text, is_stored=True)


def _written(
    version: TemplateVersion, channel: str, to: str, reference: str
) -> Outgoing:
    """Return the message of a trial, ready for the wire.

    :raises TrialError: the address or the text does not allow it.
    """
    facts = facts_of_sample(version, channel)
    facts = replace(
        facts, reference=reference, destination=_destination(channel, to, facts)
    )
    if channel == Channel.LETTER:
        name = to.replace("\n", ";").split(";")[0].strip()
        facts = replace(facts, customer=replace(facts.customer, name=name))
    try:
        rendered = render(compile_version(version, channel), facts)
    except RenderError as error:
        raise TrialError(error.sentence) from error
    return Outgoing(
        reference=reference,
        channel=channel,
        destination=facts.destination.as_text(),
        sender=facts.brand.email_from,
        media_type=rendered.media_type,
        body=rendered.body,
        sha256=hashlib.sha256(rendered.body).digest(),
        idempotency_key=f"{reference}.test",
    )


def _laid_by(outgoing: Outgoing) -> Path:
    """Put a letter where it can be printed: a trial is in no print run."""
    folder = Path(settings.DULY_HOME) / "trials"
    path = folder / f"{outgoing.reference}.pdf"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(outgoing.body)
    except OSError as error:
        raise TrialError(f"Cannot write to {folder}: {error.strerror}.") from error
    return path


def _hand_over(outgoing: Outgoing) -> str:
    if not is_open():
        raise TrialError(
            "Everything is stopped, so nothing was sent. The page Health says by whom "
            "and why."
        )
    sender = sender_for(outgoing.channel)
    if sender is None:
        raise TrialError(
            f"No provider is set up for the channel {outgoing.channel}. Set one up, or "
            "unset EMAIL_URL and TWILIO_ACCOUNT_SID so that all goes to the sandbox."
        )
    with sender:
        try:
            sender.send(outgoing)
        except SendError as error:
            raise TrialError(
                f"The provider did not take it ({error.code}). "
                + (
                    "Check the address."
                    if error.suppresses
                    else "Check the provider's settings, then try again."
                )
            ) from error
    return sender.provider


def _destination(channel: str, to: str, facts: Facts) -> Destination:
    try:
        if channel == Channel.EMAIL:
            return MailDestination(normalise_email(to))
        if channel == Channel.SMS:
            return PhoneDestination(normalise_phone(to, facts.brand.country))
        return _postal(to, facts.brand.country)
    except ContactError as error:
        raise TrialError(str(error)) from error


def _postal(to: str, country: str) -> PostalDestination:
    """Return a postal address out of its lines: name, street, town with postcode."""
    lines = to.replace("\n", ";").split(";")
    address = PostalAddress.parse(lines, country)
    street, *more = address.lines[1:-1] or ("",)
    city = address.lines[-1].replace(address.postcode, "").strip(" ,")
    return PostalDestination(
        line1=street,
        line2=", ".join(more),
        city=city or address.lines[-1],
        postcode=address.postcode,
        country=address.country,
    )
