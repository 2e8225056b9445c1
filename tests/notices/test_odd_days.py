"""Odd days of dispatch: clocks that jump, and a great paused campaign in front."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from notices import dispatch, health, late
from notices.actions import due_work, ring, sweep_stuck
from notices.claims import claim
from notices.models import Attempt, Notice, ProviderLane, SandboxMessage, Stream
from notices.senders import Outgoing, Receipt, SendError
from notices.senders.sandbox import SandboxSender
from notices.starter import install_starters
from notices.states import State
from notices.watch import Level
from notices.watches import watches
from tests.factories import NOW, make_customer, make_stream
from tests.notices.passing import drain
from tests.notices.test_dispatch import make_reminder

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def stream() -> Stream:
    """Return a running stream without caps or quiet hours."""
    install_starters(["en"])
    return make_stream()


def states() -> set[str]:
    return set(Notice.objects.values_list("state", flat=True))


# A clock that jumps -----------------------------------------------------------


def test_a_clock_a_day_ahead_takes_no_living_workers_work(stream: Stream) -> None:
    """Leases run on the database's clock, whatever a worker's own says."""
    make_reminder(stream)
    claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=uuid.uuid4())

    drain(stream, at=NOW + DAY)
    sweep_stuck()
    drain(stream, at=NOW + DAY)

    assert states() == {State.CLAIMED}
    assert not SandboxMessage.objects.exists()


def test_a_clock_an_hour_back_waits_and_then_sends_once(stream: Stream) -> None:
    make_reminder(stream)

    drain(stream, at=NOW - HOUR)
    early = states()
    drain(stream, at=NOW)
    drain(stream, at=NOW - HOUR)
    drain(stream, at=NOW + DAY)

    assert early == {State.SCHEDULED}
    assert states() == {State.DELIVERED}
    assert SandboxMessage.objects.count() == 1


def test_a_clock_that_jumps_in_mid_drain_sends_all_of_it_once(stream: Stream) -> None:
    for _ in range(45):
        make_reminder(stream)
    jumps = itertools.cycle([NOW, NOW - HOUR, NOW + DAY, NOW])

    for _ in range(4):
        dispatch.drain(
            stream_id=stream.pk, channel="email", clock=lambda: next(jumps), seconds=5
        )

    assert states() == {State.DELIVERED}
    assert SandboxMessage.objects.count() == 45
    assert Attempt.objects.count() == 45


# A provider that is away for an hour ---------------------------------------------


class Away(SandboxSender):
    """A sandbox that is busy until it ``is_back``."""

    asked: ClassVar[list[str]] = []
    is_back = False

    def send(self, message: Outgoing) -> Receipt:
        """Keep one message, or say that it must wait.

        :raises SendError: it is away.
        """
        self.asked.append(message.reference)
        if not type(self).is_back:
            raise SendError("503 busy", backs_off=True)
        return super().send(message)


def waits() -> float:
    """Return for how many seconds the lane is closed now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXTRACT(EPOCH FROM closed_until - clock_timestamp())::float "
            "FROM notices_providerlane"
        )
        return float(cursor.fetchone()[0] or 0.0)


def lane_ages(seconds: float) -> None:
    """Let time pass for the lane, which runs on the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notices_providerlane SET "
            "closed_until = closed_until - make_interval(secs => %(by)s), "
            "failing_since = failing_since - make_interval(secs => %(by)s)",
            {"by": seconds},
        )


def test_an_outage_of_an_hour_costs_nobody_a_message(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few ask meanwhile, none is used up or late, and all go once when it is over."""
    monkeypatch.setattr(Away, "asked", [])
    monkeypatch.setattr(Away, "is_back", False)
    monkeypatch.setattr(dispatch, "sender_for", lambda channel: Away())
    # The lane runs on the database's clock, and so does this hour.
    now = began = timezone.now()
    for _ in range(30):
        make_reminder(stream)
    Notice.objects.update(not_before=now)

    while now < began + HOUR:
        drain(stream, at=now)
        late.hold_late(now=now)
        assert states() == {State.SCHEDULED}
        closed = waits()
        assert 0 < closed <= 300 * 1.25
        lane_ages(closed + 1)
        now += dt.timedelta(seconds=closed + 1)
    asked_meanwhile = len(Away.asked)
    watch = next(
        one
        for one in watches(health.facts(now=now + HOUR, brief=True), now)
        if one.key == "lane:sandbox"
    )
    Away.is_back = True
    for _ in range(4):
        drain(stream, at=now)
        now += dt.timedelta(minutes=2)

    # The first finds it out with what it has in hand; then one asks at a time.
    assert asked_meanwhile <= 30 + 20
    assert watch.level is Level.RED
    assert "30 messages wait for it." in watch.value
    assert states() == {State.DELIVERED}
    assert SandboxMessage.objects.count() == 30
    assert Attempt.objects.count() == 30
    assert set(Notice.objects.values_list("tries", flat=True)) == {1}
    assert ProviderLane.objects.get().failures == 0


# A paused campaign in front ---------------------------------------------------

PAUSED = 300_000

FILL = """
INSERT INTO notices_notice
    (reference, stream_id, customer_id, template_id, channel, kind, about, legal,
     dunning, lane, planned_on, dedupe_key, state, reason, not_before, tries,
     created_at)
SELECT 'P' || lpad(n::text, 11, '0'), %(stream)s, %(customer)s, %(template)s, 'email',
       'reminder', '{}', 'none', true, 1, %(day)s, 'paused:' || n, 'scheduled', '',
       %(due)s, 0, now()
FROM generate_series(1, %(number)s) AS n
"""
# Rows of the table this transaction has looked at, by scan or by index.
LOOKED_AT = """
SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname = 'notices_notice'
"""


def looked_at() -> int:
    with connection.cursor() as cursor:
        cursor.execute(LOOKED_AT)
        return int(cursor.fetchone()[0])


def fill_paused(stream: Stream) -> None:
    """Put a great number of due notices of a paused stream into the table."""
    paused = make_stream(label="Paused", state=Stream.State.PAUSED)
    model = make_reminder(stream, lane=Notice.Lane.BULK)
    with connection.cursor() as cursor:
        # Only the work of this very process is counted.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        # The foreign keys are right; asking 300,000 times would take longest.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            FILL,
            {
                "stream": paused.pk,
                "customer": make_customer().pk,
                "template": model.template_id,
                "day": NOW.date(),
                # Due before anything of the running one.
                "due": NOW - DAY,
                "number": PAUSED,
            },
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE notices_notice, notices_stream")


def test_a_paused_campaign_in_front_costs_the_running_one_nothing(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notices.actions.current_app.send_task", lambda *_, **__: None)
    fill_paused(stream)
    for _ in range(19):
        make_reminder(stream, lane=Notice.Lane.BULK)
    before = looked_at()

    assert due_work(NOW)
    ring(now=NOW)
    drain(stream)

    # Twenty of the running one, each looked at by some statements; of the 300,000 none.
    cost = looked_at() - before
    assert cost < 2_000
    ours = Notice.objects.filter(stream=stream)
    assert set(ours.values_list("state", flat=True)) == {State.DELIVERED}
    waiting = Notice.objects.filter(stream__state="paused", state=State.SCHEDULED)
    assert waiting.count() == PAUSED
    # What has just walked through them all shows in the measure.
    assert looked_at() - before - cost >= PAUSED
