"""One switch for all that leaves: stop, release, and the guard against copies."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest

from notices import dispatch, outbound
from notices.actions import ring, send_test
from notices.claims import Move, claim, move
from notices.dispatch import drain
from notices.installation import FILE_NAME, fingerprint
from notices.models import Notice, Outbound, OutboundEvent, SandboxMessage, Stream
from notices.outbound import OutboundError
from notices.senders.sandbox import SandboxSender
from notices.states import State
from notices.trial import TrialError
from tests.factories import NOW, make_template
from tests.notices.test_dispatch import make_reminder, stream

__all__ = ["stream"]
pytestmark = pytest.mark.django_db

TOKEN = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """Give each test a house of its own to live in."""
    settings.DULY_HOME = tmp_path
    settings.INSTALLATION_ID = ""
    return tmp_path


def stop() -> None:
    """Stop everything, as Sam does."""
    outbound.stop_everything(by="sam", reason="wrong amounts", now=NOW)


def sent(stream: Stream) -> int:
    """Send what is due and return how many messages ever arrived."""
    drain(stream_id=stream.pk, channel="email", clock=lambda: NOW)
    return SandboxMessage.objects.count()


def test_nothing_leaves_while_everything_is_stopped(stream: Stream) -> None:
    make_reminder(stream)
    stop()

    assert sent(stream) == 0
    assert ring(now=NOW) == 0
    assert Notice.objects.get().state == State.SCHEDULED


def test_what_waited_goes_when_it_is_released(stream: Stream) -> None:
    make_reminder(stream)
    stop()

    outbound.release(by="ada", now=NOW)

    assert sent(stream) == 1


def test_a_stopped_house_claims_nothing(stream: Stream) -> None:
    make_reminder(stream)
    stop()

    assert claim_all(stream) == []


def claim_all(stream: Stream) -> list[int]:
    """Claim what is due under a fixed token."""
    return claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=TOKEN)


def test_what_was_claimed_before_the_stop_is_not_handed_over(stream: Stream) -> None:
    notice = make_reminder(stream)
    assert claim_all(stream) == [notice.pk]
    stop()

    for target in (State.HANDING_OFF, State.PRINTING):
        moves = [Move(notice.pk, target)]
        assert move(token=TOKEN, source=State.CLAIMED, moves=moves) == set()


def test_each_notice_of_a_batch_goes_its_own_way(stream: Stream) -> None:
    ours = [make_reminder(stream) for _ in range(4)]
    claim_all(stream)
    later = NOW + dt.timedelta(days=1)
    ways = [
        Move(ours[0].pk, State.HANDING_OFF),
        Move(ours[1].pk, State.SCHEDULED, 'quiet, {"', not_before=later),
        Move(ours[2].pk, State.HELD, "RENDER_FAULT"),
        Move(ours[3].pk, State.HANDING_OFF),
    ]

    moved = move(token=TOKEN, source=State.CLAIMED, moves=ways)

    assert moved == {one.pk for one in ours}
    for notice, way in zip(ours, ways, strict=True):
        notice.refresh_from_db()
        assert (notice.state, notice.reason) == (way.target, way.reason)
        assert notice.not_before == (way.not_before or NOW)
        assert notice.tries == (way.target == State.HANDING_OFF)


def test_a_group_on_its_way_stops_between_two_messages(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_reminder(stream)
    took = SandboxSender.send

    def send_and_stop(self: SandboxSender, message: Any) -> Any:
        stop()
        return took(self, message)

    monkeypatch.setattr(SandboxSender, "send", send_and_stop)
    monkeypatch.setattr(dispatch, "LOOK_UP_SECONDS", 0)
    monkeypatch.setattr(dispatch, "GROUP_SECONDS", 0)

    assert sent(stream) == 1
    states = list(Notice.objects.order_by("pk").values_list("state", "tries"))
    # What was not touched has not been tried.
    assert states[1:] == [(State.SCHEDULED, 0)] * 4


def test_a_trial_message_is_refused_too() -> None:
    version = make_template(channel="email")
    stop()

    with pytest.raises(TrialError, match="Everything is stopped"):
        send_test(version=version, channel="email", to="sam@northwind.example")


def test_a_stop_needs_a_reason_and_happens_once() -> None:
    with pytest.raises(OutboundError, match="Say why"):
        outbound.stop_everything(by="sam", reason=" ", now=NOW)
    stop()
    with pytest.raises(OutboundError, match="already"):
        stop()
    assert list(OutboundEvent.objects.values_list("verb", "by", "reason")) == [
        ("stopped", "sam", "wrong amounts")
    ]


def test_a_release_without_a_stop_changes_nothing() -> None:
    with pytest.raises(OutboundError, match="Nothing is stopped"):
        outbound.release(by="sam", now=NOW)


# The restored copy -----------------------------------------------------------


def test_a_fresh_house_may_send_and_is_known_from_then_on(home: Path) -> None:
    assert outbound.is_open()

    assert (home / FILE_NAME).read_text()
    assert Outbound.objects.get().installation == fingerprint()
    assert outbound.is_open()


def test_a_copy_of_the_database_in_another_house_sends_nothing(
    stream: Stream, settings: Any, tmp_path: Path
) -> None:
    make_reminder(stream)
    assert outbound.is_open()
    settings.DULY_HOME = tmp_path / "restored"

    assert sent(stream) == 0

    switch = Outbound.objects.get()
    assert switch.cause == Outbound.Cause.COPY
    assert switch.stopped_at is not None
    assert ring(now=NOW) == 0


def test_a_whole_folder_copied_to_another_machine_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert outbound.is_open()

    monkeypatch.setattr("platform.node", lambda: "another-machine")

    assert not outbound.is_open()
    assert "another-machine" in Outbound.objects.get().reason


def test_a_copy_cannot_be_released_only_named_the_real_one(
    stream: Stream, settings: Any, tmp_path: Path
) -> None:
    make_reminder(stream)
    assert outbound.is_open()
    settings.DULY_HOME = tmp_path / "moved"
    assert not outbound.is_open()
    with pytest.raises(OutboundError, match="which one is the real one"):
        outbound.release(by="ada", now=NOW)

    outbound.adopt(by="ada", now=NOW)

    assert sent(stream) == 1
    assert OutboundEvent.objects.filter(verb="adopted", by="ada").exists()


def test_only_a_stranger_can_be_named_the_real_one() -> None:
    stop()

    with pytest.raises(OutboundError, match="No other installation"):
        outbound.adopt(by="ada", now=NOW)


def test_machines_that_share_a_word_are_one_house(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INSTALLATION_ID = "northwind-production"
    assert outbound.is_open()

    monkeypatch.setattr("platform.node", lambda: "worker-2")
    settings.DULY_HOME = Path("/nowhere")

    assert outbound.is_open()


def test_another_word_is_another_house(settings: Any) -> None:
    settings.INSTALLATION_ID = "northwind-production"
    assert outbound.is_open()

    settings.INSTALLATION_ID = "northwind-rehearsal"

    assert not outbound.is_open()


def test_two_houses_cannot_both_be_the_first(settings: Any, tmp_path: Path) -> None:
    assert outbound.is_open()
    first = Outbound.objects.get().installation

    settings.DULY_HOME = tmp_path / "second"
    outbound.is_open()

    assert Outbound.objects.get().installation == first
