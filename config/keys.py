"""The keys of the house: from the environment, or those the embedded stack keeps.

A key that is missing where it is needed, or cannot be read, stops the process with one
sentence, in which no key stands. What each of them guards is told in settings.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.embedded.address import Address
from customers.vault import KeyRing, VaultError


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one house, each as its setting takes it."""

    secret: str
    suppression: str
    fields: str
    ledger: str


def read(embedded: Address, *, has_database: bool) -> Keys:
    """Return the keys that a process needs.

    ``has_database`` says that DATABASE_URL names one. Unless it is the embedded stack's
    own, that stack's keys are not for it: it needs some of its own.

    :raises ImproperlyConfigured: a key is missing or cannot be read.
    """
    secret = _secret(embedded, has_database=has_database)
    is_ours = not has_database or embedded.secret_key == secret
    suppression = _suppression(is_ours=is_ours) or secret
    ours = embedded if is_ours else Address()
    return Keys(
        secret=secret,
        suppression=suppression,
        fields=field_keys(ours.field_keys, required=has_database),
        ledger=_ledger(ours.ledger_key, required=has_database),
    )


def _secret(embedded: Address, *, has_database: bool) -> str:
    key = env.secret("SECRET_KEY") or embedded.secret_key
    if not key and not has_database:
        # Before the embedded services have ever run there is nothing to protect: only
        # the commands that start them, or that need no database, get this far.
        return secrets.token_urlsafe(50)
    if not key:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give it 50 or more random characters, or run the "
            "embedded stack ('manage.py up'), which keeps one of its own."
        )
    return key


def _suppression(*, is_ours: bool) -> str:
    """Return the key that was given; empty where SECRET_KEY may stand in for it, since
    the embedded stack's own never changes."""
    key = env.secret("SUPPRESSION_KEY")
    if not key and not is_ours:
        raise ImproperlyConfigured(
            "SUPPRESSION_KEY is not set. Give it 50 or more random characters, and "
            "keep them for ever: they key the list of addresses nothing may go to."
        )
    return key


def _ledger(embedded: str, *, required: bool) -> str:
    key = env.secret("LEDGER_KEY") or embedded
    if not key and required:
        raise ImproperlyConfigured(
            "LEDGER_KEY is not set. Give it 50 or more random characters: they sign "
            "the daily roots of the consent history."
        )
    return key


def field_keys(embedded: str, *, required: bool) -> str:
    """Return the keys that seal personal data, as ``FIELD_KEYS`` has them.

    ``embedded`` are those of the embedded stack. Where neither is there and none is
    required, as before that stack has ever run, they are empty: sealing is an error.

    :raises ImproperlyConfigured: they are missing, or cannot be read.
    """
    keys = env.secret("FIELD_KEYS") or embedded
    if not keys and required:
        raise ImproperlyConfigured(
            "FIELD_KEYS is not set. Give it a key such as k1:BASE64 with the 32 bytes "
            "that 'openssl rand -base64 32' makes, and keep it as long as the "
            "database: it opens what is sealed there."
        )
    try:
        if keys:
            KeyRing.parse(keys)
    except VaultError as error:
        raise ImproperlyConfigured(f"FIELD_KEYS cannot be read: {error}") from error
    return keys
