"""The life of a disclosure: drafted from what comes with Duly, published, retired.

A set is published in all its languages at once, by somebody who did not write it, and
only when the lint finds nothing. The set before it retires in the same transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.numbers import format_currency
from django.db import connection, transaction
from django.db.models import Max

from consent.ceremony import require_again
from consent.disclosures.links import status_of
from consent.disclosures.lint import Draft, Fault, faults_of
from consent.disclosures.rendering import Filling, rendered
from consent.models import Category, Disclosure

State = Disclosure.State

LANGUAGES = ("en", "pl", "fr", "cs", "zh", "ru", "de", "ar")
# Whoever wrote what comes with Duly; never whoever approves it.
AUTHOR = "Duly"
# What the shipped disclosure speaks of; offers are asked for apart.
CATEGORIES = (
    Category.BILLS,
    Category.REMINDERS,
    Category.CONTRACT_NOTICES,
    Category.SERVICE_NEWS,
)
# Any number; held while versions are counted and one set takes another's place.
_LOCK = 7_120_010


class DisclosureError(Exception):
    """A turn that a disclosure cannot take now; ``faults`` say what to put right."""

    def __init__(self, sentence: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(" ".join([sentence, *map(str, faults)]))
        self.faults = faults


@lru_cache(maxsize=16)
def shipped_blocks(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the blocks that come with Duly in one of LANGUAGES."""
    path = (
        Path(__file__).resolve().parent / "disclosures" / "texts" / f"{language}.toml"
    )
    with path.open("rb") as file:
        found: dict[str, dict[str, str]] = tomllib.load(file)
    return found


@transaction.atomic
def draft_set(
    *,
    key: str,
    terms_url: str,
    now: dt.datetime,
    by: str = AUTHOR,
    paper_fee: Decimal = Decimal(0),
    currency: str = "",
    blocks: Mapping[str, Mapping[str, Any]] | None = None,
    hwsw_version: int | None = None,
    needs_demonstration: bool = True,
) -> list[Disclosure]:
    """Begin a new version of a set in all languages, from the words that come with Duly
    unless ``blocks`` (by language) brings others.

    What one needs stays as it was unless ``hwsw_version`` is given.
    """
    _lock()
    before = Disclosure.objects.filter(key=key).aggregate(
        version=Max("version"), hwsw=Max("hwsw_version")
    )
    words = blocks or {one: shipped_blocks(one) for one in LANGUAGES}
    return Disclosure.objects.bulk_create(
        Disclosure(
            key=key,
            version=(before["version"] or 0) + 1,
            language=language,
            blocks=dict(text),
            categories=list(CATEGORIES),
            terms_url=terms_url,
            paper_fee=paper_fee,
            currency=currency,
            hwsw_version=hwsw_version or before["hwsw"] or 1,
            needs_demonstration=needs_demonstration,
            written_by=by,
            created_at=now,
        )
        for language, text in words.items()
    )


@transaction.atomic
def publish_set(
    *,
    key: str,
    version: int,
    firm: str,
    phone: str,
    fee_forbidden: bool,
    by: str,
    now: dt.datetime,
    answers: Callable[[str], int] = status_of,
) -> list[Disclosure]:
    """Publish a set in all its languages; the one before it retires.

    Where customers need something new for it, consents count no more until access is
    shown again.

    :raises DisclosureError: it is no draft, its writer approves it, or the lint found
        something (``faults``).
    """
    _lock()
    drafts = list(
        Disclosure.objects.select_for_update().filter(key=key, version=version)
    )
    if not drafts or any(one.state != State.DRAFT for one in drafts):
        raise DisclosureError(f"{key} version {version} is no draft.")
    if not by or any(one.written_by == by for one in drafts):
        raise DisclosureError(
            "Who wrote a disclosure cannot publish it. Ask somebody else to."
        )
    faults = faults_of(
        [_as_draft(one) for one in drafts], fee_forbidden=fee_forbidden, answers=answers
    )
    if faults:
        raise DisclosureError("It cannot be published yet.", tuple(faults))
    published = Disclosure.objects.filter(key=key, state=State.PUBLISHED)
    needed = published.aggregate(hwsw=Max("hwsw_version"))["hwsw"]
    published.update(state=State.RETIRED, retired_at=now)
    for one in drafts:
        one.rendered = rendered(one.blocks, one.language, filling(one, firm, phone))
        one.sha256 = hashlib.sha256(one.rendered).digest()
        one.state, one.approved_by, one.published_at = State.PUBLISHED, by, now
        one.save(
            update_fields=[
                "rendered",
                "sha256",
                "state",
                "approved_by",
                "published_at",
            ]
        )
    if needed and drafts[0].hwsw_version > needed:
        require_again(hwsw_version=drafts[0].hwsw_version, by=by, now=now)
    return drafts


def filling(disclosure: Disclosure, firm: str, phone: str) -> Filling:
    """Return what stands in the places of a disclosure of that firm."""
    fee = ""
    if disclosure.paper_fee:
        locale = disclosure.language.replace("-", "_")
        fee = format_currency(disclosure.paper_fee, disclosure.currency, locale=locale)
    return Filling(firm=firm, phone=phone, fee=fee, terms_url=disclosure.terms_url)


def _as_draft(one: Disclosure) -> Draft:
    return Draft(
        language=one.language,
        blocks=one.blocks,
        terms_url=one.terms_url,
        has_fee=bool(one.paper_fee),
        categories=tuple(one.categories),
    )


def key_of(firm_key: str) -> str:
    """Return the key of a firm's own disclosures about e-bills."""
    return f"paperless-{firm_key}"[:48]


def current(key: str, language: str) -> Disclosure | None:
    """Return the disclosure in force in a language, else in English, else none."""
    found = {
        one.language: one
        for one in Disclosure.objects.filter(
            key=key, state=State.PUBLISHED, language__in=[language, "en"]
        )
    }
    return found.get(language) or found.get("en")


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
