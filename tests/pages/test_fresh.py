"""A fresh link for the asking: one answer for everybody, one mail for who is known."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from consent.links import Door, mint, open_link
from consent.models import AccessLink, LinkRequest
from notices.facts import load_facts
from notices.fresh import answer_link_requests
from notices.models import Notice
from notices.render import compile_version, render
from notices.starter import install_starters
from tests.pages.opening import open_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    install_starters(["en", "pl"])
    return open_notice(name="Ada Lovelace", email="ada@example.com", language="pl")


def ask(email, number="", client=None):
    return (client or Client()).post("/l?lang=en", {"email": email, "number": number})


def answered(now=None):
    return answer_link_requests(now=now or timezone.now())


def test_known_and_unknown_get_the_same_bytes_and_leave_the_same_work(opened):
    known, unknown = ask("ada@example.com"), ask("nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content
    assert not known.cookies
    assert LinkRequest.objects.count() == 2
    assert not Notice.objects.filter(template__key="fresh-link").exists()


def test_who_is_known_gets_one_mail_with_a_link_for_three_days(opened):
    ask(" ADA@example.com ")
    ask("nobody@example.com")
    assert answered() == 1

    assert not LinkRequest.objects.exists()
    notice = Notice.objects.get(template__key="fresh-link")
    assert (notice.customer, notice.channel) == (opened.customer, "email")
    assert notice.template.language == "pl"
    token = mint(notice.reference).token
    now = timezone.now()
    for door in (Door.ANSWER, Door.CONSENT, Door.PREFERENCES):
        assert open_link(token, door, now=now) is not None
        assert open_link(token, door, now=now + dt.timedelta(days=3)) is None
    facts = load_facts([notice.pk], now)[notice.pk]
    body = render(compile_version(notice.template, "email"), facts).body
    assert f"https://bills.example.com/r/{token}".encode() in body
    assert Client().get(f"/r/{token}").status_code == 200
    link = AccessLink.objects.get(purpose="fresh")
    assert link.notice_reference == opened.notice.reference


def test_one_address_gets_no_second_link_within_the_hour(opened):
    for _ in range(3):
        ask("ada@example.com")
    assert answered() == 1
    ask("ada@example.com")
    assert answered() == 0
    assert answered(timezone.now() + dt.timedelta(minutes=61)) == 0  # forgotten by then
    ask("ada@example.com")
    assert answered(timezone.now() + dt.timedelta(minutes=61)) == 1


def test_a_number_picks_one_of_several_accounts_and_a_wrong_one_none(opened):
    second = open_notice(email="ada@example.com")
    ask("ada@example.com", second.customer.number)
    assert answered() == 1
    notice = Notice.objects.get(template__key="fresh-link")
    assert notice.customer == second.customer
    ask("ada@example.com", "NOT-MINE")
    assert answered(timezone.now() + dt.timedelta(hours=2)) == 0


def test_too_many_questions_from_one_network_wait_an_hour(opened):
    answers = [ask("ada@example.com").status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2


@pytest.mark.parametrize("email", ["", "ada", "a" * 400, "x\0@example.com", "<script>"])
def test_what_is_no_address_is_said_kindly_and_kept_nowhere(opened, email):
    answer = ask(email)
    assert answer.status_code == 422
    assert not LinkRequest.objects.exists()
    assert "<script>" not in answer.content.decode()


def test_the_form_stands_on_every_refusal_in_the_same_bytes(opened):
    pages = {Client().get(path).content for path in ("/r/nope", "/p/nope", "/u/no.pe")}
    assert len(pages) == 1
    assert b'action="/l?lang=en"' in pages.pop()


def test_looking_at_the_form_keeps_nothing(opened):
    assert Client().get("/l").status_code == 200
    assert Client().head("/l").status_code == 200
    assert not LinkRequest.objects.exists()
