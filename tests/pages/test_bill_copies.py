"""The copy of a bill, behind the one question that the firm has asked."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from consent.floods import GUESSES, count
from consent.links import MOST_WRONG, Purpose, revoke_links
from consent.models import AccessLink
from customers.models import AccessEntry, InvoiceCopy
from notices.facts import load_facts
from notices.models import Brand
from notices.pages.words import LANGUAGES
from notices.papers import MOST_ATTACHED
from tests.factories import make_contact_point, make_link
from tests.pages.opening import Opened, open_notice

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 the bill"


@pytest.fixture
def opened():
    return with_copy(open_notice(channel="email", address=True))


def with_copy(opened: Opened, size: int = len(PDF)) -> Opened:
    InvoiceCopy.objects.create(
        invoice=opened.invoice,
        file_name="Rechnung März.pdf",
        body=PDF,
        size=size,
        sha256=bytes(32),
    )
    return opened


def path_of(opened: Opened) -> str:
    return f"/r/{opened.token}/copy/{opened.invoice.pk}"


def answer(opened: Opened, typed: str = "", path: str = ""):
    return Client().post(path or path_of(opened), {"answer": typed})


def test_the_page_of_answers_leads_to_the_question(opened):
    page = Client().get(f"/r/{opened.token}").content.decode()
    assert f'href="{path_of(opened)}"' in page
    assert "/d/" not in page
    asked = Client().get(path_of(opened))
    assert asked.status_code == 200
    assert "The postcode of your address" in asked.content.decode()
    assert "LS1" not in asked.content.decode()
    assert not asked.cookies


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_is_asked_in_every_language(opened, language):
    page = Client().get(f"{path_of(opened)}?lang={language}").content.decode()
    assert f'lang="{language}"' in page
    assert 'autocomplete="postal-code"' in page


def test_the_right_answer_is_answered_with_the_file_itself(opened):
    got = answer(opened, " ls1-1aa ")
    assert (got.status_code, got.content) == (200, PDF)
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"].startswith("attachment; filename")
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    assert not got.cookies


def test_each_copy_taken_is_noted_and_a_look_is_not(opened):
    Client().get(path_of(opened))
    answer(opened, "wrong")
    assert not AccessEntry.objects.exists()
    answer(opened, "LS1 1AA")
    entry = AccessEntry.objects.get()
    assert (entry.who, entry.what, entry.whose) == (
        "the customer",
        "invoice",
        opened.customer.pk,
    )
    assert opened.invoice.number in entry.which
    assert opened.notice.reference in entry.which


def test_a_wrong_answer_says_how_many_are_left_and_opens_nothing(opened):
    got = answer(opened, "LS2 2BB")
    assert got.status_code == 422
    page = got.content.decode()
    assert "You can try <bdi>4</bdi> more times" in page or "try 4 more times" in page
    assert PDF not in got.content
    assert "LS2" in page  # what was typed stands there still


@pytest.mark.parametrize("typed", ["", " ", "x" * 41, "\0", "<script>"])
def test_what_is_no_answer_opens_nothing(opened, typed):
    got = answer(opened, typed)
    assert got.status_code == 422
    assert b"<script>" not in got.content


def test_after_a_few_wrong_answers_the_link_asks_no_more(opened):
    said = [answer(opened, "wrong").status_code for _ in range(MOST_WRONG)]
    assert said == [422] * (MOST_WRONG - 1) + [403]
    got = answer(opened, "LS1 1AA")
    assert got.status_code == 403
    assert "asks no more" in got.content.decode()
    assert "asks no more" in Client().get(path_of(opened)).content.decode()


def test_the_right_answer_forgives_the_wrong_ones_before(opened):
    for _ in range(3):
        for _ in range(MOST_WRONG - 1):
            answer(opened, "wrong")
        assert answer(opened, "LS1 1AA").status_code == 200


def test_guesses_of_one_network_are_counted_over_all_links(opened):
    for _ in range(GUESSES.one):
        count(GUESSES, "127.0.0.1", now=timezone.now())
    got = answer(opened, "LS1 1AA")
    assert got.status_code == 429
    assert PDF not in got.content


def test_a_wrong_answer_counts_for_its_network(opened):
    for number in range(GUESSES.one):
        other = (
            opened
            if number < 3
            else with_copy(open_notice(channel="email", address=True))
        )
        answer(other, "wrong")
    assert answer(opened, "LS1 1AA").status_code == 429


def test_a_letter_shows_the_postcode_so_that_the_phone_is_asked_for():
    opened = with_copy(
        open_notice(channel="letter", address=True, mobile="+447700900123")
    )
    page = Client().get(path_of(opened)).content.decode()
    assert "Your phone number" in page
    assert answer(opened, "LS1 1AA").status_code == 422
    assert answer(opened, "07700 900123").content == PDF


def test_a_phone_that_was_changed_just_now_proves_nothing():
    opened = with_copy(open_notice(channel="email"))
    make_contact_point(
        opened.customer,
        kind="mobile",
        value="+447700900123",
        primary_since=timezone.now() - dt.timedelta(days=6),
    )
    assert "cannot be opened here" in Client().get(path_of(opened)).content.decode()
    opened.customer.contact_points.update(
        primary_since=timezone.now() - dt.timedelta(days=8)
    )
    assert answer(opened, "07700 900123").content == PDF


def test_a_fresh_link_about_a_letter_came_by_mail_and_asks_the_postcode():
    opened = with_copy(open_notice(channel="letter", address=True))
    token = make_link(
        opened.customer,
        purpose=Purpose.FRESH,
        now=timezone.now(),
        about=opened.notice.reference,
    )
    path = f"/r/{token}/copy/{opened.invoice.pk}"
    assert answer(opened, "LS1 1AA", path).content == PDF


def test_who_has_nothing_to_be_asked_for_is_told_whom_to_call():
    opened = with_copy(open_notice(channel="email"))
    page = Client().get(path_of(opened))
    assert "cannot be opened here" in page.content.decode()
    assert b"How to reach us" in page.content
    assert PDF not in answer(opened, "anything").content


def test_a_firm_that_asks_nothing_hands_it_out_at_the_press_of_the_button(opened):
    Brand.objects.update(asks_before_copies="")
    page = Client().get(path_of(opened)).content.decode()
    assert 'name="answer"' not in page
    assert answer(opened).content == PDF


def test_a_new_firm_has_the_postcode_asked():
    assert Brand().asks_before_copies == "postcode"


def test_the_bill_of_somebody_else_does_not_open(opened):
    other = with_copy(open_notice(channel="email", address=True))
    path = f"/r/{opened.token}/copy/{other.invoice.pk}"
    unknown = Client().get(f"/r/{opened.token}/copy/999999")
    assert Client().get(path).status_code == 404
    assert Client().get(path).content == unknown.content
    assert answer(opened, "LS1 1AA", path).status_code == 404


def test_a_paid_bill_still_has_its_copy(opened):
    opened.invoice.status = "paid"
    opened.invoice.open_amount = 0
    opened.invoice.paid_on = dt.date(2026, 5, 1)
    opened.invoice.save()
    assert answer(opened, "LS1 1AA").content == PDF


def test_wrong_expired_and_revoked_are_the_same_bytes(opened):
    asked = Client()
    wrong = asked.get(f"/r/{'0' * 26}/copy/{opened.invoice.pk}")
    revoke_links([opened.customer.pk], now=timezone.now())
    revoked = asked.get(path_of(opened))
    AccessLink.objects.update(
        revoked_at=None, made_at=timezone.now() - dt.timedelta(days=200)
    )
    expired = asked.get(path_of(opened))
    assert wrong.status_code == 404
    for other in (revoked, expired):
        assert (other.status_code, other.content) == (404, wrong.content)


def test_a_copy_too_large_for_a_mail_is_linked_behind_the_question(opened, settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    InvoiceCopy.objects.update(size=MOST_ATTACHED + 1)
    stream = opened.notice.stream
    stream.attaches_invoices = True
    stream.save()
    links = load_facts([opened.notice.pk], timezone.now())[opened.notice.pk].links
    assert [one.url for one in links] == [f"https://bills.example.com{path_of(opened)}"]
    Brand.objects.update(asks_before_copies="")
    links = load_facts([opened.notice.pk], timezone.now())[opened.notice.pk].links
    assert links[0].url.startswith("https://bills.example.com/d/")


def test_the_page_costs_six_queries_at_most(opened, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        Client().get(path_of(opened))
