"""Customers before the consent page, one a language, in a house of their own.

Run as a program with DATABASE_URL set: ``python -m tests.browser.consent_scene FILE``.
Writes into an empty migrated database, and their links into FILE.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.pages.opening import Opened

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

PEOPLE = {
    "en": "Alice Late",
    "pl": "Zażółć Gęślą-Jaźń",
    "zh": "王小明",
    "ar": "شركة الكهرباء الوطنية",
}


def build() -> dict[str, dict[str, object]]:
    """Write the scene; return token, customer, bill and copy of each language."""
    from customers.models import InvoiceCopy
    from notices.starter import install_starters
    from tests.factories import make_address, make_user
    from tests.pages.agreeing import publish
    from tests.pages.opening import open_notice

    install_starters()
    make_user("ada", is_superuser=True)
    found: dict[str, dict[str, object]] = {}
    for language, name in PEOPLE.items():
        opened = open_notice(
            language=language,
            name=name,
            e_delivery=False,
            email=f"{language}@example.com",
            mobile=f"+4477009001{len(found):02}",
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
        found[language] = {
            "token": opened.token,
            "customer": opened.customer.pk,
            "bill": opened.invoice.pk,
            "copy": _copy_of(opened),
        }
    return found


def _copy_of(opened: Opened) -> str:
    """Have a copy of a customer's data made; return the token of its link."""
    from django.conf import settings
    from django.utils import timezone

    from consent.links import mint
    from customers.models import PersonExport
    from customers.rights import make_export
    from notices.models import Notice
    from notices.own_copy import tell_finished

    settings.PUBLIC_URL = settings.PUBLIC_URL or "https://bills.example.com"
    now = timezone.now()
    export = PersonExport.objects.create(
        customer=opened.customer,
        asked_by="the customer",
        asked_at=now,
        expires_at=now + dt.timedelta(days=7),
        # With no letter, so that its postcode is what is asked for.
        form_id=uuid.uuid4(),
    )
    make_export(export_id=export.pk, now=now)
    assert tell_finished(now=now) == 1
    mail = Notice.objects.get(dedupe_key=f"own-copy:{export.pk}")
    return mint(mail.reference).token


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(build()), encoding="utf-8")
