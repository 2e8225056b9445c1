"""The life of a notice: what may follow what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.states import MOVES, IllegalMove, State, check_move


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(MOVES) == set(State)


def test_what_has_left_us_never_goes_back_into_line() -> None:
    for gone in (State.SENT, State.DELIVERED):
        assert State.SCHEDULED not in MOVES[gone]
        assert State.CLAIMED not in MOVES[gone]


def test_paper_is_only_made_from_a_claim_and_unmade_by_a_cancelled_run() -> None:
    before = [state for state in State if State.PRINTING in MOVES[state]]

    # And from “posted”, which staff took back: no sheet of it had left the house.
    assert before == [State.CLAIMED, State.SENT]
    assert MOVES[State.PRINTING] == {State.SENT, State.SCHEDULED}


def test_what_a_provider_or_a_customer_told_us_is_never_taken_back() -> None:
    for known in (State.DELIVERED, State.FAILED, State.UNKNOWN):
        assert State.PRINTING not in MOVES[known]


def test_a_wire_is_only_touched_from_a_claim() -> None:
    before = [state for state in State if State.HANDING_OFF in MOVES[state]]

    assert before == [State.CLAIMED]


@given(st.sampled_from(State), st.sampled_from(State))
def test_a_move_outside_the_table_is_refused_by_name(
    source: State, target: State
) -> None:
    if target in MOVES[source]:
        check_move(source, target)
    else:
        with pytest.raises(IllegalMove, match=f"from {source} to {target}"):
            check_move(source, target)


@given(st.lists(st.sampled_from(State), max_size=12))
def test_no_walk_through_the_table_sends_twice(walk: list[State]) -> None:
    """Two visits of "sent" need an answer of the provider, never a re-send.

    Or the word of staff that none of a run was posted.
    """
    here, hand_offs, sure = State.SCHEDULED, 0, False
    for target in walk:
        if target not in MOVES[here]:
            continue
        if (here, target) == (State.SENT, State.PRINTING):
            sure = False
        elif target in {State.HANDING_OFF, State.PRINTING}:
            assert not sure, "handed over again after the provider had it"
            hand_offs += 1
        sure = sure or target in {State.SENT, State.DELIVERED}
        here = target
