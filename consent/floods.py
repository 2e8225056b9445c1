"""Counts what strangers try, so that codes cannot be guessed nor forms flooded.

Counted in the database, which outlives a lost Redis; by the hour, for one network and
for everybody together. The network is kept as a keyed hash.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.utils.crypto import salted_hmac

from consent.models import Flood
from consent.networks import SUBSCRIBER, network_of

EVERYBODY = b""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried in an hour, by one network and by all."""

    what: str
    one: int
    all: int


# Ten signs are 50 bits: with a million letters out and this many guesses an hour, one
# would be hit in about sixty years of guessing without a pause.
CODES = Limit("code", one=10, all=2_000)
# Beside the five wrong codes that one sample forgives (consent.ceremony).
GUESSES = Limit("guess", one=30, all=5_000)
FORMS = Limit("form", one=120, all=20_000)
LINKS = Limit("fresh_link", one=5, all=1_000)
# Each has a worker read all that is kept of somebody; beside the one a day for each.
COPIES = Limit("own_copy", one=5, all=200)


def is_flooded(limit: Limit, address: str, *, now: dt.datetime) -> bool:
    """Whether an address's network, or everybody, has tried too often this hour.

    Only asks; :func:`count` notes one more.
    """
    mine, hour = network_print(address), _hour(now)
    rows = Flood.objects.filter(
        what=limit.what, who__in=[mine, EVERYBODY], hour=hour
    ).values_list("who", "times")
    return any(
        times >= (limit.all if bytes(who) == EVERYBODY else limit.one)
        for who, times in rows
    )


def count(limit: Limit, address: str, *, now: dt.datetime) -> None:
    """Note one more try of an address's network."""
    with connection.cursor() as cursor:
        # Always in this order: two visitors never wait for one another crosswise.
        for who in (network_print(address), EVERYBODY):
            cursor.execute(_COUNT, [limit.what, who, _hour(now)])


_COUNT = """
INSERT INTO consent_flood AS kept (what, who, hour, times) VALUES (%s, %s, %s, 1)
ON CONFLICT (what, who, hour) DO UPDATE SET times = kept.times + 1
"""


def clear_floods(*, now: dt.datetime) -> int:
    """Forget what was counted in hours gone by; return how many rows."""
    return Flood.objects.filter(hour__lt=_hour(now)).delete()[0]


def network_print(address: str) -> bytes:
    """Return what the network of an IP address hashes to: /24, or /64 of IPv6."""
    network = network_of(address, SUBSCRIBER) or "unknown"
    return salted_hmac("consent.floods", network, algorithm="sha256").digest()


def _hour(now: dt.datetime) -> dt.datetime:
    return now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
