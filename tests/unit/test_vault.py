"""What is sealed opens with its own key, in its own place, whole; or it is an error."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.vault import KeyRing, VaultError, key_id_of, new_key, prefix_of

HERE, THERE = "people.email", "people.phone"
OLD, NEW = f"k1:{new_key()}", f"k2:{new_key()}"
RING = KeyRing.parse(f"{NEW},{OLD}")


@given(st.binary(max_size=300))
def test_what_was_sealed_opens_as_it_was(plain: bytes) -> None:
    assert RING.open(RING.seal(plain, HERE), HERE) == plain


@given(st.binary(min_size=1, max_size=60))
def test_nothing_of_it_shows_and_no_two_seals_are_alike(plain: bytes) -> None:
    once, again = RING.seal(plain, HERE), RING.seal(plain, HERE)

    assert once != again
    assert len(plain) < 4 or plain not in once


@given(st.binary(max_size=60), st.data())
def test_a_flipped_bit_is_an_error(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(plain, HERE))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8

    with pytest.raises(VaultError, match=HERE):
        RING.open(bytes(sealed), HERE)


@given(st.binary(max_size=60), st.data())
def test_what_is_cut_short_or_longer_is_an_error(plain: bytes, data) -> None:
    sealed = RING.seal(plain, HERE)
    cut = data.draw(st.integers(0, len(sealed) - 1))

    for wrong in (sealed[:cut], sealed + b"\0"):
        with pytest.raises(VaultError, match=HERE):
            RING.open(wrong, HERE)


@given(st.binary(max_size=60))
def test_what_was_never_sealed_is_an_error(plain: bytes) -> None:
    with pytest.raises(VaultError):
        RING.open(plain, HERE)


def test_a_value_moved_to_another_column_is_an_error() -> None:
    with pytest.raises(VaultError, match=THERE):
        RING.open(RING.seal(b"ada@example.com", HERE), THERE)


def test_a_key_of_the_same_name_that_is_another_is_an_error_without_the_value() -> None:
    sealed = RING.seal(b"ada@example.com", HERE)

    with pytest.raises(VaultError) as refused:
        KeyRing.parse(f"k2:{new_key()}").open(sealed, HERE)

    assert HERE in str(refused.value)
    assert "ada" not in str(refused.value)


def test_the_newest_key_seals_and_an_older_one_still_opens() -> None:
    before = KeyRing.parse(OLD).seal(b"x", HERE)
    after = RING.seal(b"x", HERE)

    assert RING.open(before, HERE) == b"x"
    assert key_id_of(before, HERE) == "k1"
    assert key_id_of(after, HERE) == RING.newest == "k2"
    assert before.startswith(prefix_of("k1"))


def test_a_key_taken_away_too_early_is_named() -> None:
    sealed = KeyRing.parse(OLD).seal(b"x", HERE)

    with pytest.raises(VaultError, match=r"'k1'.*not among FIELD_KEYS"):
        KeyRing.parse(NEW).open(sealed, HERE)


@given(st.text(max_size=40), st.text(max_size=40))
def test_equal_values_and_only_they_have_equal_indexes(one: str, other: str) -> None:
    indexes = RING.blind_index(one, HERE), RING.blind_index(other, HERE)

    assert (indexes[0] == indexes[1]) == (one == other)
    assert len(indexes[0]) == 32


def test_an_index_is_another_in_another_column_and_under_another_key() -> None:
    found = {
        RING.blind_index("ada", HERE),
        RING.blind_index("ada", THERE),
        KeyRing.parse(OLD).blind_index("ada", HERE),
    }

    assert len(found) == 3


def test_a_value_is_looked_for_under_every_live_key_newest_first() -> None:
    assert RING.blind_indexes("ada", HERE) == [
        KeyRing.parse(NEW).blind_index("ada", HERE),
        KeyRing.parse(OLD).blind_index("ada", HERE),
    ]


def test_keys_may_stand_on_lines_and_in_the_alphabet_of_links() -> None:
    key = base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("=")

    ring = KeyRing.parse(f"k3:{key}\n{NEW}\n")

    assert ring.key_ids == ("k3", "k2")


# No random key: each worker of the tests must name the cases alike.
KEY = "A" * 43 + "="


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no key"),
        (" , ", "There is no key"),
        ("justakey", "must be pairs"),
        (f"k1:{KEY},k1:{KEY}", "twice"),
        ("k1:AAAA", "3 bytes instead of 32"),
        ("k1:not base64", "must be pairs"),
        ("k1:§§§", "not base64"),
        (f"a b:{'A' * 43}=", "must be pairs"),
        (f"ключ:{KEY}", "no key id"),
        (f"{'k' * 21}:{KEY}", "no key id"),
        (f":{KEY}", "no key id"),
    ],
)
def test_keys_that_cannot_be_read_are_named_but_never_shown(text, sentence) -> None:
    with pytest.raises(VaultError, match=sentence) as refused:
        KeyRing.parse(text)

    secret = text.rpartition(":")[2]
    assert len(secret) < 20 or secret not in str(refused.value)
    assert len(secret) < 20 or secret not in repr(RING)
