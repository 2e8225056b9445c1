"""The ladder hears what providers and customers say, a day later too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from campaigns.actions import tick
from campaigns.models import Campaign, Decision
from consent.topic_stops import stop_topic
from customers.models import Customer
from notices.actions import finish_reply
from notices.intake import work
from notices.models import Attempt, Notice, ProviderCall, Reply
from notices.starter import install_starters
from notices.states import State
from tests.factories import (
    TODAY,
    make_brand,
    make_campaign,
    make_consent,
    make_customer,
    make_invoice,
    make_ladder,
)
from tests.notices.intake import calling
from tests.notices.intake.calling import (
    PHONE,
    postmark,
    postmark_bounce,
    text_from,
    text_status,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOON = dt.datetime.combine(TODAY, dt.time(12), dt.UTC)
STEPS = (
    ("friendly", 3, "soft", 30, ["email", "sms", "letter"]),
    ("reminder", 20, "formal", None, ["email", "letter"]),
)


@pytest.fixture(autouse=True)
def providers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set all secrets and let nothing ring."""
    calling.configure(settings)
    monkeypatch.setattr(
        "notices.intake.calls.current_app.send_task", lambda *_, **__: 0
    )


@pytest.fixture
def campaign() -> Campaign:
    """Return a running campaign: e-mail before text before letter."""
    install_starters(["en"])
    ladder = make_ladder(STEPS, bank_days="none", min_gap_days=3)
    for step in ladder.steps.all():
        step.template_key = step.key
        step.save()
    return make_campaign(ladder=ladder, brand=make_brand(), send_from=dt.time(0))


@pytest.fixture
def alice(campaign: Campaign) -> Customer:
    """Return Alice, late with one bill, who may be written to in every way."""
    alice = make_customer(email="alice@example.com", mobile=PHONE, address=True)
    make_consent(alice, subject="sms")
    make_invoice(alice, due_on=TODAY - dt.timedelta(days=5))
    return alice


def gone(notice: Notice, at: dt.datetime) -> None:
    """Note that a notice was handed over."""
    Notice.objects.filter(pk=notice.pk).update(state=State.SENT, sent_at=at)
    Attempt.objects.create(
        notice=notice,
        number=1,
        provider="postmark",
        destination="alice@example.com" if notice.channel == "email" else PHONE,
        idempotency_key=f"{notice.reference}.1",
        started_at=at,
        finished_at=at,
        result="accepted",
    )


def hear(at: dt.datetime) -> None:
    """Let the worker read what came in, as of an instant."""
    ProviderCall.objects.filter(state="new").update(not_before=at, received_at=at)
    work.take(clock=lambda: at)


def contacts() -> list[tuple[str, str, bool]]:
    return list(
        Decision.objects.filter(outcome="sent")
        .order_by("pk")
        .values_list("step__key", "channel", "undone")
    )


def test_a_bounce_that_comes_a_day_later_takes_the_next_channel_at_the_same_level(
    alice: Customer,
) -> None:
    tick(now=NOON, ring=False)
    notice = Notice.objects.get()
    gone(notice, NOON)

    postmark(postmark_bounce(notice.reference))
    hear(NOON + DAY)
    tick(now=NOON + DAY, ring=False)

    assert contacts() == [("friendly", "email", True), ("friendly", "sms", False)]
    waiting = Notice.objects.get(state=State.SCHEDULED)
    assert waiting.channel == "sms"

    # And once more: the number is dead too.
    gone(waiting, NOON + DAY)
    text_status(waiting.reference, "undelivered", "30005")
    hear(NOON + DAY)
    tick(now=NOON + DAY, ring=False)

    assert contacts()[-1] == ("friendly", "letter", False)


def _stop_everything(alice: Customer) -> None:
    text_from("STOP")
    hear(NOON)


def _stop_reminders(alice: Customer) -> None:
    stop_topic(customers=[alice], topic="reminders", source="test", now=NOON)


@pytest.mark.parametrize("stop", [_stop_everything, _stop_reminders])
def test_a_stop_counts_for_what_would_have_gone_by_text_as_a_later_channel(
    alice: Customer, stop: Callable[[Customer], None]
) -> None:
    tick(now=NOON, ring=False)
    notice = Notice.objects.get()
    gone(notice, NOON)

    stop(alice)
    postmark(postmark_bounce(notice.reference))
    hear(NOON + DAY)
    tick(now=NOON + DAY, ring=False)

    assert contacts() == [("friendly", "email", True), ("friendly", "letter", False)]
    assert not Notice.objects.filter(channel="sms").exists()


def test_a_soft_bounce_is_tried_again_the_same_way_the_day_after(
    alice: Customer,
) -> None:
    tick(now=NOON, ring=False)
    notice = Notice.objects.get()
    gone(notice, NOON)
    postmark(postmark_bounce(notice.reference, "SoftBounce"))
    hear(NOON)

    tick(now=NOON, ring=False)
    assert not Notice.objects.filter(state=State.SCHEDULED).exists()
    tick(now=NOON + DAY, ring=False)

    assert Notice.objects.get(state=State.SCHEDULED).channel == "email"


def test_a_bounce_after_the_next_step_does_not_turn_the_ladder_back(
    alice: Customer,
) -> None:
    tick(now=NOON, ring=False)
    notice = Notice.objects.get()
    gone(notice, NOON)
    postmark(postmark_bounce(notice.reference))
    hear(NOON + 10 * DAY)

    tick(now=NOON + 10 * DAY, ring=False)

    assert contacts() == [("friendly", "email", False)]


def test_a_stop_takes_what_is_queued_to_the_next_channel(alice: Customer) -> None:
    alice.contact_points.filter(kind="email").delete()
    tick(now=NOON, ring=False)
    assert Notice.objects.get().channel == "sms"

    text_from("STOP")
    hear(NOON)
    tick(now=NOON, ring=False)

    assert contacts() == [("friendly", "sms", True), ("friendly", "letter", False)]


def test_a_reply_holds_the_ladder_and_an_answer_lets_it_go_on(alice: Customer) -> None:
    text_from("I do not understand this bill.")
    hear(NOON)
    tick(now=NOON, ring=False)
    assert not Notice.objects.exists()

    finish_reply(reply=Reply.objects.get(), by="adam", now=NOON)
    tick(now=NOON + DAY, ring=False)

    assert Notice.objects.get().channel == "email"


def test_the_tick_rings_for_calls_that_nobody_was_woken_for(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung = []
    monkeypatch.setattr("notices.intake.calls._rung_at", float("inf"))
    postmark(postmark_bounce("0123456789AB"))
    monkeypatch.setattr("notices.intake.calls._rung_at", float("-inf"))
    monkeypatch.setattr(
        "notices.intake.calls.current_app.send_task",
        lambda name, **more: rung.append((name, more["queue"])),
    )

    tick(now=timezone.now())

    assert rung == [("notices.tasks.take_calls", "intake")]


def test_a_call_that_came_in_wakes_a_worker_once_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung = []
    monkeypatch.setattr("notices.intake.calls._rung_at", float("-inf"))
    monkeypatch.setattr(
        "notices.intake.calls.current_app.send_task",
        lambda name, **more: rung.append(name),
    )

    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            postmark(postmark_bounce("0123456789AB", ID=number))

    assert rung == ["notices.tasks.take_calls"]


def test_losing_redis_loses_no_call(
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("notices.intake.calls._rung_at", float("-inf"))
    monkeypatch.setattr("notices.intake.calls.current_app.send_task", away)

    with django_capture_on_commit_callbacks(execute=True):
        answer = postmark(postmark_bounce("0123456789AB"))

    assert answer.status_code == 200
    assert "Redis is away" in caplog.text
    assert ProviderCall.objects.get().state == "new"
