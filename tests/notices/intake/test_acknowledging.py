"""“I have read this” on the page, by text, by slip and by phone: one record."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from consent.fingerprints import fingerprint_of
from consent.links import mint, store_notice_links
from consent.models import Suppression
from customers.models import Customer, Hold
from notices.acknowledging import NothingToRead, acknowledge
from notices.models import Answer, Notice, Reply
from notices.states import State
from tests.factories import (
    make_attempt,
    make_consent,
    make_customer,
    make_notice,
    make_user,
)
from tests.notices.intake.calling import PHONE, read, text_from

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
CHANGE = {
    "change.old": "Old Street 1",
    "change.new": "New Street 2",
    "change.effective_on": "2026-09-01",
    "change.reason": "We moved.",
    "change.who": "everybody",
}


@pytest.fixture
def alice() -> Customer:
    """Return Alice, who gets our texts."""
    alice = make_customer(mobile=PHONE, address=True)
    make_consent(alice, subject="sms")
    return alice


def told_of_a_change(who: Customer, channel: str = "sms", **more) -> Notice:
    """Return a message that told somebody of a change."""
    facts = {"about": CHANGE, "sent_at": timezone.now() - DAY} | more
    return make_notice(who, channel=channel, state=State.SENT, **facts)


def wrote(words: str) -> Reply:
    text_from(words)
    read()
    return Reply.objects.get()


def staff(*rights: str) -> Client:
    client = Client()
    client.force_login(make_user("sam", may=rights))
    return client


def note(notice: Notice, by: str, client: Client | None = None) -> str:
    client = client or staff("notices.change_answer")
    path = f"/messages/{notice.reference}/read/"
    return client.post(path, {"by": by}, follow=True).content.decode()


# The four ways ----------------------------------------------------------------


def test_the_button_on_the_page_is_one_record_by_the_page(alice):
    notice = told_of_a_change(alice, "email")
    store_notice_links([(notice.reference, alice.pk)], now=dt.datetime.now(dt.UTC))
    path = f"/r/{mint(notice.reference).token}/read"
    assert Client().get(path).status_code == 200
    assert not Answer.objects.exists()
    for _ in range(2):
        assert Client().post(path, {"form": str(uuid4())}).status_code == 303

    record = Answer.objects.get()
    assert (record.kind, record.notice, record.way) == ("read", notice, "page")


@pytest.mark.parametrize("words", ["READ", "Przeczytane", "已读", "قرأت"])
def test_a_text_that_says_so_is_one_record_by_text(alice, words):
    notice = told_of_a_change(alice)

    reply = wrote(words)

    record = Answer.objects.get()
    assert (record.kind, record.notice, record.way) == ("read", notice, "sms")
    assert (record.state, reply.state, reply.notice) == ("done", "done", notice)
    assert not Hold.objects.exists()


def test_a_text_from_a_telephone_of_two_proves_nothing_about_either(alice):
    told_of_a_change(alice)
    told_of_a_change(make_customer(mobile=PHONE))

    wrote("read")

    assert not Answer.objects.exists()


def test_the_newest_change_is_the_one_that_was_read(alice):
    told_of_a_change(alice, sent_at=timezone.now() - 9 * DAY)
    newest = told_of_a_change(alice)
    make_notice(alice, channel="sms", state=State.SENT, sent_at=timezone.now())
    told_of_a_change(make_customer(mobile="+447700900999"), sent_at=timezone.now())

    wrote("read")

    assert Answer.objects.get().notice == newest


def read_ones() -> list[Notice]:
    """Return what was acknowledged, in the order it was."""
    return [one.notice for one in Answer.objects.order_by("pk")]


def test_a_second_text_reads_the_change_before_that(alice):
    older = told_of_a_change(alice, sent_at=timezone.now() - 9 * DAY)
    newest = told_of_a_change(alice)

    for sid in ("first", "second"):
        text_from("READ", sid=sid)
        read()

    assert read_ones() == [newest, older]
    assert set(Reply.objects.values_list("notice", "state")) == {
        (newest.pk, "done"),
        (older.pk, "done"),
    }


def test_a_text_that_is_delivered_twice_reads_once(alice):
    told_of_a_change(alice, sent_at=timezone.now() - 9 * DAY)
    newest = told_of_a_change(alice)

    for more in ({}, {}, {"ToCity": "told anew"}):
        text_from("READ", sid="same", **more)
        read()

    assert read_ones() == [newest]


def test_read_once_more_than_there_is_to_read_changes_nothing(alice):
    notice = told_of_a_change(alice)
    for sid in ("first", "second"):
        text_from("READ", sid=sid)
        read()
    assert read_ones() == [notice]
    assert not Reply.objects.exclude(state="done").exists()
    assert not Hold.objects.exists()


@pytest.mark.parametrize("words", ["READ {}", "{} read", "Read. {}, thanks"])
def test_a_reference_of_ours_in_the_text_says_what_was_read(alice, words):
    older = told_of_a_change(alice, sent_at=timezone.now() - 9 * DAY)
    told_of_a_change(alice)
    reply = wrote(words.format(older.reference.lower()))
    assert read_ones() == [older]
    assert (reply.notice, reply.state) == (older, "done")


def test_a_letter_is_read_by_its_reference_too(alice):
    letter = told_of_a_change(alice, "letter")
    told_of_a_change(alice)
    wrote(f"READ {letter.reference}")
    record = Answer.objects.get()
    assert (record.notice, record.way) == (letter, "sms")


def test_somebody_elses_reference_reads_nothing(alice):
    told_of_a_change(alice)
    theirs = told_of_a_change(make_customer(mobile="+447700900999"))
    reply = wrote(f"READ {theirs.reference}")
    assert not Answer.objects.exists()
    assert (reply.customer, reply.state) == (alice, "open")


def test_a_stop_that_quotes_somebody_elses_reference_stops_the_writer(alice):
    other = make_customer(mobile="+447700900999")
    make_consent(other, subject="sms")
    theirs = told_of_a_change(other)
    reply = wrote(f"Please stop texting. {theirs.reference}")
    assert reply.customer == alice
    assert [one.fingerprint for one in Suppression.objects.all()] == [
        fingerprint_of(PHONE)
    ]


def test_what_went_to_another_number_of_theirs_was_not_read_by_this_one(alice):
    here, there = told_of_a_change(alice), told_of_a_change(alice)
    make_attempt(here, destination=PHONE)
    make_attempt(there, destination="+447700900777")
    wrote("read")
    assert read_ones() == [here]


@pytest.mark.parametrize(
    "more",
    [
        {"about": {}},
        {"channel": "email"},
        {"sent_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
    ],
    ids=["no change", "not a text", "long ago"],
)
def test_the_word_alone_means_nothing_where_nothing_was_to_be_read(alice, more):
    told_of_a_change(alice, **more)

    reply = wrote("read")

    assert not Answer.objects.exists()
    assert (reply.state, reply.customer) == ("open", alice)


def test_more_than_the_word_is_for_staff(alice):
    told_of_a_change(alice)
    assert wrote("Read it, but the date is wrong").state == "open"
    assert not Answer.objects.exists()


@pytest.mark.parametrize("by", ["slip", "phone"])
def test_staff_note_a_slip_or_a_word_on_the_phone(alice, by):
    notice = told_of_a_change(alice, "letter")

    page = note(notice, by)

    record = Answer.objects.get()
    assert (record.kind, record.notice, record.state) == ("read", notice, "done")
    assert (record.way, record.facts) == (by, {"entered_by": "sam"})
    way = {"slip": "by a slip or letter sent back", "phone": "on the phone"}[by]
    assert way in page
    assert "They sent a slip or letter back" not in page
    shown = staff_page(f"/replies/answers/{record.pk}/")
    assert way[1:] in shown.split("Told us")[1]
    assert "sam" in shown.split("Noted by")[1]


def staff_page(path: str) -> str:
    client = Client()
    client.force_login(make_user())
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# Nothing twice, nothing by mistake --------------------------------------------


def test_told_by_two_ways_it_is_one_record_by_the_first(alice):
    notice = told_of_a_change(alice)
    wrote("read")
    note(notice, "phone")
    assert Answer.objects.get().way == "sms"


def test_only_what_tells_of_a_change_and_went_can_have_been_read(alice):
    for notice in (
        make_notice(alice, about=CHANGE),
        make_notice(alice, state=State.SENT),
        make_notice(alice, state=State.FAILED, about=CHANGE, sent_at=timezone.now()),
    ):
        with pytest.raises(NothingToRead):
            acknowledge(notice=notice, way="phone", now=timezone.now())
    assert not Answer.objects.exists()


def test_an_e_mail_has_no_slip(alice):
    notice = told_of_a_change(alice, "email")
    page = note(notice, "slip")
    assert "Only what went on paper" in page
    assert "They sent a slip or letter back" not in page
    assert not Answer.objects.exists()


def test_a_way_that_is_none_is_refused(alice):
    notice = told_of_a_change(alice)
    client = staff("notices.change_answer")
    for by in ("", "sms", "page", "x"):
        path = f"/messages/{notice.reference}/read/"
        assert client.post(path, {"by": by}).status_code == 400
    assert not Answer.objects.exists()


def test_noting_it_takes_the_right_and_looking_notes_nothing(alice):
    notice = told_of_a_change(alice, "letter")
    looks = staff("notices.change_notice")
    path = f"/messages/{notice.reference}/read/"
    assert looks.post(path, {"by": "phone"}).status_code == 403
    assert looks.get(path).status_code == 405
    page = looks.get(f"/messages/{notice.reference}/").content.decode()
    assert "Nobody has told us yet" in page
    assert "They sent a slip or letter back" not in page
    assert not Answer.objects.exists()


def test_ways_from_before_the_column_are_read_out_of_the_facts(alice):
    notice = told_of_a_change(alice, "letter")
    told = {"customer": alice, "received_at": timezone.now(), "way": ""}
    for kind, facts in (
        ("paid", {"how": "card"}),
        ("read", {"by": "slip"}),
        ("read", {"by": "owl"}),
        ("read", {}),
    ):
        done = {"state": "done", "handled_at": timezone.now()}
        Answer.objects.create(
            form_id=uuid4(), notice=notice, kind=kind, facts=facts, **told | done
        )
    # One that cannot be opened any more keeps none of its neighbours from being read.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_answer SET facts = set_byte(facts, length(facts) - 1, "
            "(get_byte(facts, length(facts) - 1) + 1) % 256) WHERE id = "
            "(SELECT max(id) FROM notices_answer)"
        )
    import_module("notices.migrations.0031_answer_way").fill(apps, None)
    ways = list(Answer.objects.order_by("pk").values_list("way", flat=True))
    assert ways == ["page", "slip", "", ""]


def test_the_history_says_by_which_way_it_came(alice):
    note(told_of_a_change(alice, "letter"), "phone")
    assert "Answered on the phone" in staff_page(f"/customers/{alice.pk}/")
