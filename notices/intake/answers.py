"""The one answer a machine may give: that a STOP was heard, or where help is.

Each is a notice like any other: decided upon, recorded and kept. Nobody is answered
twice, and what the provider answers itself is left to it.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings

from consent.facts import STOP_CONFIRMED_WITHIN
from consent.inbound import normalise
from consent.models import ContactPolicy
from customers.calendars import local_day
from customers.models import Customer
from notices.intake.told import Said
from notices.models import Brand, Channel, Notice, Reply, Stream, TemplateVersion

log = logging.getLogger(__name__)

STREAM = "Answers to text messages"
# The whole messages that Twilio knows by itself.
PROVIDER_WORDS = {
    "stop_confirmation": frozenset(
        ("stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel")
    ),
    "help_reply": frozenset(("help", "info")),
}
TEXTS = {"stop_confirmation": "stop-confirmation", "help_reply": "help-reply"}
# The answer to a STOP that ends no more than one topic.
STOPPED_TOPIC = "stop-confirmation-topic"
DAY = dt.timedelta(days=1)


def answer(
    kind: str,
    reply: Reply,
    *,
    said: Said,
    brand: Brand | None,
    now: dt.datetime,
    key: str = "",
) -> bool:
    """Put the answer to a text message in line; return whether it gets one.

    ``kind`` is ``stop_confirmation`` or ``help_reply``, said by the text ``key`` or the
    usual one. True also when the provider
    answers, or has been asked so often today that once is enough.
    """
    if provider_answers(kind, said):
        return True
    customer = reply.customer
    if customer is None or brand is None:
        return False
    template = _text(key or TEXTS[kind], customer)
    if template is None:
        log.error(
            "Reply %s gets no answer: publish a text message with the key %s.",
            *(reply.pk, key or TEXTS[kind]),
        )
        return False
    is_stop = kind == "stop_confirmation"
    day = local_day(now, brand.time_zone)
    once = f"reply:{reply.pk}" if is_stop else f"customer:{customer.pk}:{day}"
    Notice.objects.bulk_create(
        [
            Notice(
                stream=_stream(brand),
                customer=customer,
                template=template,
                channel=Channel.SMS,
                kind=kind,
                dunning=False,
                lane=Notice.Lane.ONE_OFF,
                planned_on=day,
                dedupe_key=f"answer:{kind}:{once}",
                not_before=now,
                # The gate reads from it when the STOP came (notices.gate).
                not_after=said.received_at
                + (STOP_CONFIRMED_WITHIN if is_stop else DAY),
            )
        ],
        ignore_conflicts=True,
    )
    return True


def provider_answers(kind: str, said: Said) -> bool:
    """Whether the provider has answered a message: it knows whole words of its own
    list, and no "Stop please"."""
    if not settings.PROVIDER_ANSWERS_KEYWORDS:
        return False
    if said.keyword in {"STOP", "HELP"}:
        return True
    return normalise(said.text) in PROVIDER_WORDS[kind]


def has_text(key: str, customer: Customer) -> bool:
    """Whether an answer can be given in words the customer reads, or in English."""
    return _text(key, customer) is not None


def _text(key: str, customer: Customer) -> TemplateVersion | None:
    """Return the newest wording in the customer's language, else in English."""
    texts = {
        text.language: text
        for text in TemplateVersion.objects.current().filter(
            key=key, channel=Channel.SMS
        )
    }
    tongues = (customer.language, customer.language.partition("-")[0], "en")
    return next((texts[one] for one in tongues if one in texts), None)


def _stream(brand: Brand) -> Stream:
    """Return the firm's own stream for answers: no campaign's pause holds them."""
    found = Stream.objects.filter(brand=brand, label=STREAM).first()
    if found is not None:
        return found
    policy = (
        ContactPolicy.objects.filter(streams__brand=brand).first()
        or ContactPolicy.objects.first()
        or ContactPolicy.objects.create(name=f"{brand.name}: answers")
    )
    return Stream.objects.create(brand=brand, label=STREAM, policy=policy, weight=10)
