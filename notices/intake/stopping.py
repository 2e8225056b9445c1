"""Stops at once what is in line for people who asked us to stop, and says how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from consent.inbound import normalise
from consent.law import stop_scope
from consent.lawbook import lawbook
from consent.topic_stops import has_stopped
from consent.topics import kinds_of, topic_of
from customers.models import Customer
from notices.gate import law_of
from notices.intake.answers import STOPPED_TOPIC, has_text, provider_answers
from notices.intake.told import Said
from notices.models import Notice
from notices.people import people_of
from notices.states import State, check_move

# The answer to the stop itself still goes.
ANSWERS = ("stop_confirmation", "help_reply")
# What the decision would say of each reason; the ladder knows these words.
_WORDS = {"stop": "SUPP_STOP", "unsub_all": "SUPP_UNSUB_ALL"}
_TOPIC_OFF = "PREF_CATEGORY_OFF"
# Whoever writes this means every text, whatever it answers.
_EVERYTHING = frozenset({"stopall", "stop all", "stop everything"})


def stop_queued(*, customers: Sequence[int], channel: str, reason: str) -> int:
    """Take out of line what these people would get by a channel; return how many.

    What a worker has in hand is left to it: it asks again before it hands over, and
    finds the stop. What law requires is held, since staff must find another way.
    """
    return _take_out(customers, _WORDS[reason], channel=channel)


def stop_queued_texts_of(topic: str, *, customers: Sequence[int]) -> int:
    """Take out of line the texts of a topic for these people; return how many."""
    return _take_out(customers, _TOPIC_OFF, channel="sms", kind__in=kinds_of(topic))


def _take_out(customers: Sequence[int], why: str, **which: object) -> int:
    check_move(State.SCHEDULED, State.SUPPRESSED)
    check_move(State.SCHEDULED, State.HELD)
    queued = Notice.objects.filter(
        customer__in=customers, state=State.SCHEDULED, **which
    ).exclude(kind__in=ANSWERS)
    required = queued.exclude(legal="none").update(state=State.HELD, reason=why)
    return required + queued.filter(legal="none").update(
        state=State.SUPPRESSED, reason=why
    )


def stopped_topic(
    said: Said, notice: Notice | None, people: Iterable[Customer], now: dt.datetime
) -> str:
    """Return the one topic that a STOP by text ends, empty where it ends everything.

    Everything unless the firm's policy chose the topic, the law of everybody at that
    number allows it on this day, we know what was answered and can say so, and it is
    the first such STOP: who writes it again means more. A provider that answered it
    itself has stopped all.
    """
    if said.channel != "sms" or notice is None or provider_answers(ANSWERS[0], said):
        return ""
    topic = topic_of(notice.kind)
    everybody = [*people, notice.customer]
    if (
        normalise(said.text) in _EVERYTHING
        or has_stopped(everybody, topic)
        or not has_text(STOPPED_TOPIC, notice.customer)
        or _ends_all(notice, everybody, now)
    ):
        return ""
    return topic


def _ends_all(notice: Notice, people: Iterable[Customer], now: dt.datetime) -> bool:
    """Whether firm or law want a STOP to end all texts, for one of these people."""
    chosen = notice.stream.policy.stop_scope
    book, today = lawbook(), now.astimezone(dt.UTC).date()
    return any(
        stop_scope(chosen, law_of(person, book, now, today)) == "all"  # type: ignore[arg-type]
        for person in people_of(one.pk for one in people).values()
    )
