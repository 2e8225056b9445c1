"""What each kind of file can hold: fields, which are required, and plain synonyms.

Only names; what a cell's text means is decided in ``convert``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal[
    "identity",
    "text",
    "customer_kind",
    "language",
    "country",
    "region",
    "time_zone",
    "email",
    "mobile",
    "landline",
    "date",
    "amount",
    "currency",
    "flag",
]
SECTIONS = ("customers", "invoices", "payments")


@dataclass(frozen=True, slots=True)
class Field:
    """One fact that a file can state; ``longest`` is in characters."""

    name: str
    kind: FieldKind
    required: bool = False
    longest: int = 0
    synonyms: tuple[str, ...] = ()


_CUSTOMER_NUMBERS = ("customer_number", "customer_id", "customer_no", "account_number")
_E_DELIVERY = Field("e_delivery_consent_on", "date", synonyms=("e_delivery_on",))
_CURRENCY = Field("currency", "currency", required=True, synonyms=("currency_code",))

FIELDS: dict[str, tuple[Field, ...]] = {
    "customers": (
        Field("number", "identity", True, 64, _CUSTOMER_NUMBERS),
        Field("kind", "customer_kind", synonyms=("customer_kind", "customer_type")),
        Field("name", "text", True, 300, ("customer_name", "full_name")),
        Field("language", "language", synonyms=("lang",)),
        Field("country", "country", synonyms=("country_code",)),
        Field("region", "region", synonyms=("region_code", "state_code")),
        Field("time_zone", "time_zone", synonyms=("timezone", "tz")),
        Field("email", "email", longest=320, synonyms=("e_mail", "email_address")),
        Field("mobile", "mobile", longest=320, synonyms=("mobile_phone", "cell")),
        Field("landline", "landline", longest=320, synonyms=("phone", "telephone")),
        Field("address_line1", "text", False, 200, ("address_line_1", "street")),
        Field("address_line2", "text", False, 200, ("address_line_2",)),
        Field("city", "text", False, 120, ("town",)),
        Field("postcode", "text", False, 20, ("postal_code", "zip", "zip_code")),
        Field("sms_permission_on", "date", synonyms=("sms_consent_on",)),
        _E_DELIVERY,
    ),
    "invoices": (
        Field("number", "identity", True, 64, ("invoice_number", "invoice_no")),
        Field("customer", "identity", True, 64, _CUSTOMER_NUMBERS),
        Field("issued_on", "date", True, synonyms=("invoice_date", "issue_date")),
        Field("due_on", "date", True, synonyms=("due_date",)),
        Field("purpose", "text", False, 120, ("description", "what_for")),
        Field("order_number", "text", False, 64, ("order_no", "purchase_order")),
        Field("amount", "amount", True, synonyms=("invoice_amount",)),
        _CURRENCY,
        Field("disputed", "flag"),
        Field("paid_on", "date", synonyms=("settled_on", "settled_date")),
        _E_DELIVERY,
    ),
    "payments": (
        Field("reference", "identity", True, 120, ("payment_reference",)),
        Field("customer", "identity", False, 64, _CUSTOMER_NUMBERS),
        Field("invoice", "identity", False, 64, ("invoice_number", "invoice_no")),
        Field("amount", "amount", True, synonyms=("payment_amount",)),
        _CURRENCY,
        Field("received_on", "date", True, synonyms=("payment_date", "value_date")),
    ),
}
BY_NAME = {kind: {one.name: one for one in FIELDS[kind]} for kind in SECTIONS}


def plain(heading: str) -> str:
    """Return a heading without capitals, blanks and signs: ``"E-Mail "`` → ``e_mail``.

    Camel case counts as separate words: ``DueDate`` → ``due_date``.
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", heading.strip())
    return re.sub(r"[\W_]+", "_", apart).strip("_").casefold()
