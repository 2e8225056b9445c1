"""Account numbers and what a banking app reads from a payment slip's code.

IBANs and references are checked with python-stdnum. The payloads follow EPC069-12
version 2 (SEPA credit transfer) and the Swiss Implementation Guidelines QR-bill 2.3.
Pure: draws nothing, asks nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from stdnum import iban as ibans
from stdnum import iso11649
from stdnum.ch import esr
from stdnum.exceptions import ValidationError as NumberFault

LONGEST_NAME = 70
LONGEST_MESSAGE = 140
MOST_BYTES_EPC = 331
MOST_MONEY = Decimal("999999999.99")
SWISS = frozenset({"CH", "LI"})

_NOT_ALNUM = re.compile(r"[^0-9A-Z]")
# The signs both guidelines let a bank print: Latin letters of Europe and some more.
_SWISS_SIGNS = re.compile(r"[\x20-\x7e\u00a0-\u017f\u0218-\u021b\u20ac]*")


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays or is paid: a name and a structured address."""

    name: str
    street: str
    postcode: str
    town: str
    country: str


def checked_iban(text: str) -> str:
    """Return an IBAN without blanks.

    :raises ValueError: its length or its check digits are wrong.
    """
    try:
        return str(ibans.validate(text, check_country=False))
    except NumberFault as fault:
        raise ValueError(
            f"“{text}” is not an IBAN: its length or its check digits are wrong. Copy "
            "it once more from the bank's own papers."
        ) from fault


def grouped(number: str) -> str:
    """Return a number in groups of four, as an IBAN is read."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def is_qr_iban(iban: str) -> bool:
    """Whether a Swiss IBAN is one for QR references only."""
    return iban[:2] in SWISS and 30000 <= int(iban[4:9]) <= 31999


def epc_payload(
    *, name: str, iban: str, bic: str, amount: Decimal, reference: str
) -> str | None:
    """Return what a SEPA QR code says, or None when it cannot say it whole.

    ``amount`` is in EUR, ``reference`` free text of at most 140 signs.
    """
    if not Decimal("0.01") <= amount <= MOST_MONEY:
        return None
    if len(name) > LONGEST_NAME or len(reference) > LONGEST_MESSAGE:
        return None
    lines = ["BCD", "002", "1", "SCT", bic.replace(" ", ""), name, iban]
    lines += [f"EUR{amount:.2f}", "", "", reference]
    payload = "\n".join(lines)
    return payload if len(payload.encode()) <= MOST_BYTES_EPC else None


def swiss_reference(iban: str, reference: str, spare: str) -> tuple[str, str]:
    """Return the type and number of the reference that a Swiss account asks for.

    A QR-IBAN takes 27 digits, another one an ISO 11649 reference, or none when ours is
    too long. ``spare`` (at most 15 letters and digits) stands in for a reference that
    27 digits cannot hold.
    """
    bare = _NOT_ALNUM.sub("", reference.upper())
    if is_qr_iban(iban):
        return "QRR", qr_reference(bare if 0 < len(bare) <= 15 else spare)
    if 0 < len(bare) <= 21:
        return "SCOR", _creditor_reference(bare)
    return "NON", ""


def qr_reference(text: str) -> str:
    """Return letters and digits as a QR reference of 26 digits and a check digit.

    Digits stay readable behind a 1; anything else is a number to the base 36 behind a
    2, so that no two texts share a reference. ``read_qr_reference`` reads it back.
    """
    if text.isdigit() and text[0] != "0":
        digits = "1" + text.zfill(25)
    else:
        # The leading 1 keeps zeros in front.
        digits = "2" + str(int("1" + text, 36)).zfill(25)
    return digits + str(esr.calc_check_digit(digits))


def read_qr_reference(number: str) -> str:
    """Return the letters and digits of a QR reference of ours.

    :raises ValueError: it is none of ours.
    """
    digits = number.replace(" ", "")
    fault = ValueError(f"“{number}” is not a QR reference of ours.")
    if not re.fullmatch(r"[12]\d{26}", digits) or not esr.is_valid(digits):
        raise fault
    value = int(digits[1:26])
    if digits[0] == "1":
        return str(value)
    signs = ""
    while value:
        value, rest = divmod(value, 36)
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + signs
    if not signs.startswith("1"):
        raise fault
    return signs[1:]


def _creditor_reference(bare: str) -> str:
    number = int(f"{bare}RF00".translate(_LETTERS))
    found = f"RF{98 - number % 97:02d}{bare}"
    return str(iso11649.validate(found))


_LETTERS = {ord("A") + at: str(10 + at) for at in range(26)}


def swiss_payload(
    *,
    iban: str,
    creditor: Party,
    debtor: Party | None,
    amount: Decimal,
    currency: str,
    reference: tuple[str, str],
    message: str,
) -> str:
    """Return what a Swiss QR code says; ``currency`` is CHF or EUR."""
    lines = ["SPC", "0200", "1", iban, *_party(creditor), *[""] * 7]
    lines += [f"{amount:.2f}", currency, *(_party(debtor) if debtor else [""] * 7)]
    lines += [*reference, message, "EPD"]
    return "\n".join(lines)


def _party(party: Party) -> list[str]:
    # The number of the house stands with the street; that is allowed, and no guess.
    return [
        "S",
        party.name,
        party.street,
        "",
        party.postcode,
        party.town,
        party.country,
    ]


def fits_swiss(party: Party) -> bool:
    """Whether a party can stand on a QR-bill: its lengths and its signs."""
    limits = (
        (party.name, 70),
        (party.street, 70),
        (party.postcode, 16),
        (party.town, 35),
        (party.country, 2),
    )
    needed = (party.name, party.postcode, party.town, party.country)
    return all(needed) and all(
        len(text) <= most and _SWISS_SIGNS.fullmatch(text) for text, most in limits
    )
