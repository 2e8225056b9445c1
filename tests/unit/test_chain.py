"""The bytes that are hashed, and what hashes of them hold fast."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent import chain

# What text PostgreSQL can hold, and names as evidence has them.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
names = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | texts
    | st.text('\\"\b\f\n\r\t\x01\x1f\x7f\u2028\ufb33\U0001f600é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_canonical_json_is_rfc_8785_to_the_byte(value: Any) -> None:
    assert chain.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, {"ü": 1}, {1: 2}, {"a": b"b"}, [{"a": 0.0}], "\ud800"],
)
def test_what_readers_of_json_disagree_about_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        chain.canonical(value)


def fields(**changed: object) -> dict[str, object]:
    return {
        **dict.fromkeys(chain.FIELDS, ""),
        "customer": 7,
        "seq": 1,
        "categories": ["bills"],
        "evidence": {"reply": 3},
        "commitments": {},
        "effective_on": dt.date(2026, 1, 2),
        "recorded_at": dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC),
        "address_print": b"\1" * 32,
        **changed,
    }


def test_an_instant_hashes_alike_in_every_zone() -> None:
    berlin = dt.datetime(2026, 1, 2, 4, tzinfo=dt.timezone(dt.timedelta(hours=1)))

    assert chain.event_hash(fields(recorded_at=berlin), chain.GENESIS) == (
        chain.event_hash(fields(), chain.GENESIS)
    )


@pytest.mark.parametrize("name", chain.FIELDS)
def test_every_column_counts(name: str) -> None:
    before = chain.event_hash(fields(), chain.GENESIS)

    assert chain.event_hash(fields(**{name: "other"}), chain.GENESIS) != before


def test_what_an_event_follows_counts() -> None:
    first = chain.event_hash(fields(), chain.GENESIS)

    assert chain.event_hash(fields(), first) != first


def test_an_event_hashes_as_it_did_when_the_first_were_recorded() -> None:
    """Histories of customers verify for ever: this value may never change."""
    assert chain.event_hash(fields(), chain.GENESIS).hex() == FIRST


FIRST = "56330c7b76f2f4cec975d05fd69b4102c73554e7e87caff81e7b9d4c6b48b21b"


@given(values, values, st.binary(min_size=32, max_size=32))
def test_a_commitment_binds_one_value_under_one_salt(
    value: Any, other: Any, salt: bytes
) -> None:
    told = chain.commitment(salt, value)

    assert len(told) == 32
    assert (chain.commitment(salt, other) == told) == (
        chain.canonical(other) == chain.canonical(value)
    )
    assert chain.commitment(salt[::-1] + b"x", value) != told


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    tree = chain.Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def mth(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962, section 2.1, writes it down."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + mth(leaves[:half]) + mth(leaves[half:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_a_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == mth(leaves)


def test_the_known_root_of_eight_leaves() -> None:
    # The test vector of the certificate transparency logs.
    leaves = [
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    ]

    found = merkle_root(bytes.fromhex(leaf) for leaf in leaves)

    assert found.hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=40), st.data())
def test_leaves_cannot_change_places(leaves: list[bytes], data: Any) -> None:
    one = data.draw(st.integers(0, len(leaves) - 2))
    swapped = [*leaves[:one], leaves[one + 1], leaves[one], *leaves[one + 2 :]]

    assert (merkle_root(swapped) == merkle_root(leaves)) == (swapped == leaves)
