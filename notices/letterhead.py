"""Says what in a firm's letterhead, numbers and bank details would spoil its letters.

Pure: looks at the facts of a firm, whatever carries them, and asks nobody.
"""

from __future__ import annotations

from typing import Protocol

from customers.contact_error import ContactError
from customers.phone import normalise_phone
from notices.bank import LONGEST_NAME, SWISS, Party, checked_iban, fits_swiss
from notices.paper import stationery_for


class Letterhead(Protocol):
    """What of a firm its letters depend on."""

    name: str
    address_line1: str
    postcode: str
    city: str
    country: str
    iban: str
    paper: str
    envelope: str
    slip: str
    opt_in_phone: str


def brand_faults(brand: Letterhead) -> dict[str, str]:
    """Return what is wrong, by the field to be changed: a sentence for staff."""
    faults = _number_fault(brand)
    try:
        stationery_for(brand.paper, brand.envelope)
    except ValueError as fault:
        faults["envelope"] = str(fault)
    iban = ""
    if brand.iban.strip():
        try:
            iban = checked_iban(brand.iban)
        except ValueError as fault:
            return {**faults, "iban": str(fault)}
    slip = _slip_fault(brand, iban)
    return {**faults, "slip": slip} if slip else faults


def _number_fault(brand: Letterhead) -> dict[str, str]:
    """Return why nobody could dial the number to agree by phone; none is no fault."""
    if not brand.opt_in_phone.strip():
        return {}
    try:
        normalise_phone(brand.opt_in_phone, brand.country)
    except ContactError:
        fault = (
            "Nobody can dial this number. Write it with its country code, such as "
            "+44 1632 960100."
        )
        return {"opt_in_phone": fault}
    return {}


def _slip_fault(brand: Letterhead, iban: str) -> str:
    """Return why a slip with a code could not be paid with, or nothing."""
    if brand.slip == "plain":
        return ""
    if not iban:
        return "A slip with a code needs an IBAN. Enter it, or choose the plain slip."
    if brand.slip == "epc":
        return _epc_fault(brand)
    if iban[:2] not in SWISS:
        return "A Swiss QR-bill needs an IBAN that begins with CH or LI."
    if brand.paper != "a4":
        return "A Swiss QR-bill is printed on A4."
    party = Party(
        brand.name, brand.address_line1, brand.postcode, brand.city, brand.country
    )
    if not fits_swiss(party):
        return (
            "A Swiss QR-bill holds 70 Latin letters of name and street, 35 of town and "
            "16 of postcode. Shorten ours, or choose another slip."
        )
    return ""


def _epc_fault(brand: Letterhead) -> str:
    if len(brand.name) > LONGEST_NAME:
        return f"A SEPA code holds {LONGEST_NAME} letters of our name. Shorten it."
    return ""
