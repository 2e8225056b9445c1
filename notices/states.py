"""The life of a notice as data: its states and the only moves between them.

Every change of state passes ``check_move``, and the UPDATE that makes it names the
state it expects; the CHECK constraints of the table hold the rest. Knows of no row.
"""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where a notice stands; the labels are the words staff see."""

    SCHEDULED = "scheduled", "In line"
    CLAIMED = "claimed", "On its way"
    HANDING_OFF = "handing_off", "Being handed over"
    PRINTING = "printing", "In a print run"
    CALLING = "calling", "Call today"
    SENT = "sent", "Handed over"
    DELIVERED = "delivered", "Delivered"
    HELD = "held", "Waiting for staff"
    SUPPRESSED = "suppressed", "Not sent"
    FAILED = "failed", "Could not deliver"
    UNKNOWN = "unknown", "Not known whether it went"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Too late to be of use"


MOVES: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset(
        {State.CLAIMED, State.HELD, State.CANCELLED, State.EXPIRED, State.SUPPRESSED}
    ),
    # A dead worker's claim goes back into line: nothing had left us yet.
    State.CLAIMED: frozenset(
        {
            State.HANDING_OFF,
            State.PRINTING,
            State.CALLING,
            State.SCHEDULED,
            State.SUPPRESSED,
            State.HELD,
            State.FAILED,
            State.EXPIRED,
            State.CANCELLED,
        }
    ),
    # From here something may have left us: never back into line but by the
    # provider's own word that it took nothing.
    State.HANDING_OFF: frozenset(
        {State.SENT, State.DELIVERED, State.FAILED, State.UNKNOWN, State.SCHEDULED}
    ),
    # On paper and in the house: it goes back into line only when staff say that no
    # sheet of its run was posted.
    State.PRINTING: frozenset({State.SENT, State.SCHEDULED}),
    # With staff to be called: the talk is its delivery. Who did not answer goes back
    # into line for another hour.
    State.CALLING: frozenset(
        {
            State.DELIVERED,
            State.SCHEDULED,
            State.SUPPRESSED,
            State.HELD,
            State.FAILED,
            State.EXPIRED,
        }
    ),
    # Back into the print room only when staff marked its run as posted by mistake.
    State.SENT: frozenset({State.DELIVERED, State.FAILED, State.PRINTING}),
    # A bounce may overturn a delivery report of e-mail.
    State.DELIVERED: frozenset({State.FAILED}),
    State.HELD: frozenset({State.SCHEDULED, State.CANCELLED, State.EXPIRED}),
    # Back into line only on the provider's own word that it has nothing.
    State.UNKNOWN: frozenset(
        {State.SENT, State.DELIVERED, State.FAILED, State.SCHEDULED}
    ),
    State.SUPPRESSED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}


class IllegalMove(Exception):
    """A change of state that the table does not allow."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"A notice cannot go from {source} to {target}.")


def check_move(source: str, target: str) -> None:
    """Return when the table allows the move.

    :raises IllegalMove: it does not.
    """
    if State(target) not in MOVES[State(source)]:
        raise IllegalMove(source, target)
