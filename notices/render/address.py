"""Sets an address in the order its country's post wants, for a window envelope.

Abroad the country stands last, in capitals, in the language of the letter; at home it
is left out. Says whether an address is whole; the letter itself finds out if it fits.
"""

from __future__ import annotations

from notices.render.errors import RenderError
from notices.render.facts import Facts, PostalDestination, country_name
from notices.render.places import town_lines, town_pattern
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
    _, capitals = town_pattern(country)
    if "city" in capitals:
        city = city.upper()
    if "postal_code" in capitals:
        postcode = postcode.upper()
    return town_lines(country, city, postcode)
