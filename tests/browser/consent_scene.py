"""Customers before the consent page, one a language, in a house of their own.

Run as a program with DATABASE_URL set: ``python -m tests.browser.consent_scene FILE``.
Writes into an empty migrated database, and their links into FILE.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

PEOPLE = {
    "en": "Alice Late",
    "pl": "Zażółć Gęślą-Jaźń",
    "zh": "王小明",
    "ar": "شركة الكهرباء الوطنية",
}


def build() -> dict[str, dict[str, object]]:
    """Write the scene; return token and customer of each language."""
    from consent.models import AccessLink
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
        )
        make_address(opened.customer)
        publish(opened.notice.stream.brand)
        found[language] = {"token": opened.token, "customer": opened.customer.pk}
    assert AccessLink.objects.count() == len(PEOPLE)
    return found


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(build()), encoding="utf-8")
