"""One of many values, asked as one array."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consent.models import Suppression
from customers.lookups import array_of
from customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def _held_by_postgres(values: str, kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [values])
        found: list[object] = cursor.fetchone()[0]
    return found


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_an_array_of_numbers_is_what_postgresql_reads(numbers):
    assert _held_by_postgres(array_of(numbers), "bigint") == numbers


@given(
    st.lists(
        st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])),
        max_size=9,
    )
)
def test_an_array_of_texts_is_what_postgresql_reads(texts):
    assert _held_by_postgres(array_of(texts), "text") == texts


@given(st.lists(st.none() | st.datetimes(timezones=st.just(dt.UTC)), max_size=9))
def test_an_array_of_instants_may_lack_some(instants):
    assert _held_by_postgres(array_of(instants), "timestamptz") == instants


def test_rows_are_found_by_numbers_by_words_and_by_bytes():
    ours = [make_customer(number=f'{{"C,{n}\\') for n in range(3)]
    keys, numbers = [one.pk for one in ours[:2]], [one.number for one in ours[:2]]
    assert set(Customer.objects.filter(pk__among=keys)) == set(ours[:2])
    assert set(Customer.objects.filter(number__among=numbers)) == set(ours[:2])
    assert not Customer.objects.filter(pk__among=[])
    prints = [bytes(range(256))[n : n + 32] for n in (0, 34, 92)]
    for one in prints:
        Suppression.objects.create(
            channel="email", fingerprint=one, reason="manual", since=timezone.now()
        )
    found = Suppression.objects.filter(fingerprint__among=prints[1:])
    assert {bytes(one.fingerprint) for one in found} == set(prints[1:])
