"""Instants are read as they were told, and what Python has no value for is an error."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import Format

from customers.instants import UtcInstants

pytestmark = pytest.mark.django_db


def _told(words: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [words])
        return cursor.fetchone()[0]


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_is_read_as_it_was_written(instant):
    written = instant.astimezone(dt.UTC)
    read = _told(written.isoformat())
    assert read == written
    assert read.tzinfo is dt.UTC


def test_every_connection_reads_so():
    connection.ensure_connection()
    adapters = connection.connection.adapters
    assert adapters.get_loader(1184, Format.TEXT) is UtcInstants
    with connection.cursor() as cursor:
        # Else Django copies all it knows of types for each cursor.
        assert cursor.adapters.get_loader(1184, Format.TEXT) is UtcInstants


@pytest.mark.parametrize("words", ["infinity", "10000-01-01 00:00Z", "0044-03-15 BC"])
def test_what_python_has_no_value_for_is_an_error_that_says_so(words):
    with pytest.raises(DataError, match=r"infinity|large|before"):
        _told(words)


def test_a_session_in_another_zone_tells_the_same_instant():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Kathmandu'")
    read = _told("2026-03-10 10:00:00.5Z")
    assert read == dt.datetime(2026, 3, 10, 10, 0, 0, 500_000, dt.UTC)
    assert read.tzinfo is dt.UTC
