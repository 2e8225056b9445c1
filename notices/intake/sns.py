"""Verifies what Amazon SNS signed: the signature, the certificate and its address.

The certificate is fetched only from Amazon's own host, over TLS, and kept. Knows
nothing of what the message says.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_ADDRESS = re.compile(
    r"https://sns\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?"
    r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem"
)
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn"),
    ),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
_LARGEST_CERTIFICATE = 16_384


class NotSigned(Exception):
    """The message is not Amazon's."""


@lru_cache(maxsize=32)
def fetch_certificate(address: str) -> bytes:
    """Return a certificate of Amazon's as PEM, fetched once.

    :raises NotSigned: there is none at this address.
    """
    try:
        answer = requests.get(address, timeout=5, allow_redirects=False)
    except requests.RequestException as error:
        raise NotSigned("the certificate cannot be fetched") from error
    if answer.status_code != 200 or len(answer.content) > _LARGEST_CERTIFICATE:
        raise NotSigned("there is no certificate at its address")
    return answer.content


def verify(
    message: Mapping[str, Any],
    *,
    now: dt.datetime,
    fetch: Callable[[str], bytes] | None = None,
) -> None:
    """Return when Amazon signed the message.

    :raises NotSigned: another did, nobody did, or the certificate has run out.
    """
    address = str(message.get("SigningCertURL", ""))
    if not _ADDRESS.fullmatch(address):
        raise NotSigned("the certificate is not at Amazon")
    algorithms: dict[str, hashes.HashAlgorithm] = {
        "1": hashes.SHA1(),  # noqa: S303  (what Amazon signs with by default)
        "2": hashes.SHA256(),
    }
    algorithm = algorithms.get(str(message.get("SignatureVersion")))
    if algorithm is None:
        raise NotSigned("the version of the signature is not known")
    try:
        certificate = x509.load_pem_x509_certificate(
            (fetch or fetch_certificate)(address)
        )
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
    except ValueError as error:
        raise NotSigned("signature or certificate cannot be read") from error
    if not (certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc):
        raise NotSigned("the certificate has run out")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotSigned("the certificate is not Amazon's kind")
    try:
        key.verify(signature, signed_text(message), PKCS1v15(), algorithm)
    except InvalidSignature as error:
        raise NotSigned("the signature is wrong") from error


def signed_text(message: Mapping[str, Any]) -> bytes:
    """Return the bytes that Amazon signs of a message: names and values, a line each.

    :raises NotSigned: the message is of no kind that Amazon sends.
    """
    names = _SIGNED.get(str(message.get("Type")))
    if names is None:
        raise NotSigned("the type of the message is not known")
    lines = []
    for name in names:
        value = message.get(name)
        if value is not None:
            lines += [name, str(value)]
    return "".join(f"{line}\n" for line in lines).encode()
