"""What single messages need that belong to no campaign: a wording, and a stream.

No campaign's pause holds them. Used by answers to text messages, samples and receipts.
"""

from __future__ import annotations

from consent.models import ContactPolicy
from notices.kinds import FORMS_OF
from notices.models import Brand, Stream, TemplateVersion


def wording_of(key: str, channel: str, language: str) -> TemplateVersion | None:
    """Return the newest approved wording in a language, else in English, else none."""
    texts = {
        text.language: text
        for text in TemplateVersion.objects.current().filter(
            key=key, channel__in=FORMS_OF[channel]
        )
    }
    tongues = (language, language.partition("-")[0], "en")
    return next((texts[one] for one in tongues if one in texts), None)


def stream_of(brand: Brand, label: str) -> Stream:
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
