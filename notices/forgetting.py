"""Lets the words of messages go when law has them kept no longer.

Their fingerprint, and the row that says when a message went, stay. What is under a
legal hold stays as it is, and so does a print file while one of its letters is.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from consent.lawbook import lawbook
from customers.models import LegalHold
from notices.models import Attempt, PrintFile, PrintItem, SentCopy


def kept_since(now: dt.datetime) -> dt.datetime:
    """Return the instant before which no message has to be kept.

    The longest of what the firm chose (``KEEP_COPIES_YEARS``) and of every rule of
    law in force, wherever the customer lives: too long is safe, too short is not.
    """
    years = [settings.KEEP_COPIES_YEARS]
    for pack in lawbook().packs:
        years += [
            int(rule.value)
            for rule in pack.rules
            if rule.name == "retention_years" and rule.holds_on(now.date())
        ]
    return now - dt.timedelta(days=366 * max(years))


def forget_copies(*, now: dt.datetime, most: int) -> int:
    """Empty copies that are old enough, ``most`` at once; return how many."""
    held = LegalHold.objects.filter(customer=OuterRef("notice__customer"))
    old = (
        SentCopy.objects.filter(notice__sent_at__lt=kept_since(now), size__gt=0)
        .exclude(Exists(held))
        .order_by("notice__sent_at")
        .values_list("pk", flat=True)[:most]
    )
    keys = list(old)
    Attempt.objects.filter(notice__in=keys).update(destination="", error="")
    return SentCopy.objects.filter(pk__in=keys).update(body=b"", size=0)


@transaction.atomic
def forget_letters(*, now: dt.datetime, most: int = 20) -> int:
    """Empty print files that are old enough, with the addresses of their letters;
    return how many."""
    held = LegalHold.objects.filter(customer__notices__print_items__file=OuterRef("pk"))
    files: QuerySet[PrintFile] = PrintFile.objects.filter(
        run__posted_on__lt=kept_since(now).date(), size__gt=0
    ).exclude(Exists(held))
    keys = list(files.order_by("pk").values_list("pk", flat=True)[:most])
    if not keys:
        return 0
    PrintItem.objects.filter(file__in=keys).update(address="", place="")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('duly.erasing', 'on', true)")
        emptied = PrintFile.objects.filter(pk__in=keys).update(body=b"", size=0)
        cursor.execute("SELECT set_config('duly.erasing', '', true)")
    return emptied
