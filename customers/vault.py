"""Sealing what is personal: authenticated encryption and blind indexes, a key ring.

A sealed value is ``version, length of key id, key id, nonce, AES-256-GCM``. It opens
only with its own key and in its own context (``table.column``), so that a value moved
to another column, cut short or changed by one bit is an error and never a text. A
blind index finds equal values without showing them. Knows no database and no settings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
INDEX_BYTES = 32
_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)


class VaultError(Exception):
    """Something cannot be sealed or opened; the text names where, never a value."""


class KeyMissing(VaultError):
    """A value was sealed with a key that the ring does not have: the house has the
    wrong FIELD_KEYS, and the value may be sound."""


class KeyRing:
    """The keys of a house, newest first: the first seals, every one opens."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        """Take keys of 32 bytes by key id, newest first; at least one.

        :raises VaultError: no key, a bad key id, or a key of another length.
        """
        if not keys:
            raise VaultError(
                "There is no key in FIELD_KEYS: start the embedded stack ('manage.py "
                "up'), which keeps one, or give one such as k1:BASE64."
            )
        for key_id, key in keys.items():
            _check(key_id, key)
        self._keys = dict(keys)
        self._boxes: dict[tuple[bytes, str], AESGCM] = {}
        self._index_keys: dict[str, tuple[bytes, ...]] = {}
        newest = next(iter(keys)).encode("ascii")
        self._header = bytes((_VERSION, len(newest))) + newest
        self._newest = newest

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read ``kid:base64key,kid2:base64key2``, newest first; the keys have 32 bytes.

        Blanks and line ends may stand instead of the commas, as in a file.

        :raises VaultError: anything else; names the key id, never the key.
        """
        keys: dict[str, bytes] = {}
        for part in re.split(r"[,\s]+", text.strip()):
            if not part:
                continue
            key_id, colon, encoded = part.partition(":")
            if not colon:
                raise VaultError(
                    "Keys must be pairs such as k1:BASE64, with commas between."
                )
            if key_id in keys:
                raise VaultError(f"The key id {_shown(key_id)} stands there twice.")
            keys[key_id] = _decoded(key_id, encoded)
        return cls(keys)

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return self._newest.decode("ascii")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all live keys, newest first."""
        return tuple(self._keys)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return the bytes sealed under the newest key for ``table.column``."""
        nonce = os.urandom(_NONCE_BYTES)
        box = self._box(self._newest, context)
        return self._header + nonce + box.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return what was sealed for ``table.column``.

        :raises VaultError: not sealed by us, for another context, under a key that
            is not in the ring, cut short or changed.
        """
        key_id, body = _parts(sealed, context)
        nonce = sealed[body : body + _NONCE_BYTES]
        try:
            return self._box(key_id, context).decrypt(
                nonce, sealed[body + _NONCE_BYTES :], context.encode()
            )
        except InvalidTag:
            raise VaultError(
                f"A value of {context} does not open with key "
                f"{key_id.decode('ascii')!r}: the key is another one, or the value "
                "was changed or belongs elsewhere."
            ) from None

    def blind_index(self, value: str, context: str) -> bytes:
        """Return the 32 bytes by which equal values of a context are found, under
        the newest key."""
        return hmac.digest(self._indexes(context)[0], value.encode(), hashlib.sha256)

    def blind_indexes(self, value: str, context: str) -> list[bytes]:
        """Return the blind index under every live key, newest first: what to look for
        while some rows still stand under an older one."""
        text = value.encode()
        return [
            hmac.digest(key, text, hashlib.sha256) for key in self._indexes(context)
        ]

    def _box(self, key_id: bytes, context: str) -> AESGCM:
        box = self._boxes.get((key_id, context))
        if box is None:
            key = self._keys.get(key_id.decode("ascii"))
            if key is None:
                raise KeyMissing(
                    f"A value of {context} was sealed with key "
                    f"{key_id.decode('ascii')!r}, which is not among FIELD_KEYS "
                    f"({', '.join(self._keys)}). Put that key back behind the newest."
                )
            # A key of its own for each context: what random nonces allow of messages
            # under one key (2^32) is then counted by column.
            box = AESGCM(_derived(key, f"duly seal {context}"))
            self._boxes[key_id, context] = box
        return box

    def _indexes(self, context: str) -> tuple[bytes, ...]:
        keys = self._index_keys.get(context)
        if keys is None:
            keys = tuple(
                _derived(key, f"duly index {context}") for key in self._keys.values()
            )
            self._index_keys[context] = keys
        return keys

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"


def key_id_of(sealed: bytes, context: str) -> str:
    """Return the id of the key a value was sealed with.

    :raises VaultError: it is no sealed value.
    """
    return _parts(sealed, context)[0].decode("ascii")


def new_key() -> str:
    """Return a random key as it is written behind its key id."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def prefix_of(key_id: str) -> bytes:
    """Return what every value begins with that was sealed with that key."""
    return bytes((_VERSION, len(key_id))) + key_id.encode("ascii")


def _parts(sealed: bytes, context: str) -> tuple[bytes, int]:
    """Return the key id, and where the nonce begins."""
    if len(sealed) < 2 or sealed[0] != _VERSION:
        raise VaultError(f"A value of {context} is not sealed, or by another version.")
    body = 2 + sealed[1]
    key_id = sealed[2:body]
    if len(sealed) < body + _NONCE_BYTES + _TAG_BYTES or not key_id.isascii():
        raise VaultError(f"A sealed value of {context} is damaged: it is cut short.")
    return key_id, body


def _derived(key: bytes, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
    return kdf.derive(key)


def _check(key_id: str, key: bytes) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise VaultError(
            f"{_shown(key_id)} is no key id: up to 20 letters, digits, - and _."
        )
    if len(key) != KEY_BYTES:
        raise VaultError(
            f"Key {key_id!r} has {len(key)} bytes instead of {KEY_BYTES}. "
            "'openssl rand -base64 32' makes one."
        )


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        plain = encoded.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(
            f"Key {_shown(key_id)} is not base64. 'openssl rand -base64 32' makes one."
        ) from None


def _shown(key_id: str) -> str:
    """Return a key id for an error, but nothing long: it may be a misplaced key."""
    return repr(key_id) if len(key_id) <= 20 else "that is too long"
