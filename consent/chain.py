"""The mathematics of the chain: bytes to hash, hashes, commitments, Merkle roots.

Pure. Every event of a customer carries the hash of the one before it, so nothing can
be changed, left out or put between without all that follows showing it. Hashes are
SHA-256 over canonical JSON (RFC 8785, JCS); what is personal enters a hash only as a
commitment under the customer's salt, so that it can be erased and the chain still
verifies. Roots are Merkle trees after RFC 6962 (section 2.1).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

# What an event is hashed as; changed whenever FIELDS change, and never reused.
SCHEMA_VERSION = 1
# What the first event of a customer follows.
GENESIS = bytes(32)

# The columns a hash covers, besides the hash of the event before.
FIELDS = (
    "customer",
    "seq",
    "record_id",
    "schema_version",
    "subject",
    "state",
    "method",
    "basis",
    "jurisdiction",
    "language",
    "categories",
    "channel",
    "address_print",
    "effective_on",
    "effective_at",
    "valid_until",
    "disclosure_ref",
    "rendered_sha256",
    "hwsw_version",
    "ui_version",
    "recorded_at",
    "actor",
    "evidence",
    "commitments",
    "salt_ref",
)

# RFC 6962: a leaf can never be passed off as a node.
_LEAF = b"\x00"
_NODE = b"\x01"
# Integers beyond are not the same number in every reader of JSON (RFC 8785, 3.2.2.3).
_LARGEST = 2**53 - 1

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def canonical(value: object) -> bytes:
    """Return a value as canonical JSON (RFC 8785).

    Of what RFC 8785 allows, no fractions and only ASCII names: within that, Python's
    own encoder writes the very bytes, six times as fast as a general one.

    :raises ValueError: the value holds something else; it says what.
    """
    _check(value)
    return _encode(value).encode()


def _check(value: object) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError(f"{value} is too large for a number in JSON.")
    elif isinstance(value, list | tuple):
        for one in value:
            _check(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise ValueError(f"{name!r} cannot name a value: use ASCII letters.")
            _check(one)
    else:
        raise ValueError(f"A {type(value).__name__} has no canonical form here.")


def plain(value: object) -> Json:
    """Return a column's value as it is hashed.

    Bytes as hexadecimal digits, days in ISO form, instants in UTC with microseconds.
    """
    match value:
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case dt.datetime():
            moment = value.astimezone(dt.UTC)
            return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case None | str() | int() | list() | dict():
            return value
    return str(value)


def event_hash(fields: Mapping[str, object], previous: bytes) -> bytes:
    """Return the 32 bytes an event hashes to behind the one hashing to ``previous``.

    ``fields`` holds the columns of FIELDS as the database does.

    :raises KeyError: a column is missing.
    """
    hashed = {name: plain(fields[name]) for name in FIELDS}
    hashed["prev_hash"] = previous.hex()
    return hashlib.sha256(canonical(hashed)).digest()


def commitment(salt: bytes, value: Json) -> bytes:
    """Return 32 bytes that bind us to a value without telling it.

    Whoever holds salt and value can check it; without the salt nobody can guess.
    """
    return hmac.digest(salt, canonical(value), hashlib.sha256)


class Tree:
    """A Merkle tree that is told its leaves one by one and keeps log2(n) hashes.

    Equal to MTH of RFC 6962: the left half of a tree is its largest full one.
    """

    def __init__(self) -> None:
        self.size = 0
        # Hashes of full trees, the largest first; their sizes are the bits of size.
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the next leaf."""
        node = hashlib.sha256(_LEAF + leaf).digest()
        merging = self.size
        while merging & 1:
            node = hashlib.sha256(_NODE + self._peaks.pop() + node).digest()
            merging >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far; of none, the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        *larger, node = self._peaks
        for peak in reversed(larger):
            node = hashlib.sha256(_NODE + peak + node).digest()
        return node
