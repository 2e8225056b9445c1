"""Who carries e-mail and texts: EMAIL_URL and TWILIO_… read into settings.

A provider that is half set up stops the process with one sentence. Keys and tokens
never stand in it, nor does the address they were found in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _MailUrl:
    """What an EMAIL_URL of an HTTP provider says, decoded."""

    user: str
    password: str
    host: str
    asks: dict[str, str]


@dataclass(frozen=True, slots=True)
class _MailApi:
    """How one provider's EMAIL_URL looks, and what it becomes in anymail's settings."""

    looks: str
    needs: tuple[str, ...]
    knows: frozenset[str]
    settings: Callable[[_MailUrl], dict[str, Any]]
    backend: str


def _postmark(url: _MailUrl) -> dict[str, Any]:
    return {
        "POSTMARK_SERVER_TOKEN": url.user,
        "POSTMARK_MESSAGE_STREAM": url.asks.get("stream"),
    }


def _mailgun(url: _MailUrl) -> dict[str, Any]:
    region = "api.eu" if url.asks.get("region") == "eu" else "api"
    return {
        "MAILGUN_API_KEY": url.user,
        "MAILGUN_SENDER_DOMAIN": url.host,
        "MAILGUN_API_URL": f"https://{region}.mailgun.net/v3/",
    }


def _brevo(url: _MailUrl) -> dict[str, Any]:
    return {"BREVO_API_KEY": url.user}


def _mailjet(url: _MailUrl) -> dict[str, Any]:
    return {"MAILJET_API_KEY": url.user, "MAILJET_SECRET_KEY": url.password}


def _ses(url: _MailUrl) -> dict[str, Any]:
    # Without keys boto3 takes those of the machine it runs on.
    keys = {"aws_access_key_id": url.user, "aws_secret_access_key": url.password}
    return {
        "AMAZON_SES_CONFIGURATION_SET_NAME": url.asks.get("configuration_set"),
        "AMAZON_SES_CLIENT_PARAMS": {
            **{name: key for name, key in keys.items() if key},
            "region_name": url.asks["region"],
        },
    }


MAIL_APIS = {
    "postmark": _MailApi(
        "postmark://TOKEN@?stream=outbound",
        ("user",),
        frozenset({"stream"}),
        _postmark,
        "anymail.backends.postmark.EmailBackend",
    ),
    "mailgun": _MailApi(
        "mailgun://KEY@mg.example.com?region=eu",
        ("user", "host"),
        frozenset({"region"}),
        _mailgun,
        "anymail.backends.mailgun.EmailBackend",
    ),
    "ses": _MailApi(
        "ses://KEY:SECRET@?region=eu-central-1&configuration_set=bills",
        ("region",),
        frozenset({"region", "configuration_set"}),
        _ses,
        "anymail.backends.amazon_ses.EmailBackend",
    ),
    "brevo": _MailApi(
        "brevo://KEY@",
        ("user",),
        frozenset(),
        _brevo,
        "anymail.backends.brevo.EmailBackend",
    ),
    "mailjet": _MailApi(
        "mailjet://KEY:SECRET@",
        ("user", "password"),
        frozenset(),
        _mailjet,
        "anymail.backends.mailjet.EmailBackend",
    ),
}


def email(url: str, *, connections: int) -> dict[str, Any]:
    """Return the settings of the provider that ``url`` names.

    ``connections`` is how many messages may be on their way at once. Every provider
    takes ``?timeout=30``, the seconds it may think, and ``?api=https://…``, another
    address for its interface.

    :raises ImproperlyConfigured: another scheme, or a piece missing or unknown.
    """
    scheme = url.partition("://")[0]
    api = MAIL_APIS.get(scheme)
    if api is None:
        if not scheme.startswith("smtp"):
            raise ImproperlyConfigured(
                "EMAIL_URL must begin with smtp://, smtp+tls://, smtps://, "
                + ", ".join(f"{one}://" for one in MAIL_APIS)[:-3]
                + "://."
            )
        return {**env.mail(url), "EMAIL_PROVIDER": "smtp"}
    read, seconds = _read(urlsplit(url), api)
    return {
        "EMAIL_BACKEND": api.backend,
        "EMAIL_PROVIDER": scheme,
        "EMAIL_CONNECTIONS": connections,
        "EMAIL_TIMEOUT": seconds,
        "ANYMAIL": _anymail(scheme, api.settings(read), read, seconds, connections),
    }


def _anymail(
    scheme: str,
    given: dict[str, Any],
    url: _MailUrl,
    seconds: int,
    connections: int,
) -> dict[str, Any]:
    """Return anymail's settings: no retry, and no wait without an end."""
    settings = {name: value for name, value in given.items() if value is not None}
    other = url.asks.get("api", "")
    if scheme != "ses":
        if other:
            settings[f"{scheme.upper()}_API_URL"] = other
        return {**settings, "REQUESTS_TIMEOUT": (CONNECT_SECONDS, seconds)}
    client = settings["AMAZON_SES_CLIENT_PARAMS"]
    client["config"] = {
        "retries": {"total_max_attempts": 1},
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": seconds,
        "max_pool_connections": connections,
    }
    if other:
        client["endpoint_url"] = other
    return settings


def _read(parts: SplitResult, api: _MailApi) -> tuple[_MailUrl, int]:
    """Return what the address says, and the seconds the provider may think.

    :raises ImproperlyConfigured: a piece is missing, unknown or no number.
    """
    asks = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = set(asks) - api.knows - {"timeout", "api"}
    if unknown or parts.path.strip("/") or parts.fragment:
        raise ImproperlyConfigured(
            f"EMAIL_URL must look like {api.looks}. Signs such as / + ? # in a key are "
            "written %2F %2B %3F %23, and nothing else may follow the question mark."
        )
    url = _MailUrl(
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname or "",
        asks=asks,
    )
    said = {"user": url.user, "password": url.password, "host": url.host, **asks}
    if not all(said.get(piece) for piece in api.needs):
        raise ImproperlyConfigured(f"EMAIL_URL must look like {api.looks}.")
    seconds = asks.get("timeout", "30")
    if not seconds.isdecimal() or not 1 <= int(seconds) <= env.LONGEST_THOUGHT:
        raise ImproperlyConfigured(
            "The timeout in EMAIL_URL must be whole seconds, from 1 to "
            f"{env.LONGEST_THOUGHT}."
        )
    return url, int(seconds)


def require_texts(
    *, account: str, token: str, sender: str, countries: frozenset[str]
) -> None:
    """Return when texts are set up, or not at all.

    ``sender`` is a Messaging Service or a number, ``countries`` where texts may go.

    :raises ImproperlyConfigured: only a part of what Twilio needs is there.
    """
    pieces = {
        "TWILIO_ACCOUNT_SID": account,
        "TWILIO_AUTH_TOKEN": token,
        "TWILIO_MESSAGING_SERVICE_SID (or TWILIO_FROM)": sender,
    }
    if not any(pieces.values()):
        return
    missing = [
        name
        for name, piece in {**pieces, "SMS_COUNTRIES": countries}.items()
        if not piece
    ]
    if missing:
        raise ImproperlyConfigured(
            f"Texts through Twilio also need {', '.join(missing)}. SMS_COUNTRIES names "
            "the countries they may go to, such as GB,IE."
        )
    if not all(re.fullmatch("[A-Z]{2}", country) for country in countries):
        raise ImproperlyConfigured(
            "SMS_COUNTRIES must be countries of two letters, such as GB,IE."
        )


# The channels that somebody's own module may serve: all but calls, which people make.
OWN_CHANNELS = ("email", "sms", "letter", "postcard")


def own_senders(pairs: Iterable[str]) -> dict[str, str]:
    """Return the classes that serve channels in the place of ours, from pairs such as
    ``sms=house.gateway.Gateway``.

    :raises ImproperlyConfigured: a pair is none, or of no such channel.
    """
    found = {}
    for pair in pairs:
        channel, _, path = map(str.strip, pair.partition("="))
        if channel not in OWN_CHANNELS or not all(path.rpartition(".")):
            raise ImproperlyConfigured(
                f"SENDERS: {pair!r} is no pair such as 'sms=house.gateway.Gateway'. "
                f"The channels are: {', '.join(OWN_CHANNELS)}."
            )
        found[channel] = path
    return found


def channels(*, email: str, texts: bool, own: Mapping[str, str]) -> dict[str, str]:
    """Return which sender serves each channel.

    ``email`` is the provider of e-mail, blank where there is none; ``own`` goes before
    ours. As soon as one channel is live the others are off, not in the sandbox. Paper
    waits for the print room unless somebody else prints it: a letter counts as sent
    when staff say that it was posted. Calls wait at the call desk likewise.
    """
    live = {}
    if email:
        live["email"] = "smtp" if email == "smtp" else "anymail"
    if texts:
        live["sms"] = "twilio"
    sandbox = dict.fromkeys(("email", "sms"), "sandbox")
    by_hand = {"call": "desk", "letter": "print", "postcard": "print"}
    return {**(live or own or sandbox), **by_hand, **own}
