"""Customers before the consent page, one a language, in a house of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consent.links import mint

PEOPLE = {
    "en": "Alice Late",
    "pl": "Zażółć Gęślą-Jaźń",
    "zh": "王小明",
    "ar": "شركة الكهرباء الوطنية",
}


def build() -> None:
    """Write the scene into an empty migrated database."""
    from consent.models import AccessLink
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
    assert AccessLink.objects.count() == len(PEOPLE)


def doors(ask: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    """Return the link and the customer of each language; ``ask`` asks the house."""
    found = {}
    for language in PEOPLE:
        of = "FROM customers_customer WHERE language = %s"
        customer = ask(f"SELECT id {of}", language)
        message = "SELECT reference FROM notices_notice WHERE customer_id = %s"
        token = mint(ask(message, customer)).token
        found[language] = {"token": token, "customer": customer}
    return found
