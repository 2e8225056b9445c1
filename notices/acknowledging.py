"""“I have read this” by any way: one record a message, with the way it came by.

On the customer's page, by a word in a text, by a slip or letter sent back, or told on
the phone. Who said so twice, or by two ways, has said so once.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid

from django.db.models import Exists, OuterRef, QuerySet

from consent.inbound import says_read
from customers.models import Customer
from notices.answers import Given, Origin, give_answer
from notices.intake.told import Said, Writer
from notices.models import ON_PAPER, Answer, Channel, Notice
from notices.states import State

Way = Answer.Way

# What came back or never left was read by nobody.
ARRIVED = frozenset({State.SENT, State.DELIVERED, State.UNKNOWN})
# A text of longer ago is not what somebody answers with one word.
ANSWERED_WITHIN = dt.timedelta(days=60)
# Nobody is told of more changes by text in that time.
MOST_CHANGES = 20


class NothingToRead(ValueError):
    """This cannot be noted of this message; the message says why."""


def asks_to_be_read(notice: Notice) -> bool:
    """Whether a message arrived, as far as we know, that tells of a change."""
    return notice.state in ARRIVED and "change.old" in notice.about


def reading_of(notice: Notice) -> Answer | None:
    """Return the record that a message was read, if there is one."""
    return notice.answers.filter(kind=Answer.Kind.READ).first()


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


def acknowledge_by_text(said: Said, writer: Writer, now: dt.datetime) -> Notice | None:
    """Record that a change was read, where a text says that and nothing else; return
    the message that was read.

    Read is the one whose reference the text quotes, else the newest text about a change
    that went to this number and is not acknowledged yet. Where all are, nothing changes
    and the newest is returned: who says so once more has said so once.
    """
    # Several may share a telephone: nobody knows which of them has written.
    if said.channel != Channel.SMS or len(writer.people) != 1:
        return None
    quoted = _quoted(said, writer.people[0])
    if quoted is not None:
        rest = re.sub(said.reference, "", said.text, flags=re.IGNORECASE)
        is_told = says_read(rest) and asks_to_be_read(quoted)
        notice = quoted if is_told else None
    else:
        notice = _unread(writer, now) if says_read(said.text) else None
    if notice is not None:
        acknowledge(notice=notice, way=Way.SMS, now=now)
    return notice


def _quoted(said: Said, customer: Customer) -> Notice | None:
    """Return the customer's message whose reference stands in a text, however it went:
    a letter may have asked for the word as well."""
    if not said.reference:
        return None
    return _with_whom().filter(reference=said.reference, customer=customer).first()


def _unread(writer: Writer, now: dt.datetime) -> Notice | None:
    """Return the newest text about a change to this number that is not acknowledged,
    else the newest that is."""
    told = _with_whom().filter(
        customer=writer.people[0],
        channel=Channel.SMS,
        state__in=ARRIVED,
        sent_at__gt=now - ANSWERED_WITHIN,
        about__has_key="change.old",
    )
    read = Answer.objects.filter(notice=OuterRef("pk"), kind=Answer.Kind.READ)
    told = told.annotate(is_read=Exists(read)).order_by("is_read", "-sent_at", "-pk")
    for notice in told.prefetch_related("attempts")[:MOST_CHANGES]:
        sent_to = [attempt.destination for attempt in notice.attempts.all()]
        if not sent_to or writer.address in sent_to:
            return notice
    return None


def _with_whom() -> QuerySet[Notice]:
    return Notice.objects.select_related("customer", "stream__brand")
