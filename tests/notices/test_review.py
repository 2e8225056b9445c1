"""Somebody outside reads a draft: what the link opens, and what it never tells."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notices import readers, stops, wordings
from notices.models import ReviewLink, ReviewQuestion, TemplateVersion
from notices.stops import WordingError
from tests.factories import make_brand, make_customer, make_invoice, make_user
from tests.notices.texts import begun

pytestmark = pytest.mark.django_db


def _link(version: TemplateVersion | None = None, **facts: object) -> str:
    facts = {"reader": "Rita", "days": 7, "by": "ann", "now": timezone.now()} | facts
    return readers.ask_to_read(version=version or begun(), **facts)


def _form(address: str) -> dict[str, str]:
    """Return what the hidden fields of a reader's page hold."""
    page = Client().get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))


def test_only_the_hash_of_a_link_is_kept() -> None:
    token = _link()

    link = ReviewLink.objects.get()
    assert len(token) == 32
    assert bytes(link.token_sha256) == readers.digest(token)
    assert token not in str(ReviewLink.objects.values().get())


def test_a_stranger_with_the_link_reads_without_account_or_cookie() -> None:
    address = reverse("read", args=[_link()])

    answer = Client().get(address)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "please pay" in page
    assert "{{" not in page
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "<script" not in page


def test_the_page_knows_no_customer() -> None:
    person = make_customer(name="Petra Private")
    make_invoice(person)

    page = Client().get(reverse("read", args=[_link()])).content.decode()

    assert "Petra" not in page
    assert person.number not in page


def test_wrong_expired_and_closed_links_get_the_same_bytes() -> None:
    version = begun()
    past = timezone.now() - dt.timedelta(days=8)
    expired, closed = _link(version, now=past), _link(version)
    readers.close_link(
        link=ReviewLink.objects.get(token_sha256=readers.digest(closed)),
        now=timezone.now(),
    )

    answers = [
        getattr(Client(), method)(reverse("read", args=[token]))
        for token in ("nonsense", "x" * 32, expired, closed)
        for method in ("get", "post")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


def test_a_question_is_kept_with_the_paragraph_it_is_about() -> None:
    address = reverse("read", args=[_link()])
    client = Client(enforce_csrf_checks=True)
    form = _form(address)

    answer = client.post(address, form | {"q3": " By when exactly? "})

    assert answer.status_code == 303
    question = ReviewQuestion.objects.get()
    assert (question.paragraph, question.question) == (3, "By when exactly?")
    assert "please pay" in question.quote
    assert "have arrived" in client.get(answer["Location"]).content.decode()


def test_a_form_sent_twice_asks_once() -> None:
    address = reverse("read", args=[_link()])
    form = _form(address)

    for _ in range(2):
        Client().post(address, form | {"q1": "Why?", "q2": "When?"})

    assert ReviewQuestion.objects.count() == 2


def test_a_question_never_stands_beside_words_its_reader_did_not_see() -> None:
    version = begun()
    address = reverse("read", args=[_link(version)])
    form = _form(address)
    wordings.edit(
        version=version, subject=version.subject, body=f"Quite new.\n\n{version.body}",
        note="", by="ann", now=timezone.now(),
    )  # fmt: skip

    for seen in (form, form | {"seen": ""}):
        answer = Client().post(address, seen | {"q3": "Is it true?", "q99": "Really?"})

        page = answer.content.decode()
        assert answer.status_code == 409
        assert "changed while you were reading" in page
        assert "Is it true?" in page
        assert "Really?" in page
    assert not ReviewQuestion.objects.exists()

    Client().post(address, _form(address) | {"q4": "Is it true?"})
    assert "please pay" in ReviewQuestion.objects.get().quote


def test_looking_changes_nothing() -> None:
    address = reverse("read", args=[_link()])
    before = list(ReviewLink.objects.values())

    for method in ("get", "head", "get"):
        getattr(Client(), method)(address)

    assert list(ReviewLink.objects.values()) == before
    assert not ReviewQuestion.objects.exists()


def test_hostile_words_stay_words() -> None:
    address = reverse("read", args=[_link(reader="<b>Rita</b>")])
    form = _form(address)
    hostile = "<script>alert(1)</script>{{ total }}\x00" + "x" * 5000

    Client().post(address, form | {"q1": hostile})

    page = Client().get(address).content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b>Rita" not in page
    assert len(ReviewQuestion.objects.get().question) == 2000


def test_an_empty_form_is_told_so_and_a_flood_is_stopped() -> None:
    token = _link()
    address = reverse("read", args=[token])
    assert Client().post(address, _form(address) | {"q1": "  "}).status_code == 422

    for _ in range(readers.MOST_QUESTIONS):
        Client().post(address, _form(address) | {"q1": "again"})
    answer = Client().post(address, _form(address) | {"q1": "once more"})

    assert answer.status_code == 422
    assert "once more" in answer.content.decode()
    assert ReviewQuestion.objects.count() == readers.MOST_QUESTIONS


def test_the_reader_sees_the_answer_by_the_same_link() -> None:
    address = reverse("read", args=[_link()])
    Client().post(address, _form(address) | {"q1": "Why?"})
    question = ReviewQuestion.objects.get()

    assert readers.resolve(
        question=question, answer="Because.", by="a", now=timezone.now()
    )
    assert not readers.resolve(
        question=question, answer="No.", by="b", now=timezone.now()
    )

    assert "Because." in Client().get(address).content.decode()


def test_what_can_no_longer_change_is_not_read() -> None:
    version = begun()
    TemplateVersion.objects.filter(pk=version.pk).update(
        state="approved", published_at=timezone.now()
    )
    version.refresh_from_db()

    with pytest.raises(WordingError):
        _link(version)


def test_staff_see_the_link_once_and_only_if_they_may_write() -> None:
    version = begun()
    address = reverse("admin:text_ask_reader", args=[version.pk])
    viewer = make_user("vic", may=["notices.view_templateversion"])
    viewer.is_staff = True
    viewer.save()
    client = Client()
    client.force_login(viewer)
    assert client.post(address, {"reader": "Rita", "days": 7}).status_code == 403

    client.force_login(make_user("ada", is_superuser=True))
    page = client.post(address, {"reader": "Rita", "days": 7}).content.decode()

    found = re.search(r"http://testserver(/read/[\w-]{32})", page)
    assert found
    assert Client().get(found[1]).status_code == 200


def test_the_link_leads_to_the_public_host(settings: Any) -> None:
    settings.PUBLIC_URL = "https://bills.example.com"
    client = Client()
    client.force_login(make_user("ada", is_superuser=True))

    page = client.post(
        reverse("admin:text_ask_reader", args=[begun().pk]),
        {"reader": "Rita", "days": 7},
    ).content.decode()

    assert re.search(r"https://bills\.example\.com/read/[\w-]{32}", page)
    assert "testserver/read" not in page


def test_an_answer_with_a_nul_is_kept_without_it() -> None:
    address = reverse("read", args=[_link()])
    Client().post(address, _form(address) | {"q1": "Why?"})
    client = Client()
    client.force_login(make_user("ada", is_superuser=True))
    question = ReviewQuestion.objects.get()

    client.post(
        reverse("admin:text_answer", args=[question.pk]), {"answer": "Be\x00cause."}
    )

    question.refresh_from_db()
    assert question.answer == "Because."


def _settled(version: TemplateVersion, state: str) -> None:
    TemplateVersion.objects.filter(pk=version.pk).update(
        state=state, published_at=timezone.now(), retired_at=timezone.now()
    )


@pytest.mark.parametrize("state", ["approved", "retired"])
def test_a_settled_text_is_read_with_its_answers_and_asked_no_more(state: str) -> None:
    version = begun()
    address = reverse("read", args=[_link(version)])
    client = Client()
    form = _form(address)
    client.post(address, form | {"q3": "By when?"})
    readers.resolve(
        question=ReviewQuestion.objects.get(), answer="By Friday.", by="ann",
        now=timezone.now(),
    )  # fmt: skip
    _settled(version, state)

    page = client.get(address).content.decode()
    late = client.post(address, form | {"form": "", "q3": "And why?"})

    assert "please pay" in page
    assert "By when?" in page
    assert "By Friday." in page
    assert "<form" not in page
    assert late.status_code == 422
    assert "And why?" in late.content.decode()
    assert ReviewQuestion.objects.count() == 1


def test_approving_leaves_the_links_of_readers_to_their_own_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stops, "open_findings", lambda version: ())
    version = begun()
    address = reverse("read", args=[_link(version)])
    wordings.submit(version=version, by="ann", now=timezone.now())
    wordings.approve(version=version, by="bea", now=timezone.now())

    assert Client().get(address).status_code == 200
    ReviewLink.objects.update(expires_at=timezone.now())
    assert Client().get(address).status_code == 404


def test_the_page_names_the_firm_and_says_what_of_it_is_real() -> None:
    address = reverse("read", args=[_link()])
    made_up = "All names, numbers and sums in it are made up."
    assert made_up in Client().get(address).content.decode()
    make_brand(name="Alster & Co")

    page = Client().get(address).content.decode()

    assert made_up not in page
    assert "Alster &amp; Co" in page
    assert "is made up. The name, address, phone number and bank details of" in page
