"""A new provider is one module and one setting: nothing else knows it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from campaigns.actions import tick
from campaigns.models import Decision
from notices.copies import unpack
from notices.dispatch import drain
from notices.health import facts
from notices.models import Attempt, Notice, ProviderLane, SentCopy
from notices.senders import SendError
from notices.senders.checks import check_senders
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon
from tests.factories import (
    TODAY,
    make_alice,
    make_campaign,
    make_invoice,
    make_ladder,
)
from tests.notices.recording import Recorder

pytestmark = pytest.mark.django_db

HERE = "tests.notices.recording.Recorder"
STEPS = (("reminder", 3, "formal", None, ["email"]),)


@pytest.fixture(autouse=True)
def plugged_in(settings: Any) -> None:
    """Let the recorder serve e-mail, as ``SENDERS=email=…`` does."""
    settings.CHANNELS = {"email": HERE}
    Recorder.taken.clear()
    Recorder.says.clear()


@pytest.fixture
def planned() -> Notice:
    """A reminder that the ladder asked for on its one rung."""
    install_starters(["en"])
    ladder = make_ladder(STEPS, bank_days="none")
    ladder.steps.update(template_key="reminder")
    make_campaign(ladder=ladder, send_from=dt.time(0))
    make_invoice(make_alice(), due_on=TODAY - dt.timedelta(days=4))
    tick(now=noon(TODAY), ring=False)
    return Notice.objects.get()


def test_it_serves_as_a_rung_and_all_is_kept_as_of_any_other(planned: Notice) -> None:
    drain(channel="email", clock=lambda: noon(TODAY))

    planned.refresh_from_db()
    attempt = Attempt.objects.get()
    (message,) = Recorder.taken
    assert planned.state == State.SENT
    assert Decision.objects.get(outcome="sent").step.key == "reminder"
    assert (attempt.provider, attempt.provider_reference) == (
        "recorder",
        "recorded as 1",
    )
    assert unpack(SentCopy.objects.get()) == message.body
    assert message.destination == "alice@example.com"


def test_its_lane_closes_and_staff_see_it_by_its_name(planned: Notice) -> None:
    Recorder.says.append(SendError("busy", backs_off=True))

    drain(channel="email", clock=lambda: noon(TODAY))

    planned.refresh_from_db()
    assert planned.state == State.SCHEDULED
    assert ProviderLane.objects.get().name == "recorder"
    (seen,) = facts(now=noon(TODAY), brief=True).providers
    assert seen.name == "recorder"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("nowhere.Gateway", "No module named 'nowhere'"),
        ("tests.notices.recording.Missing", "Missing"),
        ("decimal.Decimal", "it has no provider, width, __enter__"),
        ("tests.notices.recording.Receipt", "missing 1 required positional argument"),
        ("tests.notices.recording.Nameless", "its provider is no name"),
    ],
)
def test_what_cannot_serve_a_channel_stops_the_start(
    path: str, fault: str, settings: Any
) -> None:
    assert check_senders(None) == []
    settings.CHANNELS = {"sms": path}

    (error,) = check_senders(None)

    assert error.id == "notices.E003"
    assert f"SENDERS: {path} cannot serve sms: " in error.msg
    assert fault in error.msg
