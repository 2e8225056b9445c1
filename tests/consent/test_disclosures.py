"""Disclosures: what keeps one from being published, and that a published one stands."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from consent.disclosures import BLOCKS, MUST_LINK
from consent.disclosures.links import status_of
from consent.disclosures.lint import Draft, assumptions, faults_of
from consent.disclosures.rendering import Filling, rendered, spoken
from consent.models import ConsentState, Disclosure
from consent.publishing import (
    LANGUAGES,
    DisclosureError,
    current,
    draft_set,
    publish_set,
    shipped_blocks,
)
from tests.factories import make_consent, make_customer

TERMS = "https://northwind.example/terms"
FILLING = Filling(firm="Northwind", phone="+44 113 496 0000", fee="", terms_url=TERMS)


def draft(language="en", **changed):
    facts = {
        "language": language,
        "blocks": shipped_blocks(language),
        "terms_url": TERMS,
        "has_fee": False,
        "categories": ("bills",),
    }
    return Draft(**(facts | changed))


def lint(*drafts, fee_forbidden=False, status=200):
    return faults_of(
        list(drafts), fee_forbidden=fee_forbidden, answers=lambda address: status
    )


def published(**changed):
    now = timezone.now()
    facts = {"key": "paperless-nw", "terms_url": TERMS, "now": now} | changed
    drafts = draft_set(**facts)
    return publish_set(
        key="paperless-nw",
        version=drafts[0].version,
        firm="Northwind",
        phone="+44 113 496 0000",
        fee_forbidden=False,
        by="lee",
        now=now,
        answers=lambda address: 200,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("has_fee", [False, True])
def test_what_comes_with_duly_is_clean_with_and_without_a_fee(language, has_fee):
    assert lint(draft(language, has_fee=has_fee)) == []


@pytest.mark.parametrize("name", [one for one, law in BLOCKS.items() if law])
@pytest.mark.parametrize(
    "broken", [{}, {"title": "A", "text": "  "}, {"text": "Long."}]
)
def test_no_element_of_the_law_may_be_missing_in_any_language(name, broken):
    blocks = {**shipped_blocks("pl"), name: broken}
    found = lint(draft(), draft("pl", blocks=blocks))
    assert [(one.language, one.block) for one in found] == [("pl", name)]
    assert BLOCKS[name] in found[0].sentence


@pytest.mark.parametrize("name", MUST_LINK)
def test_what_promises_a_page_must_link_to_it(name):
    block = {"title": "How", "text": "Somewhere on our website you will find it."}
    found = lint(draft(blocks={**shipped_blocks("en"), name: block}))
    assert [one.block for one in found] == [name]
    assert MUST_LINK[name] in found[0].sentence


def test_a_page_that_is_not_there_keeps_a_set_from_being_published():
    found = lint(draft(), status=404)
    assert {one.block for one in found} == {
        "how_to_withdraw",
        "update_contact",
        "terms",
    }
    assert "answers 404" in found[0].sentence
    assert "does not answer" in lint(draft(), status=0)[0].sentence


def test_a_fee_is_refused_where_law_forbids_one():
    assert "forbids a fee" in lint(draft(has_fee=True), fee_forbidden=True)[0].sentence
    assert lint(draft(has_fee=True)) == []


def test_a_fee_must_be_said():
    block = {"title": "What paper costs", "text_with_fee": "It costs a little."}
    blocks = {**shipped_blocks("en"), "paper_fee": block}
    assert "{fee}" in lint(draft(has_fee=True, blocks=blocks))[0].sentence


@pytest.mark.parametrize(
    ("language", "phrase"),
    [(one, phrase) for one, phrases in assumptions().items() for phrase in phrases],
)
def test_no_text_takes_a_yes_for_granted(language, phrase):
    block = {"title": "How it works", "text": f"So: {phrase.capitalize()}, and so on."}
    found = lint(
        draft(language, blocks={**shipped_blocks(language), "benefits": block})
    )
    assert "ES-14" in found[0].sentence


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> and more", "Dear {name}, hello", "[x](nowhere)"]
)
def test_markup_and_unknown_fields_are_refused(text):
    block = {"title": "What you gain", "text": text}
    assert lint(draft(blocks={**shipped_blocks("en"), "benefits": block}))


def test_all_languages_agree_to_the_same():
    found = lint(draft(), draft("pl", categories=("bills", "offers")))
    assert "Everybody agrees to the same" in found[0].sentence


def test_the_same_words_give_the_same_bytes_and_facts_are_no_markup():
    hostile = Filling(firm="<b>{phone}", phone="[x](terms)", fee="", terms_url=TERMS)
    first = rendered(shipped_blocks("en"), "en", hostile)
    assert first == rendered(shipped_blocks("en"), "en", hostile)
    assert b"<bdi>&lt;b&gt;{phone}</bdi>" in first
    assert first.count(TERMS.encode()) == 1


def test_the_script_for_the_telephone_is_the_same_words_without_links():
    script = dict(spoken(shipped_blocks("en"), FILLING))
    assert "+44 113 496 0000" in script["How to go back to paper"]
    assert not any("](" in text or "{" in text for text in script.values())


def test_our_own_pages_are_looked_up_and_not_asked(settings):
    settings.PUBLIC_URL = "https://bills.northwind.example"
    assert status_of("withdraw") == 200
    assert status_of("https://bills.northwind.example/n/terms") == 200
    assert status_of("https://bills.northwind.example/nothing/here") == 404
    assert status_of("javascript:alert(1)") == 404
    settings.PUBLIC_URL = ""
    assert status_of("withdraw") == 0


# The life of a set --------------------------------------------------------------


@pytest.mark.django_db
def test_who_wrote_it_does_not_publish_it():
    now = timezone.now()
    draft_set(key="paperless-nw", terms_url=TERMS, now=now, by="ann")
    with pytest.raises(DisclosureError, match="Ask somebody else"):
        publish_set(
            key="paperless-nw",
            version=1,
            firm="N",
            phone="1",
            fee_forbidden=False,
            by="ann",
            now=now,
            answers=lambda address: 200,
        )
    # Nor does the database let it stand so.
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.update(
            state="published", approved_by="ann", published_at=now, sha256=b"0" * 32
        )


@pytest.mark.django_db
def test_a_set_with_faults_is_not_published():
    now = timezone.now()
    draft_set(key="paperless-nw", terms_url=TERMS, now=now)
    with pytest.raises(DisclosureError) as caught:
        publish_set(
            key="paperless-nw",
            version=1,
            firm="N",
            phone="1",
            fee_forbidden=False,
            by="lee",
            now=now,
            answers=lambda address: 404,
        )
    assert caught.value.faults
    assert not Disclosure.objects.exclude(state="draft").exists()


@pytest.mark.django_db
def test_what_is_published_keeps_its_bytes_and_their_print():
    for one in published():
        stored = Disclosure.objects.get(pk=one.pk)
        body = bytes(stored.rendered)
        assert bytes(stored.sha256) == hashlib.sha256(body).digest()
        assert body == rendered(stored.blocks, stored.language, FILLING)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent_disclosure SET rendered = 'x'::bytea",
        "UPDATE consent_disclosure SET blocks = '{}'::jsonb",
        "UPDATE consent_disclosure SET approved_by = 'eve'",
        "UPDATE consent_disclosure SET state = 'draft'",
        "UPDATE consent_disclosure SET state = 'retired', hwsw_version = 9",
        "DELETE FROM consent_disclosure",
        "TRUNCATE consent_disclosure CASCADE",
    ],
)
def test_the_database_lets_nobody_change_what_was_published(change):
    published()
    with (
        pytest.raises(DatabaseError, match="evidence"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


@pytest.mark.django_db
def test_a_newer_set_retires_the_one_before():
    published()
    published(paper_fee=Decimal("1.50"), currency="EUR")
    assert {one.version for one in Disclosure.objects.filter(state="published")} == {2}
    newest = current("paperless-nw", "de")
    assert (newest.version, newest.language) == (2, "de")
    assert "1,50" in bytes(newest.rendered).decode()
    # A language we do not write reads English.
    assert current("paperless-nw", "it").language == "en"


@pytest.mark.django_db
def test_needing_something_new_makes_older_consents_stale():
    published()
    customer = make_customer(e_delivery=False)
    make_consent(customer)
    published()
    assert ConsentState.objects.get(customer=customer).state == "granted"
    published(hwsw_version=2)
    assert ConsentState.objects.get(customer=customer).state == "stale"
