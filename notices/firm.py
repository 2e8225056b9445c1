"""The firm as its customers know it: what texts say of it, and how it is reached.

Reads a Brand alone; knows no notice and no customer, and makes no words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from notices.formats import hours_in
from notices.models import Brand
from notices.render import BrandFacts
from notices.render.places import address_of
from notices.render.printable import phone_link


def brand_facts(brand: Brand) -> BrandFacts:
    """Return the firm as its customers know it; equal rows give the same object."""
    return _brand_facts(*[_column(brand, name) for name in _BRAND_COLUMNS])


_BRAND_COLUMNS = tuple(BrandFacts.__dataclass_fields__)


def _column(brand: Brand, name: str) -> object:
    value = getattr(brand, name)
    match name:
        case "logo":
            return bytes(value)
        case "office_hours_in":
            return tuple(sorted(value.items()))
    return value


# One object for all notices of a firm makes every cache keyed by it cheap to ask.
@lru_cache(maxsize=64)
def _brand_facts(*columns: Any) -> BrandFacts:
    return BrandFacts(*columns)


def contact_of(brand: Brand) -> dict[str, Any]:
    """Return how the firm is reached, as it is kept with what was put up."""
    return {
        "name": brand.name,
        "phone": brand.phone,
        "phone_link": phone_link(brand.phone),
        "email": brand.answers_to,
        "address": address_of(brand_facts(brand)),
        "website": brand.website,
        "office_hours": brand.office_hours,
        "office_hours_in": brand.office_hours_in,
        "time_zone": brand.time_zone,
        "country": brand.country,
    }


def contact_in(contact: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return how the firm is reached, for a reader of one language."""
    hours = hours_in(
        language, contact["office_hours"], contact.get("office_hours_in", {})
    )
    return {**contact, "office_hours": hours}
