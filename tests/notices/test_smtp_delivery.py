"""Dispatch over a real mail server in a process of its own, on good days and bad."""

from __future__ import annotations

import datetime as dt
import hashlib
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consent.models import Suppression
from notices.actions import sweep_stuck
from notices.copies import unpack
from notices.models import Attempt, Notice, SentCopy, Stream
from notices.starter import install_starters
from notices.states import State
from tests.factories import NOW, make_customer, make_stream
from tests.fakes.smtp_server import STALL_SECONDS, SmtpServer
from tests.notices.passing import drain, time_passes
from tests.notices.test_dispatch import make_reminder

pytestmark = pytest.mark.django_db

TIMEOUT = 1  # seconds; nobody here stalls for less than an hour
assert TIMEOUT < STALL_SECONDS


@pytest.fixture(scope="module", params=["pipelining", "one by one"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmtpServer]:
    """Return a mail server that runs: one that lets us pipeline, and one that does
    not."""
    folder = tmp_path_factory.mktemp("mail")
    pipelining = request.param == "pipelining"
    with SmtpServer(folder, pipelining=pipelining, keep_bodies=True) as server:
        yield server


@pytest.fixture
def server(running: SmtpServer, settings: Any) -> SmtpServer:
    """Return the mail server that Duly's e-mail goes to."""
    point_at(running.port, settings)
    return running


def point_at(port: int, settings: Any) -> None:
    """Have e-mail go to a port of this machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = TIMEOUT
    settings.CHANNELS = {"email": "smtp", "letter": "print", "postcard": "print"}


@pytest.fixture
def stream() -> Stream:
    """Return a running stream without caps or quiet hours."""
    install_starters(["en"])
    return make_stream()


def write_to(stream: Stream, mailbox: str) -> Notice:
    """Return a scheduled reminder to a mailbox of the server, by its fate."""
    customer = make_customer()
    point = customer.contact_points.get()
    point.value = f"{mailbox}+{customer.number.lower()}@example.com"
    point.save(update_fields=["value"])
    return make_reminder(stream, customer)


def seen(server: SmtpServer, *notices: Notice) -> list[int]:
    """Return how often each notice was taken by the server."""
    taken = Counter(one.reference for one in server.taken())
    return [taken[notice.reference] for notice in notices]


def address_of(notice: Notice) -> str:
    return str(notice.customer.contact_points.get().value)


def test_every_message_arrives_once_byte_for_byte(
    server: SmtpServer, stream: Stream
) -> None:
    notices = [write_to(stream, "anna") for _ in range(25)]

    drain(stream)
    drain(stream)

    assert seen(server, *notices) == [1] * 25
    assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}
    bodies = server.bodies()
    for copy in SentCopy.objects.select_related("notice"):
        body = unpack(copy)
        assert bodies[copy.notice.reference] == body
        assert hashlib.sha256(body).digest() == bytes(copy.sha256)


def test_message_ids_are_the_notices_own_and_differ(
    server: SmtpServer, stream: Stream
) -> None:
    notices = [write_to(stream, "anna") for _ in range(3)]

    drain(stream)

    by_reference = {one.reference: one.message_id for one in server.taken()}
    ids = {by_reference[notice.reference] for notice in notices}
    assert len(ids) == 3
    assert all(notice.reference in by_reference[notice.reference] for notice in notices)


def test_a_batch_keeps_its_line_open(server: SmtpServer, stream: Stream) -> None:
    notices = [write_to(stream, "anna") for _ in range(12)]

    drain(stream)

    references = {notice.reference for notice in notices}
    lines = Counter(one.line for one in server.taken() if one.reference in references)
    # More than one line may be used, but none for a single message.
    assert max(lines.values()) > 1
    assert len(lines) <= 4


@pytest.mark.parametrize(
    ("mailbox", "state", "suppressed"),
    [
        ("nobody", State.FAILED, ["hard_bounce"]),
        ("full", State.FAILED, []),
        ("spam", State.FAILED, []),
        ("later", State.SCHEDULED, []),
        ("throttled", State.SCHEDULED, []),
        ("policy", State.SCHEDULED, []),
        ("closing", State.SCHEDULED, []),
        ("busy", State.SCHEDULED, []),
        ("drop", State.SCHEDULED, []),
        ("stall", State.SCHEDULED, []),
    ],
)
def test_what_was_not_taken_is_refused_or_waits(
    server: SmtpServer,
    stream: Stream,
    mailbox: str,
    state: State,
    suppressed: list[str],
) -> None:
    notice = write_to(stream, mailbox)

    drain(stream)
    drain(stream)

    notice.refresh_from_db()
    assert notice.state == state
    assert seen(server, notice) == [0]
    assert list(Suppression.objects.values_list("reason", flat=True)) == suppressed
    # Whether it or its lane waits: the server is not asked again at once.
    assert server.asked(address_of(notice)) == 1


@pytest.mark.parametrize(
    ("mailbox", "times"), [("drop-after", 1), ("stall-after", 1), ("cut", 0)]
)
def test_a_line_lost_after_the_message_is_never_tried_again(
    server: SmtpServer, stream: Stream, mailbox: str, times: int
) -> None:
    notice = write_to(stream, mailbox)

    drain(stream)
    sweep_stuck()
    time_passes()
    drain(stream, at=NOW + dt.timedelta(days=2))

    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN
    assert seen(server, notice) == [times]
    assert server.asked(address_of(notice)) == 1
    assert Attempt.objects.get().finished_at is None


@pytest.mark.parametrize(
    "mailbox", ["nobody", "later", "spam", "drop", "closing", "drop-after", "cut"]
)
def test_one_bad_recipient_costs_its_neighbours_nothing(
    server: SmtpServer, stream: Stream, mailbox: str
) -> None:
    before = [write_to(stream, "anna") for _ in range(6)]
    write_to(stream, mailbox)
    after = [write_to(stream, "anna") for _ in range(6)]

    # What waited behind a broken line is tried later; that is soon enough.
    for hours in (0, 3, 6):
        time_passes()
        drain(stream, at=NOW + dt.timedelta(hours=hours))

    good = Notice.objects.filter(pk__in=[one.pk for one in before + after])
    unsent = good.exclude(state=State.SENT)
    assert not unsent, unsent.values_list("state", "reason")
    assert seen(server, *before, *after) == [1] * 12


def test_a_deferred_message_arrives_at_the_third_try_and_once(
    server: SmtpServer, stream: Stream
) -> None:
    notice = write_to(stream, "later-2")

    for hours in range(0, 15, 3):
        time_passes()
        drain(stream, at=NOW + dt.timedelta(hours=hours))

    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert server.asked(address_of(notice)) == 3
    assert seen(server, notice) == [1]
    results = Attempt.objects.order_by("number").values_list("result", flat=True)
    assert list(results) == ["try_later", "try_later", "accepted"]


def test_a_slow_answer_is_waited_for(server: SmtpServer, stream: Stream) -> None:
    notice = write_to(stream, "slow")

    drain(stream)

    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert seen(server, notice) == [1]


def test_an_outage_of_an_hour_loses_nothing_and_repeats_nothing(
    stream: Stream, settings: Any, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        point_at(probe.getsockname()[1], settings)
    notices = [write_to(stream, "anna") for _ in range(30)]
    for minutes in range(0, 60, 10):
        time_passes()
        drain(stream, at=NOW + dt.timedelta(minutes=minutes))
    assert not Notice.objects.exclude(state=State.SCHEDULED).exists()

    with SmtpServer(tmp_path) as server:
        point_at(server.port, settings)
        for hours in range(1, 8):
            time_passes()
            drain(stream, at=NOW + dt.timedelta(hours=hours))

    assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}
    assert seen(server, *notices) == [1] * 30


def test_a_server_that_goes_in_the_middle_loses_nothing_and_repeats_nothing(
    stream: Stream, settings: Any, tmp_path: Path
) -> None:
    before = [write_to(stream, "anna") for _ in range(8)]
    with SmtpServer(tmp_path) as server:
        point_at(server.port, settings)
        drain(stream)
        after = [write_to(stream, "anna") for _ in range(8)]
        server.stop()
        drain(stream)
        server.start()
        for hours in range(1, 8):
            time_passes()
            drain(stream, at=NOW + dt.timedelta(hours=hours))

        assert seen(server, *before, *after) == [1] * 16
    assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}
