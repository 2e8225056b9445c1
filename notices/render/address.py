"""Sets an address in the order its country's post wants, for a window envelope.

Abroad the country stands last, in capitals, in the words of the firm's own post, which
reads it first; at home it is left out. What takes more lines than the window shows is
set closer: both lines of the street on one, then in smaller type. Says whether an
address is whole; the layout itself finds out if it fits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from notices.models import Channel
from notices.paper import AddressField, address_field_of
from notices.render.errors import RenderError
from notices.render.facts import Facts, PostalDestination, country_name
from notices.render.places import (
    address_lines,
    comma_of,
    is_own_script,
    needs_postcode,
    town_pattern,
)
from notices.render.printable import clean

_MM_PER_POINT = 25.4 / 72
# How wide signs are in our fonts, in ems, rather too wide than too narrow: an address
# that is set closer than it had to be is no harm.
_NARROW, _USUAL, _WIDE, _FULL = 0.34, 0.6, 0.76, 1.0
# What a second font adds to the height of a line, in millimetres.
_TALLER = 0.25
_LAST_OF_FIRST_FONT = "\u052f"
_ROUNDING = 0.05
_NARROW_SIGNS = frozenset(" .,:;'!|()-/ijlIft1")
_WIDEST_SIGNS = frozenset("mwMW@%&ШЩЖЮшщжюФф")


@dataclass(frozen=True, slots=True)
class Recipient:
    """What stands in the window, top to bottom; ``is_small``: in the smaller type."""

    lines: tuple[str, ...]
    is_small: bool


def recipient_of(facts: Facts) -> Recipient:
    """Return what stands in the window, set as close as it has to be to fit.

    :raises RenderError: ``no_address``, naming what is missing.
    """
    place = _place(facts)
    brand = facts.brand
    field = address_field_of(
        brand.paper, brand.envelope, is_card=facts.channel == Channel.POSTCARD
    )
    apart, joined = _lines(facts, place), _lines(facts, place, is_joined=True)
    for lines, is_small in ((apart, False), (joined, False), (apart, True)):
        if _height(lines, field, is_small=is_small) <= field.height + _ROUNDING:
            return Recipient(lines, is_small)
    return Recipient(joined, is_small=True)


def recipient_lines(facts: Facts) -> list[str]:
    """Return what stands in the window, top to bottom.

    :raises RenderError: ``no_address``, naming what is missing.
    """
    return list(recipient_of(facts).lines)


def country_of(facts: Facts) -> str:
    """Return the country that the letter goes to, the firm's own included."""
    return _place(facts).country or facts.brand.country


def _place(facts: Facts) -> PostalDestination:
    """Return where the letter goes, when that is a whole address."""
    place, number = facts.destination, facts.customer.number
    if not isinstance(place, PostalDestination):
        raise RenderError("no_address", f"Customer {number} has no postal address.")
    country = place.country or facts.brand.country
    parts = {
        "name": clean(facts.customer.name),
        "line 1": clean(place.line1),
        "city": clean(place.city),
        "postcode": clean(place.postcode) or not needs_postcode(country),
    }
    missing = [name for name, part in parts.items() if not part]
    if missing:
        raise RenderError(
            "no_address",
            f"The postal address of customer {number} has no "
            f"{' and no '.join(missing)}.",
        )
    return place


def _lines(
    facts: Facts, place: PostalDestination, *, is_joined: bool = False
) -> tuple[str, ...]:
    home = facts.brand.country
    country = place.country or home
    city, postcode = clean(place.city), clean(place.postcode)
    _, capitals = town_pattern(country)
    street = [line for line in (clean(place.line1), clean(place.line2)) if line]
    if is_joined:
        street = [("" if is_own_script(city) else comma_of(city)).join(street)]
    lines = address_lines(
        country,
        name=clean(facts.customer.name),
        street=street,
        city=city.upper() if "city" in capitals else city,
        postcode=postcode.upper() if "postal_code" in capitals else postcode,
    )
    if country != home:
        lines.append(country_name(country, _language_of(home)).upper())
    return tuple(lines)


@lru_cache(maxsize=256)
def _language_of(country: str) -> str:
    """Return the language in which a country's post reads where a letter goes.

    The Universal Postal Union asks for Latin letters, in which all others read too.
    """
    try:
        home = Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return "en"
    own = str(home.territories.get(country, ""))
    is_latin = all(
        unicodedata.name(sign, "").startswith("LATIN") for sign in own if sign.isalpha()
    )
    return home.language if own and is_latin else "en"


def _height(lines: Sequence[str], field: AddressField, *, is_small: bool) -> float:
    """Return the millimetres that lines take, rather too many than too few."""
    width = field.width / (field.type_size(is_small=is_small) * _MM_PER_POINT)
    row = field.line_height(is_small=is_small)
    return sum(
        _rows_of(line, width) * (row + (_TALLER if _has_tall(line) else 0))
        for line in lines
    )


def _has_tall(line: str) -> bool:
    """Whether a line has signs of a second font, Chinese or Arabic say."""
    return any(sign > _LAST_OF_FIRST_FONT and sign.isalnum() for sign in line)


def _rows_of(line: str, width: float) -> int:
    """Return how many rows of so many ems one line takes."""
    rows, used = 1, 0.0
    for word in line.split(" "):
        length = sum(map(_width_of, word))
        if used and used + _NARROW + length > width:
            rows, used = rows + 1, 0.0
        used += length + (_NARROW if used else 0)
        # A word longer than a row is broken anywhere, and so is Chinese.
        rows += int(used // width) if used > width else 0
        used = used % width if used > width else used
    return rows


@lru_cache(maxsize=4096)
def _width_of(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return _FULL
    if sign in _NARROW_SIGNS:
        return _NARROW
    if sign in _WIDEST_SIGNS:
        return _FULL
    return _WIDE if sign.isupper() else _USUAL
