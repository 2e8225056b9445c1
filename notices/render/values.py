"""Turns the facts of one notice into the values its text is filled with.

The one place where a customer's data enters a text: every text value is made one
printable line here, so that a name holds neither a line break nor a control sign.
Refuses facts that do not add up rather than print them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
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
from notices.render.deadlines import answer_by, deadlines
from notices.render.errors import RenderError
from notices.render.facts import (
    BrandFacts,
    Contact,
    Facts,
    InvoiceFacts,
    PostalDestination,
    country_name,
)
from notices.render.marks import kept_whole
from notices.render.places import address_lines, comma_of, is_own_script

Values = dict[str, object]

# Line breaks of every kind, blanks, and what draws nothing or turns the direction of
# the text that follows it.
_BLANKS = re.compile(r"[\s\u0085\u2028\u2029]+")
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
# Joiners carry meaning in Arabic, Persian and Indian names.
_JOINERS = "\u200c\u200d"


_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def clean(text: str, *, marks: str = "") -> str:
    """Return the text as one printable line; blanks in a row become one.

    ``marks`` are signs that draw nothing and stay all the same.
    """
    if text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(
        char
        for char in _BLANKS.sub(" ", text)
        if char in _JOINERS
        or char in marks
        or unicodedata.category(char) not in _DROPPED
    )
    # What was dropped may have stood between two blanks.
    return _BLANKS.sub(" ", kept).strip()


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
        values |= _debt(facts, by_post=by_post)
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


def _debt(facts: Facts, *, by_post: bool) -> Values:
    """Return what a notice about money owed says of it."""
    _check(facts)
    dates = deadlines(
        [invoice.due_on for invoice in facts.invoices],
        facts.today,
        by_post=by_post,
        country=facts.brand.country,
    )
    oldest = facts.invoices[0]
    several = len(facts.invoices) > 1
    brand = facts.brand
    return {
        "reply_by": dates.reply_by,
        "pay_by": dates.pay_by,
        "last_day": dates.last_day,
        "total": facts.total,
        "currency": facts.currency,
        "invoices": [_invoice(invoice) for invoice in facts.invoices],
        "invoice_count": len(facts.invoices),
        "oldest_due": oldest.due_on,
        "days_late": max(oldest.days_late, 0),
        "is_late": oldest.days_late > 0,
        "several_due_dates": oldest.due_on != facts.invoices[-1].due_on,
        "payment_reference": clean(facts.customer.number if several else oldest.number),
        "can_pay_by_bank": bool(brand.iban.strip()),
        "records_until": (facts.records_until or facts.now).astimezone(
            ZoneInfo(brand.time_zone)
        ),
        "contacts": [_contact(contact) for contact in facts.contacts],
        "was_contacted": bool(facts.contacts),
        "holds_goods": brand.holds_goods,
        "refuses_orders": brand.refuses_orders,
        "passes_on_costs": brand.passes_on_costs,
    }


def _contact(contact: Contact) -> dict[str, object]:
    return {
        "on": contact.on,
        **{
            f"is_{channel}": contact.channel == channel
            for channel in ("email", "sms", "call", "letter")
        },
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


def _check(facts: Facts) -> None:
    number = facts.customer.number
    if not facts.invoices or facts.total <= 0:
        raise RenderError(
            "nothing_owed",
            f"Customer {number} owes nothing, so there is nothing to say.",
        )
    if {invoice.currency for invoice in facts.invoices} != {facts.currency}:
        raise RenderError(
            "two_currencies",
            f"The notice to customer {number} mixes currencies; send one for each.",
        )
    if sum((one.open_amount for one in facts.invoices), Decimal(0)) != facts.total:
        raise RenderError(
            "sum_wrong",
            f"The total for customer {number} is not the sum of the open invoices.",
        )


def _invoice(invoice: InvoiceFacts) -> dict[str, object]:
    return {
        "number": clean(invoice.number),
        "purpose": clean(invoice.purpose),
        "order_number": clean(invoice.order_number),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "amount": invoice.amount,
        "paid_amount": invoice.amount - invoice.open_amount,
        "open_amount": invoice.open_amount,
        "days_late": max(invoice.days_late, 0),
        "is_late": invoice.days_late > 0,
        "is_part_paid": invoice.open_amount < invoice.amount,
    }


@lru_cache(maxsize=64)
def _brand(brand: BrandFacts, language: str) -> Mapping[str, object]:
    reply_to = brand.reply_to or brand.email_from
    city = clean(brand.city)
    lines = address_lines(
        brand.country,
        name="",
        street=[clean(brand.address_line1), clean(brand.address_line2)],
        city=city,
        postcode=clean(brand.postcode),
    )
    return {
        "name": clean(brand.name),
        "address": (" " if is_own_script(city) else comma_of(city)).join(lines),
        "country": country_name(brand.country, language),
        "phone": clean(brand.phone),
        "phone_link": "tel:" + re.sub(r"[^0-9+]", "", brand.phone),
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
