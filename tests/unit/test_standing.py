"""How a consent to e-mail stands for one message."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest

from consent.facts import Kind
from consent.standing import (
    Consent,
    e_consent,
    permits_mail,
    sms_permission,
)
from consent.topics import TOPIC_OF, TOPICS

DAY = dt.date(2026, 3, 10)
OURS, OTHER = b"\1" * 32, b"\2" * 32
AGREED = Consent("granted", dt.date(2026, 1, 1), ["bills"], OURS, DAY, 2)


def stands(
    category: str | None = "bills",
    address: bytes | None = OURS,
    needs: int | None = 2,
    **changed: object,
) -> str:
    return e_consent(
        AGREED._replace(**changed),  # type: ignore[arg-type]
        category=category,
        address_print=address,
        day=DAY,
        hwsw_in_force=needs,
    )


def test_a_consent_stands_for_its_category_its_address_and_its_time() -> None:
    assert stands() == "granted"
    assert stands(category="reminders") == "wrong_scope"
    assert stands(category=None) == "granted"
    assert stands(address=OTHER) == "address_changed"
    assert stands(address=None) == "address_changed"
    assert stands(valid_until=DAY - dt.timedelta(days=1)) == "expired"
    assert stands(since=DAY + dt.timedelta(days=1)) == "none"


def test_a_consent_given_under_earlier_needs_is_stale() -> None:
    assert stands(needs=3) == "stale"
    assert stands(needs=None) == "granted"
    # One that names no version was given under the first.
    assert stands(hwsw_version=None, needs=2) == "stale"
    assert stands(hwsw_version=None, needs=1) == "granted"


def test_a_consent_of_before_categories_covers_what_was_asked_for_then() -> None:
    old = {"categories": [], "address_print": None, "valid_until": None}

    found = {category: stands(category, OTHER, **old) for category in CATEGORIES}

    assert found == {
        "bills": "granted",
        "reminders": "granted",
        "contract_notices": "granted",
        "service_news": "wrong_scope",
        "offers": "wrong_scope",
    }


CATEGORIES = ("bills", "reminders", "contract_notices", "service_news", "offers")


@pytest.mark.parametrize(
    ("state", "word", "mail"),
    [
        (None, "none", False),
        ("refused", "none", False),
        ("superseded", "none", False),
        ("withdrawn", "withdrawn", False),
        ("expired", "expired", False),
        ("pending", "pending", True),
        ("unproven", "unproven", True),
        ("stale", "stale", True),
        ("granted", "granted", True),
    ],
)
def test_whoever_said_yes_gets_reminders_by_mail_and_bills_only_when_proven(
    state: str | None, word: str, mail: bool
) -> None:
    found = stands(state=state)

    assert found == word
    assert permits_mail(found) is mail  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["pending", "unproven", "stale"])
def test_what_is_short_of_proof_is_bound_as_well(state: str) -> None:
    assert stands(state=state, address=OTHER) == "address_changed"
    assert stands(state=state, category="reminders") == "wrong_scope"


def test_every_topic_can_be_agreed_to() -> None:
    assert set(TOPIC_OF) <= set(get_args(Kind))
    assert set(TOPIC_OF.values()) <= set(CATEGORIES) == set(TOPICS)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (None, "none"),
        ("granted", "express"),
        ("unproven", "express"),
        ("withdrawn", "revoked"),
        ("pending", "none"),
        ("refused", "none"),
        ("expired", "none"),
    ],
)
def test_texts_need_a_yes_that_stands(state: str | None, word: str) -> None:
    assert sms_permission(state, DAY, DAY) == word
    assert sms_permission(state, DAY + dt.timedelta(days=1), DAY) == "none"
