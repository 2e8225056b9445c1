"""What came back is written beside the work, in order, and no error is lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence

import pytest
from django.db import connection

from notices.record import Handover, Result
from notices.recorder import Recorder
from notices.senders import Receipt, SendError

TOOK = Receipt("250 taken")
LOST = SendError("connection lost", unknown=True)


def _result(answer: Receipt | SendError = TOOK) -> Result:
    # The recorder looks at answers alone.
    return Result(Handover(None, None, "smtp"), answer)  # type: ignore[arg-type]


class _Desk:
    """Writes groups down, and may be kept waiting or made to fail."""

    def __init__(self) -> None:
        self.written: list[Sequence[Result]] = []
        self.threads: set[int] = set()
        self.may_go = threading.Event()
        self.fault: Exception | None = None

    def write(self, results: Sequence[Result]) -> Counter[str]:
        assert self.may_go.wait(10)
        self.threads.add(threading.get_ident())
        if self.fault is not None:
            raise self.fault
        self.written.append(results)
        return Counter(sent=len(results))


@pytest.fixture
def desk() -> _Desk:
    return _Desk()


def test_results_are_written_in_order_while_their_bringer_goes_on(desk):
    groups = [[_result()], [_result(), _result()], [_result()]]
    with Recorder(desk.write, inline=False) as recorder:
        for group in groups:
            recorder.put(group)
        assert desk.written == []
        desk.may_go.set()
    assert desk.written == groups
    assert recorder.moved == Counter(sent=4)
    assert threading.get_ident() not in desk.threads


def test_what_went_wrong_is_written_before_anything_more_is_claimed(desk):
    with Recorder(desk.write, inline=False) as recorder:
        recorder.put([_result()])
        desk.may_go.set()
        recorder.put([_result(LOST)])
        assert len(desk.written) == 2


def test_an_error_reaches_the_drain_and_nothing_is_written_after_it(desk):
    desk.may_go.set()
    desk.fault = RuntimeError("the database is away")
    with (
        pytest.raises(RuntimeError, match="away"),
        Recorder(desk.write, inline=False) as recorder,
    ):
        recorder.put([_result(LOST)])
        pytest.fail("the error was swallowed")
    desk.fault = None
    assert desk.written == []


def test_an_error_of_the_last_group_is_raised_at_the_end(desk):
    desk.fault = RuntimeError("the database is away")
    with (
        pytest.raises(RuntimeError, match="away"),
        Recorder(desk.write, inline=False) as recorder,
    ):
        recorder.put([_result()])
        desk.may_go.set()


def test_an_error_of_the_drain_is_not_covered_by_one_of_writing(desk):
    desk.fault = RuntimeError("the database is away")
    with (
        pytest.raises(ValueError, match="drain"),
        Recorder(desk.write, inline=False) as recorder,
    ):
        recorder.put([_result()])
        desk.may_go.set()
        raise ValueError("the drain broke")


def test_within_a_transaction_results_are_written_at_once_by_its_own_connection(desk):
    desk.may_go.set()
    with Recorder(desk.write, inline=True) as recorder:
        recorder.put([_result()])
        assert desk.written
    assert desk.threads == {threading.get_ident()}


@pytest.mark.django_db
def test_the_recorders_connection_is_closed_with_it():
    servers: list[int] = []

    def write(results: Sequence[Result]) -> Counter[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            servers.append(cursor.fetchone()[0])
        return Counter()

    with Recorder(write, inline=False) as recorder:
        recorder.put([_result(LOST)])
        assert _is_served(servers[0])
    # PostgreSQL takes its leave a moment after we do.
    until = time.monotonic() + 10
    while _is_served(servers[0]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_served(servers[0])


def _is_served(server: int) -> bool:
    """Whether a server process of PostgreSQL still has a client."""
    with connection.cursor() as cursor:
        # Within a transaction the picture would stay the one of its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [server]
        )
        return bool(cursor.fetchone()[0])
