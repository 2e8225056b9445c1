"""Judges whether the house is well: facts in, one line a watch out, in plain words.

Pure: no clock, no database. Each watch is green, amber or red, says what it saw,
since when, and what to do. Whatever stops messages from going turns red within two
minutes of its beginning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from notices.watch import DEAD, Level, Watch, age_level, ago, messages
from notices.watched import Facts, Ledger, Oldest, Worker
from notices.way_out import WORK, outbound, provider

# A root is made once a day, and copied at once or ten minutes later.
UNROOTED = dt.timedelta(hours=26)
UNCOPIED = dt.timedelta(minutes=25)
# How long the oldest message of a lane may wait while others of it go.
PATIENCE = {
    "one_off": dt.timedelta(minutes=1),
    "reminder": dt.timedelta(minutes=15),
    "bulk": dt.timedelta(hours=2),
}
LANES = {
    "one_off": "single messages",
    "reminder": "reminders",
    "bulk": "bulk messages",
}


def watches(facts: Facts, now: dt.datetime) -> list[Watch]:
    """Return every watch, in the order of the page."""
    return [
        outbound(facts.switch),
        _clock(facts.rang_at, now),
        _passes(facts.passed_at, now),
        _broker(facts, now),
        _service(facts, now),
        *(provider(one, now) for one in facts.providers),
        *(_worker(worker, now) for worker in facts.workers),
        *_lanes(facts, now),
        _unknown(facts.unknown),
        _ledger(facts.ledger, now),
        *(
            Watch(
                f"safety:{label}",
                f"Campaign “{label}”",
                Level.AMBER,
                f"Paused for safety: {reason}.",
                "Look at the failed messages, put right what is wrong with the "
                "addresses or the text, then resume the campaign.",
            )
            for label, reason in facts.paused_for_safety
        ),
    ]


def alarms(found: Iterable[Watch]) -> list[Watch]:
    """Return the red ones."""
    return [watch for watch in found if watch.level is Level.RED]


def _clock(rang_at: dt.datetime | None, now: dt.datetime) -> Watch:
    level = age_level(rang_at, now)
    return Watch(
        "clock",
        "Clock",
        level,
        f"Rang {ago(rang_at, now)}." if rang_at else "Has never rung.",
        ""
        if level is Level.GREEN
        else "Start it, or look into its log: celery -A config.celery beat.",
        rang_at,
    )


def _passes(passed_at: dt.datetime | None, now: dt.datetime) -> Watch:
    level = age_level(passed_at, now)
    return Watch(
        "passes",
        "Scheduler",
        level,
        f"Looked at what is due {ago(passed_at, now)}."
        if passed_at
        else "Has never looked at what is due.",
        ""
        if level is Level.GREEN
        else "It runs in a worker of the queue “tick” when the clock rings. Look "
        "into that worker's log.",
        passed_at,
    )


def _broker(facts: Facts, now: dt.datetime) -> Watch:
    words = [worker.hears_broker for worker in _living(facts.workers, now)]
    answers = facts.broker_answers
    deaf = answers is False or (answers is None and bool(words) and not any(words))
    if deaf:
        return Watch(
            "broker",
            "Redis",
            Level.RED,
            "Does not answer, so nobody is woken.",
            "Start Redis or Valkey again, or look at REDIS_URL. Nothing is lost: "
            "the queue is in PostgreSQL.",
        )
    if not all(words):
        return Watch(
            "broker",
            "Redis",
            Level.AMBER,
            "Some workers do not hear it.",
            "They restart by themselves. If this stays, look at the network between "
            "them and Redis.",
        )
    return Watch("broker", "Redis", Level.GREEN, "Answers.")


def _service(facts: Facts, now: dt.datetime) -> Watch:
    served = {queue for one in _living(facts.workers, now) for queue in one.queues}
    missing = [queue for queue in facts.needed_queues if queue not in served]
    if not missing:
        return Watch(
            "workers", "Workers", Level.GREEN, "Every kind of work has a worker."
        )
    named = ", ".join(WORK.get(queue, queue) for queue in missing)
    last = max((worker.seen_at for worker in facts.workers), default=None)
    return Watch(
        "workers",
        "Workers",
        Level.RED,
        f"No worker is there for {named}.",
        f"Start one: celery -A config.celery worker --queues {','.join(missing)}. "
        "What is due waits, and goes when it is there.",
        last,
    )


def _worker(worker: Worker, now: dt.datetime) -> Watch:
    level = min(age_level(worker.seen_at, now), Level.AMBER)
    claim = (
        f"last had messages in hand {ago(worker.claimed_at, now)}"
        if worker.claimed_at
        else "has had no messages in hand yet"
    )
    return Watch(
        f"worker:{worker.name}",
        f"Worker {worker.name}",
        level,
        f"Seen {ago(worker.seen_at, now)}, {claim}. "
        f"Serves {', '.join(WORK.get(queue, queue) for queue in worker.queues)}.",
        ""
        if level is Level.GREEN
        else "Look whether it still runs. A worker that was not seen for an hour is "
        "forgotten.",
        worker.seen_at,
    )


def _lanes(facts: Facts, now: dt.datetime) -> list[Watch]:
    found = [_lane(one, facts, now) for one in facts.oldest]
    if found:
        return found
    return [Watch("due", "What is due", Level.GREEN, "Nothing waits that could go.")]


def _lane(oldest: Oldest, facts: Facts, now: dt.datetime) -> Watch:
    age = now - oldest.since
    claimed_at = facts.claimed_at.get(oldest.channel)
    # A claim of the channel is noted when a drain ends; that its workers are busy is
    # known before.
    at_work = [claimed_at] + [
        worker.claimed_at for worker in facts.workers if oldest.channel in worker.queues
    ]
    idle = all(moment is None or now - moment > DEAD for moment in at_work)
    what = WORK.get(oldest.channel, oldest.channel)
    level, advice = Level.GREEN, ""
    if facts.switch.stopped_at is not None:
        level = Level.AMBER
        advice = "It waits, since everything is stopped."
    elif any(
        oldest.channel in one.channels for one in facts.providers if not one.is_open
    ):
        # The provider's own line above says so, and how bad it is.
        level = Level.AMBER
        advice = "It waits for its provider: see above."
    elif age > DEAD and (idle or oldest.lane == "one_off"):
        level = Level.RED
        advice = (
            f"Nobody takes it. Look at the workers of {what} above and into their log, "
            "and whether the provider answers."
        )
    elif age > PATIENCE[oldest.lane]:
        level = Level.AMBER
        advice = (
            "They are being worked off, slowly: more workers or a higher rate help."
        )
    return Watch(
        f"due:{oldest.channel}:{oldest.lane}",
        f"Due: {LANES[oldest.lane]} by {what}",
        level,
        f"The oldest could have gone {ago(oldest.since, now)}.",
        advice,
        oldest.since,
    )


def _unknown(number: int) -> Watch:
    title = "Messages of unknown fate"
    if not number:
        return Watch("unknown", title, Level.GREEN, "None.")
    return Watch(
        "unknown",
        title,
        Level.AMBER,
        f"{messages(number)}.",
        "The line broke while they were handed over. Find out whether they arrived, "
        "and say so on their page: they are never sent again unasked.",
    )


def _ledger(ledger: Ledger, now: dt.datetime) -> Watch:
    key, title = "ledger", "Consent history"
    if ledger.uncopied is not None and now - ledger.uncopied > UNCOPIED:
        return Watch(
            key,
            title,
            Level.RED,
            f"Its root of {ago(ledger.uncopied, now)} was not copied off the database.",
            "Look into the log of the workers of the queue “tick”, and whether they "
            "may write LEDGER_FILE. It is tried again every ten minutes.",
            ledger.uncopied,
        )
    if ledger.unrooted is not None and now - ledger.unrooted > UNROOTED:
        return Watch(
            key,
            title,
            Level.RED,
            f"What was added {ago(ledger.unrooted, now)} is in no root yet.",
            "A root is made once a day by the scheduler's passes. Look into the log of "
            "the workers of the queue “tick”, and for a transaction that never ends.",
            ledger.unrooted,
        )
    return Watch(key, title, Level.GREEN, "Sealed day by day, and copied.")


def _living(workers: Iterable[Worker], now: dt.datetime) -> list[Worker]:
    return [one for one in workers if age_level(one.seen_at, now) < Level.RED]
