"""What is not working turns red within two minutes, and says what to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from notices.watch import MOST_COUNTED, Level, Watch, ago
from notices.watched import Facts, Oldest, Provider, Switch, Worker
from notices.watches import alarms, watches

NOW = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MINUTE = 60 * SECOND
WORKER = Worker("celery@one", ("email", "letter", "tick"), NOW - 4 * SECOND)
WELL = Facts(
    rang_at=NOW - 3 * SECOND,
    passed_at=NOW - 2 * SECOND,
    workers=(WORKER,),
    claimed_at={"email": NOW - 5 * SECOND},
    needed_queues=("tick", "email", "letter"),
    broker_answers=True,
)


def found(**changes: Any) -> dict[str, Watch]:
    """Return the watches of a house that is well but for what is given."""
    return {one.key: one for one in watches(replace(WELL, **changes), NOW)}


def red(**changes: Any) -> set[str]:
    """Return which watches are red."""
    return {one.key for one in alarms(found(**changes).values())}


def due(age: dt.timedelta, lane: str = "reminder") -> tuple[Oldest, ...]:
    """Return an e-mail that could have gone so long ago."""
    return (Oldest("email", lane, NOW - age),)


def test_a_house_in_which_all_are_at_work_is_green() -> None:
    assert {one.level for one in found().values()} == {Level.GREEN}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"rang_at": NOW - 2 * MINUTE}, "clock"),
        ({"rang_at": None}, "clock"),
        ({"passed_at": NOW - 2 * MINUTE}, "passes"),
        ({"passed_at": None}, "passes"),
        ({"broker_answers": False}, "broker"),
        ({"workers": (replace(WORKER, seen_at=NOW - 2 * MINUTE),)}, "workers"),
        ({"workers": ()}, "workers"),
        ({"needed_queues": ("tick", "sms")}, "workers"),
        ({"switch": Switch(NOW - MINUTE, "ada", reason="wrong text")}, "outbound"),
        (
            {"oldest": due(2 * MINUTE), "claimed_at": {"email": NOW - 2 * MINUTE}},
            "due:email:reminder",
        ),
        (
            {"oldest": due(2 * MINUTE), "claimed_at": {"sms": NOW}},
            "due:email:reminder",
        ),
        ({"oldest": due(2 * MINUTE, "one_off")}, "due:email:one_off"),
    ],
)
def test_what_is_not_working_is_red_within_two_minutes_and_says_what_to_do(
    changes: dict[str, Any], key: str
) -> None:
    assert red(**changes) == {key}
    assert found(**changes)[key].advice


@pytest.mark.parametrize(
    "changes",
    [
        {"rang_at": NOW - 30 * SECOND},
        {"oldest": due(10 * SECOND), "claimed_at": {}},
        {"oldest": due(600 * MINUTE, "bulk")},
        {"unknown": 7},
        {"paused_for_safety": (("Autumn", "3 were marked as spam"),)},
        {"workers": (WORKER, replace(WORKER, name="celery@two", seen_at=NOW - MINUTE))},
    ],
)
def test_what_still_works_is_not_red(changes: dict[str, Any]) -> None:
    assert red(**changes) == set()


def test_a_long_campaign_that_is_worked_off_is_slow_and_not_broken() -> None:
    line = found(oldest=due(20 * MINUTE))["due:email:reminder"]

    assert line.level is Level.AMBER
    assert "worked off, slowly" in line.advice


def test_the_word_of_the_workers_counts_where_redis_was_not_asked() -> None:
    deaf = replace(WORKER, hears_broker=False)

    assert red(broker_answers=None, workers=(deaf,)) == {"broker"}
    assert red(broker_answers=None) == set()


def test_a_worker_whose_work_others_do_is_only_to_be_looked_at() -> None:
    gone = replace(WORKER, name="celery@two", seen_at=NOW - 20 * MINUTE)

    line = found(workers=(WORKER, gone))["worker:celery@two"]

    assert line.level is Level.AMBER
    assert "Seen 20 minutes ago" in line.value


def test_the_missing_work_is_named_with_the_command_that_does_it() -> None:
    line = found(workers=(replace(WORKER, queues=("tick",)),))["workers"]

    assert "No worker is there for e-mail, letters." in line.value
    assert "--queues email,letter" in line.advice


def test_a_stopped_house_says_who_and_why_and_blames_no_worker() -> None:
    stopped = Switch(NOW - MINUTE, "ada", reason="wrong amounts")

    lines = found(switch=stopped, oldest=due(9 * MINUTE), claimed_at={})

    assert "ada: wrong amounts" in lines["outbound"].value
    assert lines["due:email:reminder"].level is Level.AMBER
    assert lines["outbound"].since == NOW - MINUTE


def test_a_copy_is_told_the_steps_to_take() -> None:
    line = found(switch=Switch(NOW, is_copy=True, reason="seen on b"))["outbound"]

    assert line.level is Level.RED
    assert "another installation opened this database (seen on b)" in line.value
    assert "INSTALLATION_ID" in line.advice


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds ago"),
        (1, "1 second ago"),
        (119, "119 seconds ago"),
        (120, "2 minutes ago"),
        (7200, "2 hours ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_how_long_ago_is_said_in_words(seconds: int, words: str) -> None:
    assert ago(NOW - seconds * SECOND, NOW) == words


# Providers ---------------------------------------------------------------------

AWAY = Provider(
    "postmark",
    ("email",),
    failures=7,
    failing_since=NOW - 20 * MINUTE,
    closed_until=NOW + 40 * SECOND,
    reason="postmark 503",
    waiting=1200,
)


def line(**changes: Any) -> Watch:
    """Return the line of a provider that is away but for what is given."""
    return found(providers=(replace(AWAY, **changes),))["lane:postmark"]


def test_an_open_provider_says_how_fast_it_may_be_spoken_to() -> None:
    said = found(providers=(Provider("twilio", ("sms",), per_second=12.5),))

    assert said["lane:twilio"].level is Level.GREEN
    assert said["lane:twilio"].value == "Open for text messages, 12.5 a second at most."
    assert not said["lane:twilio"].lane


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 message."),
        (1_200, "1,200 messages."),
        (MOST_COUNTED, "10,000 messages."),
        (MOST_COUNTED + 1, "More than 10,000 messages."),
    ],
)
def test_what_nobody_counted_is_not_said(number: int, words: str) -> None:
    assert found(unknown=number)["unknown"].value == words


def test_a_provider_away_for_two_minutes_is_red_and_counts_what_waits() -> None:
    said = line()

    assert said.level is Level.RED
    assert said.value == (
        "Paused for safety: busy or away, 7 times in a row (“postmark 503”). "
        "1,200 messages wait for it. One asks again in 40 seconds."
    )
    assert said.since == NOW - 20 * MINUTE
    assert said.lane == "postmark"


@pytest.mark.parametrize(
    "changes",
    [{"failing_since": NOW - MINUTE, "failures": 1}, {"waiting": 0}],
)
def test_a_short_pause_or_one_nobody_waits_for_is_only_looked_at(
    changes: dict[str, Any],
) -> None:
    assert line(**changes).level is Level.AMBER


def test_a_provider_that_refuses_us_is_red_at_once_and_says_what_to_do() -> None:
    said = line(stopped_at=NOW - SECOND, reason="postmark 10", waiting=0)

    assert said.level is Level.RED
    assert "it refuses us (“postmark 10”). No message waits for it." in said.value
    assert "Try again" in said.advice


def test_what_waits_for_its_provider_does_not_accuse_the_workers() -> None:
    said = found(
        providers=(AWAY,),
        oldest=due(9 * MINUTE),
        claimed_at={"email": NOW - 4 * MINUTE},
    )["due:email:reminder"]

    assert (said.level, said.advice) == (
        Level.AMBER,
        "It waits for its provider: see above.",
    )


def test_a_house_that_has_just_begun_is_not_told_that_nobody_works() -> None:
    """A drain that runs notes its channel at its end, its worker at its beginning."""
    busy = replace(WORKER, claimed_at=NOW - 5 * SECOND)
    old = {"claimed_at": {}, "oldest": due(3 * MINUTE)}

    assert red(**old) == {"due:email:reminder"}
    assert red(**old, workers=(busy,)) == set()
