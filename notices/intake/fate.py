"""Where a provider's word moves a notice, whatever the order words come in.

Pure. A text message never moves backwards; a bounce may overturn the delivery report
of an e-mail. Every move is one of notices.states.MOVES.
"""

from __future__ import annotations

from notices.states import State

# The worker that has it in hand will write down what came of it first.
IN_HAND = frozenset({State.CLAIMED, State.HANDING_OFF})


def next_state(state: State, told: str, channel: str) -> State | None:
    """Return where a notice goes, or None when it stays.

    ``told`` is what the provider says: sent, delivered, failed, or blank for nothing.
    """
    if not told or state in IN_HAND:
        return None
    target = State(told)
    if state == State.UNKNOWN:
        return target
    if state == State.SENT:
        return None if target == State.SENT else target
    if state == State.DELIVERED:
        overturned = target == State.FAILED and channel == "email"
        return target if overturned else None
    if state == State.SCHEDULED and target != State.FAILED:
        # It waits to be tried again, and has arrived: a person must look.
        return State.HELD
    return None
