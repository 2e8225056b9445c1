"""Customers whose first reminder went out today, with the link that came with it.

Run as a program with DATABASE_URL set: ``python -m tests.browser.own_scene FILE``.
Writes into an empty migrated database, and their links into FILE.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Both ways at once, with a mark at the end that shows which way it is read.
NAMES = {
    "ar": "شركة Nord-Strom الوطنية (1999).",
    "pl": "Zażółć Gęślą-Jaźń",
    "en": "Ada Lovelace",
}
PURPOSES = {"ar": "Nordstrom, Q3 2026.", "pl": "كهرباء، الربع 3.", "en": ""}
# As many bills as take another plural form than one and many.
BILLS = {"ar": 2, "pl": 3, "en": 1}
STEPS = (
    ("friendly", 3, "soft", 5, ["email", "sms", "letter"]),
    ("reminder", 10, "formal", None, ["email", "sms"]),
)
DAY = dt.timedelta(days=1)
JOURNEYS = ("read", "wish", "old", "revoked")


def build(now: dt.datetime) -> dict[str, dict[str, str]]:
    """Write the scene, and send the day's reminders; return tokens by what they are
    for: ``ar-wish`` is held by an Arabic customer who will change a wish."""
    from campaigns.actions import tick
    from consent.links import mint, revoke_links
    from consent.models import AccessLink
    from notices.actions import send_all_due
    from notices.models import Notice
    from notices.starter import install_starters
    from tests import factories as make

    install_starters(["en", "pl"])
    ladder = make.make_ladder(STEPS, bank_days="none", group="customer")
    for step in ladder.steps.all():
        step.template_key = step.key
        step.save()
    brand = make.make_brand(name="Northwind Energy", pay_url="https://pay.example/now")
    make.make_campaign(ladder=ladder, brand=brand, send_from=dt.time(0))
    people = {
        f"{language}-{journey}": _late(language, name, now.date())
        for language, name in NAMES.items()
        for journey in JOURNEYS
    }
    tick(now=now, ring=False)
    send_all_due(now=now)
    for key, person in people.items():
        if key.endswith("-old"):
            links = AccessLink.objects.filter(customer=person)
            links.update(made_at=now - 500 * DAY, expires_at=now - 380 * DAY)
    revoked = [one.pk for key, one in people.items() if key.endswith("-revoked")]
    revoke_links(revoked, now=now)
    assert AccessLink.objects.count() == len(people)
    sent = dict(Notice.objects.values_list("customer_id", "reference"))
    return {
        key: {
            "token": mint(sent[one.pk]).token,
            "number": one.number,
            "email": one.contact_points.get(kind="email").value,
        }
        for key, one in people.items()
    }


def _late(language, name, today):  # type: ignore[no-untyped-def]
    """Return a late customer who may get texts as well as e-mails."""
    from tests import factories as make

    person = make.make_customer(
        name=name,
        language=language,
        country="PL" if language == "pl" else "GB",
        mobile=f"+4477009{make.number():05}",
    )
    make.make_consent(person, subject="sms")
    for number in range(BILLS[language]):
        make.make_invoice(
            person,
            due_on=today - (4 + number) * DAY,
            amount=Decimal("1240.50") + number,
            purpose=PURPOSES[language],
        )
    return person


if __name__ == "__main__":
    # Without it no message carries a link.
    os.environ.setdefault("PUBLIC_URL", "https://bills.example.com")
    django.setup()
    from django.utils import timezone

    found = build(timezone.now())
    Path(sys.argv[1]).write_text(json.dumps(found), encoding="utf-8")
