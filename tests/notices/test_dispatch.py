"""Dispatch: claim, ask again, render, attempt, hand over, record."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection

from consent.actions import suppress
from consent.lawbook import lawbook
from consent.models import ConsentEvent, Suppression
from customers.models import ContactPoint, Customer
from notices import dispatch, readying, record, senders, settling
from notices.actions import (
    cancel_held,
    release_held,
    resolve_unknown,
    set_stream_state,
    sweep_stuck,
)
from notices.claims import claim, sweep
from notices.copies import unpack
from notices.handovers import Handover, Result
from notices.journal import Journal
from notices.kinds import FORMS_OF
from notices.lanes import reserve
from notices.models import (
    Attempt,
    Channel,
    Notice,
    NoticeItem,
    ProviderLane,
    SandboxMessage,
    SentCopy,
    Stream,
)
from notices.readying import make_ready
from notices.record import record_results
from notices.senders import Outgoing, Receipt, SendError
from notices.senders.sandbox import SandboxSender
from notices.starter import install_starters
from notices.states import State
from notices.wire import Wire
from tests.factories import (
    NOW,
    TODAY,
    make_attempt,
    make_consent,
    make_contact_point,
    make_customer,
    make_hold,
    make_invoice,
    make_stream,
    pay,
)
from tests.notices.passing import expire_leases
from tests.notices.test_papers import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> Stream:
    """Return a running stream without caps or quiet hours, letters allowed."""
    install_starters(["en"])
    return make_stream()


def make_reminder(
    stream: Stream, customer: Customer | None = None, **fields: Any
) -> Notice:
    """Return a scheduled reminder about one late invoice, in shipped words."""
    from notices.models import TemplateVersion

    customer = customer or make_customer()
    channel = fields.pop("channel", Channel.EMAIL)
    key = "call" if channel == Channel.CALL else "reminder"
    notice = Notice.objects.create(
        stream=stream,
        customer=customer,
        template=TemplateVersion.objects.get(
            key=key, channel__in=FORMS_OF[channel], language="en"
        ),
        channel=channel,
        planned_on=TODAY,
        dedupe_key=uuid.uuid4().hex,
        not_before=NOW,
        **fields,
    )
    invoice = make_invoice(customer, due_on=TODAY - dt.timedelta(days=10))
    NoticeItem.objects.create(notice=notice, invoice=invoice)
    return notice


def drain(stream: Stream, channel: str = "email", at: dt.datetime = NOW) -> Any:
    """Send what is due of a stream, judged by ``at``."""
    return dispatch.drain(stream_id=stream.pk, channel=channel, clock=lambda: at).moved


def test_a_due_notice_reaches_the_sandbox_once(stream: Stream) -> None:
    notice = make_reminder(stream)

    drain(stream)
    drain(stream)

    notice.refresh_from_db()
    assert notice.state == State.DELIVERED
    assert notice.sent_at == NOW
    assert SandboxMessage.objects.filter(reference=notice.reference).count() == 1


def test_the_stored_copy_is_what_went_over_the_wire(stream: Stream) -> None:
    notice = make_reminder(stream)

    drain(stream)

    copy = SentCopy.objects.get(notice=notice)
    body = unpack(copy)
    kept = SandboxMessage.objects.get(reference=notice.reference)
    assert hashlib.sha256(body).digest() == bytes(copy.sha256) == bytes(kept.sha256)
    assert notice.reference.encode() in body


@pytest.mark.usefixtures("paper_in_sandbox")
@pytest.mark.parametrize("channel", ["email", "sms", "call", "letter"])
def test_every_channel_goes_through_the_same_gate(stream: Stream, channel: str) -> None:
    customer = make_customer(mobile="+447700900123", address=True)
    make_consent(customer, subject="sms")
    notice = make_reminder(stream, customer, channel=channel)

    drain(stream, channel)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.DELIVERED, "")


def test_what_was_paid_after_composing_is_not_sent(stream: Stream) -> None:
    notice = make_reminder(stream)
    invoice = notice.items.get().invoice
    pay(invoice, invoice.amount)

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SUPPRESSED, "ACCT_NOTHING_DUE")
    assert not SandboxMessage.objects.exists()


def test_a_part_payment_lowers_the_sum_and_the_reminder_still_goes(
    stream: Stream,
) -> None:
    notice = make_reminder(stream)
    invoice = notice.items.get().invoice
    pay(invoice, Decimal("1.00"))

    drain(stream)

    notice.refresh_from_db()
    assert notice.state == State.DELIVERED


def test_a_dispute_opened_after_composing_waits_for_tomorrow(stream: Stream) -> None:
    notice = make_reminder(stream)
    make_hold(notice.customer, invoice=notice.items.get().invoice, reason="dispute")

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SCHEDULED, "ACCT_DISPUTE_HOLD")
    assert notice.not_before == NOW + dt.timedelta(days=1)


def test_a_withdrawn_consent_stops_the_mail_in_line(stream: Stream) -> None:
    notice = make_reminder(stream)
    make_consent(notice.customer, state=ConsentEvent.State.WITHDRAWN, on=TODAY)

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SUPPRESSED, "PREF_CATEGORY_OFF")


def test_a_suppressed_address_gets_nothing(stream: Stream) -> None:
    customer = make_customer(email="dead@example.com")
    notice = make_reminder(stream, customer)
    suppress(
        channel="email",
        address="dead@example.com",
        reason="complaint",
        source="test",
        now=NOW,
    )

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SUPPRESSED, "SUPP_COMPLAINT")


def test_nobody_writes_to_the_dead(stream: Stream) -> None:
    notice = make_reminder(stream, make_customer(status="deceased"))

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SUPPRESSED, "PERSON_DECEASED")


def test_quiet_hours_push_a_text_to_the_morning(stream: Stream) -> None:
    stream.policy.quiet_start, stream.policy.quiet_end = dt.time(8), dt.time(20)
    stream.policy.save()
    customer = make_customer(mobile="+447700900123", time_zone="Europe/London")
    make_consent(customer, subject="sms")
    notice = make_reminder(stream, customer, channel="sms")
    night = NOW.replace(hour=23)

    drain(stream, "sms", at=night)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SCHEDULED, "QUIET_HOURS")
    assert notice.not_before == (NOW + dt.timedelta(days=1)).replace(hour=8)


def test_two_notices_in_one_group_share_one_cap(stream: Stream) -> None:
    stream.policy.sms_24h = 1
    stream.policy.save()
    customer = make_customer(mobile="+447700900123")
    make_consent(customer, subject="sms")
    for _ in range(2):
        make_reminder(stream, customer, channel="sms")

    moved = drain(stream, "sms")

    assert moved == {"delivered": 1, "scheduled:CAP_SMS_24H": 1}


def test_a_paused_stream_is_not_claimed(stream: Stream) -> None:
    notice = make_reminder(stream)
    set_stream_state(stream=stream, state=Stream.State.PAUSED)

    drain(stream)

    notice.refresh_from_db()
    assert notice.state == State.SCHEDULED


def hand_over(ids: list[int], token: uuid.UUID) -> None:
    """Take a claimed batch the rest of the way to the sandbox."""
    sender = senders.sender_for("email")
    assert sender is not None
    moved: Counter[str] = Counter()
    ready = make_ready(
        ids, token=token, provider="sandbox", clock=lambda: NOW, moved=moved
    )
    with Journal(settling.journals(), token) as journal, Wire(sender, journal) as wire:
        wire.put(ready, stop_at=float("inf"))
        if results := wire.fetch(least=len(ready), seconds=5):
            record_results(results, token=token, now=NOW)


def test_a_pause_between_claim_and_wire_keeps_the_notice(stream: Stream) -> None:
    notice = make_reminder(stream)
    token = uuid.uuid4()
    ids = claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=token)
    set_stream_state(stream=stream, state=Stream.State.PAUSED)

    hand_over(ids, token)

    notice.refresh_from_db()
    assert notice.state == State.SCHEDULED
    assert not SandboxMessage.objects.exists()
    assert not Attempt.objects.exists()


def test_a_worker_that_lost_its_claim_sends_nothing(stream: Stream) -> None:
    notice = make_reminder(stream)
    token = uuid.uuid4()
    ids = claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=token)
    Notice.objects.filter(pk=notice.pk).update(claim_token=uuid.uuid4())

    hand_over(ids, token)

    assert not SandboxMessage.objects.exists()


def test_a_channel_without_a_provider_holds_its_notices(
    stream: Stream, settings: Any
) -> None:
    settings.CHANNELS = {"email": "sandbox"}
    customer = make_customer(address=True)
    notice = make_reminder(stream, customer, channel="letter")

    drain(stream, "letter")

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.HELD, "NO_PROVIDER")


# What providers answer --------------------------------------------------------


@pytest.mark.parametrize(
    ("mailbox", "state", "reason", "listed"),
    [
        ("delivered", State.DELIVERED, "", ""),
        ("slow", State.DELIVERED, "", ""),
        ("hard-bounce", State.FAILED, "hard_bounce", "hard_bounce"),
        ("hard-bounce+anna", State.FAILED, "hard_bounce", "hard_bounce"),
        ("soft-bounce", State.FAILED, "soft_bounce", ""),
        ("complaint", State.DELIVERED, "", "complaint"),
        ("refused", State.FAILED, "hard_bounce", "hard_bounce"),
    ],
)
def test_magic_addresses_give_their_named_outcome(
    stream: Stream,
    mailbox: str,
    state: State,
    reason: str,
    listed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notices.senders.sandbox.SLOW_SECONDS", 0.01)
    customer = make_customer(email=f"{mailbox}@sandbox.example")
    notice = make_reminder(stream, customer)

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (state, reason)
    assert list(Suppression.objects.values_list("reason", flat=True)) == (
        [listed] if listed else []
    )


class Answering:
    """A provider that always gives one answer."""

    provider = "answering"
    width = 0

    def __init__(self, answer: Receipt | SendError) -> None:
        self.answer = answer
        self.seen: list[Outgoing] = []

    def __enter__(self) -> Answering:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, message: Outgoing) -> Receipt:
        self.seen.append(message)
        if isinstance(self.answer, SendError):
            raise self.answer
        return self.answer


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes the provider give one answer."""

    def use(what: Receipt | SendError) -> Answering:
        provider = Answering(what)
        monkeypatch.setattr("notices.dispatch.sender_for", lambda _: provider)
        return provider

    return use


def test_what_may_pass_later_is_tried_again_after_a_pause(
    stream: Stream, answer: Any
) -> None:
    notice = make_reminder(stream)
    answer(SendError("451"))

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SCHEDULED, "TRYING_AGAIN")
    assert NOW < notice.not_before < NOW + dt.timedelta(minutes=1)
    assert Attempt.objects.get().result == Attempt.Result.TRY_LATER


def test_trying_again_ends_as_a_failure_and_not_in_silence(
    stream: Stream, answer: Any
) -> None:
    notice = make_reminder(stream, tries=7)
    answer(SendError("451"))

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.FAILED, "gave_up")


def test_nobody_knows_is_never_sent_again(stream: Stream, answer: Any) -> None:
    notice = make_reminder(stream)
    provider = answer(SendError("lost", unknown=True))

    drain(stream)
    sweep_stuck()
    drain(stream, at=NOW + dt.timedelta(days=2))

    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN
    assert len(provider.seen) == 1
    assert Attempt.objects.get().finished_at is None


@pytest.mark.parametrize(
    ("told", "becomes"),
    [
        (Receipt("queued as 4711"), State.SENT),
        (SendError("550", permanent=True), State.FAILED),
        (SendError("451"), State.SCHEDULED),
    ],
    ids=["taken", "refused", "later"],
)
def test_an_answer_that_comes_after_the_lease_still_counts(
    stream: Stream, answer: Any, told: Receipt | SendError, becomes: State
) -> None:
    notice = make_reminder(stream)
    provider = answer(told)
    real = provider.send

    def send(message: Outgoing) -> Receipt:
        expire_leases()
        assert sweep().unknown == (notice.pk,)
        return real(message)

    provider.send = send
    drain(stream)

    notice.refresh_from_db()
    assert notice.state == becomes


def test_an_answer_nobody_knows_does_not_open_a_settled_attempt(
    stream: Stream, answer: Any
) -> None:
    notice = make_reminder(stream)
    provider = answer(Receipt("ok"))

    def send(message: Outgoing) -> Receipt:
        expire_leases()
        sweep()
        assert resolve_unknown(notice=notice, arrived=True, by="ada", now=NOW)
        raise SendError("lost", unknown=True)

    provider.send = send
    drain(stream)

    assert Attempt.objects.get().finished_at == NOW


def test_an_answer_after_staff_settled_it_changes_nothing(
    stream: Stream, answer: Any
) -> None:
    notice = make_reminder(stream)
    provider = answer(Receipt("ok"))

    def send(message: Outgoing) -> Receipt:
        expire_leases()
        sweep()
        assert resolve_unknown(notice=notice, arrived=False, by="ada", now=NOW)
        Notice.objects.filter(pk=notice.pk).update(state=State.UNKNOWN)
        return Receipt("ok")

    provider.send = send
    drain(stream)

    # Back in doubt by hand, with its attempt settled: that is what decides.
    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN


def test_staff_can_settle_what_nobody_knew(stream: Stream, answer: Any) -> None:
    notice = make_reminder(stream)
    answer(SendError("lost", unknown=True))
    drain(stream)

    assert resolve_unknown(notice=notice, arrived=True, by="ada", now=NOW)

    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert not resolve_unknown(notice=notice, arrived=False, by="ada", now=NOW)


def test_a_form_that_comes_late_closes_no_attempt_that_is_on_the_wire(
    stream: Stream,
) -> None:
    """The provider had nothing of it, so it went back into line; then the form came."""
    notice = make_reminder(stream)
    make_attempt(notice, number=2, result="unknown", finished_at=None)

    assert not resolve_unknown(notice=notice, arrived=False, by="ada", now=NOW)

    assert Attempt.objects.get().finished_at is None


def test_the_attempt_and_the_bytes_are_written_before_the_wire(
    stream: Stream, answer: Any
) -> None:
    notice = make_reminder(stream)
    provider = answer(Receipt("ok"))
    found: list[tuple[int, int, str]] = []

    def send(message: Outgoing) -> Receipt:
        state = Notice.objects.get(pk=notice.pk).state
        found.append((Attempt.objects.count(), SentCopy.objects.count(), state))
        return Receipt("ok")

    provider.send = send
    drain(stream)

    assert found == [(1, 1, State.HANDING_OFF)]


# Workers that died -------------------------------------------------------------


def test_a_dead_workers_claim_goes_back_into_line(stream: Stream) -> None:
    notice = make_reminder(stream)
    claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=uuid.uuid4())
    expire_leases()

    assert sweep().back_in_line == 1

    drain(stream)
    notice.refresh_from_db()
    assert notice.state == State.DELIVERED


def test_a_slow_worker_begins_nothing_its_lease_does_not_cover(
    stream: Stream, answer: Any, settings: Any
) -> None:
    """Else the sweeper would free for others what this one is about to send."""
    settings.LEASE_SECONDS = 0.2
    for _ in range(3):
        make_reminder(stream)
    provider = answer(Receipt("ok"))

    def slow(message: Outgoing) -> Receipt:
        provider.seen.append(message)
        time.sleep(0.3)
        return Receipt("ok")

    provider.send = slow
    dispatch.drain(channel="email", clock=lambda: NOW, seconds=0.2)

    assert len(provider.seen) <= 1
    back = Notice.objects.filter(state=State.SCHEDULED)
    assert back.count() >= 2
    assert {(one.not_before, one.tries) for one in back} == {(NOW, 0)}
    assert Attempt.objects.count() == len(provider.seen)


def test_a_notice_that_kills_its_workers_ends_with_staff(stream: Stream) -> None:
    notice = make_reminder(stream)
    for _ in range(8):
        claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=uuid.uuid4())
        expire_leases()
        sweep()

    drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.HELD, "TOO_MANY_TRIES")


def test_staff_can_put_a_held_notice_back_or_cancel_it(stream: Stream) -> None:
    back, away = make_reminder(stream), make_reminder(stream)
    held = Notice.objects.filter(pk__in=[back.pk, away.pk])
    held.update(state=State.HELD, reason="TOO_MANY_TRIES", tries=8)

    assert release_held(notice=back, now=NOW)
    assert cancel_held(notice=away)
    drain(stream)

    assert [one.state for one in held.order_by("pk")] == [
        State.DELIVERED,
        State.CANCELLED,
    ]
    assert not release_held(notice=away, now=NOW)


def test_waiting_for_a_hold_is_no_try(stream: Stream) -> None:
    notice = make_reminder(stream)
    hold = make_hold(notice.customer, reason="promise")

    for days in range(12):
        drain(stream, at=NOW + dt.timedelta(days=days))
    hold.delete()
    drain(stream, at=NOW + dt.timedelta(days=13))

    notice.refresh_from_db()
    assert notice.state == State.DELIVERED


def test_a_living_workers_claim_is_left_alone(stream: Stream) -> None:
    notice = make_reminder(stream)
    claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=uuid.uuid4())

    sweep()

    notice.refresh_from_db()
    assert notice.state == State.CLAIMED


@pytest.mark.parametrize("arrived", [True, False])
def test_what_was_on_the_wire_is_asked_of_the_provider(
    stream: Stream, answer: Any, arrived: bool
) -> None:
    notice = make_reminder(stream)
    provider = answer(Receipt("never recorded"))
    provider.provider = "sandbox"

    def die(message: Outgoing) -> Receipt:
        if arrived:
            SandboxSender().send(message)
        raise KeyboardInterrupt

    provider.send = die
    with pytest.raises(KeyboardInterrupt):
        drain(stream)
    expire_leases()

    sweep_stuck()

    notice.refresh_from_db()
    assert notice.state == (State.SENT if arrived else State.SCHEDULED)


def test_a_landline_gets_no_text(stream: Stream) -> None:
    customer = make_customer()
    make_contact_point(customer, kind=ContactPoint.Kind.LANDLINE, value="+441632960001")
    make_consent(customer, subject="sms")
    notice = make_reminder(stream, customer, channel="sms")

    drain(stream, "sms")

    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SUPPRESSED, "ADDR_LANDLINE")


def test_a_group_costs_the_same_queries_whatever_its_size(
    stream: Stream, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        make_reminder(stream)

    # Fifteen go to the sandbox one by one; all else is per group.
    lawbook()  # read once for all batches of some seconds
    with django_assert_max_num_queries(47 + 15):
        drain(stream)

    assert SandboxMessage.objects.count() == 15


class OneByOne(Answering):
    """A provider whose answers take their time, on a connection of its own."""

    width = 1

    def send(self, message: Outgoing) -> Receipt:
        time.sleep(0.3)
        return super().send(message)


def test_a_lane_that_was_away_is_asked_with_one_message(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve("answering", 1)
    ProviderLane.objects.update(failures=1)
    for _ in range(4):
        make_reminder(stream)
    provider = OneByOne(SendError("429", backs_off=True))
    monkeypatch.setattr("notices.dispatch.sender_for", lambda _: provider)

    dispatch.drain(stream_id=stream.pk, channel="email", clock=lambda: NOW, seconds=0.5)

    assert Attempt.objects.count() == 0
    assert len(provider.seen) == 1
    # The others were never claimed, and wait in their old places.
    assert Notice.objects.filter(not_before=NOW).count() == 3


def test_a_message_that_may_not_go_leaves_the_asking_to_another(stream: Stream) -> None:
    reserve("sandbox", 1)
    ProviderLane.objects.update(failures=1)
    invoice = make_reminder(stream).items.get().invoice
    pay(invoice, invoice.amount)

    drain(stream)

    assert SandboxMessage.objects.count() == 0
    assert reserve("sandbox", 100).messages == 1


def test_a_batch_is_no_heavier_than_a_worker_can_carry(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.documents.add(make_document(body=b"%PDF-" + b"x" * 100_000))
    ids = [make_reminder(stream).pk for _ in range(5)]
    monkeypatch.setattr("notices.readying.MOST_BYTES", 250_000)
    token = uuid.uuid4()
    claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=token)

    ready = make_ready(
        ids, token=token, provider="sandbox", clock=lambda: NOW, moved=Counter()
    )

    assert [one.notice.pk for one in ready] == ids[:2]
    assert Notice.objects.filter(state=State.SCHEDULED, not_before=NOW).count() == 3
    assert Notice.objects.filter(state=State.HANDING_OFF).count() == 2


def test_the_wire_is_full_of_bytes_before_it_is_full_of_messages(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.documents.add(make_document(body=b"%PDF-" + b"x" * 100_000))
    for _ in range(5):
        make_reminder(stream)
    monkeypatch.setattr("notices.readying.MOST_BYTES", 250_000)
    most = 0
    put = Wire.put

    def weighed(wire: Wire, *rest: Any) -> None:
        nonlocal most
        put(wire, *rest)
        most = max(most, wire.in_hand)

    monkeypatch.setattr(Wire, "put", weighed)

    moved = drain(stream)

    assert moved == {"delivered": 5}
    assert most == 2


def test_one_notice_that_breaks_the_gate_keeps_no_other_from_going(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = [make_reminder(stream) for _ in range(3)]
    asked = readying.verdicts

    def broken(group: list[Notice], *rest: Any) -> Any:
        if notices[1] in group:
            raise ZeroDivisionError
        return asked(group, *rest)

    monkeypatch.setattr("notices.readying.verdicts", broken)

    drain(stream)

    for notice in notices:
        notice.refresh_from_db()
    assert [one.state for one in notices] == ["delivered", "held", "delivered"]
    assert notices[1].reason == "RENDER_FAULT"


def test_one_notice_that_no_database_keeps_holds_up_no_other(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = [make_reminder(stream) for _ in range(3)]
    noted = readying.note_attempts

    def refused(handovers: list[Handover], now: Any) -> None:
        if notices[1] in [one.notice for one in handovers]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT '\\x0g'::bytea")
        noted(handovers, now)

    monkeypatch.setattr("notices.readying.note_attempts", refused)

    drain(stream)

    for notice in notices:
        notice.refresh_from_db()
    assert [one.state for one in notices] == ["delivered", "held", "delivered"]
    assert notices[1].reason == "RENDER_FAULT"


def test_a_database_that_fails_is_no_fault_of_a_notice(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = make_reminder(stream)

    def away(*_: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr("notices.readying.note_attempts", away)

    with pytest.raises(OperationalError):
        drain(stream)

    notice.refresh_from_db()
    assert (notice.state, notice.tries) == ("claimed", 0)


def test_one_answer_that_no_database_keeps_takes_no_other_along(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    notices = [make_reminder(stream) for _ in range(3)]
    kept = record.finish_attempts

    def refused(results: list[Result], now: Any) -> None:
        if notices[1] in [one.handover.notice for one in results]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT '\\x0g'::bytea")
        kept(results, now)

    monkeypatch.setattr("notices.record.finish_attempts", refused)

    moved = drain(stream)

    assert moved == {"delivered": 2}
    for notice in notices:
        notice.refresh_from_db()
    # Nobody knows of it until its lease says so; it does not go once more.
    assert [one.state for one in notices] == ["delivered", "handing_off", "delivered"]
    assert "A group of 1 broke: DataError" in caplog.text


@pytest.mark.parametrize(
    "said", [Receipt("queued \0 as 1"), SendError("550 \0", permanent=True)]
)
def test_a_sign_that_no_database_keeps_loses_no_answer(
    stream: Stream, answer: Any, said: Any
) -> None:
    make_reminder(stream)
    answer(said)

    drain(stream)

    assert Attempt.objects.get().finished_at is not None
