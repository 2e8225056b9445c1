"""The keyed fingerprint by which a suppressed address is known.

A stop must outlive the person's data, so the list keeps no address: only what an
address hashes to under a key of the house. Guessing addresses needs that key.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def fingerprint(address: str, key: str) -> bytes:
    """Return the 32 bytes an address in its normal form hashes to under the key."""
    return hmac.digest(key.encode(), address.encode(), hashlib.sha256)


def fingerprint_of(address: str) -> bytes:
    """Return the fingerprint of an address under the house's own key.

    ``address`` is in its normal form (``customers.contact``); e-mail addresses may
    come in capitals, which never make another address.
    """
    return fingerprint(address.strip().lower(), settings.SUPPRESSION_KEY)
