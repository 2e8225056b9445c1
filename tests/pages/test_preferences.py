"""What a customer chooses on their own page, and what it does."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from consent.actions import suppress
from consent.links import mint, revoke_links, store_notice_links
from consent.models import (
    AccessLink,
    ConsentEvent,
    ContactChange,
    ContactWish,
    Preference,
    PreferenceChange,
)
from customers.models import ContactPoint
from notices.doors import stop_url
from notices.facts import load_facts
from notices.models import Notice, Reply
from notices.pages.words import LANGUAGES
from notices.render import compile_version, render
from notices.starter import install_starters
from notices.states import State
from tests.factories import make_consent, make_customer, make_notice
from tests.pages.opening import Opened, open_notice

pytestmark = pytest.mark.django_db
PARTS = ("", "/messages", "/wishes", "/email", "/mobile", "/details")


@pytest.fixture
def opened(settings):
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    install_starters(["en"])
    found = open_notice(
        name="Ada Lovelace",
        email="ada.lovelace@example.com",
        mobile="+447700900123",
        address=True,
    )
    make_consent(found.customer, subject="sms")
    return found


def page(opened: Opened, part: str = "") -> str:
    answer = Client().get(f"/p/{opened.token}{part}")
    assert answer.status_code == 200, part
    return answer.content.decode()


def post(opened: Opened, part: str, **fields):
    told = {"form": str(uuid4()), **fields}
    return Client().post(f"/p/{opened.token}/{part}", told)


def messages(**more):
    """Every box ticked and all by e-mail, but for what is named."""
    return {
        "bills": "email",
        "contract_notices": "email",
        "reminders": ["email", "sms", "call", "letter"],
        "service_news": ["email", "letter"],
        **more,
    }


def test_the_page_shows_what_comes_and_hides_addresses(opened):
    shown = page(opened)
    assert "By e-mail" in shown
    assert "a•••@e•••" in shown
    assert "••• 23" in shown
    for secret in ("ada.lovelace", "7700900123", "Lovelace", "High Street"):
        assert secret not in shown


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_without_a_cookie(opened, part):
    answer = Client().get(f"/p/{opened.token}{part}")
    assert answer.status_code == 200
    assert not answer.cookies
    assert "og:" not in answer.content.decode()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_speaks_every_language(opened, part, language):
    answer = Client().get(f"/p/{opened.token}{part}?lang={language}")
    assert f'lang="{language}"' in answer.content.decode()


def test_a_page_costs_six_queries_at_most(opened, django_assert_max_num_queries):
    for part in PARTS:
        with django_assert_max_num_queries(6):
            page(opened, part)


def test_required_rows_offer_e_mail_or_paper_and_are_never_off(opened):
    shown = page(opened, "/messages")
    for category in ("bills", "contract_notices"):
        assert shown.count(f'name="{category}"') == 2
        assert f'value="email" id="id_{category}_0" checked required' in shown
    assert "cannot be switched off" in shown


def test_what_comes_only_by_choice_is_not_ticked_beforehand(opened):
    shown = page(opened, "/messages")
    offers = shown.partition('id="id_offers"')[2].partition("</fieldset>")[0]
    assert 'type="checkbox"' in offers
    assert "checked" not in offers


def test_switching_off_is_in_force_at_once_and_receipted(opened):
    queued = make_notice(opened.customer, stream=opened.notice.stream)
    answer = post(opened, "messages", **messages(reminders=["sms"]))

    shown = answer.content.decode()
    change = PreferenceChange.objects.get()
    assert change.number in shown
    assert change.changes == {
        "reminders:email": [True, False],
        "reminders:call": [True, False],
        "reminders:letter": [True, False],
    }
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (State.SUPPRESSED, "PREF_CATEGORY_OFF")
    assert "What comes from now on" in shown
    assert "on its way may still arrive" in shown


def test_paper_for_one_category_is_a_withdrawal_with_its_source(opened):
    shown = post(opened, "messages", **messages(bills="paper")).content.decode()

    assert "On paper" in shown
    event = ConsentEvent.objects.get(state="withdrawn")
    assert (event.categories, event.method) == (["bills"], "web")
    again = page(opened, "/messages")
    assert 'name="bills"' not in again
    assert f'href="/c/{opened.token}"' in again


def test_a_note_without_proof_is_paper_until_the_customer_agrees(opened):
    unproven = open_notice(country="US", e_delivery=False)
    make_consent(unproven.customer, state="unproven", method="import")
    shown = page(unproven, "/messages")
    assert 'name="bills"' not in shown
    assert f'href="/c/{unproven.token}"' in shown
    assert 'name="reminders"' in shown


def test_the_same_form_twice_is_one_change(opened):
    fields = messages(form=str(uuid4()), reminders=["sms"])
    bodies = [post(opened, "messages", **fields).status_code for _ in range(2)]
    assert bodies == [200, 200]
    assert PreferenceChange.objects.count() == 1


def test_boxes_are_only_for_ways_that_work(opened):
    suppress(
        channel="sms",
        address="+447700900123",
        reason="stop",
        source="test",
        now=timezone.now(),
    )
    shown = page(opened, "/messages")
    reminders = shown.partition('id="id_reminders"')[2].partition("</fieldset>")[0]
    assert 'value="sms"' not in reminders
    assert 'value="email"' in reminders


def test_wishes_are_kept(opened):
    install_starters(["pl"])
    post(
        opened,
        "wishes",
        language="pl",
        first="sms",
        second="sms",
        best_time="evening",
        pay_day="31",
    )
    wish = ContactWish.objects.get()
    assert (wish.channel_order, wish.best_time, wish.pay_day) == (
        ["sms"],
        "evening",
        31,
    )
    opened.customer.refresh_from_db()
    assert opened.customer.language == "pl"


@pytest.mark.parametrize("day", ["0", "32", "x", "-1", "1.5", "9" * 40])
def test_a_pay_day_is_a_day_of_the_month(opened, day):
    answer = post(opened, "wishes", language="en", pay_day=day)
    assert answer.status_code == 422
    assert "from 1 to 31" in answer.content.decode()
    assert not ContactWish.objects.exists()


def test_only_languages_we_have_texts_in_are_offered(opened):
    shown = page(opened, "/wishes")
    assert 'value="en"' in shown
    assert 'value="ar"' not in shown
    assert post(opened, "wishes", language="ar").status_code == 422


def test_a_language_we_have_no_pages_in_is_not_taken_away(opened):
    opened.customer.language = "hu"
    opened.customer.save()
    post(opened, "wishes", language="hu", best_time="morning")
    opened.customer.refresh_from_db()
    assert opened.customer.language == "hu"


# A new address ---------------------------------------------------------------


def new_email(opened, value="ada@new.example.com", **fields):
    return post(opened, "email", value=value, again=value, **fields)


def confirm_path(change):
    return f"/a/{mint(change.notice_reference).token}"


def mail(notice):
    facts = load_facts([notice.pk], timezone.now())[notice.pk]
    return facts, render(compile_version(notice.template, notice.channel), facts)


def test_a_new_address_is_confirmed_there_and_told_to_the_old_one(opened):
    answer = new_email(opened)

    assert "a•••@n•••" not in page(opened)
    assert "a•••@n•••" in answer.content.decode()
    change = ContactChange.objects.get()
    new = Notice.objects.get(template__key="confirm-address")
    old = Notice.objects.get(template__key="address-asked")
    facts, written = mail(new)
    assert facts.destination.as_text() == "ada@new.example.com"
    assert confirm_path(change).encode() in written.body
    assert b"Lovelace" in written.body  # to whom it is sent, in the greeting alone
    facts, written = mail(old)
    assert facts.destination.as_text() == "ada.lovelace@example.com"
    assert b"ada@new" not in written.body
    assert not ContactPoint.objects.having(value="ada@new.example.com").exists()


def test_the_message_to_a_new_address_goes_whatever_the_old_one_is_worth(opened):
    from tests.consent.test_preferences import decided

    ContactPoint.objects.filter(kind="email").update(state="dead")
    new_email(opened)
    new = Notice.objects.get(template__key="confirm-address")
    assert decided(new, timezone.now()).outcome == "ALLOW"
    assert not Notice.objects.filter(template__key="address-asked").exists()


def test_nothing_changes_before_the_button_is_pressed(opened):
    new_email(opened)
    path = confirm_path(ContactChange.objects.get())
    for _ in range(3):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code == 200
    assert Client().post(path, {}).status_code == 200  # not our button
    assert ContactPoint.objects.filter(kind="email").count() == 1

    shown = Client().post(path, {"form": str(uuid4())}).content.decode()

    assert "Confirmed" in shown
    point = ContactPoint.objects.get(kind="email", is_primary=True)
    assert point.value == "ada@new.example.com"
    assert AccessLink.objects.get(purpose="confirm").used_at is not None
    assert ContactPoint.objects.filter(kind="email").count() == 2
    assert "Confirmed" in Client().get(path).content.decode()
    assert Client().post(path, {"form": str(uuid4())}).status_code == 200
    assert ContactPoint.objects.filter(kind="email").count() == 2


def test_a_mobile_number_is_confirmed_by_text(opened):
    answer = post(opened, "mobile", value="07700 900456")
    assert answer.status_code == 200
    new = Notice.objects.get(template__key="confirm-address")
    facts, _ = mail(new)
    assert (new.channel, facts.destination.as_text()) == ("sms", "+447700900456")
    Client().post(confirm_path(ContactChange.objects.get()), {"form": str(uuid4())})
    point = ContactPoint.objects.get(kind="mobile", is_primary=True)
    assert point.value == "+447700900456"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value": "ada@new.example.com", "again": "ada@old.example.com"}, "differ"),
        ({"value": "no address", "again": "no address"}, "name@example.com"),
        ({"value": "x" * 1_000_000, "again": "x"}, "shorter"),
        ({"value": "a\0@b.example", "again": "a\0@b.example"}, "id_value"),
        ({"value": "<script>alert(1)</script>", "again": "x"}, "name@example.com"),
        ({"value": "ada.lovelace@example.com"} | {"again": "ADA.lovelace@example.com"},
         "already"),
    ],
)  # fmt: skip
def test_what_is_no_new_address_is_said_and_not_kept(opened, fields, said):
    answer = post(opened, "email", **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert not ContactChange.objects.exists()


def test_an_address_that_stopped_us_is_not_written_to(opened):
    suppress(
        channel="email",
        address="ada@new.example.com",
        reason="complaint",
        source="test",
        now=timezone.now(),
    )
    assert "cannot write there" in new_email(opened).content.decode()


def test_a_link_does_not_let_strangers_be_written_to_all_day(opened):
    for n in range(3):
        assert new_email(opened, f"a{n}@new.example.com").status_code == 200
    assert "several times today" in new_email(opened).content.decode()
    assert ContactChange.objects.count() == 3


def test_the_same_new_address_posted_twice_is_one_mail(opened):
    form = str(uuid4())
    for _ in range(2):
        assert new_email(opened, form=form).status_code == 200
    assert Notice.objects.filter(template__key="confirm-address").count() == 1


def test_a_landline_cannot_be_confirmed_by_text(opened):
    answer = post(opened, "mobile", value="+44 1632 960001")
    assert answer.status_code == 422
    assert not ContactChange.objects.exists()


def test_without_a_provider_for_texts_no_number_is_asked_for(opened, settings):
    settings.CHANNELS = {"email": "sandbox", "letter": "print_room"}
    assert "/mobile" not in page(opened)
    assert Client().get(f"/p/{opened.token}/mobile").status_code == 404


def test_what_staff_must_put_right_reaches_them_once(opened):
    fields = {"form": str(uuid4()), "value": "3 Park Row\r\n<script>x</script>"}
    for _ in range(2):
        assert post(opened, "details", **fields).status_code == 200
    reply = Reply.objects.get()
    assert (reply.customer, reply.state) == (opened.customer, "open")
    assert "3 Park Row" in reply.text
    assert not opened.customer.holds.exists()


# Tokens ----------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_wrong_expired_revoked_and_other_doors_look_the_same(opened, part):
    late = open_notice(now=timezone.now() - dt.timedelta(days=31))
    revoked = open_notice()
    revoke_links([revoked.customer.pk], now=timezone.now())
    new_email(opened)
    confirm = confirm_path(ContactChange.objects.get()).rpartition("/")[2]
    stop = stop_url(opened.notice).rpartition("/")[2]
    tokens = ["0" * 26, late.token, revoked.token, confirm, stop, opened.token[:-1]]
    for method in ("get", "post"):
        found = {
            (one.status_code, one.content)
            for token in tokens
            for one in [getattr(Client(), method)(f"/p/{token}{part}")]
        }
        assert len(found) == 1
        assert next(iter(found))[0] == 404


def test_a_preference_link_confirms_nothing(opened):
    new_email(opened)
    assert (
        Client().post(f"/a/{opened.token}", {"form": str(uuid4())}).status_code == 404
    )
    store_notice_links([("ANOTHERREF01", make_customer().pk)], now=timezone.now())
    other = mint("ANOTHERREF01").token
    assert Client().post(f"/a/{other}", {"form": str(uuid4())}).status_code == 404
    assert not ContactChange.objects.filter(confirmed_at__isnull=False).exists()


def test_one_customers_form_does_not_answer_anothers(opened):
    form = str(uuid4())
    new_email(opened, form=form)
    other = open_notice(email="bob@example.com")
    assert new_email(other, form=form).status_code == 200
    assert post(other, "details", form=form, value="x").status_code == 200
    assert post(opened, "details", form=form, value="x").status_code == 200
    assert Reply.objects.count() == ContactChange.objects.count() == 2
    assert not Preference.objects.exists()


def test_looking_thrice_at_everything_keeps_nothing(opened):
    for part in PARTS:
        for _ in range(3):
            Client().get(f"/p/{opened.token}{part}")
            Client().head(f"/p/{opened.token}{part}")
    assert not PreferenceChange.objects.exists()
    assert not ContactWish.objects.exists()
    assert not ContactChange.objects.exists()
