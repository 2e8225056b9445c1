"""Customers before the consent page, one a language, in a house of their own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from consent.links import mint

if TYPE_CHECKING:
    from tests.pages.opening import Opened

PEOPLE = {
    "en": "Alice Late",
    "pl": "Zażółć Gęślą-Jaźń",
    "zh": "王小明",
    "ar": "شركة الكهرباء الوطنية",
}


def build() -> None:
    """Write the scene into an empty migrated database."""
    from consent.models import AccessLink
    from customers.models import InvoiceCopy
    from notices.starter import install_starters
    from tests.factories import make_address, make_user
    from tests.pages.agreeing import publish
    from tests.pages.opening import open_notice

    install_starters()
    make_user("ada", is_superuser=True)
    for language, name in PEOPLE.items():
        opened = open_notice(
            language=language,
            name=name,
            e_delivery=False,
            email=f"{language}@example.com",
        )
        make_address(opened.customer)
        publish(opened.notice.stream.brand)
        InvoiceCopy.objects.create(
            invoice=opened.invoice,
            file_name="bill.pdf",
            body=b"%PDF-1.7",
            size=8,
            sha256=bytes(32),
        )
        _have_a_copy_made(opened)
    assert AccessLink.objects.count() == 2 * len(PEOPLE)


def _have_a_copy_made(opened: Opened) -> None:
    """Have a copy of a customer's data made, and its link in a mail."""
    from django.test import override_settings
    from django.utils import timezone

    from customers.models import PersonExport
    from customers.rights import make_export
    from notices.own_copy import tell_finished

    now = timezone.now()
    export = PersonExport.objects.create(
        customer=opened.customer,
        asked_by="the customer",
        asked_at=now,
        expires_at=now + dt.timedelta(days=7),
        # With no letter, so that its postcode is what is asked for.
        form_id=uuid.uuid4(),
    )
    with override_settings(PUBLIC_URL="https://bills.example.com"):
        make_export(export_id=export.pk, now=now)
        assert tell_finished(now=now) == 1


def doors(ask: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    """Return the links, the customer and the bill of each language; ``ask`` asks the
    house."""
    found = {}
    for language in PEOPLE:
        of = "FROM customers_customer WHERE language = %s"
        customer = ask(f"SELECT id {of}", language)
        message = (
            "SELECT reference FROM notices_notice WHERE customer_id = %s "
            "AND (dedupe_key LIKE 'own-copy:%%') = %s"
        )
        bill = "SELECT id FROM customers_invoice WHERE customer_id = %s"
        found[language] = {
            "token": mint(ask(message, customer, False)).token,
            "copy": mint(ask(message, customer, True)).token,
            "customer": customer,
            "bill": ask(bill, customer),
        }
    return found
