"""Each element of E-SIGN, 15 USC 7001(c), linked to the test that holds it.

The elements are those of reference/consent.md 1.1. The table is read by the first test;
the others hold what no test elsewhere does.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from consent.models import ConsentEvent, ConsentState
from tests.pages.agreeing import CATEGORIES, open_door, publish

TESTS = Path(__file__).parents[1]
ELEMENTS: dict[str, tuple[str, ...]] = {
    "ES-1": ("test_es_1_only_a_standing_yes_makes_a_required_writing_electronic",),
    "ES-2": (
        "test_es_2_the_right_to_paper_is_told_before_anybody_agrees",
        "test_no_element_of_the_law_may_be_missing_in_any_language",
    ),
    "ES-3": (
        "test_es_3_withdrawal_its_terms_and_its_cost_are_told",
        "test_a_fee_is_refused_where_law_forbids_one",
    ),
    "ES-4": ("test_es_4_a_yes_covers_the_categories_ticked_and_no_other",),
    "ES-5": (
        "test_es_5_the_way_to_withdraw_is_a_link_that_works",
        "test_one_button_goes_back_to_paper_at_once",
    ),
    "ES-6": (
        "test_es_6_the_way_to_a_new_address_is_a_link_that_works",
        "test_a_new_address_takes_a_new_sample_and_the_old_consent_stands_till_then",
    ),
    "ES-7": ("test_es_7_a_paper_copy_and_its_fee_are_told",),
    "ES-8": ("test_es_8_what_one_needs_is_told_and_its_version_kept",),
    "ES-9": (
        "test_es_9_a_yes_alone_proves_no_access",
        "test_the_sample_is_a_tagged_pdf_with_the_code_in_it",
        "test_the_code_and_the_postcode_make_the_consent",
    ),
    "ES-10": (
        "test_es_10_changed_needs_are_told_and_shown_again",
        "test_changed_needs_end_older_consents_once_and_no_others",
    ),
    "ES-11": ("test_es_11_withdrawal_works_forward_and_rewrites_nothing",),
    "ES-12": ("test_es_12_a_yes_on_the_telephone_is_never_more_than_pending",),
    "ES-13": (
        "test_es_13_what_was_agreed_can_be_shown_again_word_for_word",
        "test_the_database_lets_nobody_change_what_was_published",
        "test_the_receipt_can_be_kept_as_pdf_and_as_data",
    ),
    "ES-14": (
        "test_es_14_nothing_is_ticked_and_nobody_is_made_to",
        "test_no_text_takes_a_yes_for_granted",
    ),
    "ES-15": (
        "test_es_15_a_firm_agrees_by_its_contract",
        "test_a_firm_agrees_by_its_contract_and_names_who_speaks",
    ),
}


def test_every_element_from_1_to_15_names_tests_that_exist():
    assert list(ELEMENTS) == [f"ES-{number}" for number in range(1, 16)]
    known = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    for element, names in ELEMENTS.items():
        own = f"test_{element.lower().replace('-', '_')}_"
        assert set(names) <= known, element
        assert any(name.startswith(own) for name in names), element


@pytest.fixture
def door(db, settings):
    settings.PUBLIC_URL = "https://bills.northwind.example"
    return open_door()


def kept(door):
    return ConsentState.objects.get(customer=door.customer, subject="e_delivery")


@pytest.mark.parametrize(
    ("state", "is_enough"),
    [
        ("granted", True),
        ("pending", False),
        ("unproven", False),
        ("stale", False),
        ("withdrawn", False),
        ("none", False),
    ],
)
def test_es_1_only_a_standing_yes_makes_a_required_writing_electronic(state, is_enough):
    from consent.request import Request
    from consent.rules import decide
    from tests.unit.asking import ask

    decision = decide(
        ask(
            {
                "channel": "email",
                "notice.legal": "writing",
                "notice.kind": "change_notice",
                "notice.dunning": False,
                "e_consent": state,
            }
        )
    )
    assert isinstance(ask({}), Request)
    assert (str(decision.outcome) == "ALLOW") is is_enough


def test_es_2_the_right_to_paper_is_told_before_anybody_agrees(door):
    body = door.get()
    told = body.index("Your right to paper")
    assert told < body.index('value="sample"')
    assert "You may keep paper" in body


def test_es_3_withdrawal_its_terms_and_its_cost_are_told(door):
    body = door.get()
    assert "You can go back to paper at any time. It costs nothing" in body


def test_es_4_a_yes_covers_the_categories_ticked_and_no_other(door):
    from consent.standing import e_consent
    from notices.people import people_of

    door.choose(categories=["bills"])
    door.prove()
    assert kept(door).categories == ["bills"]
    person = people_of([door.customer.pk])[door.customer.pk]
    facts = {"address_print": person.consent.address_print, "day": kept(door).since}
    assert e_consent(person.consent, category="bills", **facts) == "granted"
    assert e_consent(person.consent, category="reminders", **facts) == "wrong_scope"


def test_es_5_the_way_to_withdraw_is_a_link_that_works(door):
    door.choose()
    door.prove()
    shown = bytes(door.disclosure.rendered).decode()
    assert 'href="?step=withdraw&amp;lang=en"' in shown
    answer = Client().get(f"{door.path}?step=withdraw&lang=en")
    assert 'value="withdraw"' in answer.content.decode()


def test_es_6_the_way_to_a_new_address_is_a_link_that_works(door):
    door.choose()
    door.prove()
    assert (
        'href="?step=address&amp;lang=en"' in bytes(door.disclosure.rendered).decode()
    )
    answer = Client().get(f"{door.path}?step=address&lang=en")
    assert 'name="address_again"' in answer.content.decode()


def test_es_7_a_paper_copy_and_its_fee_are_told(door):
    body = door.get()
    assert "A paper copy later" in body
    assert "It costs you nothing." in body


def test_es_8_what_one_needs_is_told_and_its_version_kept(door):
    assert "one that opens PDF files" in door.get()
    assert "Room to keep the files" in door.get()
    door.choose()
    door.prove()
    assert kept(door).hwsw_version == door.disclosure.hwsw_version


def test_es_9_a_yes_alone_proves_no_access(door):
    door.choose()
    assert door.state() == "pending"
    door.prove(code="000-000")
    assert door.state() == "pending"
    door.prove()
    assert door.state() == "granted"


def test_es_10_changed_needs_are_told_and_shown_again(door):
    door.choose()
    door.prove()
    publish(door.brand, hwsw_version=2)
    assert door.state() == "stale"
    body = door.get()
    assert "show once more that you can open a sample" in body
    # Back to paper without a fee, as the statute has it.
    assert "that costs nothing" in body
    door.choose()
    door.prove()
    assert (door.state(), kept(door).hwsw_version) == ("granted", 2)


def test_es_11_withdrawal_works_forward_and_rewrites_nothing(door):
    door.choose()
    door.prove()
    before = list(ConsentEvent.objects.filter(customer=door.customer).values())
    door.post(do="withdraw")
    after = list(ConsentEvent.objects.filter(customer=door.customer).values())
    assert after[: len(before)] == before
    last = ConsentEvent.objects.filter(customer=door.customer).latest("seq")
    assert last.state == "withdrawn"
    assert last.effective_at is not None
    assert (
        "What we sent before stays valid"
        in Client().get(f"{door.path}/receipt/{last.record_id}").content.decode()
    )


def test_es_12_a_yes_on_the_telephone_is_never_more_than_pending(door):
    import uuid

    from django.urls import reverse
    from django.utils import timezone

    from tests.factories import make_user

    staff = make_user(may=["consent.add_consentevent"])
    client = Client()
    client.force_login(staff)
    path = reverse("consent-by-phone", args=[door.customer.pk])
    page = client.get(path).content.decode()
    assert "You may keep paper" in page
    said = {
        "form": str(uuid.uuid4()),
        "shown": door.disclosure.ref,
        "spoke_with": "Ada Lovelace",
        "spoken_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "was_read": "on",
        "answer": "yes",
        "categories": CATEGORIES,
        "address": "ada@example.com",
    }
    answer = client.post(path, said)
    assert answer.status_code == 302, answer.content.decode()
    events = ConsentEvent.objects.filter(customer=door.customer).order_by("seq")
    assert [(one.state, one.method) for one in events] == [
        ("served", "phone"),
        ("pending", "phone"),
    ]
    pending = events.get(state="pending")
    assert pending.actor == staff.username
    assert pending.disclosure_ref == door.disclosure.ref
    assert pending.detail.more["spoke_with"] == "Ada Lovelace"
    door.prove()
    assert door.state() == "granted"
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    assert (granted.method, granted.evidence["asked_by"]) == ("web", "phone")


def test_es_13_what_was_agreed_can_be_shown_again_word_for_word(door):
    import hashlib

    from notices.consent_papers import disclosure_of

    door.choose()
    door.prove()
    publish(door.brand)
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    shown = disclosure_of(granted)
    body = bytes(shown.rendered)
    assert hashlib.sha256(body).digest() == bytes(granted.rendered_sha256)
    assert shown.version == 1


def test_es_14_nothing_is_ticked_and_nobody_is_made_to(door):
    body = door.get()
    assert "checked" not in body
    assert "You do not have to agree" in body
    assert "paper" in body[body.index('value="sample"') :]


def test_es_15_a_firm_agrees_by_its_contract(settings, db):
    door = open_door(kind="business")
    door.post(do="agree", categories=CATEGORIES, signed_by="Jo Hill, Director")
    granted = ConsentEvent.objects.get(customer=door.customer, state="granted")
    assert granted.basis == "contract"
