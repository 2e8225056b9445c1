"""Which numbers may be texted at all, so that nobody's bill is run up by fraud.

Texts are cheap at home and dear elsewhere, and a number that somebody typed into a form
may be one that earns him money. Refused are countries the firm did not name, and kinds
of lines that cost the caller. Knows of no provider and no customer.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

# Some island states share +1 with the United States; the area code tells them apart.
_COSTLY = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.UAN: "a company-wide service number",
    PhoneNumberType.PERSONAL_NUMBER: "a forwarding number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}


def objection(number: str, countries: frozenset[str]) -> str:
    """Return why a number (E.164) may not be texted, for staff; blank where it may.

    ``countries`` are those the firm texts to, in two letters. The number itself is not
    in the words.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "is no phone number with its country code"
    kind = _COSTLY.get(phonenumbers.number_type(parsed))
    if kind:
        return f"is {kind}, which may cost more than a text"
    regions = _regions(parsed)
    if countries.isdisjoint(regions):
        where = "/".join(regions) or f"+{parsed.country_code}"
        return f"is in {where}, which SMS_COUNTRIES does not name"
    return ""


def _regions(parsed: phonenumbers.PhoneNumber) -> tuple[str, ...]:
    """Return the country of a number; for one the tables do not know, all that share
    its code, unless these are many."""
    found = phonenumbers.region_code_for_number(parsed)
    sharing = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    regions = (found,) if found else tuple(sharing) if len(sharing) < 5 else ()
    # 001 stands for networks of no country.
    return tuple(region for region in regions if region.isalpha())
