"""Makes the demo company's customers: who they are and how they may be reached.

Pure: the same place and day give the same customer. On purpose some lack an e-mail
address, a phone or a postal address, and some never agreed to e-mail or texts.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from campaigns.demo.cast import Place, Role
from campaigns.demo.names import LANDS, PEOPLE, Land, People

FIRST_NUMBER = 100_214
LAND_OF = {"en": "GB", "zh": "GB", "pl": "PL", "fr": "FR", "cs": "CZ", "de": "DE"}
MAIL_DOMAINS = ("example.com", "example.net", "example.org")
POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
SANDBOX = {
    Role.NEWCOMER: "slow",
    Role.HARD_BOUNCE: "hard-bounce",
    Role.LOST_MAILBOX: "hard-bounce",
    Role.SOFT_BOUNCE: "soft-bounce",
    Role.COMPLAINS: "complaint",
    Role.REFUSED: "refused",
}
ABROAD = {Role.EAST: "Asia/Shanghai", Role.WEST: "America/Los_Angeles"}
STATUS = {
    Role.DECEASED: "deceased",
    Role.INSOLVENT: "bankrupt",
    Role.LEFT_ALONE: "cease_contact",
}
TEXTED = {
    Role.EAST,
    Role.WEST,
    Role.PAYS_OVERNIGHT,
    Role.GETS_LAWYER,
    Role.DEAD_MOBILE,
    Role.PHONE_OFF,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where letters go."""

    line1: str
    line2: str
    city: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent with its day and how we know of it."""

    since: date
    method: str
    state: str = "granted"


@dataclass(frozen=True, slots=True)
class Account:
    """One customer with all ways to reach them."""

    place: Place
    number: str
    kind: str
    name: str
    land: Land
    time_zone: str
    status: str
    joined_on: date
    email: str | None
    mobile: str | None
    landline: str | None
    address: Address | None
    e_delivery: Agreement | None
    sms: Agreement | None

    @property
    def role(self) -> Role:
        """Return the part the customer plays."""
        return self.place.role


def account(place: Place, today: date) -> Account:
    """Return the customer at a place, as known on ``today``."""
    draw = Random(f"larkmoor account {place.index}")  # noqa: S311  (no secret)
    land = LANDS[LAND_OF[place.language]]
    people = PEOPLE[place.language]
    is_firm = draw.random() < 0.11 or place.role is Role.INSOLVENT
    person, mailbox = _person(draw, people)
    name = draw.choice(people.firms).format(person[1]) if is_firm else person[0]
    joined_on = _joined_on(draw, today)
    made = Account(
        place=place,
        number=f"L-{FIRST_NUMBER + 7 * place.index}",
        kind="business" if is_firm else "consumer",
        name=name,
        land=land,
        time_zone=land.time_zone,
        status=STATUS.get(place.role, "active"),
        joined_on=joined_on,
        email=_mailbox(draw, mailbox, place),
        mobile=land.mobiles.number(place.index),
        landline=land.landlines.number(place.index) if draw.random() < 0.3 else None,
        address=_address(draw, land),
        e_delivery=_agreement(draw, joined_on, today),
        sms=_agreement(draw, joined_on, today) if draw.random() < 0.62 else None,
    )
    if place.role is Role.NONE:
        return _with_gaps(draw, made)
    return _in_role(made, today)


def _person(draw: Random, people: People) -> tuple[tuple[str, str], str]:
    """Return (whole name, surname) and what stands before the @."""
    is_woman = draw.random() < 0.5
    given = draw.choice(people.women if is_woman else people.men)
    woman, man = draw.choice(people.surnames)
    surname = woman if is_woman else man
    if people.surname_first:
        return (f"{surname}{given}", surname), ""
    plain = ".".join(_latin(part) for part in (given, surname))
    # A firm is named after the family, in the form of its man.
    return (f"{given} {surname}", man), plain


def _latin(name: str) -> str:
    """Return a name as people write it in an e-mail address."""
    plain = name.replace("ł", "l").replace("Ł", "L").replace("ß", "ss")
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in letters if c.isascii() and c.isalpha()).lower()


def _mailbox(draw: Random, name: str, place: Place) -> str:
    domain = draw.choice(MAIL_DOMAINS)
    fate = SANDBOX.get(place.role)
    if fate:
        return f"{fate}+{place.index}@sandbox.example"
    return f"{name or 'kehu'}{place.index}@{domain}"


def _address(draw: Random, land: Land) -> Address:
    city, postcode = draw.choice(land.towns)
    signs = {"#": "0123456789", "@": POSTCODE_LETTERS}
    return Address(
        line1=land.street.format(
            number=draw.randint(1, 148), street=draw.choice(land.streets)
        ),
        line2="",
        city=city,
        postcode="".join(draw.choice(signs.get(sign, sign)) for sign in postcode),
    )


def _joined_on(draw: Random, today: date) -> date:
    """Return the day of the contract: most are old, some are of this year."""
    if draw.random() < 0.62:
        return today - timedelta(days=draw.randint(300, 2400))
    return today - timedelta(days=draw.randint(75, 299))


def _agreement(draw: Random, joined_on: date, today: date) -> Agreement:
    """Return a consent given on joining or later, but before the demo's past begins."""
    latest = (today - timedelta(days=70) - joined_on).days
    since = joined_on + timedelta(days=draw.randint(0, max(latest, 0)))
    return Agreement(since, draw.choice(("import", "import", "agent")))


def _with_gaps(draw: Random, made: Account) -> Account:
    """Take away what some customers never gave us."""
    if draw.random() < 0.10:
        made = replace(made, e_delivery=None)
    if draw.random() < 0.06:
        made = replace(made, email=None)
    if draw.random() < 0.07:
        made = replace(made, mobile=None, sms=None)
    if draw.random() < 0.04:
        made = replace(made, address=None)
    return made


def _in_role(made: Account, today: date) -> Account:
    """Give a customer what the part asks for."""
    role = made.role
    if role in TEXTED and made.sms is None:
        made = replace(made, sms=Agreement(made.joined_on, "agent"))
    if role is Role.NEWCOMER:
        joined_on = today - timedelta(days=16)
        agreed = Agreement(joined_on, "agent")
        return replace(made, joined_on=joined_on, e_delivery=agreed, sms=None)
    if role in ABROAD:
        return replace(made, time_zone=ABROAD[role], email=None, e_delivery=None)
    if role is Role.UNREACHABLE:
        return replace(
            made, email=None, mobile=None, landline=None, address=None, sms=None
        )
    if role is Role.NO_WINDOW:
        return _too_long_for_the_window(made)
    if role in {Role.DEAD_MOBILE, Role.PHONE_OFF}:
        ending = "9001" if role is Role.DEAD_MOBILE else "9002"
        return replace(made, mobile=f"{made.land.mobiles.beginning}{ending}")
    return made


def _too_long_for_the_window(made: Account) -> Account:
    assert made.address is not None  # noqa: S101  (everybody with a part has one)
    return replace(
        made,
        kind="business",
        name=(
            "Przedsiębiorstwo Produkcyjno-Handlowo-Usługowe „Świetlik” Szewczyk, "
            "Wieczorek i Wspólnicy Spółka z ograniczoną odpowiedzialnością Spółka "
            "komandytowa"
        ),
        address=replace(
            made.address,
            line2=(
                "Hala magazynowa nr 4, brama B, wejście od strony bocznicy kolejowej, "
                "dział rozliczeń z dostawcami energii, sekretariat na trzecim piętrze, "
                "pokój 312, do rąk własnych głównej księgowej"
            ),
        ),
        e_delivery=None,
        sms=None,
    )
