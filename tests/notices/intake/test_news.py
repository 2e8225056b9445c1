"""What providers say of a message: in any order, twice, and before our own commit."""

from __future__ import annotations

import datetime as dt
import json
from itertools import permutations
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.fingerprints import fingerprint_of
from consent.models import ConsentState, Suppression
from customers.models import Customer
from notices.claims import sweep
from notices.intake import work
from notices.lanes import reserve
from notices.models import (
    Attempt,
    DeliveryEvent,
    Notice,
    ProviderCall,
    ProviderLane,
)
from notices.states import State
from tests.factories import (
    NOW,
    make_attempt,
    make_consent,
    make_customer,
    make_notice,
)
from tests.notices.intake.calling import (
    PHONE,
    brevo,
    mailgun,
    mailgun_event,
    mailjet,
    mailjet_event,
    postmark,
    postmark_bounce,
    postmark_complaint,
    postmark_delivery,
    read,
    ses,
    ses_bounce,
    sns_message,
    text_status,
)
from tests.notices.passing import state_of

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"


def sent(channel: str = "email", state: str = State.SENT, **fields: Any) -> Notice:
    """Return a notice that was handed over to Alice."""
    customer = fields.pop("customer", None) or make_customer(email=ALICE, mobile=PHONE)
    notice = make_notice(customer, channel=channel, state=state, **fields)
    make_attempt(notice, destination=ALICE if channel == "email" else PHONE)
    return notice


def stop_of(channel: str, address: str) -> str:
    listed = Suppression.objects.filter(
        channel=channel, fingerprint=fingerprint_of(address)
    ).first()
    return listed.reason if listed else ""


@pytest.mark.parametrize("provider", ["postmark", "ses", "mailgun", "brevo", "mailjet"])
def test_a_hard_bounce_fails_the_notice_and_stops_the_address(provider: str) -> None:
    notice = sent()
    calls = {
        "postmark": lambda: postmark(postmark_bounce(notice.reference)),
        "ses": lambda: ses(sns_message(ses_bounce(notice.reference))),
        "mailgun": lambda: mailgun(mailgun_event(notice.reference)),
        "brevo": lambda: brevo(notice.reference, "hard_bounce"),
        "mailjet": lambda: mailjet(
            mailjet_event(notice.reference, "bounce", hard_bounce=True)
        ),
    }

    assert calls[provider]().status_code == 200
    assert read() == {"done": 1}

    assert state_of(notice) == (State.FAILED, "hard_bounce")
    assert stop_of("email", ALICE) == "hard_bounce"
    event = DeliveryEvent.objects.get()
    assert (event.provider, event.kind) == (provider, "hard_bounce")


@pytest.mark.parametrize("provider", ["ses", "brevo", "mailjet"])
def test_a_soft_bounce_stops_nothing(provider: str) -> None:
    notice = sent()
    {
        "ses": lambda: ses(sns_message(ses_bounce(notice.reference, "Transient", ""))),
        "brevo": lambda: brevo(notice.reference, "soft_bounce"),
        "mailjet": lambda: mailjet(
            mailjet_event(notice.reference, "bounce", hard_bounce=False)
        ),
    }[provider]()
    read()

    assert state_of(notice) == (State.FAILED, "soft_bounce")
    assert not Suppression.objects.exists()


def test_three_soft_bounces_in_a_month_stop_an_address_for_a_month() -> None:
    customer = make_customer(email=ALICE)
    for day in range(3):
        notice = sent(customer=customer)
        at = f"2026-03-1{day}T10:00:00Z"
        postmark(postmark_bounce(notice.reference, "SoftBounce", BouncedAt=at))
        assert stop_of("email", ALICE) == ""
        take_at(dt.datetime(2026, 3, 13, tzinfo=dt.UTC))

    assert stop_of("email", ALICE) == "soft_limit"


def take_at(now: dt.datetime) -> None:
    """Let the worker read what came in as of a day of the past."""
    ProviderCall.objects.update(not_before=now, received_at=now)
    work.take(clock=lambda: now)


def test_soft_bounces_of_another_month_do_not_count() -> None:
    customer = make_customer(email=ALICE)
    for month in range(1, 4):
        notice = sent(customer=customer)
        at = f"2026-0{month}-01T10:00:00Z"
        postmark(postmark_bounce(notice.reference, "SoftBounce", BouncedAt=at))
        take_at(dt.datetime(2026, month, 2, tzinfo=dt.UTC))

    assert not Suppression.objects.exists()


def test_a_complaint_stops_the_address_and_leaves_the_delivery_as_it_was() -> None:
    notice = sent(state=State.DELIVERED)
    postmark(postmark_complaint(notice.reference))
    read()

    assert state_of(notice) == (State.DELIVERED, "")
    assert stop_of("email", ALICE) == "complaint"


def test_a_delivery_is_noted_with_its_time() -> None:
    notice = sent()
    postmark(postmark_delivery(notice.reference))
    read()

    assert state_of(notice) == (State.DELIVERED, "")
    assert notice.delivered_at == dt.datetime(2026, 3, 10, 10, 0, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("order", list(permutations(["delivered", "bounced", "again"])))
def test_an_e_mail_that_bounced_has_bounced_in_any_order(order: Any) -> None:
    notice = sent()
    for what in order:
        if what == "delivered":
            postmark(postmark_delivery(notice.reference))
        else:
            # The same event in another envelope, as a provider's retry may be.
            postmark(postmark_bounce(notice.reference, CanActivate=what == "again"))
        read()

    assert state_of(notice) == (State.FAILED, "hard_bounce")
    assert notice.delivery_events.count() == 2


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "queued"])))
def test_texts_are_delivered_in_whatever_order_that_is_told(order: Any) -> None:
    notice = sent("sms")
    for status in order:
        text_status(notice.reference, status)
    read()

    assert state_of(notice) == (State.DELIVERED, "")
    assert notice.delivery_events.count() == 1


def test_a_text_that_arrived_does_not_fail_later() -> None:
    notice = sent("sms")
    text_status(notice.reference, "delivered")
    read()
    text_status(notice.reference, "undelivered", "30003")
    read()

    assert state_of(notice) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    ("code", "reason", "stop"),
    [
        ("30005", "hard_bounce", "invalid"),
        ("30006", "landline", "invalid"),
        ("30003", "soft_bounce", ""),
        ("30004", "carrier_blocked", "soft_limit"),
        ("30007", "sender_fault", ""),
        ("30034", "sender_fault", ""),
        ("30001", "provider_busy", ""),
        ("30036", "window_passed", ""),
        ("31999", "soft_bounce", ""),
    ],
)
def test_a_text_fails_for_its_own_reason(code: str, reason: str, stop: str) -> None:
    notice = sent("sms")
    text_status(notice.reference, "undelivered", code)
    read()

    assert state_of(notice) == (State.FAILED, reason)
    assert stop_of("sms", PHONE) == stop


def test_a_fault_of_our_sender_closes_the_lane_and_not_the_person() -> None:
    reserve("twilio", 1)
    notice = sent("sms")
    text_status(notice.reference, "undelivered", "30007")
    read()

    assert reserve("twilio", 1).messages == 0
    assert "30007" in ProviderLane.objects.get().reason
    assert not Suppression.objects.exists()


def test_a_code_nobody_knows_is_told_to_staff(caplog: Any) -> None:
    notice = sent("sms")
    text_status(notice.reference, "failed", "39999")
    read()

    assert "39999" in caplog.text
    assert PHONE not in caplog.text


def test_twilios_word_that_somebody_stopped_is_a_stop_of_theirs() -> None:
    customer = make_customer(mobile=PHONE)
    make_consent(customer, subject="sms")
    notice = sent("sms", customer=customer)
    waiting = make_notice(customer, channel="sms")
    text_status(notice.reference, "failed", "21610")
    read()

    assert stop_of("sms", PHONE) == "stop"
    consent = ConsentState.objects.get(customer=customer, subject="sms")
    assert (consent.state, consent.event.method) == ("withdrawn", "provider")
    assert state_of(waiting) == (State.SUPPRESSED, "SUPP_STOP")


def test_an_unsubscription_at_the_provider_is_a_withdrawal() -> None:
    customer = make_customer(email=ALICE)
    notice = sent(customer=customer)
    event = mailgun_event(notice.reference, "unsubscribed", severity=None, reason=None)
    mailgun(event)
    read()

    assert stop_of("email", ALICE) == "unsub_all"
    assert ConsentState.objects.get(customer=customer).state == "withdrawn"


def test_opens_and_clicks_are_no_news() -> None:
    notice = sent()
    mailgun(mailgun_event(notice.reference, "opened", severity=None, reason=None))

    assert read() == {"done": 1}
    assert state_of(notice) == (State.SENT, "")
    assert not DeliveryEvent.objects.exists()


def test_a_bounce_of_a_mail_that_is_not_ours_still_stops_the_address() -> None:
    postmark(postmark_bounce("", Metadata={}, Email="Someone@Example.com"))

    assert read() == {"done": 1}
    assert stop_of("email", "someone@example.com") == "hard_bounce"


def test_a_batch_of_events_is_acted_on_one_by_one() -> None:
    first = sent()
    second = sent(customer=make_customer(email="bob@example.com"))
    mailjet(
        mailjet_event(first.reference, "sent"),
        mailjet_event(
            second.reference, "bounce", hard_bounce=True, email="bob@example.com"
        ),
        mailjet_event("NOTOURS", "open"),
    )
    read()

    assert state_of(first) == (State.DELIVERED, "")
    assert state_of(second) == (State.FAILED, "hard_bounce")


# Before our own commit


def in_hand() -> Notice:
    """Return a notice whose worker is on the wire and has not said what came of it."""
    notice = make_notice(
        make_customer(email=ALICE),
        state=State.HANDING_OFF,
        lease_until=timezone.now() + dt.timedelta(minutes=10),
    )
    make_attempt(notice, destination=ALICE, finished_at=None, result="unknown")
    return notice


def again() -> dict[str, int]:
    """Let the worker read again what it had put off for some seconds."""
    now = timezone.now() + dt.timedelta(seconds=6)
    return dict(work.take(clock=lambda: now))


def test_a_word_that_beats_our_own_commit_waits_for_it() -> None:
    notice = in_hand()
    postmark(postmark_bounce(notice.reference))

    for _ in range(8):
        assert again() == {"waits": 1}
        ProviderCall.objects.update(not_before=NOW)
    assert not DeliveryEvent.objects.exists()

    Notice.objects.filter(pk=notice.pk).update(
        state=State.SENT, sent_at=NOW, claim_token=None, lease_until=None
    )
    assert again() == {"done": 1}
    assert state_of(notice) == (State.FAILED, "hard_bounce")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("delivered", State.DELIVERED),
        ("bounced", State.FAILED),
        ("complained", State.DELIVERED),
    ],
)
def test_the_word_of_a_provider_resolves_what_a_dead_worker_left(
    told: str, expected: State
) -> None:
    notice = in_hand()
    event = {
        "delivered": postmark_delivery,
        "bounced": postmark_bounce,
        "complained": postmark_complaint,
    }[told](notice.reference)
    postmark(event)
    assert again() == {"waits": 1}

    # The database counts from the beginning of the transaction of this test.
    Notice.objects.update(lease_until=timezone.now() - dt.timedelta(hours=1))
    assert sweep().unknown == (notice.pk,)
    ProviderCall.objects.update(not_before=NOW)
    read()

    assert state_of(notice)[0] == expected
    assert notice.sent_at == NOW
    attempt = Attempt.objects.get()
    assert (attempt.result, bool(attempt.finished_at)) == ("accepted", True)


def test_that_twilio_took_a_text_resolves_an_unknown_one() -> None:
    notice = make_notice(
        make_customer(mobile=PHONE), channel="sms", state=State.UNKNOWN
    )
    make_attempt(notice, destination=PHONE, finished_at=None, result="unknown")
    text_status(notice.reference, "sent")
    read()

    assert state_of(notice)[0] == State.SENT


def test_a_notice_that_arrived_is_not_tried_again() -> None:
    notice = sent(state=State.SCHEDULED)
    postmark(postmark_delivery(notice.reference))
    read()

    assert state_of(notice) == (State.HELD, "ARRIVED_AFTER_ALL")


# What cannot be read


@pytest.mark.parametrize(
    "body",
    [
        b"not json at all",
        b"{}",
        b"[]",
        b"null",
        b'{"RecordType": "Bounce", "Type": {"a": 1}, "Email": [1]}',
        b'{"RecordType": "Bounce", "Email": "' + b"\\u0000" * 10 + b'"}',
        b'{"RecordType": "Delivery", "DeliveredAt": "9999-99-99"}',
        b"[" * 50_000,
    ],
)
def test_hostile_content_hurts_nobody_else(body: bytes, caplog: Any) -> None:
    from tests.notices.intake.calling import basic, post

    notice = sent()
    post("hooks/postmark/tracking", body, basic())
    postmark(postmark_delivery(notice.reference))

    done = read()

    assert done["done"] >= 1
    assert state_of(notice)[0] == State.DELIVERED


def test_what_cannot_be_read_is_left_to_staff_in_the_end(caplog: Any) -> None:
    postmark({"RecordType": "Bounce", "Email": 5, "BouncedAt": {"a": ALICE}})
    for day in range(10):
        now = timezone.now() + dt.timedelta(days=day)
        work.take(clock=lambda now=now: now)

    call = ProviderCall.objects.get()
    assert (call.state, bool(bytes(call.body))) == ("failed", True)
    assert ALICE not in caplog.text


def test_what_was_read_is_not_kept() -> None:
    postmark(postmark_delivery(sent().reference))
    read()

    call = ProviderCall.objects.get()
    assert (call.state, call.body) == ("done", None)


def test_the_words_of_a_mail_server_are_kept_without_the_address() -> None:
    notice = sent()
    ses(sns_message(ses_bounce(notice.reference)))
    read()

    event = DeliveryEvent.objects.get()
    assert "5.1.1" in event.raw["answer"]
    assert ALICE not in json.dumps(event.raw)


def test_old_calls_are_forgotten_and_their_events_are_not() -> None:
    from notices.actions import sweep_intake

    notice = sent()
    postmark(postmark_delivery(notice.reference))
    read()
    postmark(postmark_bounce(notice.reference))

    assert sweep_intake(now=timezone.now() + dt.timedelta(days=31)) == 1

    assert ProviderCall.objects.get().state == "new"
    assert notice.delivery_events.count() == 1


def test_a_soft_limit_ends_after_a_month_and_gives_way_to_what_does_not() -> None:
    from consent.actions import suppress
    from notices.actions import sweep_intake

    def stop(address: str, reason: str) -> None:
        suppress(channel="email", address=address, reason=reason, source="", now=NOW)

    stop(ALICE, "soft_limit")
    stop("bob@example.com", "soft_limit")
    stop("bob@example.com", "hard_bounce")
    stop("bob@example.com", "soft_limit")

    sweep_intake(now=NOW + dt.timedelta(days=29))
    assert stop_of("email", ALICE) == "soft_limit"
    sweep_intake(now=NOW + dt.timedelta(days=31))

    assert stop_of("email", ALICE) == ""
    assert stop_of("email", "bob@example.com") == "hard_bounce"
    assert not Customer.objects.exists()


def test_two_workers_never_act_on_one_call() -> None:
    from notices.intake import calls

    notice = sent()
    postmark(postmark_bounce(notice.reference, "SoftBounce"))
    now = timezone.now()
    first = calls.claim(now=now)
    assert calls.claim(now=now) == []
    # The first is slow beyond its lease, and a second takes the call.
    second = calls.claim(now=now + dt.timedelta(minutes=3))

    assert list(work._read(second, now)) == ["done"]
    assert list(work._read(first, now)) == ["taken"]
    assert DeliveryEvent.objects.count() == 1


def test_what_kills_its_workers_is_left_to_staff() -> None:
    postmark(postmark_delivery(sent().reference))
    ProviderCall.objects.update(tries=work.MOST_TRIES)

    assert read() == {"failed": 1}


def test_a_batch_of_deliveries_costs_the_same_however_large(
    django_assert_num_queries: Any,
) -> None:
    def batch(size: int) -> None:
        for _ in range(size):
            postmark(postmark_delivery(sent().reference))

    batch(1)
    with CaptureQueriesContext(connection) as one:
        read()
    cost = len(one)
    batch(12)
    with django_assert_num_queries(cost):
        assert read() == {"done": 12}

    assert Notice.objects.filter(state=State.DELIVERED).count() == 13
    assert DeliveryEvent.objects.count() == 13


def test_a_delivery_told_twice_in_one_batch_is_one() -> None:
    notice = sent()
    postmark(postmark_delivery(notice.reference))
    postmark(postmark_delivery(notice.reference, Tag="again"))

    assert read() == {"done": 2}
    assert notice.delivery_events.count() == 1
    assert state_of(notice) == (State.DELIVERED, "")


def test_deliveries_that_meet_another_worker_are_taken_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def deadlock(*_: object) -> None:
        raise OperationalError("deadlock detected")

    notice = sent()
    postmark(postmark_delivery(notice.reference))
    monkeypatch.setattr("notices.intake.bulk._note", deadlock)

    assert read() == {"done": 1}
    assert state_of(notice) == (State.DELIVERED, "")


def test_among_deliveries_a_bounce_and_a_notice_in_hand_are_seen() -> None:
    first, bounced, busy = sent(), sent(), in_hand()
    for one in (first, busy):
        postmark(postmark_delivery(one.reference))
    postmark(postmark_bounce(bounced.reference))

    assert read() == {"done": 2, "waits": 1}
    assert state_of(first)[0] == State.DELIVERED
    assert state_of(bounced)[0] == State.FAILED
    assert state_of(busy)[0] == State.HANDING_OFF


def test_an_absence_notice_through_amazon_leaves_a_delivered_mail_delivered() -> None:
    notice = sent()
    Notice.objects.filter(pk=notice.pk).update(state=State.DELIVERED)
    event = ses_bounce(notice.reference, "Transient")
    # No mail server reported anything: it is an answer of the mailbox.
    for fact in ("action", "status", "diagnosticCode"):
        del event["bounce"]["bouncedRecipients"][0][fact]

    ses(sns_message(event))
    read()

    assert state_of(notice) == (State.DELIVERED, "")
    assert not Suppression.objects.exists()
