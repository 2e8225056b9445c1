"""Acts on a provider's word about a message: moves the notice, stops the address.

Everything of one word happens in the caller's transaction, once, whatever is repeated
and in whatever order it comes. The dead address is the whole message to the ladder:
the next tick finds the failed notice and takes the step's next channel.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import connection

from consent.actions import opt_out, suppress
from consent.models import ConsentEvent, Suppression
from customers.actions import number_is_landline
from customers.contact import ContactError, normalise_email, normalise_phone
from customers.models import Customer
from notices.intake.fate import IN_HAND, next_state
from notices.intake.stopping import stop_queued
from notices.intake.told import News, NotYet
from notices.lanes import stop_lane
from notices.models import Attempt, DeliveryEvent, Notice
from notices.senders import LANDLINE
from notices.states import State, check_move

log = logging.getLogger(__name__)

# So many soft bounces in so long make an address not worth writing to for a while.
SOFT_LIMIT = 3
SOFT_WINDOW = dt.timedelta(days=30)
ARRIVED_AFTER_ALL = "ARRIVED_AFTER_ALL"


def act(news: News, *, now: dt.datetime) -> None:
    """Do what follows from a word about a message.

    :raises NotYet: our own worker has the notice in hand; nothing was done.
    """
    notice = _notice(news)
    if notice is not None:
        if notice.state in IN_HAND:
            raise NotYet(notice.reference)
        if news.outcome.event and not _keep(notice, news):
            return
        _move(notice, news)
    address = _address(notice, news)
    if address:
        _stop(notice, address, news, now)
    if news.outcome.lane:
        # Its sender is refused: nothing more goes by it until staff mend that.
        stop_lane(name=news.provider, reason=f"{news.provider} {dict(news.details)}")
    if news.outcome.alarm:
        log.error(
            "%s said something about notice %s that Duly does not know: %s",
            *(news.provider, news.reference or "of another", dict(news.details)),
        )


def _notice(news: News) -> Notice | None:
    if not news.reference:
        return None
    return (
        Notice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("customer")
        .filter(reference=news.reference, channel=news.channel)
        .first()
    )


KEEP = """
INSERT INTO notices_deliveryevent
    (notice_id, provider, event_id, kind, occurred_at, recorded_at, raw)
VALUES (%s, %s, %s, %s, %s, now(), %s)
ON CONFLICT (provider, event_id) DO NOTHING
"""


def _keep(notice: Notice, news: News) -> bool:
    """Add an event to the notice's history; False when it stands there already."""
    raw = DeliveryEvent._meta.get_field("raw").get_db_prep_value(
        dict(news.details), connection
    )
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP,
            [
                notice.pk,
                news.provider,
                news.event_id,
                news.outcome.event,
                news.occurred_at,
                raw,
            ],
        )
        return bool(cursor.rowcount)


def _move(notice: Notice, news: News) -> None:
    """Move a notice where the word says, if that is forward."""
    source = State(notice.state)
    target = next_state(source, news.outcome.state, notice.channel)
    if target is None:
        return
    check_move(source, target)
    reasons = {State.FAILED: news.outcome.reason, State.HELD: ARRIVED_AFTER_ALL}
    changes: dict[str, object] = {"state": target, "reason": reasons.get(target, "")}
    if target == State.DELIVERED:
        changes["delivered_at"] = news.occurred_at
    if source == State.UNKNOWN:
        changes["sent_at"] = _resolve_attempt(notice, news)
    Notice.objects.filter(pk=notice.pk, state=source).update(**changes)


def _resolve_attempt(notice: Notice, news: News) -> dt.datetime:
    """Close the attempt nobody knew the end of; return when it began."""
    attempt = Attempt.objects.filter(notice=notice).order_by("-number").first()
    if attempt is None:
        return news.occurred_at
    # A bounce, too, says that the provider had taken it.
    Attempt.objects.filter(pk=attempt.pk, finished_at__isnull=True).update(
        result=Attempt.Result.ACCEPTED, finished_at=news.occurred_at
    )
    return attempt.started_at


def _address(notice: Notice | None, news: News) -> str:
    """Return the address in its normal form: the one we wrote to, if we did."""
    if notice is not None:
        written = (
            Attempt.objects.filter(notice=notice)
            .order_by("-number")
            .values_list("destination", flat=True)
            .first()
        )
        if written:
            return written
    return normal(news.channel, news.address)


def normal(channel: str, address: str) -> str:
    """Return an address in its normal form; blank when it is none."""
    try:
        if channel == "email":
            return normalise_email(address)
        return normalise_phone(address, "")
    except ContactError:
        return ""


def _stop(notice: Notice | None, address: str, news: News, now: dt.datetime) -> None:
    """Write no more to an address that is dead, or whose owner does not want it."""
    if news.outcome.withdraws:
        _opt_out(address, news, now)
        return
    reason = news.outcome.suppress or _worn_out(notice, address, news, now)
    if reason:
        suppress(
            channel=news.channel,
            address=address,
            reason=reason,
            source=_source(news),
            now=now,
        )
    if news.outcome.reason == LANDLINE:
        number_is_landline(number=address)


def _opt_out(address: str, news: News, now: dt.datetime) -> None:
    kind = {"email": "email", "sms": "mobile"}[news.channel]
    people = list(Customer.objects.reached_at(kind, address))
    opt_out(
        channel=news.channel,
        address=address,
        customers=people,
        reason=news.outcome.suppress,
        method=ConsentEvent.Method.PROVIDER,
        source=_source(news),
        evidence={"event": news.event_id},
        now=now,
    )
    stop_queued(
        customers=[one.pk for one in people],
        channel=news.channel,
        reason=news.outcome.suppress,
    )


def _source(news: News) -> str:
    return f"{news.provider}:{news.reference}"


def _worn_out(notice: Notice | None, address: str, news: News, now: dt.datetime) -> str:
    """Return ``soft_limit`` when an address has bounced softly too often."""
    if notice is None or news.outcome.event != DeliveryEvent.Kind.SOFT_BOUNCE:
        return ""
    too_often = _soft_bounces(notice, address, now) >= SOFT_LIMIT
    return Suppression.Reason.SOFT_LIMIT if too_often else ""


def _soft_bounces(notice: Notice, address: str, now: dt.datetime) -> int:
    """Return how many messages to an address bounced softly in the last month."""
    bounced = DeliveryEvent.objects.filter(
        kind=DeliveryEvent.Kind.SOFT_BOUNCE,
        occurred_at__gt=now - SOFT_WINDOW,
        notice__customer=notice.customer_id,
        notice__channel=notice.channel,
    ).values_list("notice", "notice__attempts__destination")
    # A customer has a handful; where they went is sealed, and compared here.
    return len({pk for pk, destination in bounced if destination == address})
