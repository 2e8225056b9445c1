"""Messages go over several connections at once, and every one comes back answered."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from notices.handovers import Handover
from notices.journal import Journal
from notices.senders import Outgoing, Receipt, SendError, Take
from notices.wire import Wire


class Provider:
    """Takes everything, slowly; answers by what is asked of it."""

    provider = "slow"

    def __init__(self, width: int, seconds: float = 0.0) -> None:
        self.width = width
        self.seconds = seconds
        self.answers: dict[str, Exception] = {}
        self.seen: list[str] = []
        self.threads: set[int] = set()

    def __enter__(self) -> Provider:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, message: Outgoing) -> Receipt:
        self.seen.append(message.reference)
        self.threads.add(threading.get_ident())
        time.sleep(self.seconds)
        if message.reference in self.answers:
            raise self.answers[message.reference]
        return Receipt(message.reference)


def handover(reference: str) -> Handover:
    outgoing = Outgoing(
        reference=reference,
        channel="email",
        destination="anna@example.com",
        sender="bills@example.com",
        media_type="message/rfc822",
        body=b"",
        sha256=b"",
        idempotency_key=f"{reference}.1",
    )
    return Handover(SimpleNamespace(stream_id=1), outgoing, "slow")  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path, uuid.uuid4()) as one:
        yield one


def answers_of(wire: Wire, number: int) -> dict[str, Any]:
    found = wire.fetch(least=number, seconds=5)
    return {one.handover.outgoing.reference: one.answer for one in found}


@pytest.mark.parametrize("width", [0, 1, 4])
def test_every_message_comes_back_with_its_own_answer(
    journal: Journal, width: int
) -> None:
    names = [f"M{number}" for number in range(20)]

    with Wire(Provider(width), journal) as wire:
        wire.put([handover(name) for name in names], time.monotonic() + 5)
        answers = answers_of(wire, 20)

        assert not wire.in_hand

    assert {name: answers[name].provider_reference for name in names} == {
        name: name for name in names
    }


def test_as_many_go_at_once_as_there_are_connections(journal: Journal) -> None:
    provider = Provider(4, seconds=0.02)

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(20)], time.monotonic() + 5)
        answers_of(wire, 20)

    assert len(provider.threads) == 4


def test_what_is_recalled_comes_back_untried(journal: Journal) -> None:
    provider = Provider(1, seconds=0.05)

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(10)], time.monotonic() + 5)
        while not provider.seen:
            time.sleep(0.001)
        wire.recall()
        answers = answers_of(wire, 10)

    untried = [one for one in answers.values() if isinstance(one, SendError)]
    assert len(answers) == 10
    assert len(untried) == 10 - len(provider.seen) >= 8
    assert all(one.untried for one in untried)


def test_a_busy_provider_is_not_asked_again_for_the_rest(journal: Journal) -> None:
    provider = Provider(1)
    provider.answers["M0"] = SendError("429", backs_off=True)

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(10)], time.monotonic() + 5)
        answers = answers_of(wire, 10)

    assert provider.seen == ["M0"]
    assert all(answers[f"M{at}"].untried for at in range(1, 10))


def test_a_fault_of_ours_leaves_one_message_in_doubt(journal: Journal) -> None:
    provider = Provider(1)
    provider.answers["M1"] = ZeroDivisionError()

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(3)], time.monotonic() + 5)
        answers = answers_of(wire, 3)

    assert isinstance(answers["M0"], Receipt)
    assert answers["M1"].unknown
    assert isinstance(answers["M2"], Receipt)


def test_nothing_begins_after_its_time(journal: Journal) -> None:
    provider = Provider(2)

    with Wire(provider, journal) as wire:
        wire.put([handover("M0")], time.monotonic() - 1)
        answers = answers_of(wire, 1)

    assert answers["M0"].untried
    assert provider.seen == []


def test_a_connection_serves_one_batch_after_another(journal: Journal) -> None:
    provider = Provider(1)

    with Wire(provider, journal) as wire:
        for at in range(3):
            wire.put([handover(f"M{at}")], time.monotonic() + 5)
            answers_of(wire, 1)

    assert provider.seen == ["M0", "M1", "M2"]
    assert len(provider.threads) == 1


def test_a_recall_is_not_undone_by_what_is_put_in_later(journal: Journal) -> None:
    """Staff paused one campaign; another one goes on."""
    provider = Provider(1, seconds=0.05)

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(10)], time.monotonic() + 5)
        while not provider.seen:
            time.sleep(0.001)
        wire.recall()
        wire.put([handover("OTHER")], time.monotonic() + 5)
        answers = answers_of(wire, 11)

    assert len(provider.seen) <= 3
    assert provider.seen[-1] == "OTHER"
    assert isinstance(answers["OTHER"], Receipt)
    assert answers["M9"].untried


def test_a_batch_gets_no_more_time_by_the_next_one(journal: Journal) -> None:
    provider = Provider(1, seconds=0.05)

    with Wire(provider, journal) as wire:
        wire.put([handover(f"M{at}") for at in range(10)], time.monotonic() + 0.04)
        wire.put([handover("OTHER")], time.monotonic() + 5)
        answers = answers_of(wire, 11)

    assert answers["M9"].untried
    assert isinstance(answers["OTHER"], Receipt)


class Breaking(Provider):
    """Takes the next message before it hands over the first, and then breaks."""

    def stream(
        self, take: Take, leaves: Callable[[Outgoing], None]
    ) -> Iterator[tuple[Outgoing, Receipt | SendError]]:
        while (message := take(True)) is not None:
            following = take(False)
            leaves(message)
            if message.reference == "M0" or following is None:
                raise ZeroDivisionError
            yield message, Receipt(message.reference)
            leaves(following)
            yield following, Receipt(following.reference)


def test_what_was_taken_beside_a_message_that_broke_its_sender_comes_back(
    journal: Journal,
) -> None:
    with Wire(Breaking(1), journal) as wire:
        wire.put([handover(f"M{at}") for at in range(4)], time.monotonic() + 5)
        answers = answers_of(wire, 4)

    assert answers["M0"].unknown
    assert answers["M1"].untried
    assert isinstance(answers["M2"], Receipt)
    assert isinstance(answers["M3"], Receipt)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_wire_without_threads_says_so_instead_of_waiting_for_ever(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(journal, "answered", broken)

    with Wire(Provider(1), journal) as wire:
        wire.put([handover("M0")], time.monotonic() + 5)
        with pytest.raises(RuntimeError, match="dead"):
            for _ in range(9):
                wire.fetch(least=1, seconds=0.1)


@pytest.mark.parametrize("width", [0, 2])
def test_what_the_journal_cannot_note_does_not_leave(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    stuck = SendError("the disk is stuck", untried=True, backs_off=True)

    def refuse(key: str) -> None:
        raise stuck

    monkeypatch.setattr(journal, "leaves", refuse)
    provider = Provider(width)
    names = [f"M{number}" for number in range(5)]
    with Wire(provider, journal) as wire:
        wire.put([handover(name) for name in names], time.monotonic() + 5)
        answers = answers_of(wire, 5)
    assert not provider.seen
    assert all(answer.untried for answer in answers.values())
    # Its lane closes for a while and says why.
    assert stuck in answers.values()
