"""Keeps what customers write back, and does at once what it asks for.

STOP is obeyed before anything else; a doubtful wish to be left alone is obeyed too,
and shown to staff. What needs an answer holds the customer's reminders until staff
have given it. Machines' mails are nobody's words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from consent.actions import opt_out, permit_again
from consent.inbound import classify
from consent.models import ConsentEvent, Suppression
from consent.topic_stops import permit_topics, stop_topic
from customers.actions import lift_hold, place_hold
from customers.calendars import local_day
from customers.models import Customer, Hold
from notices.acknowledging import acknowledge_by_text
from notices.intake.answers import STOPPED_TOPIC, answer
from notices.intake.news import normal
from notices.intake.stopping import (
    stop_queued,
    stop_queued_texts_of,
    stopped_topic,
)
from notices.intake.told import Said, Writer
from notices.models import Attempt, Brand, Notice, Reply

Kind = Reply.Kind

# Who did what no person had to do.
HOUSE = "Duly"
_POINTS = {"email": "email", "sms": "mobile"}
_REASONS = {"email": Suppression.Reason.UNSUB_ALL, "sms": Suppression.Reason.STOP}
_METHODS = {
    "email": ConsentEvent.Method.REPLY,
    "sms": ConsentEvent.Method.SMS_KEYWORD,
}
_KEYWORDS = {"STOP": Kind.STOP, "START": Kind.START, "HELP": Kind.HELP}


def keep(said: Said, *, now: dt.datetime) -> Reply | None:
    """Keep what a person wrote and act on it, in the caller's transaction.

    Returns None for what a machine wrote, and for what is known already.
    """
    if said.is_automatic:
        return None
    writer = _writer(said)
    kind = _kind(said)
    reply, is_new = Reply.objects.get_or_create(
        provider=said.provider,
        provider_reference=said.message_id,
        defaults={
            "customer": writer.customer,
            "notice": writer.notice,
            "channel": said.channel,
            "sender": (writer.address or said.sender)[:320],
            "subject": said.subject,
            "text": said.text,
            "attachments": said.attachments,
            "classified": kind,
            "received_at": said.received_at,
        },
    )
    if not is_new:
        return None
    read = acknowledge_by_text(said, writer, now)
    if read is None:
        _act(reply, said, writer, now)
        return reply
    reply.customer, reply.notice = read.customer, read
    reply.save(update_fields=["customer", "notice"])
    _close(reply, by=HOUSE, now=now)
    return reply


def _kind(said: Said) -> str:
    """Return what a message asks for, by its words or by what the provider made of
    them; a mail without words is judged by its subject."""
    words = said.text
    if not words and said.channel == "email" and not _is_answer(said.subject):
        words = said.subject
    found = classify(words).kind
    if found in {Kind.OTHER, Kind.MAYBE_STOP}:
        return _KEYWORDS.get(said.keyword, found)
    return found


def _is_answer(subject: str) -> bool:
    """Whether a subject is ours with "Re:" before it."""
    return subject[:6].lower().startswith(("re:", "aw:", "odp:", "rv:", "ha:", "回复"))


def _writer(said: Said) -> Writer:
    address = normal(said.channel, said.sender)
    people = (
        list(Customer.objects.reached_at(_POINTS[said.channel], address))
        if address
        else []
    )
    return Writer(address, people, _answered(said, people))


def _answered(said: Said, people: Sequence[Customer]) -> Notice | None:
    """Return the notice that is answered: the one named, else the newest sent to one
    of these people by the same channel.

    Only a mail names it by what no reader sees or types; what a text quotes says
    nothing about anybody but who texted.
    """
    sent = Notice.objects.filter(channel=said.channel).select_related(
        "customer", "stream__brand", "stream__policy"
    )
    if said.reference:
        ours = sent if said.channel == "email" else sent.filter(customer__in=people)
        named = ours.filter(reference=said.reference).first()
        if named is not None:
            return named
    return (
        sent.filter(customer__in=people, sent_at__isnull=False)
        .order_by("-sent_at", "-pk")
        .first()
    )


def _act(reply: Reply, said: Said, writer: Writer, now: dt.datetime) -> None:
    kind = Kind(reply.classified)
    if kind in {Kind.STOP, Kind.MAYBE_STOP}:
        _stop(said, writer, reply, now)
    elif kind == Kind.START and said.channel == "sms":
        _start(writer, reply, now)
    needs_staff = kind in {Kind.MAYBE_STOP, Kind.OTHER} or (
        said.channel == "email" and kind in {Kind.HELP, Kind.START}
    )
    if kind == Kind.HELP and said.channel == "sms":
        needs_staff = not answer(
            "help_reply", reply, said=said, brand=_brand(writer.notice), now=now
        )
    if needs_staff:
        _hold(reply, writer.notice, now)
    else:
        _close(reply, by=HOUSE, now=now)


def _stop(said: Said, writer: Writer, reply: Reply, now: dt.datetime) -> None:
    """Let nothing more go to this address, nor to the one we wrote to; or no more
    texts of one topic, where firm and law want it so."""
    people = {one.pk: one for one in writer.people}
    if writer.notice is not None:
        people[writer.notice.customer_id] = writer.notice.customer
    if reply.classified == Kind.STOP:
        topic = stopped_topic(said, writer.notice, people.values(), now)
        if topic:
            _stop_topic(topic, people, said, writer, reply, now)
            return
    is_new = False
    for address in _addresses(writer):
        is_new |= opt_out(
            channel=said.channel,
            address=address,
            customers=list(people.values()),
            reason=_REASONS[said.channel],
            method=_METHODS[said.channel],
            source=f"reply:{reply.pk}",
            evidence={"reply": reply.pk},
            more={"message": said.message_id},
            now=now,
        )
    stop_queued(
        customers=list(people), channel=said.channel, reason=_REASONS[said.channel]
    )
    if is_new and said.channel == "sms":
        answer(
            "stop_confirmation",
            reply,
            said=said,
            brand=_brand(writer.notice),
            now=now,
        )


def _stop_topic(
    topic: str,
    people: Mapping[int, Customer],
    said: Said,
    writer: Writer,
    reply: Reply,
    now: dt.datetime,
) -> None:
    stop_topic(
        customers=people.values(), topic=topic, source=f"reply:{reply.pk}", now=now
    )
    stop_queued_texts_of(topic, customers=list(people))
    answer(
        "stop_confirmation",
        reply,
        said=said,
        brand=_brand(writer.notice),
        now=now,
        key=STOPPED_TOPIC,
    )


def _addresses(writer: Writer) -> list[str]:
    found = [writer.address] if writer.address else []
    if writer.notice is not None:
        written = Attempt.objects.filter(notice=writer.notice).order_by("-number")
        found += written.values_list("destination", flat=True)[:1]
    return list(dict.fromkeys(found))


def _start(writer: Writer, reply: Reply, now: dt.datetime) -> None:
    if writer.address and not _stopped_since(reply):
        permit_again(
            channel=reply.channel,
            address=writer.address,
            customers=writer.people,
            method=_METHODS[reply.channel],
            evidence={"reply": reply.pk},
            now=now,
        )
        permit_topics(customers=writer.people)


def _stopped_since(reply: Reply) -> bool:
    """Whether the same sender has asked us to stop after this was written.

    What is read late must not undo the last word.
    """
    stops = Reply.objects.filter(
        channel=reply.channel,
        classified__in=[Kind.STOP, Kind.MAYBE_STOP],
        received_at__gt=reply.received_at,
    )
    return any(one.sender == reply.sender for one in stops.only("sender"))


def _brand(notice: Notice | None) -> Brand | None:
    if notice is not None:
        return notice.stream.brand
    return Brand.objects.order_by("pk").first()


def _today(notice: Notice | None, now: dt.datetime) -> dt.date:
    brand = _brand(notice)
    return local_day(now, brand.time_zone if brand else "UTC")


# What staff do ----------------------------------------------------------------


def _hold(reply: Reply, notice: Notice | None, now: dt.datetime) -> None:
    """Let the customer's reminders wait; several open replies share one hold."""
    if reply.customer is None:
        return
    Customer.objects.select_for_update(no_key=True).get(pk=reply.customer.pk)
    standing = Hold.objects.filter(
        customer=reply.customer, reason=Hold.Reason.REPLY, ends_on__isnull=True
    ).first()
    reply.hold = standing or place_hold(
        customer=reply.customer,
        reason=Hold.Reason.REPLY,
        starts_on=_today(notice, now),
        by=HOUSE,
    )
    reply.save(update_fields=["hold"])


def _close(reply: Reply, *, by: str, now: dt.datetime) -> bool:
    closed = Reply.objects.filter(pk=reply.pk, state=Reply.State.OPEN).update(
        state=Reply.State.DONE, handled_by=by[:150], handled_at=now
    )
    return bool(closed)


def finish(reply: Reply, *, by: str, now: dt.datetime) -> bool:
    """Note that staff have answered; the hold ends with the customer's last open reply.

    In the caller's transaction. False when somebody else was quicker.
    """
    if reply.customer is not None:
        Customer.objects.select_for_update(no_key=True).get(pk=reply.customer.pk)
    if not _close(reply, by=by, now=now):
        return False
    hold = reply.hold
    others = Reply.objects.filter(hold=hold, state=Reply.State.OPEN)
    if hold is not None and not others.exists():
        lift_hold(hold=hold, today=_today(reply.notice, now), by=by)
    return True


def belongs_to(reply: Reply, *, customer: Customer, now: dt.datetime) -> bool:
    """Note whose an unmatched reply is, and let their reminders wait; False when
    somebody has said so already."""
    matched = Reply.objects.filter(pk=reply.pk, customer__isnull=True).update(
        customer=customer
    )
    if matched and reply.state == Reply.State.OPEN:
        reply.customer = customer
        _hold(reply, reply.notice, now)
    return bool(matched)
