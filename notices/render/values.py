"""Turns the facts of one notice into the values its text is filled with.

The one place where a customer's data enters a text: every text value becomes one
printable line on the way, so that a name holds neither a line break nor a control sign.
What is owed stands in notices.render.debts. Refuses facts that are not whole.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from notices.bank import grouped
from notices.fields import FIELDS, Subject
from notices.formats import (
    Formats,
    direction,
    formats_for,
    hours_in,
    locale_for,
    zone_words,
)
from notices.render.deadlines import answer_by
from notices.render.debts import debt_values
from notices.render.errors import RenderError
from notices.render.facts import (
    BrandFacts,
    Facts,
    PostalDestination,
    country_name,
)
from notices.render.marks import kept_whole
from notices.render.places import address_of
from notices.render.printable import clean, phone_link

Values = dict[str, object]

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def values_of(facts: Facts, language: str, subjects: frozenset[Subject]) -> Values:
    """Return the values for a text in ``language`` on these subjects.

    :raises RenderError: ``nothing_owed``, ``two_currencies``, ``sum_wrong``,
        ``fact_missing``.
    """
    currency = facts.currency or str(facts.about.get("currency", ""))
    formats = formats_for(locale_for(language, facts.customer.country), currency)
    by_post = isinstance(facts.destination, PostalDestination)
    values: Values = {
        "customer": {
            "name": clean(facts.customer.name),
            "number": clean(facts.customer.number),
            "is_firm": facts.customer.kind == "business",
        },
        "brand": _brand(facts.brand, language),
        "reference": facts.reference,
        "today": facts.today,
        "must_offer_stop": "SMS_BRAND_AND_STOP_TEXT" in facts.obligations,
        "takes_texts": facts.takes_texts,
        "answer_link": facts.answer_url,
        "accepts_by_use": (
            (facts.customer.country or facts.brand.country)
            in facts.brand.accepts_in.split()
        ),
        "layout": _layout(facts, language),
        **_writers(formats),
    }
    if Subject.DEBT in subjects:
        values |= debt_values(facts, by_post=by_post)
    else:
        values["reply_by"] = answer_by(
            facts.today, by_post=by_post, country=facts.brand.country
        )
    _add_own(values, facts, subjects)
    return values


def _writers(formats: Formats) -> Values:
    return {
        "as_money": formats.money,
        "as_date": formats.date,
        "as_short_date": formats.short_date,
        "as_month": formats.month,
        "as_moment": formats.moment,
        "as_time": formats.time,
        "as_count": formats.count,
        "as_any": formats.any,
        "plural_at": formats.plural_at,
    }


def _add_own(values: Values, facts: Facts, subjects: frozenset[Subject]) -> None:
    """Set in the notice's own facts, ``change.old`` as ``old`` of ``change``."""
    if facts.fault:
        raise RenderError(
            "fact_missing",
            f"The notice to customer {facts.customer.number}: {facts.fault}",
        )
    for path, value in facts.about.items():
        place = values
        *groups, name = path.split(".")
        for group in groups:
            place = place.setdefault(group, {})  # type: ignore[assignment]
        place[name] = _own(value, facts)
    given = {_GROUPS[name] for name in values if name in _GROUPS}
    missing = subjects - {Subject.DEBT} - given
    if missing:
        raise RenderError(
            "fact_missing",
            f"The notice to customer {facts.customer.number} does not say what it is "
            f"about: its {', '.join(sorted(missing))} is not given.",
        )


def _own(value: object, facts: Facts) -> object:
    """Return one of the notice's own facts, safe to be filled in.

    An instant is told in the reader's zone; an account number keeps its mask, a
    telephone number among Arabic words its order.
    """
    if isinstance(value, dt.datetime):
        return value.astimezone(_zone(facts))
    return kept_whole(clean(value)) if type(value) is str else value


def _zone(facts: Facts) -> ZoneInfo:
    return ZoneInfo(facts.customer.time_zone or facts.brand.time_zone)


_GROUPS: dict[str, Subject] = {
    path.partition(".")[0]: field.subject
    for path, field in FIELDS.items()
    if "." in path and field.subject is not None
}


@lru_cache(maxsize=64)
def _brand(brand: BrandFacts, language: str) -> Mapping[str, object]:
    reply_to = brand.answers_to
    return {
        "name": clean(brand.name),
        "address": address_of(brand),
        "country": country_name(brand.country, language),
        "phone": clean(brand.phone),
        "phone_link": phone_link(brand.phone),
        "email": clean(reply_to),
        "email_link": "mailto:" + clean(reply_to),
        "website": clean(brand.website),
        "office_hours": clean(
            hours_in(language, brand.office_hours, dict(brand.office_hours_in))
        ),
        "signatory": clean(brand.signatory),
        "bank_name": clean(brand.bank_name),
        "iban": _as_read(clean(brand.iban)),
        "bic": clean(brand.bic),
        "fax": clean(brand.fax),
        "payments_contact": kept_whole(clean(brand.payments_contact)),
        "recycles": brand.recycles,
    }


def _as_read(iban: str) -> str:
    """Return an IBAN in groups of four, as on a slip; other accounts as typed."""
    signs = iban.replace(" ", "").upper()
    return grouped(signs) if _IBAN.fullmatch(signs) else iban


def _layout(facts: Facts, language: str) -> dict[str, object]:
    """Return what only our own layouts print: looks, and the duties of the channel."""
    return {
        "language": language,
        "direction": direction(language),
        "colour": facts.brand.colour,
        "on_colour": ink_on(facts.brand.colour),
        "offer_unsubscribe": "LIST_UNSUB_ONE_CLICK" in facts.obligations,
        "offer_paper": "PAPER_COPY_AND_WITHDRAW_LINK" in facts.obligations,
        "stop_link": facts.unsubscribe_url,
        "choices_link": facts.preferences_url,
        # Of the firm: a general name of the zone, the same in summer and winter.
        "zone": zone_words(facts.brand.time_zone, language),
        "has_links": bool(facts.links),
        "links": [
            {"title": clean(link.title), "url": link.url} for link in facts.links
        ],
    }


@lru_cache(maxsize=256)
def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on ``#RRGGBB`` (WCAG contrast)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (red, green, blue)
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#FFFFFF" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#15212B"
