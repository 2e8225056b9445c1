"""How a phone number is written one way (E.164) and what kind of line it is.

Numbers are judged by libphonenumber's tables. The common case, a number that has its
country code or its national 0, is decided from those tables directly, since a ledger
brings them by the hundred thousand; whatever is unusual goes through the library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from customers.contact_error import ContactError

PhoneKind = Literal["mobile", "landline", "either", "other"]

# Ranges that regulators keep for fiction, which no subscriber has and the tables
# therefore refuse: (beginning, length with +, kind). Tests and demos stand on them.
_FICTION: tuple[tuple[str, int, PhoneKind], ...] = (
    ("+447700900", 13, "mobile"),
    ("+441632960", 13, "landline"),
    ("+3363998", 12, "mobile"),
    ("+33199", 12, "landline"),
    ("+33261919", 12, "landline"),
    ("+33353019", 12, "landline"),
    ("+33465719", 12, "landline"),
    ("+33536491", 12, "landline"),
)

_KINDS: dict[int, PhoneKind] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "either",
}
_PUNCTUATION = dict.fromkeys(map(ord, " \u00a0\u202f\u2009-\u2010\u2011\u2013()./"))
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c\ufeff"))
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 and the kind of line; ``either`` where a country mixes them."""

    e164: str
    kind: PhoneKind


def normalise_phone(s: str, country: str) -> str:
    """Return the number in E.164, such as ``+447700900002``.

    ``country`` (ISO 3166, may be empty) is where a number without a country code is
    dialled.

    :raises ContactError: see :func:`read_phone`.
    """
    return read_phone(s, country).e164


def read_phone(s: str, country: str) -> Phone:
    """Return the number in E.164 with the kind of its line.

    :raises ContactError: ``phone_missing``, ``phone_no_country`` (no country code
        and no country), ``phone_with_extension``, ``phone_invalid``.
    """
    text = s.strip().translate(_INVISIBLE)
    if len(text) > _LONGEST:
        raise _invalid(text)
    plain = text.translate(_PUNCTUATION)
    if not plain.startswith("+"):
        plain = _dialled_abroad(plain, country.upper())
    if _E164.fullmatch(plain) and (found := _from_tables(plain)):
        return found
    return _from_library(text, country.upper())


def _dialled_abroad(digits: str, country: str) -> str:
    """Return a national number as dialled from abroad, "" where that is not plain."""
    home = _home(country)
    if home is None or not (digits.isascii() and digits.isdigit()):
        return ""
    code, trunk, odd = home
    if odd.match(digits):
        return ""
    national = digits.removeprefix(trunk)
    return "" if national.startswith(code) else f"+{code}{national}"


@cache
def _home(country: str) -> tuple[str, str, re.Pattern[str]] | None:
    """Return country code, trunk prefix, and what beginnings only the library reads:
    calls abroad, and carriers' prefixes."""
    table = PhoneMetadata.metadata_for_region(country, None) if country else None
    if table is None or table.national_prefix_transform_rule:
        return None
    stated = table.national_prefix_for_parsing or ""
    trunk, _, carriers = stated.partition("|")
    if trunk != "0":
        trunk, carriers = "", stated
    odd = [pattern for pattern in (table.international_prefix, carriers) if pattern]
    return (
        str(table.country_code),
        trunk,
        re.compile("|".join(f"(?:{pattern})" for pattern in odd)),
    )


def _from_tables(e164: str) -> Phone | None:
    """Return what the tables say of a whole number, None where they are not simple."""
    for beginning, length, fictional in _FICTION:
        if e164.startswith(beginning) and len(e164) == length:
            return Phone(e164, fictional)
    plan = _plan(e164[1:2]) or _plan(e164[1:3]) or _plan(e164[1:4])
    if plan is None:
        return None
    code, regions = plan
    national = e164[1 + code :]
    for region in regions:
        if region.is_simple(national) and (kind := region.kind(national)):
            return Phone(e164, kind)
    return None


@dataclass(frozen=True, slots=True)
class _Region:
    """The patterns of one region's subscriber numbers, in the library's order."""

    leading: re.Pattern[str] | None
    trunk: re.Pattern[str] | None
    general: re.Pattern[str]
    special: tuple[re.Pattern[str], ...]
    fixed: re.Pattern[str] | None
    mobile: re.Pattern[str] | None

    def is_simple(self, national: str) -> bool:
        """Whether nothing in front is a trunk prefix, which the library strips."""
        return self.trunk is None or not self.trunk.match(national)

    def kind(self, national: str) -> PhoneKind | None:
        if self.leading and not self.leading.match(national):
            return None
        if not self.general.fullmatch(national):
            return None
        if any(pattern.fullmatch(national) for pattern in self.special):
            return "other"
        fixed = self.fixed and self.fixed.fullmatch(national)
        mobile = self.mobile and self.mobile.fullmatch(national)
        if fixed:
            return "either" if mobile else "landline"
        return "mobile" if mobile else None


def _pattern(description: object) -> re.Pattern[str] | None:
    text = getattr(description, "national_number_pattern", None)
    return re.compile(text) if text and text != "NA" else None


@cache
def _plan(code: str) -> tuple[int, tuple[_Region, ...]] | None:
    """Return the length of a country code and its regions, None if it is none.

    Italy's way, where a leading zero belongs to the number, is the library's matter.
    """
    names = phonenumbers.region_codes_for_country_code(int(code))
    regions = []
    for name in names:
        table = PhoneMetadata.metadata_for_region(name, None)
        if table is None or (general := _pattern(table.general_desc)) is None:
            return None
        special = (
            table.premium_rate,
            table.toll_free,
            table.shared_cost,
            table.voip,
            table.personal_number,
            table.pager,
            table.uan,
            table.voicemail,
        )
        patterns = (_pattern(description) for description in special)
        regions.append(
            _Region(
                leading=re.compile(table.leading_digits)
                if table.leading_digits and len(names) > 1
                else None,
                trunk=re.compile(table.national_prefix_for_parsing)
                if table.national_prefix_for_parsing
                else None,
                general=general,
                special=tuple(pattern for pattern in patterns if pattern),
                fixed=_pattern(table.fixed_line),
                mobile=_pattern(table.mobile),
            )
        )
    return (len(code), tuple(regions)) if regions else None


def _from_library(text: str, country: str) -> Phone:
    if not text:
        raise ContactError("phone_missing", "The phone number is empty.")
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise ContactError(
                "phone_no_country",
                f"{text!r} has no country code. Write it with + and the country code, "
                "or give the customer's country.",
            ) from error
        raise _invalid(text) from error
    if number.extension:
        raise ContactError(
            "phone_with_extension",
            f"{text!r} has an extension, which cannot be dialled by itself.",
        )
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if found := _from_tables(e164):
        return found
    if not phonenumbers.is_valid_number(number):
        raise _invalid(text)
    return Phone(e164, _KINDS.get(phonenumbers.number_type(number), "other"))


def _invalid(text: str) -> ContactError:
    return ContactError(
        "phone_invalid", f"{text[:_LONGEST]!r} is not a phone number that can exist."
    )


def ringing_zones(home: str, e164: str) -> tuple[str, ...]:
    """Return every IANA zone a phone may ring in: its owner's and its number's.

    ``home`` and ``e164`` may be empty; each zone is named once, the owner's first.
    """
    known = (home,) if home else ()
    return tuple(dict.fromkeys((*known, *(plausible_zones(e164) if e164 else ()))))


@lru_cache(maxsize=65536)
def plausible_zones(e164: str) -> tuple[str, ...]:
    """Return the IANA zones a number may ring in, by its area code.

    A number that belongs to no place gives ``("Etc/Unknown",)``.
    """
    return tuple(time_zones_for_number(phonenumbers.parse(e164)))
