"""Going paperless: who is switched, who stays on paper, and the day it is confirmed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from campaigns import cutovers
from campaigns.models import Cutover
from campaigns.paperless import Sides
from consent.actions import suppress
from consent.lawbook import lawbook
from consent.mail import stands
from consent.models import ConsentEvent, ConsentState
from consent.standing import permits_mail
from customers.models import AccessEntry, AuditEntry, ContactPoint, Customer
from notices.gate import verdicts
from notices.people import lock_people
from tests.factories import (
    NOW,
    TODAY,
    make_address,
    make_consent,
    make_contact_point,
    make_customer,
    make_notice,
    make_stream,
    make_user,
    number,
)
from tests.law import enact, raw_rule

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
ADDRESS = "/consents/paperless/"
CONFIRM = f"{ADDRESS}confirm/"


def american(**more: Any) -> Customer:
    """Return a customer whose law wants a consent, with e-mail and postal address."""
    facts: dict[str, Any] = {"country": "US", "address": True, "e_delivery": False}
    return make_customer(**facts | more)


def told(one: Customer, day: dt.date = TODAY) -> tuple[str, str]:
    """Return on which side a customer is, and why."""
    found = Sides(day, lawbook())
    (counted,) = found.counts()
    assert list(found.customers(side=counted[0], why=counted[1])) == [one]
    return counted


# Who is switched -------------------------------------------------------------


def test_who_agreed_gets_bills_by_e_mail() -> None:
    one = american()
    make_consent(one, address=_email(one))

    assert told(one) == ("switched", "granted")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"state": "offered"}, "offered"),
        ({"state": "pending"}, "pending"),
        ({"state": "unproven"}, "unproven"),
        ({"state": "stale"}, "stale"),
        ({"state": "refused"}, "refused"),
        ({"state": "withdrawn"}, "withdrawn"),
        ({"valid_until": TODAY - DAY}, "expired"),
        ({"on": TODAY + DAY}, "later"),
        ({"categories": ["reminders"]}, "wrong_scope"),
        ({"address": "other@example.com"}, "address_changed"),
    ],
)
def test_no_consent_that_counts_leaves_a_customer_on_paper(
    facts: dict[str, Any], why: str
) -> None:
    one = american()
    make_consent(one, **facts)

    assert told(one) == ("paper", why)


def test_who_was_never_asked_stays_on_paper() -> None:
    assert told(american()) == ("paper", "none")


def test_a_consent_counts_on_its_last_day_and_from_its_first() -> None:
    one = american()
    make_consent(one, on=TODAY, valid_until=TODAY)

    assert told(one) == ("switched", "granted")
    assert told(one, TODAY - DAY) == ("paper", "later")
    assert told(one, TODAY + DAY) == ("paper", "expired")


def test_a_yes_without_an_address_that_works_stays_on_paper() -> None:
    one = american()
    make_consent(one)

    ContactPoint.objects.update(state="dead")
    assert told(one) == ("paper", "no_address")
    ContactPoint.objects.all().delete()
    assert told(one) == ("paper", "no_address")


def test_a_yes_does_not_help_where_nothing_goes_to_the_address() -> None:
    one = american(email="Gone@example.com")
    make_consent(one, address="gone@example.com")
    _stop("gone@example.com")

    assert told(one) == ("paper", "stopped")


def test_a_firm_agrees_by_a_clause_of_its_contract() -> None:
    firm = american(kind="business")
    make_consent(firm)
    assert told(firm) == ("paper", "no_clause")

    make_consent(firm, on=TODAY, basis="contract")
    assert told(firm) == ("switched", "granted")


def test_where_law_lets_the_contract_do_nobody_has_to_be_asked() -> None:
    german = american(country="DE")
    assert told(german) == ("switched", "contract")

    make_consent(german, state="refused")
    assert told(german) == ("paper", "refused")


def test_the_law_of_a_state_is_told_from_the_zip_code() -> None:
    enact("US-MA", raw_rule("writings", "contract"))
    boston = american(address=False)
    make_address(boston, country="US", postcode="02139")

    assert told(boston) == ("switched", "contract")
    _moves_to(boston, "10001")
    assert told(boston) == ("paper", "none")


def test_without_consent_and_postal_address_nobody_is_reached() -> None:
    one = american(address=False)
    assert told(one) == ("unreachable", "none")

    make_address(one, state="returned")
    assert told(one) == ("unreachable", "none")


@pytest.mark.parametrize(
    "facts", [{"account_status": "closed"}, {"status": "deceased"}, {"erased_at": NOW}]
)
def test_who_gets_no_bills_is_not_counted(facts: dict[str, Any]) -> None:
    american(**facts)

    assert cutovers.figures(TODAY).total == 0


# As the gate says ------------------------------------------------------------


def crowd(size: int) -> list[Customer]:
    """Return customers of every sort, the same each time."""
    dice = random.Random(5)
    return [_anybody(dice) for _ in range(size)]


def _anybody(dice: random.Random) -> Customer:
    email = f"any{number()}@example.com"
    one = make_customer(
        email=email if dice.random() < 0.9 else None,
        country=dice.choice(["US", "US", "DE", "GB", ""]),
        kind=dice.choice(["consumer", "business"]),
        address=dice.random() < 0.6,
        e_delivery=False,
        time_zone="Europe/London",
    )
    if dice.random() < 0.15:
        one.contact_points.update(state=dice.choice(["dead", "unverified"]))
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        _anything_said(one, email, dice)
    if dice.random() < 0.1:
        _stop(email)
    if dice.random() < 0.1 and one.contact_points.exists():
        one.contact_points.update(is_primary=False)
        make_contact_point(one, value=f"new{email}")
    return one


def _anything_said(one: Customer, email: str, dice: random.Random) -> None:
    named = dice.choice([[], [], ["bills"], ["reminders"], ["bills", "offers"]])
    last = dice.choice([None, None, None, TODAY, TODAY - DAY])
    make_consent(
        one,
        state=dice.choice([*ConsentEvent.State.values, "granted", "granted"]),
        on=dice.choice([TODAY - 9 * DAY, TODAY - DAY, TODAY, TODAY + DAY]),
        address=dice.choice(["", email.upper(), email, f"x{email}"]),
        basis=dice.choice(["", "contract"]),
        categories=named,
        valid_until=last,
    )


def _by_the_gate(customers: list[Customer]) -> dict[int, str]:
    """Return on which side the gate itself puts each, asked about a bill by e-mail."""
    stream = make_stream()
    bills = [
        make_notice(one, stream=stream, kind="bill", legal="writing", dunning=False)
        for one in customers
    ]
    people = lock_people([one.pk for one in customers])
    side = {
        ("ALLOW", None): "switched",
        ("SUBSTITUTE", "letter"): "paper",
        ("REVIEW", None): "unreachable",
    }
    return {
        one.notice.customer_id: side[
            str(one.decision.outcome), one.decision.use_channel
        ]
        for one in verdicts(bills, people, NOW)
    }


def test_the_sides_are_those_the_gate_takes_for_each_customer() -> None:
    customers = crowd(300)

    found = Sides(TODAY, lawbook())
    listed = {
        pk: side
        for side in ("switched", "paper", "unreachable")
        for pk in found.customers(side=side).values_list("pk", flat=True)
    }

    assert listed == _by_the_gate(customers)
    assert sum(found.counts().values()) == 300
    # The crowd tries every reason.
    assert {why for _, why in found.counts()} == set(cutovers.WHY)


def test_nobody_is_switched_by_consent_whose_consent_does_not_permit_it() -> None:
    crowd(150)

    agreed = list(Sides(TODAY, lawbook()).customers(why="granted"))

    people = lock_people([one.pk for one in agreed])
    assert people
    for one in people.values():
        standing = stands(one.consent, kind="bill", email=one.email, day=TODAY)
        assert standing == "granted"
        assert permits_mail(standing)


def test_a_thousand_customers_cost_no_more_questions_than_one(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    crowd(30)
    lawbook()

    with django_assert_num_queries(4):
        cutovers.figures(TODAY)


# The pages -------------------------------------------------------------------


@pytest.fixture
def mia(noon: None) -> Client:
    """Return a browser in which Mia is logged in, who may confirm and take lists."""
    client = Client()
    rights = ["campaigns.add_cutover", "consent.view_consentevent"]
    client.force_login(make_user("mia", may=rights))
    return client


@pytest.fixture
def three(db: None) -> dict[str, Customer]:
    """Return one customer of each side."""
    agreed = american(number="C-1", name="Alice")
    make_consent(agreed)
    return {
        "switched": agreed,
        "paper": american(number="=C-2", name="Bob"),
        "unreachable": american(number="C-3", name="Charlie", address=False),
    }


def shown(client: Client, address: str = ADDRESS, **asked: str) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_first_customer_the_page_says_what_to_do(mia: Client) -> None:
    assert "Nobody gets bills yet" in shown(mia)
    assert "nothing to confirm" in shown(mia, CONFIRM)
    mia.post(CONFIRM, {"day": TODAY.isoformat()})
    assert not Cutover.objects.exists()


def test_each_number_leads_to_its_list(
    viewer: Client, three: dict[str, Customer]
) -> None:
    page = shown(viewer)

    for side, one in three.items():
        assert f'?side={side}"' in page
        listed = shown(viewer, f"{ADDRESS}list/", side=side)
        assert [name for name in ("Alice", "Bob", "Charlie") if name in listed] == [
            one.name
        ]
    assert "?side=paper&amp;why=none" in page
    assert "Confirm the cutover" not in page


def test_what_is_no_filter_narrows_nothing(
    viewer: Client, three: dict[str, Customer]
) -> None:
    listed = shown(viewer, f"{ADDRESS}list/", side="'", why="x")

    assert all(one.name in listed for one in three.values())


def test_the_file_is_the_list_that_is_shown_and_runs_no_formula(
    mia: Client, three: dict[str, Customer]
) -> None:
    answer = mia.get(f"{ADDRESS}list.csv", {"side": "paper"})
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    (row,) = csv.DictReader(io.StringIO(body))
    assert row == {
        "customer": "'=C-2",
        "name": "Bob",
        "language": "en",
        "bills": "Bills on paper",
        "why": "Not asked",
    }
    assert AccessEntry.objects.get().which == "going paperless"


def test_taking_the_file_needs_a_right_of_its_own(
    viewer: Client, three: dict[str, Customer]
) -> None:
    assert viewer.get(f"{ADDRESS}list.csv").status_code == 403
    assert "list.csv" not in shown(viewer, f"{ADDRESS}list/")


def test_cutover_leaves_who_did_not_agree_on_paper_and_shows_their_count(
    mia: Client, three: dict[str, Customer]
) -> None:
    american()
    before = list(ConsentState.objects.values())
    page = shown(mia, CONFIRM)
    assert "Nobody without a consent is switched; 2 customers stay on paper." in page

    answer = mia.post(CONFIRM, {"day": TODAY.isoformat()}, follow=True)

    (kept,) = Cutover.objects.all()
    assert (kept.day, kept.switched, kept.paper, kept.unreachable) == (TODAY, 1, 2, 1)
    assert (kept.confirmed_by, kept.confirmed_at) == ("mia", NOW)
    assert list(ConsentState.objects.values()) == before
    assert ConsentEvent.objects.count() == 1
    said = answer.content.decode()
    assert "The cutover of 10 March 2026 is confirmed." in said
    assert "Confirm the cutover" not in said


def test_who_agreed_by_contract_is_told_apart_before_confirming(
    mia: Client, three: dict[str, Customer]
) -> None:
    american(country="DE")

    page = shown(mia, CONFIRM)

    assert "switched, but for 1 customer where law lets the contract do; " in page


def test_a_cutover_confirmed_twice_is_one(
    mia: Client, three: dict[str, Customer]
) -> None:
    asked = {"day": TODAY.isoformat()}
    mia.post(CONFIRM, asked)
    american()
    answer = mia.post(CONFIRM, asked, follow=True)

    assert "was confirmed already" in answer.content.decode()
    assert Cutover.objects.get().paper == 1
    assert mia.get(CONFIRM).status_code == 302


def test_two_who_confirm_at_once_make_one_cutover(
    three: dict[str, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = cutovers.figures

    def overtaken(day: dt.date) -> cutovers.Figures:
        monkeypatch.setattr(cutovers, "figures", counted)
        assert cutovers.confirm_cutover(day=day, by="leo", now=NOW)
        return counted(day)

    monkeypatch.setattr(cutovers, "figures", overtaken)

    assert not cutovers.confirm_cutover(day=TODAY, by="mia", now=NOW)
    assert Cutover.objects.get().confirmed_by == "leo"


@pytest.mark.parametrize("day", ["2026-03-09", "", "soon"])
def test_the_page_of_another_day_confirms_nothing(
    mia: Client, three: dict[str, Customer], day: str
) -> None:
    answer = mia.post(CONFIRM, {"day": day}, follow=True)

    assert "another day" in answer.content.decode()
    assert not Cutover.objects.exists()


def test_confirming_takes_the_right_and_is_written_down(
    viewer: Client, mia: Client, three: dict[str, Customer]
) -> None:
    asked = {"day": TODAY.isoformat()}
    assert viewer.post(CONFIRM, asked).status_code == 403
    assert not Cutover.objects.exists()

    mia.post(CONFIRM, asked)

    (entry,) = AuditEntry.objects.filter(what="campaigns_cutover")
    assert (entry.who, entry.verb, entry.after["paper"]) == ("mia", "insert", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns_cutover SET paper = 0",
        "DELETE FROM campaigns_cutover",
        "TRUNCATE campaigns_cutover",
    ],
)
def test_the_database_refuses_to_rewrite_a_cutover(
    three: dict[str, Customer], statement: str
) -> None:
    cutovers.confirm_cutover(day=TODAY, by="mia", now=NOW)

    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_numbers_of_past_cutovers_stay_readable(
    viewer: Client, three: dict[str, Customer]
) -> None:
    cutovers.confirm_cutover(day=TODAY - 30 * DAY, by="leo", now=NOW - 30 * DAY)
    make_consent(three["paper"])

    page = shown(viewer)

    assert "The last cutover was on 8 February 2026." in page
    assert "by leo, " in page
    assert "2 customers" in page.split('id="past"')[0]
    assert "2 customers" not in page.split('id="past"')[1]


def _email(one: Customer) -> str:
    return one.contact_points.get(kind="email").value


def _stop(address: str) -> None:
    suppress(
        channel="email", address=address, reason="complaint", source="test", now=NOW
    )


def _moves_to(one: Customer, postcode: str) -> None:
    one.postal_address.postcode = postcode
    one.postal_address.save()
