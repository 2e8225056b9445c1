"""The demo company is believable, adds up, and is the same on every machine."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.demo.cast import PARTS, Role
from campaigns.demo.company import STORIES, Company, company
from customers.contact import PostalAddress, normalise_email, read_phone
from customers.money import exact

TODAY = dt.date(2026, 3, 10)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2034, 12, 31))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made() -> Company:
    """Return the company of one day."""
    return company(TODAY)


def test_the_same_day_makes_the_same_company(made: Company) -> None:
    assert company(TODAY) == made


def test_no_order_of_hashes_shows_in_it() -> None:
    code = (
        "import datetime, hashlib; from campaigns.demo.company import company;"
        "made = company(datetime.date(2026, 3, 10));"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )

    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(prints) == 1


@settings(max_examples=12)
@given(today=DAYS)
def test_on_any_day_bills_and_payments_add_up(today: dt.date) -> None:
    made = company(today)

    bills = {bill.number: bill for bill in made.bills}
    assert all(owed >= 0 for owed in made.open_amounts.values())
    assert all(bill.issued_on <= today for bill in made.bills)
    for receipt in made.receipts:
        bill = bills[receipt.bill]
        assert bill.issued_on <= receipt.received_on < today
        assert (receipt.account, receipt.currency) == (bill.account, bill.currency)
        assert exact(receipt.amount, receipt.currency) > 0


@settings(max_examples=12)
@given(today=DAYS)
def test_on_any_day_every_story_is_told(today: dt.date) -> None:
    made = company(today)

    told = Counter(pause.reason for pause in made.pauses)
    wanted: Counter[str] = Counter()
    for story in STORIES:
        wanted[story.reason] += story.many
    assert told == wanted
    assert len({pause.account for pause in made.pauses}) == len(made.pauses)


@settings(max_examples=12)
@given(today=DAYS)
def test_on_any_day_bills_are_open_late_part_paid_and_paid(today: dt.date) -> None:
    made = company(today)

    owed = made.open_amounts
    late = [(today - bill.due_on).days for bill in made.bills if owed[bill.number] > 0]
    assert sum(days <= 0 for days in late) > 60
    assert sum(0 < days <= 30 for days in late) > 40
    assert any(30 < days <= 90 for days in late)
    assert max(late) <= 110
    assert any(0 < owed[bill.number] < bill.amount for bill in made.bills)
    assert sum(amount == 0 for amount in owed.values()) > 1000


def test_it_has_the_size_and_the_languages_it_promises(made: Company) -> None:
    assert len(made.accounts) == 360
    assert 1400 < len(made.bills) < 1900
    assert {one.place.language for one in made.accounts} == {
        *("en", "pl", "fr", "cs", "de", "zh")
    }
    assert {(one.land.code, one.land.currency) for one in made.accounts} == {
        *(("GB", "GBP"), ("PL", "PLN"), ("FR", "EUR"), ("CZ", "CZK"), ("DE", "EUR"))
    }
    assert {one.kind for one in made.accounts} == {"consumer", "business"}


def test_every_part_is_played(made: Company) -> None:
    played = Counter(one.role for one in made.accounts)

    wanted: Counter[Role] = Counter()
    for role, _, _, many in PARTS:
        wanted[role] += many
    del played[Role.NONE]
    assert played == wanted


def test_numbers_are_given_once(made: Company) -> None:
    for numbers in (
        [one.number for one in made.accounts],
        [bill.number for bill in made.bills],
        [receipt.reference for receipt in made.receipts],
    ):
        assert len(set(numbers)) == len(numbers)


def test_mail_goes_only_to_domains_that_nobody_can_own(made: Company) -> None:
    mailboxes = [one.email for one in made.accounts if one.email]

    assert len(set(mailboxes)) == len(mailboxes)
    assert all(normalise_email(mailbox) == mailbox for mailbox in mailboxes)
    assert {mailbox.partition("@")[2] for mailbox in mailboxes} == {
        *("example.com", "example.net", "example.org", "sandbox.example")
    }


# Ranges the regulators keep free; Poland and Czechia keep none (see names.py).
FREE = {
    "GB": ("+447700900", "+441632960"),
    "FR": ("+3363998", "+3319900"),
    "DE": ("+4917139200", "+493023125"),
    "PL": ("+48500000", "+482200000"),
    "CZ": ("+420601000", "+420210000"),
}


def test_phones_are_in_ranges_without_subscribers(made: Company) -> None:
    for one in made.accounts:
        for number, kind in ((one.mobile, "mobile"), (one.landline, "landline")):
            if number is None:
                continue
            phone = read_phone(number, "")
            assert (phone.e164, phone.kind) == (number, kind)
            assert number.startswith(FREE[one.land.code])


def test_addresses_pass_the_rules_of_their_country(made: Company) -> None:
    for one in made.accounts:
        if one.address is None or one.role is Role.NO_WINDOW:
            continue
        lines = [one.name, one.address.line1, one.address.line2]
        town = [f"{one.address.postcode} {one.address.city}"]
        parsed = PostalAddress.parse([*lines, *town], one.land.code)
        assert parsed.postcode == one.address.postcode


def test_some_lack_a_way_to_be_reached(made: Company) -> None:
    accounts = made.accounts

    assert any(one.email is None for one in accounts)
    assert any(one.mobile is None and one.landline is None for one in accounts)
    assert any(one.address is None for one in accounts)
    assert any(one.email and one.e_delivery is None for one in accounts)
    assert any(one.mobile and one.sms is None for one in accounts)


def test_nobody_agreed_before_being_a_customer(made: Company) -> None:
    for one in made.accounts:
        for agreed in (one.e_delivery, one.sms):
            assert agreed is None or one.joined_on <= agreed.since <= TODAY


def test_a_hold_comes_after_its_bill_was_late(made: Company) -> None:
    bills = {bill.number: bill for bill in made.bills}

    for pause in made.pauses:
        assert made.history_from < pause.starts_on < TODAY
        if pause.bill:
            assert bills[pause.bill].account == pause.account
            assert bills[pause.bill].due_on < pause.starts_on
            assert made.open_amounts[pause.bill] > Decimal(0)
