"""Streams take turns by their weight; what is urgent waits for nobody."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from notices.turns import Due, Turns

BULK, REMINDER, ONE_OFF = 2, 1, 0


def served(due: list[Due], rounds: int) -> list[int]:
    turns = Turns()
    return [turns.next(due) for _ in range(rounds)]


def test_one_stream_has_every_turn() -> None:
    assert served([Due(7, 1, BULK)], 3) == [7, 7, 7]


def test_equal_streams_alternate() -> None:
    due = [Due(1, 1, BULK), Due(2, 1, BULK)]

    assert served(due, 4) == [1, 2, 1, 2]


def test_a_one_off_goes_before_any_campaign() -> None:
    due = [Due(1, 100, BULK), Due(2, 1, ONE_OFF), Due(3, 100, REMINDER)]

    assert served(due, 5) == [2] * 5


def test_reminders_get_four_turns_to_a_bulk_campaigns_one() -> None:
    due = [Due(1, 1, BULK), Due(2, 1, REMINDER)]

    assert Counter(served(due, 50)) == {2: 40, 1: 10}


@given(
    st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=6),
    st.integers(min_value=1, max_value=200),
)
def test_every_stream_gets_its_share_over_any_stretch(
    weights: list[int], rounds: int
) -> None:
    due = [Due(number, weight, BULK) for number, weight in enumerate(weights)]

    had = Counter(served(due, rounds))

    for one in due:
        share = rounds * one.weight / sum(weights)
        assert abs(had[one.stream_id] - share) <= len(weights)


def test_a_stream_that_comes_late_is_not_owed_the_past() -> None:
    turns = Turns()
    early = Due(1, 1, BULK)
    for _ in range(100):
        turns.next([early])

    both = [early, Due(2, 1, BULK)]

    assert Counter(turns.next(both) for _ in range(10)) == {1: 5, 2: 5}
