"""Typed readers of the environment that fail loudly.

A setting that is misspelt or malformed stops the process with one sentence that
names the variable; nothing is guessed. Secrets may also come from a file named
by ``NAME_FILE`` (Docker and Kubernetes secrets).
"""

from __future__ import annotations

import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

# Seconds a provider may think about one message. With the forty of a drain it ends well
# before Celery's limit of two minutes (config.celery): who is killed in a wait leaves
# messages nobody knows the fate of.
LONGEST_THOUGHT = 60


def text(name: str, default: str = "") -> str:
    """Return the variable as it stands, or the default when unset or blank."""
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """Return the variable or the content of the file ``NAME_FILE`` names.

    :raises ImproperlyConfigured: the file is named but cannot be read.
    """
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return text(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path!r}, which cannot be read: {error.strerror}."
        ) from error


def secrets_list(name: str) -> list[str]:
    """Return the comma-separated parts of a secret."""
    return [part.strip() for part in secret(name).split(",") if part.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return ``id=secret`` pairs, with commas between.

    :raises ImproperlyConfigured: a part is no such pair.
    """
    found = {}
    for part in secrets_list(name):
        key, equals, value = part.partition("=")
        if not (key.strip() and equals and value.strip()):
            raise ImproperlyConfigured(
                f"{name} must be pairs such as 'id=secret,other=secret'."
            )
        found[key.strip()] = value.strip()
    return found


def price(name: str) -> tuple[Decimal, str] | None:
    """Return a sum and its currency, such as ``0.045 EUR``; None when unset.

    :raises ImproperlyConfigured: anything else.
    """
    value = text(name)
    if not value:
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?) ([A-Z]{3})", value)
    if found is None:
        raise ImproperlyConfigured(
            f"{name} must be a sum and a currency such as '0.045 EUR', not {value!r}."
        )
    return Decimal(found[1]), found[2]


def flag(name: str, default: bool) -> bool:
    """Return True or False; nothing but those two words is accepted.

    :raises ImproperlyConfigured: any other value.
    """
    value = text(name)
    if not value:
        return default
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return a whole number of at least ``least``, and at most ``most``.

    :raises ImproperlyConfigured: not a whole number, too small or too large.
    """
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(
            f"{name} must be a whole number of at least {least}, not {value!r}."
        )
    if most is not None and int(value) > most:
        raise ImproperlyConfigured(f"{name} must be {most} at most, not {value}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL connection URL, read by libpq's rules.

    :raises ImproperlyConfigured: not a PostgreSQL URL.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql://; Duly runs on PostgreSQL only."
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": {key: value for key, value in parts.items() if value is not None},
    }


def mail(url: str) -> dict[str, Any]:
    """Return Django's mail settings for ``smtp://user:password@host:port``.

    ``smtp`` is plain, ``smtp+tls`` asks for STARTTLS, ``smtps`` is TLS from the
    first byte. ``?timeout=30`` sets the seconds to wait for the server.

    :raises ImproperlyConfigured: another scheme, no host, or a bad port or timeout.
    """
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp://user:password@host:587, with smtp, "
            "smtp+tls (STARTTLS) or smtps in front."
        )
    timeout = parse_qs(parts.query).get("timeout", ["30"])[0]
    try:
        port = parts.port or ports[parts.scheme]
        seconds = int(timeout)
    except ValueError:
        # Not in its words: what stands where the port should may be a password.
        raise ImproperlyConfigured(
            "EMAIL_URL has a port or timeout that is no number. Signs such as / in a "
            "password are written %2F."
        ) from None
    if not 1 <= seconds <= LONGEST_THOUGHT:
        raise ImproperlyConfigured(
            "The timeout in EMAIL_URL must be whole seconds, from 1 to "
            f"{LONGEST_THOUGHT}."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": seconds,
    }
