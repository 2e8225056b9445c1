"""A STOP that ends the texts of one topic, and its taking back.

Where it may end so little is for consent.law to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from consent.models import TopicStop
from customers.models import Customer


def stop_topic(
    *, customers: Iterable[Customer], topic: str, source: str, now: dt.datetime
) -> None:
    """Let these customers get no more texts of a topic; once stopped, it stays so."""
    TopicStop.objects.bulk_create(
        [
            TopicStop(customer=one, topic=topic, since=now, source=source[:120])
            for one in customers
        ],
        ignore_conflicts=True,
    )


def permit_topics(*, customers: Iterable[Customer]) -> None:
    """Take back all stops of single topics, at the word of the person who gave them."""
    TopicStop.objects.filter(customer__in=list(customers)).delete()


def has_stopped(customers: Iterable[Customer], topic: str) -> bool:
    """Whether one of these customers has stopped the texts of a topic."""
    return TopicStop.objects.filter(customer__in=list(customers), topic=topic).exists()
