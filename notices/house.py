"""Messages of the house itself, in answer to what somebody just asked for.

Each is a notice like any other: decided upon, recorded and kept. No campaign's pause
holds them.
"""

from __future__ import annotations

import datetime as dt
import logging

from consent.models import ContactPolicy
from customers.calendars import local_day
from customers.models import Customer
from notices.kinds import FORMS_OF
from notices.models import Brand, Notice, Stream, TemplateVersion
from notices.models.notices import new_reference

log = logging.getLogger(__name__)

STREAM = "Answers to text messages"
KIND = "help_reply"
# Who waits for an answer does not wait longer than this.
LASTS = dt.timedelta(days=1)


def write(
    *,
    key: str,
    customer: Customer,
    brand: Brand,
    channel: str,
    dedupe_key: str,
    now: dt.datetime,
    language: str = "",
    reference: str = "",
    lasts: dt.timedelta = LASTS,
) -> Notice | None:
    """Put one message in line at once; None where it is there, or has no wording.

    ``key`` is that of the text (notices.starter), ``language`` the reader's, else the
    customer's own; it goes within ``lasts`` or not at all. In the caller's transaction.
    """
    template = text_of(key, channel, language or customer.language)
    if template is None:
        log.error("A message was not written: publish a text with the key %s.", key)
        return None
    notice = Notice(
        reference=reference or new_reference(),
        stream=stream_of(brand),
        customer=customer,
        template=template,
        channel=channel,
        kind=KIND,
        dunning=False,
        lane=Notice.Lane.ONE_OFF,
        planned_on=local_day(now, brand.time_zone),
        dedupe_key=dedupe_key,
        not_before=now,
        not_after=now + lasts,
    )
    if Notice.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    notice.save(force_insert=True)
    return notice


def languages_of_texts() -> frozenset[str]:
    """Return the languages in which there are approved texts: ``zh`` for zh-Hans."""
    found = TemplateVersion.objects.published().order_by("language")
    return frozenset(
        one.partition("-")[0]
        for one in found.values_list("language", flat=True).distinct()
    )


def text_of(key: str, channel: str, language: str) -> TemplateVersion | None:
    """Return the newest wording in a language, else in English; None without one."""
    texts = {
        (text.channel, text.language): text
        for text in TemplateVersion.objects.current().filter(
            key=key, channel__in=FORMS_OF[channel]
        )
    }
    for tongue in (language, language.partition("-")[0], "en"):
        for form in FORMS_OF[channel]:
            if (form, tongue) in texts:
                return texts[form, tongue]
    return None


def stream_of(brand: Brand, label: str = STREAM) -> Stream:
    """Return the firm's own stream of that name, made where there is none."""
    found = Stream.objects.filter(brand=brand, label=label).first()
    if found is not None:
        return found
    policy = (
        ContactPolicy.objects.filter(streams__brand=brand).first()
        or ContactPolicy.objects.first()
        or ContactPolicy.objects.create(name=f"{brand.name}: answers")
    )
    return Stream.objects.create(brand=brand, label=label, policy=policy, weight=10)
