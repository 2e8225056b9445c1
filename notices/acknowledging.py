"""“I have read this” by any way: one record a message, with the way it came by.

On the customer's page, by a word in a text, by a slip or letter sent back, or told on
the phone. Who said so twice, or by two ways, has said so once.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from consent.inbound import says_read
from customers.models import Customer
from notices.answers import Given, Origin, give_answer
from notices.models import Answer, Channel, Notice
from notices.states import State

Way = Answer.Way

# What came back or never left was read by nobody.
ARRIVED = frozenset({State.SENT, State.DELIVERED, State.UNKNOWN})
ON_PAPER = frozenset({Channel.LETTER, Channel.POSTCARD})
# A text of longer ago is not what somebody answers with one word.
ANSWERED_WITHIN = dt.timedelta(days=60)


class NothingToRead(ValueError):
    """This cannot be noted of this message; the message says why."""


def asks_to_be_read(notice: Notice) -> bool:
    """Whether a message arrived, as far as we know, that tells of a change."""
    return notice.state in ARRIVED and "change.old" in notice.about


def reading_of(notice: Notice) -> Answer | None:
    """Return the record that a message was read, if there is one."""
    return notice.answers.filter(kind=Answer.Kind.READ).first()


def text_to_be_read(people: Sequence[Customer], now: dt.datetime) -> Notice | None:
    """Return the newest text about a change that went to one of these customers."""
    return (
        Notice.objects.filter(
            customer__in=people,
            channel=Channel.SMS,
            state__in=ARRIVED,
            sent_at__gt=now - ANSWERED_WITHIN,
            about__has_key="change.old",
        )
        .select_related("customer", "stream__brand")
        .order_by("-sent_at", "-pk")
        .first()
    )


def acknowledge(
    *, notice: Notice, way: str, entered_by: str = "", now: dt.datetime
) -> Answer:
    """Record that the customer has read a message; what is on record already stays.

    ``way`` is how they said so, ``entered_by`` who of staff noted it.

    :raises NothingToRead: the message asks for no such thing, or has no slip.
    """
    if not asks_to_be_read(notice):
        raise NothingToRead("This message tells of no change, or did not arrive.")
    if way == Way.SLIP and notice.channel not in ON_PAPER:
        raise NothingToRead("Only what went on paper is sent back on paper.")
    facts = {"entered_by": entered_by} if entered_by else {}
    given = Given(kind=Answer.Kind.READ, form_id=uuid.uuid4(), way=way, facts=facts)
    origin = Origin(customer=notice.customer, notice=notice, brand=notice.stream.brand)
    return give_answer(given=given, origin=origin, now=now)


def acknowledge_by_text(
    text: str, people: Sequence[Customer], now: dt.datetime
) -> Notice | None:
    """Record that a change was read, where a text from one of these customers says that
    and nothing else; return the message that was read."""
    # Several may share a telephone: nobody knows which of them has written.
    is_told = says_read(text) and len(people) == 1
    notice = text_to_be_read(people, now) if is_told else None
    if notice is not None:
        acknowledge(notice=notice, way=Way.SMS, now=now)
    return notice
