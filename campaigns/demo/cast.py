"""Who is who in the demo company: the billing round of each customer, and a few roles.

Most customers are dealt out evenly. Some play a part, so that every path of a message
is walked at least once: a mailbox that bounces, a bill paid overnight, a lawyer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from random import Random

LANGUAGES = {"en": 120, "pl": 64, "cs": 60, "de": 48, "fr": 44, "zh": 24}

# Billing rounds: the day the newest bill falls due, counted from today, and how many
# customers. The days are those of the demo ladder's steps, so that today is busy.
ROUNDS = {5: 96, -4: 60, -11: 54, -18: 52, -25: 50, -35: 48}


class Role(StrEnum):
    """The part one customer plays; most play none."""

    NONE = "none"
    NEWCOMER = "newcomer"  # first bill; a mail server that takes its time
    EAST = "east"  # winters in Shanghai: texts only while both zones are awake
    WEST = "west"  # works in California for a while
    PAYS_OVERNIGHT = "pays_overnight"  # between the planning and the sending
    GETS_LAWYER = "gets_lawyer"  # likewise
    HARD_BOUNCE = "hard_bounce"
    LOST_MAILBOX = "lost_mailbox"  # a hard bounce of this week
    SOFT_BOUNCE = "soft_bounce"
    COMPLAINS = "complains"
    REFUSED = "refused"
    DEAD_MOBILE = "dead_mobile"
    PHONE_OFF = "phone_off"
    UNREACHABLE = "unreachable"
    NO_WINDOW = "no_window"  # name and address too long for the envelope's window
    WITHDREW = "withdrew"
    DECEASED = "deceased"
    INSOLVENT = "insolvent"
    LEFT_ALONE = "left_alone"  # asked not to be chased


WEST_OF_CZ = ("en", "pl", "de", "fr")

# When the newest bill of a role is due, where it must not be the round's own day: so
# that what the role shows happens this week.
DUE_ON = {
    Role.LOST_MAILBOX: 2,
    Role.PAYS_OVERNIGHT: -7,
    Role.GETS_LAWYER: -7,
    Role.PHONE_OFF: -8,
    Role.DEAD_MOBILE: -9,
}

# Role, billing round, languages, how many. The draft campaign is about Czech bills,
# so nobody there has a part.
PARTS: tuple[tuple[Role, int, Collection[str], int], ...] = (
    (Role.NEWCOMER, 5, WEST_OF_CZ, 14),
    (Role.EAST, 5, ("zh",), 2),
    (Role.WEST, 5, ("en",), 2),
    (Role.PAYS_OVERNIGHT, -4, WEST_OF_CZ, 3),
    (Role.GETS_LAWYER, -4, WEST_OF_CZ, 1),
    (Role.LOST_MAILBOX, 5, WEST_OF_CZ, 2),
    (Role.HARD_BOUNCE, -4, WEST_OF_CZ, 2),
    (Role.HARD_BOUNCE, -11, WEST_OF_CZ, 2),
    (Role.SOFT_BOUNCE, -11, WEST_OF_CZ, 3),
    (Role.DEAD_MOBILE, -11, ("fr",), 1),
    (Role.PHONE_OFF, -18, ("fr",), 1),
    (Role.COMPLAINS, -18, WEST_OF_CZ, 2),
    (Role.REFUSED, -18, WEST_OF_CZ, 1),
    (Role.UNREACHABLE, -11, WEST_OF_CZ, 2),
    (Role.UNREACHABLE, -25, WEST_OF_CZ, 2),
    (Role.NO_WINDOW, -11, ("pl",), 1),
    (Role.WITHDREW, -35, WEST_OF_CZ, 2),
    (Role.DECEASED, -18, WEST_OF_CZ, 1),
    (Role.INSOLVENT, -25, WEST_OF_CZ, 1),
    (Role.LEFT_ALONE, -25, WEST_OF_CZ, 1),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One customer's place in the company: its order, language, round and role."""

    index: int
    language: str
    round: int
    role: Role


def cast() -> list[Place]:
    """Return everybody's place; always the same."""
    deal = Random("larkmoor places")  # noqa: S311  (no secret)
    languages = [name for name, many in LANGUAGES.items() for _ in range(many)]
    rounds = [day for day, many in ROUNDS.items() for _ in range(many)]
    deal.shuffle(languages)
    deal.shuffle(rounds)
    dealt = list(zip(languages, rounds, strict=True))
    roles = [Role.NONE] * len(dealt)
    for role, day, spoken, many in PARTS:
        fitting = [
            index
            for index, (language, round_) in enumerate(dealt)
            if round_ == day and language in spoken and roles[index] is Role.NONE
        ]
        for index in deal.sample(fitting, many):
            roles[index] = role
    return [
        Place(index, language, round_, roles[index])
        for index, (language, round_) in enumerate(dealt)
    ]
