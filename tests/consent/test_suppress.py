"""An address that nothing more may go to is known by its fingerprint alone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.actions import DeadEnd, suppress, suppress_all
from consent.fingerprints import fingerprint, fingerprint_of
from consent.models import Suppression

NOW = dt.datetime(2026, 3, 10, 10, 0, tzinfo=dt.UTC)


def stop(address="ann@example.com", reason="hard_bounce"):
    return suppress(
        channel="email", address=address, reason=reason, source="test", now=NOW
    )


@pytest.mark.django_db
def test_a_suppressed_address_is_listed_without_being_kept():
    assert stop() is True

    listed = Suppression.objects.get()
    assert bytes(listed.fingerprint) == fingerprint_of("Ann@Example.com")
    assert len(listed.fingerprint) == 32
    assert listed.since == NOW


@pytest.mark.django_db
def test_the_first_reason_stands():
    stop(reason="complaint")

    assert stop(reason="hard_bounce") is False

    assert Suppression.objects.get().reason == "complaint"


@pytest.mark.django_db
def test_one_address_can_be_stopped_on_each_channel():
    stop()
    suppress(channel="sms", address="+447700900001", reason="stop", source="", now=NOW)

    assert Suppression.objects.count() == 2


@pytest.mark.django_db
def test_a_stop_that_ends_by_itself_gives_way_to_one_that_does_not():
    assert stop(reason="soft_limit") is True
    assert stop(reason="soft_limit") is False

    assert stop(reason="complaint") is True
    assert stop(reason="soft_limit") is False

    assert Suppression.objects.get().reason == "complaint"


@pytest.mark.django_db
def test_of_many_told_at_once_each_address_is_stopped_for_its_first_reason(
    django_assert_num_queries,
):
    told = [
        DeadEnd("email", "ann@example.com", "soft_limit", "a"),
        DeadEnd("email", "Ann@example.com", "complaint", "b"),
        DeadEnd("email", "ann@example.com", "hard_bounce", "c"),
        DeadEnd("sms", "+447700900001", "invalid", "d"),
    ]
    with django_assert_num_queries(1):
        assert suppress_all(told, now=NOW) == 2
    assert suppress_all(told, now=NOW) == 0
    assert suppress_all([], now=NOW) == 0

    listed = Suppression.objects.order_by("channel").values_list("reason", "source")
    assert list(listed) == [("complaint", "b"), ("invalid", "d")]


def test_the_fingerprint_is_the_published_hmac():
    # RFC 4231, test case 2.
    assert fingerprint("what do ya want for nothing?", "Jefe").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@given(st.text(), st.text(), st.text(min_size=1))
def test_another_address_or_key_gives_another_fingerprint(address, other, key):
    assert (fingerprint(address, key) == fingerprint(other, key)) == (address == other)
    assert fingerprint(address, key) != fingerprint(address, f"{key}x")
