"""Which providers may call us, at which addresses, and what they must prove.

A hook is always in the URL map, and open only while every secret of its provider is
set: what cannot be verified is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from notices.models import ProviderCall

Kind = ProviderCall.Kind

MEGABYTE = 1024 * 1024
# A reply may bring a photograph; a customer who writes STOP must be heard all the same.
LIMITS: dict[str, int] = {
    Kind.TRACKING: MEGABYTE,
    Kind.INBOUND: 20 * MEGABYTE,
    Kind.SMS_STATUS: MEGABYTE,
    Kind.SMS_INBOUND: MEGABYTE,
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One address a provider may call; ``limit`` is the most bytes it may bring."""

    provider: str
    kind: str

    @property
    def limit(self) -> int:
        """Return the most bytes a call may bring."""
        return LIMITS[self.kind]

    @property
    def name(self) -> str:
        """Return the name of its route."""
        return f"hook-{self.provider}-{self.path.rpartition('/')[2]}"

    @property
    def path(self) -> str:
        """Return where it lies, below the root."""
        last = {Kind.SMS_STATUS: "status", Kind.SMS_INBOUND: "inbound"}
        return f"hooks/{self.provider}/{last.get(Kind(self.kind), self.kind)}"

    @property
    def more(self) -> str:
        """Return what follows in its address: the notice a text message is of."""
        return "/<slug:reference>" if self.kind == Kind.SMS_STATUS else ""

    def address(self, reference: str) -> str:
        """Return the whole path for one notice, without loading the URL map."""
        return f"/{self.path}{self.more.replace('<slug:reference>', reference)}"


# Where Twilio reports on a text; its sender names this address.
TEXT_STATUS = Hook("twilio", Kind.SMS_STATUS)
MAIL_PROVIDERS = ("postmark", "ses", "mailgun", "brevo", "mailjet")
HOOKS: tuple[Hook, ...] = (
    *(
        Hook(provider, kind)
        for provider in MAIL_PROVIDERS
        for kind in (Kind.TRACKING, Kind.INBOUND)
    ),
    TEXT_STATUS,
    Hook("twilio", Kind.SMS_INBOUND),
)
PROVIDERS = frozenset(hook.provider for hook in HOOKS)

_PASSWORD = ("HOOK_PASSWORD", "postmark:a-long-random-word")
# What each provider's calls are verified with: the variable, and how it looks.
SECRETS: dict[str, tuple[tuple[str, str], ...]] = {
    "postmark": (_PASSWORD,),
    "brevo": (_PASSWORD,),
    "mailjet": (_PASSWORD,),
    "mailgun": (_PASSWORD, ("MAILGUN_SIGNING_KEY", "the key Mailgun signs with")),
    "ses": (("SES_TOPICS", "arn:aws:sns:eu-west-1:123456789012:duly"),),
    "twilio": (
        ("PUBLIC_URL", "https://bills.example.com"),
        ("TWILIO_AUTH_TOKEN", "the account's token"),
    ),
}


def in_use() -> frozenset[str]:
    """Return the providers that serve a channel, or are said to report to us."""
    backend = str(getattr(settings, "EMAIL_BACKEND", ""))
    named = {str(name) for name in settings.CHANNELS.values()}
    named |= {*settings.HOOK_PROVIDERS}
    if backend.startswith("anymail.backends."):
        named.add(backend.split(".")[2])
    return frozenset({"amazon_ses": "ses"}.get(name, name) for name in named) & (
        PROVIDERS
    )


def unknown_names() -> list[str]:
    """Return names in HOOK_PROVIDERS that are no provider of ours."""
    return sorted(set(settings.HOOK_PROVIDERS) - PROVIDERS)


def missing(provider: str) -> Iterator[tuple[str, str]]:
    """Yield the variables without which a provider's calls cannot be verified."""
    for name, example in SECRETS[provider]:
        if not getattr(settings, name):
            yield name, example


def is_open(provider: str) -> bool:
    """Whether a provider's calls can be verified."""
    return not any(True for _ in missing(provider))
