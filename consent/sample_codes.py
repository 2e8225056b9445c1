"""What shows that a sample was opened: the code printed in it, and who typed it.

Compares, in constant time, and says yes or no. How many tries there are, and what a
right answer leads to, is for consent.demonstrations.
"""

from __future__ import annotations

import hmac
from enum import StrEnum

from django.utils.crypto import salted_hmac

from consent.identity import folded, is_same
from consent.links import mint, shown, tidy
from customers.models import Customer

# Six of 32 signs are 30 bits; five guesses at them are none.
_CODE_LENGTH = 6
_FACT_SIGNS = 4


def shown_code(reference: str) -> str:
    """Return the code of the sample of one message as it is printed."""
    return shown(_code_of(reference))


def kept_code(reference: str) -> bytes:
    """Return by what the code of a sample is known: a hash that only we can make."""
    return _hash(reference, _code_of(reference))


def is_code(typed: str, reference: str, kept: bytes) -> bool:
    """Whether somebody typed the code of a sample, in whichever way; ``kept`` is what
    stands with it (:func:`kept_code`)."""
    return hmac.compare_digest(_hash(reference, tidy(typed)), kept)


class Asked(StrEnum):
    """Which fact of the account shows that it is the customer who read the sample."""

    POSTCODE = "postcode"
    NUMBER = "number"


def asked_of(customer: Customer) -> Asked:
    """Return which fact is asked of a customer.

    The number, which the sample prints like every message, only where no postcode is
    known: whoever reads what went to a mistyped address has it in hand.
    """
    return Asked.POSTCODE if _postcode(customer) else Asked.NUMBER


def is_theirs(customer: Customer, fact: str) -> bool:
    """Whether somebody knows what is asked: the postcode, or else the customer number
    or its last four signs."""
    number, typed = _read(customer.number), _read(fact)
    known = [number, number[-_FACT_SIGNS:]]
    if asked_of(customer) == Asked.POSTCODE:
        known = [_postcode(customer)]
    # Every one is compared: how long it takes says nothing.
    right = [is_same(typed, one) for one in known]
    return any(right)


def _postcode(customer: Customer) -> str:
    address = getattr(customer, "postal_address", None)
    return _read(address.postcode if address else "")


def _read(text: str) -> str:
    """Return letters and digits however they are typed, O and 0, I, L and 1 alike: on
    paper nobody tells them apart."""
    return tidy(folded(text))


def _code_of(reference: str) -> str:
    """Return the code: kept nowhere, and the same each time the message is written."""
    return mint(f"sample:{reference}").code[:_CODE_LENGTH]


def _hash(reference: str, code: str) -> bytes:
    return salted_hmac(
        "consent.ceremony.code", f"{reference}:{code}", algorithm="sha256"
    ).digest()
