"""What staff see of customers' answers, and what they do about them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from customers.calendars import local_day
from customers.models import AccessEntry, Hold, Plan
from notices.answers import File, Given, Origin, give_answer
from notices.models import (
    Answer,
    AnswerLimits,
    Notice,
    Survey,
    SurveyMark,
    SurveyQuestion,
)
from notices.offers import Part
from notices.states import State
from tests.factories import make_hold, make_reply, make_template, make_user
from tests.pages.opening import open_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    return open_notice(name="Ada Lovelace", channel="email")


@pytest.fixture
def today():
    return local_day(timezone.now(), "Europe/London")


@pytest.fixture
def staff():
    client = Client()
    client.force_login(make_user("ann", may=["notices.change_answer"]))
    return client


def answered(opened, kind, **more):
    brand = opened.notice.stream.brand
    return give_answer(
        given=Given(kind=kind, form_id=uuid.uuid4(), invoices=[opened.invoice], **more),
        origin=Origin(customer=opened.customer, notice=opened.notice, brand=brand),
        now=timezone.now(),
    )


def test_answers_and_replies_stand_in_one_list_by_the_time_they_came(opened, staff):
    now = timezone.now()
    make_reply(opened.customer, received_at=now - dt.timedelta(hours=2))
    kept = answered(opened, "dispute", facts={"reason": "amount"})
    make_reply(None, received_at=now + dt.timedelta(hours=2))
    page = staff.get("/replies/").content.decode()
    places = [
        page.index("Wrote to us"),
        page.index("Something is wrong with the bill</span>"),
        page.index("Unknown sender"),
    ]
    assert places[0] < places[2]
    assert f"/replies/answers/{kept.pk}/" in page


def test_the_list_can_be_narrowed_to_a_reason(opened, staff):
    make_reply(opened.customer)
    answered(opened, "hardship")
    page = staff.get("/replies/?why=hardship").content.decode()
    assert "/replies/answers/" in page
    assert 'href="/replies/1/' not in page
    assert "Showing 1 to 1 of 1." in page


def test_what_needs_nobody_is_not_in_the_list(opened, staff, today):
    answered(opened, "promise", facts={"pay_on": today.isoformat()}, until=today)
    page = staff.get("/replies/").content.decode()
    assert "/replies/answers/" not in page
    assert "/replies/answers/" in staff.get("/replies/?show=answered").content.decode()


def test_an_answer_shows_all_that_was_given(opened, staff, today):
    kept = answered(
        opened,
        "paid",
        facts={"paid_on": today.isoformat(), "how": "cash", "note": "X-77"},
        text="<script>hello</script>",
        until=today,
        files=[File("x.pdf", "application/pdf", b"%PDF-1.7")],
    )
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "In cash" in page
    assert "X-77" in page
    assert "&lt;script&gt;hello" in page
    file = staff.get(f"/replies/answers/{kept.pk}/files/{kept.files.get().pk}/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Security-Policy"].startswith("sandbox")
    assert file.content == b"%PDF-1.7"
    other = answered(opened, "question", text="?")
    stolen = f"/replies/answers/{other.pk}/files/{kept.files.get().pk}/"
    assert staff.get(stolen).status_code == 404


def test_who_reads_an_answer_or_takes_it_out_of_the_house_is_noted(opened, staff):
    files = [File("Ada.pdf", "application/pdf", b"%PDF-1.7")]
    kept = answered(opened, "question", text="Why?", files=files)
    number = kept.files.get().pk

    staff.get(f"/replies/answers/{kept.pk}/")
    staff.get(f"/replies/answers/{kept.pk}/files/{number}/")
    staff.get("/replies/reasons.csv")
    staff.get("/replies/survey.csv")

    log = AccessEntry.objects.order_by("pk").values_list("who", "what", "whose")
    pk = opened.customer.pk
    assert list(log) == [
        ("ann", "answer", pk),
        ("ann", "answer_file", pk),
        ("ann", "answer_list", None),
        ("ann", "answer_list", None),
    ]
    taken = AccessEntry.objects.get(what="answer_file")
    assert taken.which == f"{kept.reference}, file {number}"  # and not its name


@pytest.mark.parametrize(("go_on", "standing"), [("yes", 0), ("no", 1)])
def test_staff_say_whether_reminders_go_on(opened, staff, today, go_on, standing):
    kept = answered(opened, "dispute", facts={"reason": "amount"})
    staff.post(f"/replies/answers/{kept.pk}/done/", {"go_on": go_on})
    kept.refresh_from_db()
    assert (kept.state, kept.handled_by) == (Answer.State.DONE, "ann")
    tomorrow = today + dt.timedelta(days=1)
    assert Hold.objects.standing_on(tomorrow).count() == standing
    again = staff.post(f"/replies/answers/{kept.pk}/done/", {"go_on": "yes"})
    assert again.status_code == 302
    assert Hold.objects.standing_on(tomorrow).count() == standing


@pytest.mark.parametrize(("word", "state"), [("yes", "agreed"), ("no", "refused")])
def test_staff_say_yes_or_no_to_a_plan(opened, staff, today, word, state):
    AnswerLimits.objects.create(brand=opened.notice.stream.brand, parts_at_once=False)
    part = Part(today, opened.invoice.open_amount)
    kept = answered(
        opened,
        "parts",
        facts={"parts": [], "currency": "EUR"},
        parts=[part],
        until=today + dt.timedelta(days=30),
        waits_for_yes=True,
    )
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "Agree to the plan" in page
    staff.post(f"/replies/answers/{kept.pk}/plan/", {"agreed": word})
    assert Plan.objects.get().state == state
    assert (
        "Paying in parts"
        in staff.get(f"/customers/{opened.customer.pk}/").content.decode()
    )


def test_who_may_only_look_changes_nothing(opened, today):
    kept = answered(opened, "hardship")
    client = Client()
    client.force_login(make_user("vic"))
    assert client.post(f"/replies/answers/{kept.pk}/done/").status_code == 403
    page = client.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "Done: reminders go on" not in page
    assert "You may read answers but not deal with them." in page


def test_the_history_tells_of_an_answer(opened, staff):
    kept = answered(opened, "hardship")
    page = staff.get(f"/customers/{opened.customer.pk}/").content.decode()
    assert f'href="/replies/answers/{kept.pk}/"' in page
    assert "Answered on their page" in page


def test_today_counts_answers_and_names_who_needs_care(opened, staff):
    answered(opened, "hardship")
    page = staff.get("/").content.decode()
    assert "1 reply waiting" in page
    assert "1 customer in difficulty" in page


def test_reasons_are_counted_on_the_page_as_in_the_spreadsheet(opened, staff):
    make_reply(opened.customer, received_at=timezone.now())
    answered(opened, "hardship")
    answered(opened, "question", text="Why?")
    answered(opened, "question", text="=1+1")
    page = staff.get("/replies/reasons/").content.decode()
    assert "Has a question: 50% of 4 replies" in page
    table = staff.get("/replies/reasons.csv").content.decode()
    rows = list(csv.reader(io.StringIO(table)))
    assert ["Has a question", "2", "2", "50.0"] in rows


def test_a_survey_is_summed_up_and_its_words_run_nowhere(opened, staff):
    kept = answered(opened, "question", text="Why?")
    survey = Survey.objects.create(brand=opened.notice.stream.brand, name="Spring")
    now = timezone.now()
    for position, kind, mark, text in (
        (1, "scale", 4, ""),
        (2, "yes_no", 1, ""),
        (3, "text", None, "=HYPERLINK(1)"),
    ):
        question = SurveyQuestion.objects.create(
            survey=survey, position=position, kind=kind, words={"en": f"Q{position}?"}
        )
        SurveyMark.objects.create(
            question=question, answer=kept, mark=mark, text=text, given_at=now
        )
    page = staff.get("/replies/reasons/").content.decode()
    assert "4.0 of 5 on average" in page
    assert "=HYPERLINK(1)" in page
    table = staff.get("/replies/survey.csv").content.decode()
    assert ",'=HYPERLINK(1)" in table


def calls(opened, **facts):
    """Ask for a call tomorrow at nine, in London."""
    zone = ZoneInfo("Europe/London")
    day = local_day(timezone.now(), "Europe/London") + dt.timedelta(days=1)
    return answered(
        opened,
        "call",
        facts={"zone": "Europe/London", **facts},
        call_at=dt.datetime.combine(day, dt.time(9), zone),
    )


@pytest.mark.parametrize(
    ("waits", "facts", "why"),
    [
        (True, {}, "something keeps reminders waiting"),
        (False, {"phone": "+442079460000"}, "another number was given"),
        (False, {}, "the desk let it go"),
    ],
)
def test_a_call_that_is_not_on_the_desk_shows_number_hour_and_why(
    staff, waits, facts, why
):
    opened = open_notice(name="Ada Lovelace", channel="email", mobile="+447700900123")
    make_template(channel="call", kind="call", body="Ask for {{ customer.name }}.")
    if waits:
        make_hold(opened.customer)
    kept = calls(opened, **facts)
    if kept.call is not None:
        on_desk = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
        assert "It lies on the" in on_desk
        assert "was asked for" not in staff.get("/").content.decode()
        Notice.objects.filter(pk=kept.call.pk).update(
            state=State.CANCELLED, reason="debt_held"
        )
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert f"it is not on the call desk, since {why}" in page
    assert facts.get("phone", "+447700900123") in page
    assert "09:00" in page
    today = staff.get("/").content.decode()
    assert "1 call was asked for, " in today
    assert ", 09:00</a>" in today


def test_what_was_said_is_kept_when_an_answer_is_dealt_with(opened, staff):
    kept = answered(opened, "question", text="Why?")
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "What was said" in page
    said = "<b>Told her why</b>\x00" + "x" * 3000
    staff.post(f"/replies/answers/{kept.pk}/done/", {"said": said})
    kept.refresh_from_db()
    assert len(kept.facts["said"]) == 2000
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "&lt;b&gt;Told her why" in page
    theirs = Client().get(f"/r/{opened.token}/receipt/{kept.reference}")
    assert "We looked at this on" in theirs.content.decode()
    assert "Told her why" not in theirs.content.decode()


def test_the_page_says_how_to_reach_them_and_which_address_is_not_theirs(staff):
    opened = open_notice(
        channel="email", email="ada@example.com", mobile="+447700900123"
    )
    kept = answered(opened, "question", text="Why?")
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert "ada@example.com" in page
    assert "+447700900123" in page
    assert "belongs to somebody else" not in page
    kept = answered(opened, "not_me")
    page = staff.get(f"/replies/answers/{kept.pk}/").content.decode()
    assert page.count("belongs to somebody else") == 1
