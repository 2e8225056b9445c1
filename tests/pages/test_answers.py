"""What customers answer on their page, each from the form to what follows from it."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from campaigns.tick import run
from consent.floods import CODES
from consent.links import Purpose
from customers.calendars import local_day
from customers.models import ContactPoint, DataImport, Hold, InvoiceCopy, Plan
from notices.actions import send_all_due
from notices.answer_desk import decide_plan, finish_answer
from notices.calls.desk import lay_out
from notices.calls.hand import take
from notices.calls.outcomes import note_outcome
from notices.calls.queue import queue
from notices.formats import formats_for, locale_for
from notices.models import (
    Answer,
    AnswerFile,
    AnswerLimits,
    Brand,
    CallTask,
    Notice,
    PrintFile,
    PrintItem,
    PrintRun,
    Survey,
    SurveyMark,
    SurveyQuestion,
)
from notices.models.brand import validate_pay_url
from notices.pages.answering import FORMS
from notices.pages.words import LANGUAGES
from notices.render.deadlines import deadlines
from notices.states import State
from tests.factories import (
    make_campaign,
    make_enrolment,
    make_hold,
    make_invoice,
    make_link,
    make_notice,
    make_template,
    pay,
)
from tests.pages.opening import open_notice
from tests.writes import rows_written

pytestmark = pytest.mark.django_db

Kind = Answer.Kind
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def opened(db):
    return open_notice(name="Ada Lovelace", channel="email")


@pytest.fixture
def today():
    return local_day(timezone.now(), "Europe/London")


def send(opened, kind, data=None, *, form=None, **files):
    """Post one answer's form, and return the response."""
    number = form or uuid.uuid4()
    return Client().post(
        f"/r/{opened.token}/{kind}", {"form": str(number), **(data or {}), **files}
    )


def only(**facts):
    return Answer.objects.get(**facts)


def promise(opened, day, **more):
    typed = {"day": day.day, "month": day.month, "year": day.year}
    return send(opened, "promise", {"when": "other", **typed}, **more)


PLAIN = {
    "paid": lambda day: {"when": day.isoformat(), "how": "transfer", "note": "X1"},
    "promise": lambda day: {
        "when": "other",
        "day": day.day,
        "month": day.month,
        "year": day.year,
    },
    "parts": lambda _: {"offer": "EUR-2"},
    "dispute": lambda _: {"reason": "amount", "text": "It should be 100.", "right": ""},
    "hardship": lambda _: {"text": "I lost my job."},
}


@pytest.mark.parametrize(
    ("kind", "reason", "ends"),
    [
        ("paid", Hold.Reason.REPLY, True),
        ("promise", Hold.Reason.PROMISE, True),
        ("parts", Hold.Reason.PLAN, True),
        ("dispute", Hold.Reason.DISPUTE, False),
        ("hardship", Hold.Reason.HARDSHIP, False),
    ],
)
def test_an_answer_holds_at_once_and_what_is_in_line_waits(
    opened, today, kind, reason, ends
):
    now = timezone.now()
    queued = make_notice(
        opened.customer, invoices=[opened.invoice], not_before=now, planned_on=today
    )
    response = send(opened, kind, PLAIN[kind](today))
    assert response.status_code == 303
    kept = only(kind=kind)
    hold = Hold.objects.get()
    assert hold.reason == reason
    assert list(kept.holds.all()) == [hold]
    assert (hold.ends_on is not None) == ends
    assert hold.invoice_id == (None if kind == "hardship" else opened.invoice.pk)

    send_all_due(now=timezone.now())
    queued.refresh_from_db()
    assert queued.sent_at is None

    receipt = Client().get(response["Location"])
    assert receipt.status_code == 200
    assert kept.reference in receipt.content.decode()
    assert "Reminders are paused until" in receipt.content.decode()


def test_without_an_answer_the_same_message_goes(opened, today):
    queued = make_notice(
        opened.customer,
        invoices=[opened.invoice],
        not_before=timezone.now(),
        planned_on=today,
    )
    send_all_due(now=timezone.now())
    queued.refresh_from_db()
    assert queued.sent_at is not None


def test_the_ladder_waits_for_what_was_promised(opened, today):
    campaign = make_campaign(due_from=dt.date(2026, 1, 1))
    enrolment = make_enrolment(campaign, opened.invoice, next_on=today)
    promise(opened, today + dt.timedelta(days=5))
    run(campaign=campaign, now=timezone.now())
    assert not Notice.objects.filter(stream=campaign.stream).exists()
    enrolment.refresh_from_db()
    assert enrolment.state == "active"


def test_a_promise_needs_no_person_and_its_last_day_counts(opened, today):
    day = today + dt.timedelta(days=9)
    promise(opened, day)
    kept = only()
    assert (kept.state, kept.handled_by) == (Answer.State.DONE, "Duly")
    assert Hold.objects.standing_on(day).count() == 1
    assert Hold.objects.standing_on(day + dt.timedelta(days=1)).count() == 0


@pytest.mark.parametrize("days", [-1, 31, 400])
def test_a_day_beyond_the_limits_is_refused_at_its_field(opened, today, days):
    response = promise(opened, today + dt.timedelta(days=days))
    assert response.status_code == 422
    assert b"Please choose a day from" in response.content
    assert not Answer.objects.exists()
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("31", "2", "2027"), b"That day does not exist"),
        (("0", "0", "0"), b"That day does not exist"),
        (("", "", ""), b"three numbers"),
        (("1", "1", "١x"), b"three numbers"),
    ],
)
def test_a_day_that_is_none_is_explained(opened, typed, message):
    data = dict(zip(("day", "month", "year"), typed, strict=True))
    response = send(opened, "promise", {"when": "other", **data})
    assert response.status_code == 422
    assert message in response.content


def test_arabic_digits_are_a_day_too(opened, today):
    day = today + dt.timedelta(days=3)
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    typed = [str(one).translate(arabic) for one in (day.day, day.month, day.year)]
    data = dict(zip(("day", "month", "year"), typed, strict=True))
    assert send(opened, "promise", {"when": "other", **data}).status_code == 303
    assert only().facts["pay_on"] == day.isoformat()


def test_the_ready_days_are_bank_days_within_the_limit(opened):
    brand = opened.notice.stream.brand
    AnswerLimits.objects.create(brand=brand, promise_days=16)
    body = Client().get(f"/r/{opened.token}/promise").content.decode()
    days = re.findall(r'name="when" value="(\d{4}-\d\d-\d\d)"', body)
    assert len(days) == 2
    assert all(dt.date.fromisoformat(one).weekday() < 5 for one in days)


def test_a_form_that_is_sent_twice_is_one_record_and_one_receipt(opened, today):
    form = uuid.uuid4()
    first = send(opened, "paid", PLAIN["paid"](today), form=form)
    second = send(opened, "paid", PLAIN["paid"](today), form=form)
    assert first["Location"] == second["Location"]
    assert (Answer.objects.count(), Hold.objects.count()) == (1, 1)


def test_the_form_of_another_customer_is_not_ours(opened, today):
    form = uuid.uuid4()
    send(opened, "paid", PLAIN["paid"](today), form=form)
    other = open_notice(name="Bob", channel="email")
    assert send(other, "paid", PLAIN["paid"](today), form=form).status_code == 404
    assert Answer.objects.count() == 1


def test_somebody_elses_receipt_does_not_open(opened, today):
    send(opened, "paid", PLAIN["paid"](today))
    other = open_notice(name="Bob", channel="email")
    reference = only().reference
    response = Client().get(f"/r/{other.token}/receipt/{reference}")
    assert response.status_code == 404
    assert b"Ada" not in response.content


def test_another_customers_bill_cannot_be_named(opened, today):
    make_invoice(opened.customer, number="MINE-2")
    stranger = make_invoice()
    second = make_invoice(opened.customer)
    opened.notice.items.create(invoice=second)
    data = PLAIN["dispute"](today) | {"invoices": [stranger.pk, opened.invoice.pk]}
    assert send(opened, "dispute", data).status_code == 422
    assert not Hold.objects.exists()


def test_only_the_ticked_bills_wait(opened, today):
    second = make_invoice(opened.customer)
    opened.notice.items.create(invoice=second)
    send(opened, "dispute", PLAIN["dispute"](today) | {"invoices": [second.pk]})
    assert [hold.invoice for hold in Hold.objects.all()] == [second]


def test_a_later_answer_takes_the_place_of_an_earlier_one(opened, today):
    promise(opened, today + dt.timedelta(days=5))
    send(opened, "dispute", PLAIN["dispute"](today))
    first = only(kind=Kind.PROMISE)
    assert first.state == Answer.State.REPLACED
    tomorrow = today + dt.timedelta(days=1)
    assert [hold.reason for hold in Hold.objects.standing_on(tomorrow)] == ["dispute"]
    body = Client().get(f"/r/{opened.token}").content.decode()
    assert "something is wrong with the bill" in body
    assert "when you will pay" not in body


def test_what_staff_have_dealt_with_is_not_replaced(opened, today):
    send(opened, "dispute", PLAIN["dispute"](today))
    first = only()
    finish_answer(answer=first, by="ann", now=timezone.now(), go_on=False, today=today)
    promise(opened, today + dt.timedelta(days=5))
    first.refresh_from_db()
    assert first.state == Answer.State.DONE
    tomorrow = today + dt.timedelta(days=1)
    reasons = {hold.reason for hold in Hold.objects.standing_on(tomorrow)}
    assert reasons == {"dispute", "promise"}


def test_a_promise_renewed_today_stands(opened, today):
    promise(opened, today + dt.timedelta(days=2))
    promise(opened, today + dt.timedelta(days=4))
    hold = Hold.objects.get()
    assert (hold.ends_on, hold.lifted_by) == (today + dt.timedelta(days=4), "")


def test_an_answer_about_one_bill_leaves_the_wait_of_the_other(opened, today):
    second = make_invoice(opened.customer)
    opened.notice.items.create(invoice=second)
    promise(
        opened, today + dt.timedelta(days=5), invoices=[opened.invoice.pk, second.pk]
    )
    send(opened, "dispute", PLAIN["dispute"](today) | {"invoices": [second.pk]})
    assert only(kind=Kind.PROMISE).state == Answer.State.DONE
    standing = Hold.objects.standing_on(today + dt.timedelta(days=1))
    assert {(one.invoice, one.reason) for one in standing} == {
        (opened.invoice, "promise"),
        (second, "dispute"),
    }


def test_a_third_promise_is_for_staff_to_look_at(opened, today):
    for days in (60, 30):
        make_hold(
            opened.customer,
            invoice=opened.invoice,
            reason=Hold.Reason.PROMISE,
            starts_on=today - dt.timedelta(days=days),
            ends_on=today - dt.timedelta(days=days - 7),
        )
    response = promise(opened, today + dt.timedelta(days=5))
    assert only().state == Answer.State.OPEN
    assert (
        b"One of our people looks at it" in Client().get(response["Location"]).content
    )


def test_parts_sum_up_and_are_listed_before_they_are_agreed(opened, today):
    body = Client().get(f"/r/{opened.token}/parts").content.decode()
    assert "2 parts" in re.sub("<[^>]+>", "", body)
    assert "3 parts" in re.sub("<[^>]+>", "", body)
    assert "4 parts" not in re.sub("<[^>]+>", "", body)
    response = send(opened, "parts", {"offer": "EUR-3"})
    plan = Plan.objects.get()
    parts = list(plan.instalments.all())
    assert plan.state == Plan.State.AGREED
    assert sum(part.amount for part in parts) == Decimal("120.00") == plan.total
    assert parts[-1].due_on <= today + dt.timedelta(days=92)
    assert Hold.objects.get().ends_on == parts[-1].due_on
    receipt = Client().get(response["Location"]).content.decode()
    assert receipt.count("€40.00") == 3


@pytest.mark.parametrize(
    "limits", [{"parts_smallest": Decimal(50)}, {"parts_days": 45}, {"parts_most": 2}]
)
def test_an_offer_beyond_a_limit_is_not_made_and_not_taken(opened, limits):
    AnswerLimits.objects.create(brand=opened.notice.stream.brand, **limits)
    body = Client().get(f"/r/{opened.token}/parts").content.decode()
    assert "EUR-2" in body
    assert "EUR-3" not in body
    assert send(opened, "parts", {"offer": "EUR-3"}).status_code == 422
    assert not Plan.objects.exists()


def test_another_wish_than_the_offers_waits_for_staff(opened):
    assert send(opened, "parts", {"offer": "other"}).status_code == 422
    send(opened, "parts", {"offer": "other", "text": "10 a month"})
    kept = only()
    assert (kept.state, kept.text, kept.plan) == (Answer.State.OPEN, "10 a month", None)
    assert Hold.objects.get().reason == Hold.Reason.PLAN


def test_where_staff_decide_a_plan_waits_for_their_word(opened, today):
    AnswerLimits.objects.create(brand=opened.notice.stream.brand, parts_at_once=False)
    send(opened, "parts", {"offer": "EUR-2"})
    kept = only()
    assert (kept.state, kept.plan.state) == (Answer.State.OPEN, Plan.State.ASKED)
    refused = {"answer": kept, "agreed": False, "by": "ann", "today": today}
    assert decide_plan(**refused, now=timezone.now())
    assert not decide_plan(**refused, now=timezone.now())
    kept.refresh_from_db()
    assert (kept.state, kept.plan.state) == (Answer.State.DONE, Plan.State.REFUSED)
    tomorrow = today + dt.timedelta(days=1)
    assert not Hold.objects.standing_on(tomorrow).exists()


def test_parts_of_one_currency_leave_the_other_alone(opened):
    pounds = make_invoice(opened.customer, currency="GBP", amount=Decimal(90))
    token = make_link(opened.customer, purpose=Purpose.FRESH, now=timezone.now())
    body = Client().get(f"/r/{token}").content.decode()
    assert "£90.00" in body
    assert "€120.00" in body
    Client().post(f"/r/{token}/parts", {"form": str(uuid.uuid4()), "offer": "GBP-2"})
    assert [hold.invoice for hold in Hold.objects.all()] == [pounds]


def test_a_call_is_laid_out_at_the_hour_that_was_chosen(today):
    opened = open_notice(channel="email", mobile="+447700900123")
    make_template(channel="call", kind="call", body="Ask for {{ customer.name }}.")
    body = Client().get(f"/r/{opened.token}/call").content.decode()
    assert "ends in 23" in re.sub("<[^>]+>", "", body)
    assert "900123" not in body
    slot = re.search(r'name="slot" value="([^"]+)"', body)[1]
    send(opened, "call", {"slot": slot, "phone": "", "text": "After lunch, please"})
    kept = only()
    moment = dt.datetime.fromisoformat(slot)
    assert kept.call.not_before == moment
    assert CallTask.objects.get(notice=kept.call).wanted_at == moment
    assert not Hold.objects.exists()

    # At that hour it lies on the desk, before all that nobody asked for.
    lay_out(clock=lambda: moment + dt.timedelta(minutes=1))
    lines = queue(moment + dt.timedelta(minutes=2)).lines
    assert [line.task.notice for line in lines] == [kept.call]


def test_asking_for_another_hour_takes_the_first_call_back():
    opened = open_notice(channel="email", mobile="+447700900123")
    make_template(channel="call", kind="call", body="Ask for {{ customer.name }}.")
    body = Client().get(f"/r/{opened.token}/call").content.decode()
    first, second = re.findall(r'name="slot" value="([^"]+)"', body)[:2]
    send(opened, "call", {"slot": first})
    send(opened, "call", {"slot": second})
    old = Answer.objects.order_by("pk").first()
    assert old.state == Answer.State.REPLACED
    assert old.call.state == State.CANCELLED
    assert Answer.objects.order_by("pk").last().call.not_before.isoformat() == second


def test_a_call_to_another_number_is_for_staff_alone():
    opened = open_notice(channel="email", mobile="+447700900123")
    make_template(channel="call", kind="call", body="Ask for {{ customer.name }}.")
    body = Client().get(f"/r/{opened.token}/call").content.decode()
    slot = re.search(r'name="slot" value="([^"]+)"', body)[1]
    send(opened, "call", {"slot": slot, "phone": "020 7946 0000"})
    kept = only()
    assert (kept.call, kept.state) == (None, Answer.State.OPEN)
    assert kept.facts["phone"] == "+442079460000"


def test_a_slot_that_was_not_offered_is_refused(opened):
    at = timezone.now().isoformat()
    response = send(opened, "call", {"slot": at, "phone": "+447700900123"})
    assert response.status_code == 422
    assert not Answer.objects.exists()


def test_slots_are_decent_hours_of_the_customer_and_of_the_firm():
    opened = open_notice(
        channel="email", mobile="+12125550123", time_zone="America/New_York"
    )
    body = Client().get(f"/r/{opened.token}/call").content.decode()
    slots = re.findall(r'name="slot" value="([^"]+)"', body)
    assert slots
    for slot in slots:
        moment = dt.datetime.fromisoformat(slot)
        assert 8 <= moment.astimezone(ZoneInfo("America/New_York")).hour < 20
        assert 9 <= moment.astimezone(ZoneInfo("Europe/London")).hour < 17


def test_new_details_change_nothing_and_wait_for_staff(opened):
    before = opened.customer.contact_points.get().value
    first = Client().post(
        f"/r/{opened.token}/details", {"form": str(uuid.uuid4()), "which": "email"}
    )
    assert first["Location"].endswith("/details/email")
    page = Client().get(first["Location"]).content.decode()
    assert before not in page
    assert f"{before[0]}•••@e•••" in page
    new = {"email": "Ada@Example.org", "again": "ada@example.org"}
    send(opened, "details/email", new)
    kept = only()
    assert kept.facts == {"which": "email", "new": {"email": "ada@example.org"}}
    assert kept.state == Answer.State.OPEN
    assert opened.customer.contact_points.get().value == before


def test_two_addresses_that_differ_are_not_kept(opened):
    new = {"email": "ada@example.org", "again": "adda@example.org"}
    response = send(opened, "details/email", new)
    assert response.status_code == 422
    assert b"not the same" in response.content
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("which", "data"),
    [
        ("mobile", {"mobile": "07700 900999"}),
        ("landline", {"landline": "020 7946 0001"}),
        ("name", {"name": "Ada King"}),
        ("other", {"text": "My title"}),
        (
            "address",
            {"line1": "2 Low Road", "line2": "", "postcode": "LS2", "city": "Leeds"},
        ),
    ],
)
def test_each_detail_is_asked_for_by_itself(opened, which, data):
    assert send(opened, f"details/{which}", data).status_code == 303
    assert only().facts["which"] == which


def test_who_is_not_the_customer_gets_nothing_more(opened, today):
    address = opened.customer.contact_points.get().value
    opened.notice.attempts.create(
        number=1,
        provider="sandbox",
        destination=address,
        idempotency_key="one",
        started_at=timezone.now(),
    )
    queued = make_notice(
        opened.customer,
        invoices=[opened.invoice],
        not_before=timezone.now(),
        planned_on=today,
    )
    form = uuid.uuid4()
    first = send(opened, "not_me", form=form)
    assert send(opened, "not_me", form=form)["Location"] == first["Location"]
    assert opened.customer.contact_points.get().state == ContactPoint.State.DEAD
    send_all_due(now=timezone.now())
    queued.refresh_from_db()
    assert (queued.state, queued.sent_at) == (State.SUPPRESSED, None)
    assert only().state == Answer.State.OPEN

    page = Client().get(f"/r/{opened.token}").content.decode()
    assert opened.invoice.number not in page
    assert "nothing more" in page


def test_somebody_else_may_keep_the_same_address(opened):
    address = opened.customer.contact_points.get().value
    other = open_notice(channel="email", email=address)
    send(opened, "not_me")
    assert other.customer.contact_points.get().state == ContactPoint.State.OK


def test_difficulty_stops_every_step_until_a_person_decides(opened, today):
    make_invoice(opened.customer)
    send(opened, "hardship")
    hold = Hold.objects.get()
    assert (hold.invoice, hold.ends_on) == (None, None)
    promise(opened, today + dt.timedelta(days=3))
    hold.refresh_from_db()
    assert hold.ends_on is None
    assert only(kind=Kind.HARDSHIP).state == Answer.State.OPEN


def test_help_that_the_firm_names_is_linked(opened):
    AnswerLimits.objects.create(
        brand=opened.notice.stream.brand,
        help_name="Debt advice",
        help_url="https://advice.example/",
    )
    page = Client().get(f"/r/{opened.token}/hardship").content.decode()
    assert 'rel="noreferrer" href="https://advice.example/"' in page


def picture(**size):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def test_a_photo_is_drawn_anew_and_sealed(opened, today):
    body = picture() + b"PASSWORD"
    file = SimpleUploadedFile("../../x.png", body, "text/html")
    send(opened, "dispute", PLAIN["dispute"](today), file=file)
    kept = AnswerFile.objects.get()
    assert kept.media_type == "image/jpeg"
    assert kept.body.startswith(b"\xff\xd8")
    assert b"PASSWORD" not in kept.body
    assert "/" not in kept.name


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.png", b"MZ\x90\x00 an exe"),
        ("x.jpg", b"\xff\xd8\xff broken"),
        ("x.pdf", b"<html><script>1</script></html>"),
        ("x.pdf", b"%PDF-1.7 nothing"),
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(opened, today, name, body):
    file = SimpleUploadedFile(name, body, "image/png")
    response = send(opened, "dispute", PLAIN["dispute"](today), file=file)
    assert response.status_code == 422
    assert not Answer.objects.exists()


def test_a_file_that_is_too_large_is_refused(opened, today):
    file = SimpleUploadedFile("x.png", picture() + bytes(9_000_000), "image/png")
    response = send(opened, "dispute", PLAIN["dispute"](today), file=file)
    assert response.status_code in {413, 422}
    assert not Answer.objects.exists()


def test_what_would_fill_the_disk_is_not_even_read(opened, today):
    file = SimpleUploadedFile("x.png", bytes(13_000_000), "image/png")
    response = send(opened, "dispute", PLAIN["dispute"](today), file=file)
    assert response.status_code == 413
    assert b"Nothing has been changed" in response.content


def test_a_text_of_a_megabyte_is_refused_and_nothing_is_kept(opened, today):
    data = PLAIN["dispute"](today) | {"text": "x" * 1_000_000}
    response = send(opened, "dispute", data)
    assert response.status_code == 422
    assert not Answer.objects.exists()


@pytest.mark.parametrize("text", [SCRIPT, "a\x00b", "\ud800x", "'; DROP TABLE x;--"])
def test_own_words_are_words_and_nothing_else(opened, today, text):
    data = PLAIN["dispute"](today) | {"text": text.encode("utf-8", "replace").decode()}
    response = send(opened, "dispute", data)
    assert response.status_code in {303, 422}
    assert SCRIPT not in response.content.decode()


def test_a_script_in_every_field_comes_out_as_words(opened, today):
    for kind in FORMS:
        page = Client().get(f"/r/{opened.token}/{kind}").content.decode()
        names = set(re.findall(r'name="([a-z0-9]+)"', page)) - {"viewport", "robots"}
        data = dict.fromkeys(names, SCRIPT) | {"form": str(uuid.uuid4())}
        response = Client().post(f"/r/{opened.token}/{kind}", data)
        assert SCRIPT not in response.content.decode(), kind
        if response.status_code == 303:
            assert SCRIPT not in Client().get(response["Location"]).content.decode()


@pytest.mark.parametrize("name", ["A" * 300, "شركة الكهرباء", "王小明", SCRIPT])
def test_any_name_has_a_page(name, db):
    opened = open_notice(name=name, channel="email")
    assert Client().get(f"/r/{opened.token}").status_code == 200


def test_looking_changes_nothing(opened):
    before = rows_written()
    paths = ["", *(f"/{kind}" for kind in FORMS), "/details/email", "/details/name"]
    for path in paths:
        for method in ("get", "head", "get"):
            getattr(Client(), method)(f"/r/{opened.token}{path}")
    Client().get("/code")
    assert rows_written() == before


def test_a_page_asks_at_most_six_questions(
    opened, today, django_assert_max_num_queries
):
    for _ in range(30):
        bill = make_invoice(opened.customer)
        opened.notice.items.create(invoice=bill)
        InvoiceCopy.objects.create(
            invoice=bill, file_name="x.pdf", body=b"%PDF-", size=5, sha256=bytes(32)
        )
    ids = opened.notice.items.values_list("invoice_id", flat=True)
    promise(opened, today + dt.timedelta(days=2), invoices=list(ids))
    for path in ("", *(f"/{kind}" for kind in FORMS)):
        with django_assert_max_num_queries(6):
            Client().get(f"/r/{opened.token}{path}")
    reference = only().reference
    with django_assert_max_num_queries(6):
        Client().get(f"/r/{opened.token}/receipt/{reference}")


def test_what_is_paid_already_is_thanked_for(opened):
    pay(opened.invoice, Decimal(120))
    page = Client().get(f"/r/{opened.token}").content.decode()
    assert "This is paid. Thank you!" in page
    assert "I have paid" not in page
    assert "IBAN" not in page
    assert (
        send(opened, "promise", {"when": "other"})["Location"] == f"/r/{opened.token}"
    )


def test_the_page_says_how_to_pay_and_up_to_when_we_see_payments(opened, today):
    brand = opened.notice.stream.brand
    brand.pay_url = "https://pay.example/{reference}?sum={amount}"
    brand.save()
    started = dt.datetime(2026, 3, 9, 12, 30, tzinfo=dt.UTC)
    DataImport.objects.create(
        kind=DataImport.Kind.PAYMENTS, file_name="p.csv", finished_at=started
    )
    DataImport.objects.update(started_at=started)
    written(opened, today)
    page = Client().get(f"/r/{opened.token}").content.decode()
    number = opened.invoice.number
    assert f'rel="noreferrer" href="https://pay.example/{number}?sum=120"' in page
    assert "GB33 BUKB 2020 1555 5555 55" in page
    assert "9 March 2026" in page
    assert "Please pay by" in page
    assert "Please answer by" in page


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://pay.example", "https://x/{0}", "https://{x}/"],
)
def test_a_pay_page_must_be_one(address):
    with pytest.raises(ValidationError):
        validate_pay_url(address)


def test_the_copy_of_a_bill_opens_without_a_log_in(opened):
    InvoiceCopy.objects.create(
        invoice=opened.invoice,
        file_name="bill.pdf",
        body=b"%PDF-1.7",
        size=8,
        sha256=bytes(32),
    )
    # Behind a question, where one is set: tests/pages/test_bill_copies.py.
    Brand.objects.update(asks_before_copies="")
    page = Client().get(f"/r/{opened.token}").content.decode()
    path = re.search(r'href="(/d/[^"]+)"', page)[1]
    assert Client().get(path).content == b"%PDF-1.7"


CHANGE = {
    "change.old": {"money": "10.00"},
    "change.new": {"money": "12.50"},
    "change.effective_on": "2026-06-01",
    "change.reason": "Costs rose.",
    "change.who": "all customers",
    "currency": "EUR",
}


@pytest.fixture
def changed(db):
    opened = open_notice(channel="email")
    opened.notice.kind = "change_notice"
    opened.notice.about = CHANGE
    opened.notice.save()
    opened.notice.items.all().delete()
    return opened


def test_a_change_stands_old_against_new_and_is_read_once(changed):
    page = Client().get(f"/r/{changed.token}").content.decode()
    assert "€10.00" in page
    assert "€12.50" in page
    assert "1 June 2026" in page
    form = re.search(r'name="form" value="([^"]+)"', page)[1]
    for _ in range(2):
        assert send(changed, "read", form=form).status_code == 303
    assert only().kind == Kind.READ
    page = Client().get(f"/r/{changed.token}").content.decode()
    assert "that you have read this" in re.sub("<[^>]+>", "", page)
    assert "I have read this" not in page


def test_a_question_about_a_change_waits_for_staff(changed):
    send(changed, "question", {"text": "Why?"})
    kept = only()
    assert (kept.kind, kept.text, kept.state) == ("question", "Why?", "open")
    assert not Hold.objects.exists()


def test_nothing_but_a_change_can_be_read(opened):
    assert send(opened, "read")["Location"] == f"/r/{opened.token}"
    assert not Answer.objects.exists()


def test_what_is_kept_of_an_answer_is_sealed(opened, today):
    send(opened, "dispute", PLAIN["dispute"](today) | {"text": "my secret words"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, text FROM notices_answer")
        facts, text = (bytes(one) for one in cursor.fetchone())
    assert b"secret" not in text
    assert b"amount" not in facts


def test_a_choice_leads_to_its_screen_and_none_is_explained(opened):
    form = {"form": str(uuid.uuid4())}
    response = Client().post(f"/r/{opened.token}", form | {"kind": "paid"})
    assert (response.status_code, response["Location"]) == (
        303,
        f"/r/{opened.token}/paid",
    )
    assert Client().post(f"/r/{opened.token}", form).status_code == 422
    assert not Answer.objects.exists()


def test_the_chosen_language_stays_until_the_receipt(opened):
    form = {"form": str(uuid.uuid4())}
    first = Client().post(f"/r/{opened.token}?lang=pl", form | {"kind": "hardship"})
    assert first["Location"].endswith("/hardship?lang=pl")
    receipt = Client().post(first["Location"], form)
    assert receipt["Location"].endswith("?lang=pl")


@pytest.fixture
def survey(opened):
    survey = Survey.objects.create(brand=opened.notice.stream.brand, name="Spring")
    for position, kind in enumerate(("scale", "yes_no", "text"), start=1):
        SurveyQuestion.objects.create(
            survey=survey,
            position=position,
            kind=kind,
            words={"en": f"Question {position}?"},
        )
    return survey


def test_a_survey_follows_the_receipt_and_nobody_must_answer(opened, survey, today):
    path = send(opened, "paid", PLAIN["paid"](today))["Location"]
    assert "Question 1?" in Client().get(path).content.decode()
    form = {"form": str(uuid.uuid4())}
    assert Client().post(path, form).status_code == 303
    Client().post(path, form | {"q1": "4", "q2": "0", "q3": "Quick!"})
    Client().post(path, form | {"q1": "1", "q2": "1", "q3": "Again"})
    marks = SurveyMark.objects.order_by("question__position")
    assert [(one.mark, one.text) for one in marks] == [
        (4, ""),
        (0, ""),
        (None, "Quick!"),
    ]
    assert "Question 1?" not in Client().get(path).content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_written_in_every_language(opened, language, today):
    for path in ("", *(f"/{kind}" for kind in FORMS)):
        page = Client().get(f"/r/{opened.token}{path}?lang={language}")
        assert page.status_code in {200, 303}
    for kind, data in PLAIN.items():
        response = Client().post(
            f"/r/{opened.token}/{kind}?lang={language}",
            {"form": str(uuid.uuid4()), **data(today)},
        )
        assert response.status_code == 303, response.content.decode()
        assert Client().get(response["Location"]).status_code == 200


def test_the_page_opens_by_an_address_in_capitals(opened):
    response = Client().get(f"/R/{opened.token.upper()}")
    assert response.status_code == 200
    assert opened.invoice.number in response.content.decode()
    assert Client().get(f"/C/{opened.token.upper()}").status_code == 200


def typed(code):
    return Client().post("/code", {"code": code})


@pytest.mark.parametrize("kind", ["reminder", "opt_in_request"])
def test_the_code_of_a_letter_leads_to_its_page(kind, db):
    opened = open_notice()
    Notice.objects.update(kind=kind)
    page = "c" if kind == "opt_in_request" else "r"
    code = opened.code.upper()
    for way in (opened.code, f" {code[:5]}-{code[5:]} ", code.replace("0", "O")):
        response = typed(way)
        assert response.status_code == 303
        assert response["Location"] == f"/{page}/{opened.token}"
    assert Client().get(response["Location"]).status_code == 200


def test_wrong_codes_are_counted_and_then_even_the_right_one_is_wrong(db):
    opened = open_notice()
    for number in range(CODES.one - 1):
        assert typed(f"{number:010}").status_code == 422
        assert typed(opened.code).status_code == 303
    typed("0123456789")
    locked = typed(opened.code)
    assert locked.status_code == 422
    # To the sign the page of a wrong one.
    wrong = typed("0123456789").content.replace(b"0123456789", b"")
    assert locked.content.replace(opened.code.encode(), b"") == wrong


@pytest.mark.parametrize("code", ["", "x" * 41, "<b>", "a\x00b", "٠١٢٣٤٥٦٧٨٩"])
def test_what_is_no_code_is_only_wrong(code, db):
    assert typed(code).status_code == 422


def test_a_call_that_was_made_is_off_the_list(today):
    opened = open_notice(channel="email", mobile="+447700900123")
    make_template(channel="call", kind="call", body="Ask for {{ customer.name }}.")
    body = Client().get(f"/r/{opened.token}/call").content.decode()
    slot = re.search(r'name="slot" value="([^"]+)"', body)[1]
    send(opened, "call", {"slot": slot})
    kept = only()
    moment = dt.datetime.fromisoformat(slot)
    lay_out(clock=lambda: moment)
    later = moment + dt.timedelta(minutes=5)
    task = take(notice=kept.call, by="ann", now=moment)
    note_outcome(notice=task.notice, number=1, outcome="spoke", by="ann", now=later)
    kept.refresh_from_db()
    assert (kept.state, kept.handled_by) == (Answer.State.DONE, "ann")


# What stands ---------------------------------------------------------------------


def front(opened):
    """Return the words of the first page, bare of markup."""
    body = Client().get(f"/r/{opened.token}").content.decode()
    return " ".join(re.sub("<[^>]+>", "", body).split())


def written(opened, day, **more):
    """Let the message have been sent at noon of a day."""
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    Notice.objects.filter(pk=opened.notice.pk).update(sent_at=at, **more)


@pytest.mark.parametrize(
    ("kind", "stands"),
    [
        ("promise", "You will pay on:"),
        ("parts", "Next part:"),
        ("dispute", "You need not pay what you question until then."),
        ("hardship", "nothing happens by itself until then."),
    ],
)
def test_the_first_page_says_what_stands_and_asks_for_nothing(
    opened, today, kind, stands
):
    written(opened, today)
    assert "Please pay by" in front(opened)
    assert "Please answer by" in front(opened)
    send(opened, kind, PLAIN[kind](today + dt.timedelta(days=3)))
    page = front(opened)
    assert stands in page
    assert "Please pay by" not in page
    assert "Please answer by" not in page
    assert "Still to pay" not in page


def test_a_bill_that_does_not_wait_is_asked_for_still(opened, today):
    written(opened, today)
    other = make_invoice(opened.customer)
    opened.notice.items.create(invoice=other)
    send(opened, "dispute", PLAIN["dispute"](today) | {"invoices": [other.pk]})
    page = front(opened)
    assert page.count("(reminders are paused)") == 1
    assert "Please pay by" in page


def test_days_gone_by_are_not_asked_for(opened, today):
    written(opened, today - dt.timedelta(days=40))
    page = front(opened)
    assert "Payment was due by" in page
    assert "Please pay by" not in page
    assert "Please answer by" not in page


def test_a_last_notice_names_the_same_day_on_its_page(opened, today):
    text = make_template(body="Pay or call by {{ last_day }}.", key="final")
    written(opened, today, template=text)
    day = deadlines([dt.date(2020, 1, 2)], today, by_post=False, country="GB").last_day
    english = formats_for(locale_for("en", "GB"), "")
    page = front(opened)
    assert f"Please pay by{english.date(day)}" in page
    assert f"Please answer by{english.date(day)}" in page


def test_a_letter_counts_from_the_day_it_was_printed(today):
    opened = open_notice(channel="letter")
    printed, posted = today - dt.timedelta(days=9), today - dt.timedelta(days=1)
    at = dt.datetime.combine(printed, dt.time(12), dt.UTC)
    run = PrintRun.objects.create(
        brand=opened.notice.stream.brand, number=1, duplex=True,
        opened_at=at, closed_at=at, state=PrintRun.State.CLOSED,
    )  # fmt: skip
    file = PrintFile.objects.create(
        run=run, number=1, part="light", name="1.pdf", body=b"", size=0,
        sha256=bytes(32), letters=1, pages=1, sheets=1,
    )  # fmt: skip
    PrintItem.objects.create(
        run=run, notice=opened.notice, place="", state=PrintItem.State.PRINTED,
        file=file, sequence=1, first_page=1, pages=1, sheets=1, sha256=bytes(32),
    )  # fmt: skip
    written(opened, posted)
    due = [opened.invoice.due_on]
    country = opened.notice.stream.brand.country
    said = deadlines(due, printed, by_post=True, country=country)
    assert said.pay_by != deadlines(due, posted, by_post=True, country=country).pay_by
    english = formats_for(locale_for("en", "GB"), "")
    assert f"by{english.date(said.pay_by)}" in front(opened)


CONDITION = "If a part has not come two bank days after its day, the plan ends"


def test_a_plan_says_beforehand_and_on_its_receipt_what_ends_it(opened, today):
    form = Client().get(f"/r/{opened.token}/parts").content.decode()
    assert CONDITION in form
    assert "Agree to" not in form  # who chooses "none of these" agrees to nothing
    receipt = Client().get(send(opened, "parts", PLAIN["parts"](today))["Location"])
    assert CONDITION in receipt.content.decode()
    Plan.objects.update(state=Plan.State.MISSED)
    receipt = Client().get(f"/r/{opened.token}/receipt/{only().reference}")
    assert "the plan has ended" in receipt.content.decode()
    assert CONDITION not in receipt.content.decode()


def test_the_first_page_says_when_staff_looked_at_it(opened, today):
    send(opened, "question", {"text": "Why?"})
    assert "We looked at this on" not in front(opened)
    finish_answer(answer=only(), by="ann", now=timezone.now(), go_on=False, today=today)
    assert "We looked at this on" in front(opened)


@pytest.mark.parametrize(("kind", "sign"), [("promise", 1), ("paid", -1)])
def test_the_example_of_a_day_is_one_that_may_be_typed(opened, today, kind, sign):
    body = Client().get(f"/r/{opened.token}/{kind}").content.decode()
    example = re.search(r"such as <bdi>(\d+) (\d+) (\d+)</bdi>", body)
    day, month, year = (int(one) for one in example.groups())
    assert sign * (dt.date(year, month, day) - today).days >= 0


@pytest.mark.parametrize(
    ("right", "status"),
    [
        ("120", 303),
        ("1.234,50 €", 303),
        ("£120.50", 303),
        ("120,50 zł", 303),
        ("EUR 99", 303),
        ("١٢٠٫٥", 303),
        ("", 303),
        ("much less", 422),
        ("-", 422),
    ],
)
def test_the_right_amount_is_a_number_when_it_is_given(opened, right, status):
    data = {"reason": "amount", "text": "Wrong.", "right": right}
    response = send(opened, "dispute", data)
    assert response.status_code == status
    if status != 303:
        assert b"Please write an amount as a number" in response.content


@pytest.mark.parametrize("path", ["/r/", "/r", "/c/", "/p/", "/u/", "/a/", "/R/"])
def test_a_link_that_lost_its_token_opens_the_page_for_customers(opened, path):
    cut = Client().get(path)
    wrong = Client().get(f"/r/{'0' * 26}")
    assert (cut.status_code, cut.content) == (404, wrong.content)
