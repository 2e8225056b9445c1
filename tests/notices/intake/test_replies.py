"""What customers write back: STOP at once, one confirmation, and staff for the rest."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from consent.actions import suppress
from consent.fingerprints import fingerprint_of
from consent.models import ConsentState, Suppression
from customers.models import Customer, Hold
from notices.actions import finish_reply, match_reply, ring
from notices.dispatch import drain
from notices.intake import work
from notices.models import Notice, ProviderCall, Reply, SandboxMessage
from notices.outbound import stop_everything
from notices.starter import install_starters
from notices.states import State
from tests.factories import (
    NOW,
    make_attempt,
    make_brand,
    make_consent,
    make_contact_point,
    make_customer,
    make_notice,
    make_policy,
)
from tests.notices.intake.calling import (
    PHONE,
    basic,
    mailgun_signature,
    post,
    postmark,
    postmark_mail,
    read,
    ses,
    sns_message,
    text_from,
)

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"


@pytest.fixture
def alice() -> Customer:
    """Return Alice, who gets our e-mails and texts."""
    alice = make_customer(name="Alice Late", email=ALICE, mobile=PHONE)
    make_consent(alice, subject="sms")
    return alice


@pytest.fixture
def texted(alice: Customer) -> Notice:
    """Return a text that went to Alice, in a house that has its answers."""
    install_starters(["en"])
    notice = make_notice(alice, channel="sms", state=State.SENT)
    make_attempt(notice, destination=PHONE)
    return notice


@pytest.fixture
def mailed(alice: Customer) -> Notice:
    """Return an e-mail that went to Alice."""
    notice = make_notice(alice, state=State.SENT)
    make_attempt(notice, destination=ALICE)
    return notice


def answers(kind: str = "stop_confirmation") -> list[Notice]:
    return list(Notice.objects.filter(kind=kind))


def stopped(channel: str, address: str) -> bool:
    return Suppression.objects.filter(
        channel=channel, fingerprint=fingerprint_of(address)
    ).exists()


def consent(customer: Customer, subject: str) -> str:
    return ConsentState.objects.get(customer=customer, subject=subject).state


def mail(text: str, notice: Notice | None = None, **more: Any) -> Reply | None:
    """Let Alice write an e-mail, let the worker read it, and return the reply."""
    headers = list(more.pop("headers", ()))
    if notice is not None:
        ours = f"<{notice.reference}.1@northwind.example>"
        headers += [("In-Reply-To", ours), ("References", f"<a@b> {ours}")]
    assert postmark(postmark_mail(text, headers=headers, **more), "inbound")
    read()
    return Reply.objects.order_by("-pk").first()


# STOP


@pytest.mark.parametrize("words", ["STOP", "stop please", "Stopp!", "OPT OUT"])
def test_a_stop_is_obeyed_at_once(texted: Notice, words: str) -> None:
    waiting = make_notice(texted.customer, channel="sms")
    by_mail = make_notice(texted.customer)
    required = make_notice(texted.customer, channel="sms", legal="writing")
    text_from(words)
    read()

    assert stopped("sms", PHONE)
    assert consent(texted.customer, "sms") == "withdrawn"
    for notice, expected in (
        (waiting, (State.SUPPRESSED, "SUPP_STOP")),
        (required, (State.HELD, "SUPP_STOP")),
        (by_mail, (State.SCHEDULED, "")),
    ):
        notice.refresh_from_db()
        assert (notice.state, notice.reason) == expected


def test_a_stop_is_dealt_with_and_holds_nothing(texted: Notice) -> None:
    text_from("STOP")
    read()

    reply = Reply.objects.get()
    assert (reply.classified, reply.state, reply.handled_by) == ("stop", "done", "Duly")
    assert reply.customer == texted.customer
    assert reply.notice == texted
    assert not Hold.objects.exists()


def test_everybody_who_shares_the_phone_is_left_alone(texted: Notice) -> None:
    bob = make_customer(mobile=PHONE)
    make_consent(bob, subject="sms")
    text_from("STOP")
    read()

    assert consent(bob, "sms") == "withdrawn"


def test_a_stop_of_a_number_nobody_has_still_stops_it() -> None:
    text_from("STOP")
    read()

    assert stopped("sms", PHONE)
    assert Reply.objects.get().customer is None


def test_a_consent_dated_tomorrow_does_not_outlive_a_stop_of_today(
    texted: Notice,
) -> None:
    tomorrow = timezone.now().date() + dt.timedelta(days=1)
    make_consent(texted.customer, subject="sms", on=tomorrow)
    text_from("STOP")
    read()

    assert consent(texted.customer, "sms") == "withdrawn"


# The one confirmation


@pytest.fixture
def we_confirm(settings: Any) -> None:
    """Let the provider answer nothing by itself."""
    settings.PROVIDER_ANSWERS_KEYWORDS = False
    settings.CHANNELS = {**settings.CHANNELS, "sms": "sandbox"}


def send_answers(after: dt.timedelta = dt.timedelta(seconds=1)) -> None:
    for notice in answers() + answers("help_reply"):
        now = timezone.now() + after
        drain(stream_id=notice.stream_id, channel="sms", clock=lambda now=now: now)


def test_a_stop_is_confirmed_exactly_once(texted: Notice, we_confirm: None) -> None:
    for number in range(3):
        text_from("STOP", sid=str(number))
        read()
    send_answers()

    confirmation = Notice.objects.get(kind="stop_confirmation")
    assert (confirmation.state, confirmation.reason) == (State.DELIVERED, "")
    texts = SandboxMessage.objects.values_list("destination", flat=True)
    assert list(texts).count(PHONE) == 1


def test_a_confirmation_says_what_happens_now(texted: Notice, we_confirm: None) -> None:
    from notices.copies import unpack

    text_from("STOP")
    read()
    send_answers()

    words = unpack(answers()[0].sent_copy).decode()
    assert words.startswith("Northwind Energy: STOP received. You will get no more")


def test_after_five_minutes_a_confirmation_is_not_sent(
    texted: Notice, we_confirm: None
) -> None:
    text_from("STOP")
    read()
    send_answers(after=dt.timedelta(minutes=5, seconds=5))

    assert answers()[0].state in {State.EXPIRED, State.SUPPRESSED}
    assert not SandboxMessage.objects.exists()


def test_a_paused_campaign_does_not_hold_a_confirmation(
    texted: Notice, we_confirm: None
) -> None:
    texted.stream.state = "paused"
    texted.stream.save()
    text_from("STOP")
    read()
    send_answers()

    assert SandboxMessage.objects.count() == 1


def test_night_does_not_hold_a_confirmation(texted: Notice, we_confirm: None) -> None:
    policy = make_policy(quiet_start=dt.time(8), quiet_end=dt.time(8, 1))
    type(texted.stream).objects.filter(pk=texted.stream_id).update(policy=policy)
    text_from("STOP")
    read()
    send_answers()

    assert SandboxMessage.objects.count() == 1


def test_what_the_provider_answers_itself_is_left_to_it(texted: Notice) -> None:
    text_from("Stop.")
    read()

    assert stopped("sms", PHONE)
    assert answers() == []


def test_what_the_provider_does_not_understand_is_confirmed_by_us(
    texted: Notice,
) -> None:
    text_from("Stop please")
    read()

    assert len(answers()) == 1


def test_what_the_provider_made_of_a_word_of_its_own_list_counts(
    texted: Notice,
) -> None:
    text_from("NIGHTINGALE", OptOutType="STOP")
    read()

    assert stopped("sms", PHONE)
    assert answers() == []


def test_without_a_published_wording_staff_are_told(
    alice: Customer, caplog: Any
) -> None:
    make_brand()
    text_from("Stop please")
    read()

    assert stopped("sms", PHONE)
    assert "stop-confirmation" in caplog.text


# START and HELP


def test_start_takes_back_a_stop_and_nothing_else(texted: Notice) -> None:
    text_from("STOP")
    read()
    text_from("START")
    read()

    assert not stopped("sms", PHONE)
    assert consent(texted.customer, "sms") == "granted"


def test_start_does_not_take_back_what_staff_stopped(texted: Notice) -> None:
    suppress(channel="sms", address=PHONE, reason="manual", source="staff", now=NOW)
    text_from("START")
    read()

    assert stopped("sms", PHONE)


def test_a_yes_permits_nothing_while_no_question_is_open(texted: Notice) -> None:
    text_from("STOP")
    read()
    text_from("Yes")
    read()

    assert stopped("sms", PHONE)
    assert consent(texted.customer, "sms") == "withdrawn"


def test_help_is_given_once_a_day(texted: Notice, we_confirm: None) -> None:
    for number in range(3):
        text_from("HELP", sid=str(number))
    read()
    send_answers()

    assert len(answers("help_reply")) == 1
    assert answers("help_reply")[0].state == State.DELIVERED
    assert set(Reply.objects.values_list("state", flat=True)) == {"done"}


def test_somebody_who_stopped_may_still_ask_for_help(
    texted: Notice, we_confirm: None
) -> None:
    text_from("STOP")
    read()
    text_from("HELP")
    read()
    send_answers()

    assert answers("help_reply")[0].state == State.DELIVERED


# What staff must read


def test_a_reply_holds_the_ladder_until_staff_have_answered(texted: Notice) -> None:
    text_from("I paid last week, look again.")
    read()

    reply = Reply.objects.get()
    hold = Hold.objects.get()
    assert (reply.state, reply.hold) == ("open", hold)
    assert (hold.reason, hold.customer, hold.ends_on) == (
        "reply",
        texted.customer,
        None,
    )

    now = timezone.now()
    assert finish_reply(reply=reply, by="adam", now=now)

    hold.refresh_from_db()
    assert (hold.ends_on, hold.lifted_by) == (now.date(), "adam")
    assert not finish_reply(reply=reply, by="vera", now=now)
    assert Reply.objects.get().handled_by == "adam"


def test_the_hold_stands_until_the_last_reply_is_answered(texted: Notice) -> None:
    text_from("I paid.")
    text_from("Did you get my message?")
    read()
    first, second = Reply.objects.order_by("pk")

    assert Hold.objects.count() == 1
    finish_reply(reply=first, by="adam", now=timezone.now())
    assert Hold.objects.get().ends_on is None
    finish_reply(reply=second, by="adam", now=timezone.now())
    assert Hold.objects.get().ends_on is not None


def test_a_doubtful_wish_to_be_left_alone_is_obeyed_and_shown(texted: Notice) -> None:
    text_from("This is the wrong number, I am not Alice")
    read()

    reply = Reply.objects.get()
    assert (reply.classified, reply.state) == ("maybe_stop", "open")
    assert stopped("sms", PHONE)


def test_a_reply_of_a_stranger_waits_for_a_customer(alice: Customer) -> None:
    text_from("Who are you?", From="+447700900555")
    read()
    reply = Reply.objects.get()
    assert (reply.customer, reply.hold) == (None, None)

    assert match_reply(reply=reply, customer=alice, now=timezone.now())
    assert not match_reply(reply=reply, customer=alice, now=timezone.now())

    reply.refresh_from_db()
    assert (reply.customer, reply.hold.customer) == (alice, alice)


def test_the_same_text_twice_is_one_reply(texted: Notice) -> None:
    text_from("Hello?")
    text_from("Hello?")
    read()

    assert Reply.objects.count() == 1


def test_photographs_are_counted_and_not_kept(texted: Notice) -> None:
    text_from("See here", NumMedia="2", MediaUrl0="https://api.twilio.com/x")
    read()

    assert Reply.objects.get().attachments == 2


# By e-mail


def test_a_mail_is_threaded_to_the_message_it_answers(mailed: Notice) -> None:
    other = make_notice(mailed.customer, state=State.SENT, sent_at=NOW)
    reply = mail("When is it due?", mailed, From="alice.work@example.org")

    assert reply is not None
    assert (reply.notice, reply.customer) == (mailed, mailed.customer)
    assert (reply.channel, reply.state, reply.classified) == ("email", "open", "other")
    assert other.replies.count() == 0


def test_a_mail_without_a_thread_is_known_by_its_sender(mailed: Notice) -> None:
    reply = mail("When is it due?")

    assert reply is not None
    assert (reply.notice, reply.customer) == (mailed, mailed.customer)


def test_our_own_words_below_a_reply_are_not_theirs(mailed: Notice) -> None:
    reply = mail(
        "Thank you, paid today.\n\nOn Tue, 10 Mar 2026 at 10:00, Northwind "
        "<billing@northwind.example> wrote:\n> Your bill is late.\n> Reply STOP to "
        "stop these messages, or unsubscribe here.\n"
    )

    assert reply is not None
    assert (reply.text, reply.classified) == ("Thank you, paid today.", "other")
    assert not Suppression.objects.exists()


def test_a_stop_by_mail_stops_mail_to_both_addresses(mailed: Notice) -> None:
    waiting = make_notice(mailed.customer)
    reply = mail(
        "Unsubscribe\n\n> Your bill is late.",
        mailed,
        FromFull={"Email": "alice.work@example.org", "Name": ""},
    )

    assert reply is not None
    assert (reply.classified, reply.state) == ("stop", "done")
    assert stopped("email", ALICE)
    assert stopped("email", "alice.work@example.org")
    assert consent(mailed.customer, "e_delivery") == "withdrawn"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (State.SUPPRESSED, "SUPP_UNSUB_ALL")


def test_an_empty_mail_is_judged_by_its_subject(mailed: Notice) -> None:
    reply = mail("", Subject="unsubscribe")

    assert reply is not None
    assert reply.classified == "stop"


def test_the_subject_of_our_own_mail_is_not_theirs(mailed: Notice) -> None:
    reply = mail("", Subject="Re: stop")

    assert reply is not None
    assert reply.classified == "other"


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied")],
        [("X-Autoreply", "yes")],
        [("Precedence", "auto_reply")],
        [("Return-Path", "<>")],
        [("List-Id", "<office.example.com>")],
    ],
)
def test_what_a_machine_wrote_is_nobodys_word(mailed: Notice, headers: Any) -> None:
    mail("I am away. To stop these messages, unsubscribe.", mailed, headers=headers)

    assert not Reply.objects.exists()
    assert not Suppression.objects.exists()
    assert not Hold.objects.exists()


def test_a_mail_that_only_has_html_is_read(mailed: Notice) -> None:
    reply = mail(
        "",
        HtmlBody="<style>p{}</style><p>I pay on <b>Friday</b>.</p>"
        "<blockquote>STOP</blockquote>",
    )

    assert reply is not None
    assert (reply.text, reply.classified) == ("I pay on Friday.", "other")


def test_attachments_of_a_mail_are_counted_and_not_kept(mailed: Notice) -> None:
    file = {"Name": "proof.png", "Content": "QUFB", "ContentType": "image/png"}
    reply = mail("See attached", Attachments=[file, file])

    assert reply is not None
    assert reply.attachments == 2


def test_the_same_mail_twice_is_one_reply(mailed: Notice) -> None:
    mail("Hello?")
    mail("Hello?")

    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x01 nul",
        "\ud800 half a sign",
        "<script>alert(1)</script>",
        "{{ brand.name }} {% include 'x' %}",
        "=HYPERLINK(1)",
        "a" * 200_000,
        ">" * 20_000,
        "\n".join(["On 10:00 a@b wrote:"] * 3_000),
    ],
    ids=range(8),
)
def test_whatever_they_write_can_be_kept(mailed: Notice, text: str) -> None:
    reply = mail(text, Subject=text[:400], From="x" * 5_000)

    assert reply is not None
    assert len(reply.text) <= 20_000


def test_mailgun_hands_on_mails_as_forms(mailed: Notice) -> None:
    boundary = "frontier"
    fields = mailgun_signature() | {
        "sender": ALICE,
        "recipient": "care@northwind.example",
        "from": f"Alice <{ALICE}>",
        "subject": "Re: Your bill",
        "body-plain": "I pay on Friday.",
        "message-headers": f'[["From", "{ALICE}"], ["In-Reply-To", '
        f'"<{mailed.reference}.1@northwind.example>"]]',
    }
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        f"{value}\r\n"
        for name, value in fields.items()
    )
    answer = post(
        "hooks/mailgun/inbound",
        f"{parts}--{boundary}--\r\n".encode(),
        basic(),
        f"multipart/form-data; boundary={boundary}",
    )
    read()

    assert answer.status_code == 200
    assert Reply.objects.get().notice == mailed
    assert Reply.objects.get().text == "I pay on Friday."


def test_amazon_hands_on_mails_whole(mailed: Notice) -> None:
    raw = (
        f"From: {ALICE}\r\nTo: care@northwind.example\r\nSubject: Re: bill\r\n"
        f"In-Reply-To: <{mailed.reference}.1@northwind.example>\r\n\r\n"
        "I pay on Friday.\r\n"
    )
    event = {
        "notificationType": "Received",
        "mail": {"source": ALICE, "messageId": "abc"},
        "receipt": {"recipients": ["care@northwind.example"],
                    "action": {"type": "SNS", "encoding": "UTF-8"}},
        "content": raw,
    }  # fmt: skip
    ses(sns_message(event), "inbound")
    read()

    assert Reply.objects.get().notice == mailed


@pytest.mark.parametrize("provider", ["brevo", "mailjet"])
def test_the_others_hand_on_mails_in_parts(mailed: Notice, provider: str) -> None:
    thread = f"<{mailed.reference}.1@northwind.example>"
    body = {
        "brevo": {
            "items": [
                {
                    "Uuid": ["b5b1"],
                    "Headers": {"From": f"Alice <{ALICE}>", "In-Reply-To": thread},
                    "RawTextBody": "I pay on Friday.",
                    "Attachments": [{"DownloadToken": "t", "Name": "a.png"}],
                }
            ]
        },
        "mailjet": {
            "Sender": ALICE,
            "Recipient": "care@northwind.example",
            "Headers": {"From": f"Alice <{ALICE}>", "In-Reply-To": thread},
            "Parts": [],
            "Text-part": "I pay on Friday.",
        },
    }[provider]
    post(f"hooks/{provider}/inbound", body, basic())
    read()

    reply = Reply.objects.get()
    assert (reply.notice, reply.text) == (mailed, "I pay on Friday.")
    assert reply.attachments == (1 if provider == "brevo" else 0)


def test_two_customers_with_one_address_are_told_apart_by_what_was_sent(
    mailed: Notice,
) -> None:
    bob = make_customer(email=None)
    make_contact_point(bob, value=ALICE)
    reply = mail("Which bill is this?")

    assert reply is not None
    assert reply.customer == mailed.customer


def test_the_intake_wakes_the_worker_of_texts_when_it_has_an_answer(
    texted: Notice, we_confirm: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr(
        "notices.actions.current_app.send_task",
        lambda name, *_, **more: rung.append((name, more["queue"])),
    )
    text_from("STOP")
    work.take(clock=lambda: timezone.now())

    assert ("notices.tasks.drain", "sms") in rung


def test_stops_a_provider_may_not_know_can_be_listed_for_it(
    alice: Customer, tmp_path: Any
) -> None:
    make_customer(mobile="+447700900124")
    suppress(channel="sms", address=PHONE, reason="manual", source="staff", now=NOW)
    suppress(channel="email", address=ALICE, reason="hard_bounce", source="", now=NOW)
    file = tmp_path / "stops.csv"

    said = StringIO()
    call_command("list_stops", channel="sms", to=file, stdout=said)
    assert said.getvalue() == f"Wrote 1 address to {file}.\n"
    assert file.read_text().splitlines()[1:] == [f"{PHONE},manual,{NOW.isoformat()}"]

    call_command("list_stops", channel="email", to=file)
    assert len(file.read_text().splitlines()) == 1


def test_a_start_that_is_read_late_does_not_undo_a_newer_stop() -> None:
    customer = make_customer(mobile=PHONE)
    make_consent(customer, subject="sms")
    notice = make_notice(customer, channel="sms", state=State.SENT)
    make_attempt(notice, destination=PHONE)
    text_from("START")
    later = timezone.now() + dt.timedelta(minutes=1)
    ProviderCall.objects.update(not_before=later)  # a fault put it off
    text_from("STOP")
    read()
    assert Suppression.objects.exists()

    ProviderCall.objects.update(not_before=timezone.now())
    read()

    assert Reply.objects.filter(classified="start").exists()
    assert Suppression.objects.exists()


def test_what_people_tell_is_read_while_everything_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr("notices.intake.calls.ring_now", lambda: rung.append(True))
    stop_everything(by="sam", reason="A wrong price.", now=timezone.now())
    text_from("STOP")
    rung.clear()

    assert ring(now=timezone.now() + dt.timedelta(seconds=20)) == 0

    assert rung
