"""Reads where somebody is and what they speak: country, region, time zone, language."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache

from babel import Locale
from babel.core import get_global

from customers.imports.cells import Cell, Unclear, cell_text, repeated

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}", re.ASCII)


@repeated
def read_language(cell: Cell, lean: str) -> str:
    """Return the code of a language, like de or pt-br.

    :raises Unclear: it is none.
    """
    text = cell_text(cell).replace("_", "-").lower()
    is_code = len(text) <= 12 and _LANGUAGE.fullmatch(text)
    if not is_code or text.partition("-")[0] not in _languages():
        raise Unclear(
            "bad_language", f"{text[:40]!r} is not a language code like de or pt-BR."
        )
    return text


@cache
def _languages() -> frozenset[str]:
    """Return the codes of languages, older ones too, none of "many" or "unknown"."""
    codes = {*Locale("en").languages, *get_global("language_aliases")}
    return frozenset(map(str, codes)) - {"und", "zxx", "mul", "mis", "root"}


@cache
def _countries() -> frozenset[str]:
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(
        code for code in codes if len(code) == 2 and code.isalpha() and code != "ZZ"
    )


@repeated
def read_country(cell: Cell, lean: str) -> str:
    """Return the two letters of a country.

    :raises Unclear: it is none.
    """
    text = cell_text(cell).upper()
    if text == "UK":
        return "GB"
    if text not in _countries():
        raise Unclear(
            "unknown_country",
            f"{text[:40]!r} is not a country code. Write two letters, like DE.",
        )
    return text


_REGION = re.compile(r"(?:[A-Z]{2}-)?([A-Z0-9]{1,3})")


@repeated
def read_region(cell: Cell, country: str) -> str:
    """Return the code of a region of the country ``country``.

    :raises Unclear: it is none.
    """
    found = _REGION.fullmatch(cell_text(cell).upper())
    if found is None or ("-" in found[0] and country not in {"", found[0][:2]}):
        raise Unclear(
            "bad_region",
            f"{cell_text(cell)[:40]!r} is not the code of a state or province of the "
            "customer's country. Write it as PA or US-PA.",
        )
    return found[1]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@repeated
def read_time_zone(cell: Cell, lean: str) -> str:
    """Return the name of a time zone.

    :raises Unclear: it is none.
    """
    text = cell_text(cell)
    if text not in _time_zones():
        raise Unclear(
            "unknown_time_zone",
            f"{text[:40]!r} is not a time zone like Europe/Berlin.",
        )
    return text
