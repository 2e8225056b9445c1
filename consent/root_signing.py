"""What a root says, and the signature of the house under it.

The key is derived from a secret that is not in the database (settings.LEDGER_KEY).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from consent import chain
from consent.models import ConsentRoot

VERSION = 1
# What the first root follows.
NOTHING = bytes(32)
# The columns that are signed, in hexadecimal digits where they are bytes.
SIGNED = (
    "day",
    "made_at",
    "after_event",
    "last_event",
    "size",
    "root",
    "previous",
    "public_key",
)


def as_dict(root: ConsentRoot) -> dict[str, chain.Json]:
    """Return what a root says, in plain JSON values, without its signature."""
    said = {name: chain.plain(getattr(root, name)) for name in SIGNED}
    return {"version": VERSION, **said}


def statement(root: ConsentRoot) -> bytes:
    """Return the bytes a root is signed over."""
    return chain.canonical(as_dict(root))


def fingerprint(root: ConsentRoot) -> bytes:
    """Return the hash by which the next root names this one."""
    return sha256(statement(root)).digest()


def is_signed(root: ConsentRoot) -> bool:
    """Say whether a root bears the signature of this house."""
    if bytes(root.public_key) not in _own_keys():
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes(root.public_key)).verify(
            bytes(root.signature), statement(root)
        )
    except InvalidSignature:
        return False
    return True


def _own_keys() -> set[bytes]:
    return {
        signing_key(secret).public_key().public_bytes_raw()
        for secret in (settings.LEDGER_KEY, *settings.LEDGER_KEY_FALLBACKS)
    }


@lru_cache(maxsize=8)
def signing_key(secret: str) -> Ed25519PrivateKey:
    """Return the key that a secret of the house stands for."""
    derived = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"duly consent roots"
    ).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)
