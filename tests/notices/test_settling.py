"""What a killed worker left is settled at once, by what its journal tells."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from consent.models import Suppression
from notices import record
from notices.claims import claim, sweep
from notices.handovers import Result
from notices.journal import Journal
from notices.lanes import reserve
from notices.models import Attempt, Notice, ProviderLane, SentCopy
from notices.readying import make_ready
from notices.senders import Receipt, SendError
from notices.settling import journals, settle
from notices.starter import install_starters
from notices.states import State
from tests.factories import make_stream
from tests.notices.test_dispatch import NOW, expire_leases, make_reminder

pytestmark = pytest.mark.django_db

Tell = Callable[[Journal, dict[str, str]], None]
NAMES = ("taken", "dead", "begun", "waiting")


class KilledError(BaseException):
    """Stands in for the kill: whatever leaves a journal behind, unlocked."""


@pytest.fixture
def killed(settings: Any, tmp_path: Any) -> dict[str, Notice]:
    """A worker killed with four messages of one batch in its hands."""
    settings.DULY_HOME = tmp_path
    install_starters(["en"])
    stream = make_stream()
    token = uuid.uuid4()
    notices = {name: make_reminder(stream) for name in NAMES}
    ids = claim(stream_id=stream.pk, channel="email", now=NOW, size=9, token=token)
    make_ready(ids, token=token, provider="smtp", clock=lambda: NOW, moved=Counter())
    keys = {name: f"{notice.reference}.1" for name, notice in notices.items()}
    with pytest.raises(KilledError), Journal(journals(), token) as journal:
        for name in ("taken", "dead", "begun"):
            journal.leaves(keys[name])
        journal.answered(keys["taken"], Receipt("queued as 4711"))
        refusal = SendError("550 5.1.1", permanent=True, suppresses="hard_bounce")
        journal.answered(keys["dead"], refusal)
        raise KilledError
    return notices


def states(notices: dict[str, Notice]) -> dict[str, str]:
    for notice in notices.values():
        notice.refresh_from_db()
    return {name: notice.state for name, notice in notices.items()}


def test_each_message_goes_where_its_story_ended(killed: dict[str, Notice]) -> None:
    moved = settle()

    assert states(killed) == {
        "taken": State.SENT,
        "dead": State.FAILED,
        "begun": State.UNKNOWN,
        "waiting": State.SCHEDULED,
    }
    assert moved == {"sent": 1, "failed": 1, "unknown": 1, "scheduled": 1}
    assert killed["taken"].attempts.get().provider_reference == "queued as 4711"
    assert Suppression.objects.get().reason == "hard_bounce"


def test_who_was_to_ask_whether_a_provider_is_back_asks_no_more(
    killed: dict[str, Notice],
) -> None:
    dead = Notice.objects.filter(state=State.HANDING_OFF).values_list("claim_token")
    reserve("smtp", 1)
    ProviderLane.objects.update(failures=1)
    assert reserve("smtp", 1, asker=dead[0][0]).messages == 1
    assert reserve("smtp", 1).messages == 0

    settle()

    assert reserve("smtp", 1).messages == 1


def test_what_never_left_was_no_try(killed: dict[str, Notice]) -> None:
    settle()

    waiting = Notice.objects.get(pk=killed["waiting"].pk)
    assert (waiting.tries, waiting.attempts.count()) == (0, 0)
    assert Attempt.objects.count() == 3


def test_an_answer_that_no_database_keeps_holds_up_no_other(
    killed: dict[str, Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = record.finish_attempts

    def refused(results: list[Result], now: Any) -> None:
        if killed["taken"] in [one.handover.notice for one in results]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT '\\x0g'::bytea")
        kept(results, now)

    monkeypatch.setattr("notices.record.finish_attempts", refused)

    settle()

    found = states(killed)
    assert found.pop("taken") == State.HANDING_OFF
    assert found == {"dead": "failed", "begun": "unknown", "waiting": "scheduled"}
    assert settle() == Counter()


def test_a_second_settling_changes_nothing(killed: dict[str, Notice]) -> None:
    settle()
    before = states(killed)

    assert settle() == Counter()
    assert states(killed) == before


def test_without_its_journal_all_a_worker_held_is_unknown(
    killed: dict[str, Notice],
) -> None:
    for path in journals().iterdir():
        path.unlink()

    assert settle() == Counter()
    expire_leases()
    sweep()

    assert set(states(killed).values()) == {State.UNKNOWN}


def test_a_journal_found_after_the_sweeper_moves_nothing(
    killed: dict[str, Notice],
) -> None:
    expire_leases()
    sweep()

    assert settle() == Counter()

    assert set(states(killed).values()) == {State.UNKNOWN}
    assert SentCopy.objects.count() == 4
