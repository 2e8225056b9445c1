"""Workers that close a run: who rings whom, who waits for whom, who finishes what."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notices import outbound, tasks
from notices.models import PrintRun, Stream
from notices.printing import closing
from notices.printing.posting import cancel_run, mark_posted
from notices.printing.runs import begin_closing, open_run
from notices.starter import install_starters
from tests.factories import NOW, TODAY, pay
from tests.notices.printing import make_letter, make_print_stream, printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream() -> Stream:
    """Return a running stream that allows letters, with the shipped texts."""
    install_starters(["en"])
    return make_print_stream()


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the runs that a task rang for."""
    found: list[int] = []
    monkeypatch.setattr(tasks, "ring", found.append)
    return found


def closing_run(stream: Stream) -> PrintRun:
    """Return a run that is being closed, with nothing printed yet."""
    run = open_run(brand=stream.brand, now=NOW, by="ada")
    return begin_closing(run=run, now=NOW, by="ada", ring_workers=False)


def test_nothing_is_printed_while_everything_is_stopped(stream: Stream) -> None:
    make_letter(stream)
    run = closing_run(stream)
    outbound.stop_everything(by="ada", reason="x", now=NOW)

    left = closing.close_some(run_id=run.pk, clock=lambda: NOW, seconds=5)

    run.refresh_from_db()
    assert (left, run.state) == (closing.Left.OTHERS, PrintRun.State.CLOSING)
    assert not run.files.exists()
    outbound.release(by="ada", now=NOW)
    closing.close_some(run_id=run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    assert run.state == PrintRun.State.CLOSED


def test_a_stop_while_a_run_is_closing_leaves_the_rest_unclaimed(
    stream: Stream,
) -> None:
    make_letter(stream)
    run = closing_run(stream)
    outbound.stop_everything(by="ada", reason="x", now=NOW)

    assert closing._claim(run, NOW, uuid.uuid4()) == []


# Ringing -----------------------------------------------------------------------------


def test_a_run_of_which_all_was_taken_out_rings_no_more(
    stream: Stream, rung: list[int]
) -> None:
    invoice = make_letter(stream).items.get().invoice
    run = closing_run(stream)
    pay(invoice, invoice.amount)

    for _ in range(3):
        tasks.close_print_run(run.pk)

    run.refresh_from_db()
    assert (run.state, run.pulled, rung) == (PrintRun.State.CANCELLED, 1, [])


def posted(run: PrintRun) -> None:
    mark_posted(run=run, posted_on=TODAY, now=NOW)


def cancelled(run: PrintRun) -> None:
    cancel_run(run=run, now=NOW)


@pytest.mark.parametrize("end", [posted, cancelled])
def test_a_late_ring_for_a_run_that_ended_is_the_last(
    stream: Stream, rung: list[int], end: Callable[[PrintRun], None]
) -> None:
    make_letter(stream)
    run = printed(stream.brand)
    end(run)

    tasks.close_print_run(run.pk)

    assert rung == []


def test_what_another_worker_has_in_hand_is_not_rung_for(
    stream: Stream, rung: list[int]
) -> None:
    make_letter(stream)
    run = closing_run(stream)
    assert closing._claim(run, timezone.now(), uuid.uuid4())

    tasks.close_print_run(run.pk)

    run.refresh_from_db()
    assert (run.state, rung) == (PrintRun.State.CLOSING, [])


def test_what_there_was_no_time_for_is_rung_for_at_once(
    stream: Stream, rung: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_letter(stream)
    run = closing_run(stream)
    monkeypatch.setattr(closing, "close_some", lambda **_: closing.Left.WORK)

    tasks.close_print_run(run.pk)

    assert rung == [run.pk]


# Waiting -----------------------------------------------------------------------------


def test_a_worker_takes_the_run_before_any_customer_or_letter(stream: Stream) -> None:
    # In one order, so that two workers never wait for each other in a circle.
    make_letter(stream)
    invoice = make_letter(stream).items.get().invoice
    make_letter(stream, name="W" * 300)
    run = closing_run(stream)
    pay(invoice, invoice.amount)

    with CaptureQueriesContext(connection) as queries:
        closing.close_some(run_id=run.pk, clock=lambda: NOW)

    run.refresh_from_db()
    assert (run.letters, run.pulled) == (1, 2)
    taken = list(_taken(query["sql"] for query in queries.captured_queries))
    orders = [each for each in taken if "notices_printrun" in each]
    assert len(orders) >= 4
    assert {order[0] for order in orders} == {"notices_printrun"}
    assert any("customers_customer" in order for order in orders)


_TAKES = re.compile(
    r'^UPDATE "?(\w+)|^SELECT\b.*?\bFROM "?(\w+).*\bFOR (?:NO KEY )?UPDATE', re.DOTALL
)


def _taken(statements: Iterable[str]) -> Iterator[list[str]]:
    """Yield the tables whose rows each transaction takes, in order."""
    tables: list[str] = []
    for sql in statements:
        if sql.startswith("RELEASE"):
            yield tables
            tables = []
        elif found := _TAKES.match(sql.strip()):
            tables.append(found[1] or found[2])
        elif sql.startswith("SAVEPOINT"):
            tables = []
