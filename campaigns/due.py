"""Which invoices of a campaign have to be looked at today, with all the ladder asks.

One statement a chunk. What has been looked at leaves the set, since its next day is
later: asking again until nothing comes back visits every invoice once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from campaigns.alike import Facts
from campaigns.models import Campaign
from consent.fingerprints import fingerprint_of
from consent.mail import stands
from consent.models import Suppression
from consent.standing import Consent, permits_mail
from consent.wishes import preferred
from customers.models import is_played
from customers.sealed import opened_text
from notices.answered import LAST_ANSWERED

# A hold, an insolvency or a lawyer stops the ladder where it is, and so does a message
# that has not gone yet: nobody may get two steps at once.
FACTS = """
WITH enrolment AS MATERIALIZED ({due})
SELECT
    enrolment.id, enrolment.customer_id, enrolment.invoice_id,
    invoice.currency, customer.language, enrolment.reopened,
    email.value, mobile.value,
    enrolment.closed_steps,
    said.last_contact_on,
    CASE WHEN invoice.issued_on > %(day)s THEN invoice.issued_on END,
    invoice.due_on,
    -- written off is as good as paid: nothing more is asked for; and money that is
    -- booked is here, whatever its value date
    invoice.status = 'written_off' OR invoice.paid_on IS NOT NULL
        AND (%(is_live)s OR invoice.paid_on <= %(day)s),
    customer.status <> 'active' OR said.is_waiting OR EXISTS (
        SELECT FROM customers_hold AS hold
        WHERE hold.customer_id = enrolment.customer_id
          AND (hold.invoice_id IS NULL OR hold.invoice_id = enrolment.invoice_id)
          AND hold.starts_on <= %(day)s
          AND (hold.ends_on IS NULL OR hold.ends_on >= %(day)s)
    ),
    e_delivery.state, e_delivery.since, e_delivery.categories,
    e_delivery.address_print, e_delivery.valid_until, e_delivery.hwsw_version,
    mobile.id IS NOT NULL AND sms.since <= %(day)s AND NOT EXISTS (
        SELECT FROM consent_topicstop AS stop
        WHERE stop.customer_id = customer.id AND stop.topic = 'reminders'
    ),
    COALESCE(mobile.id, landline.id) IS NOT NULL
        AND calls.id IS NULL
        -- Whom calls did not reach is told by the step's next way. Only a step that was
        -- opened again can have been called before.
        AND NOT (enrolment.reopened > 0 AND EXISTS (
            SELECT FROM notices_notice AS rung
            WHERE rung.customer_id = enrolment.customer_id AND rung.channel = 'call'
              AND rung.state = 'failed' AND rung.reason IN ('no_contact', 'not_called')
              AND rung.planned_on > %(day)s - 14
        )),
    postal.line1_index <> '' AND postal.city <> '' AND postal.postcode <> ''
        AND postal.state = 'ok',
    customer.time_zone, wish.channel_order, answered.channel, answered.at,
    wish.best_time,
    ARRAY(SELECT channel FROM consent_preference WHERE customer_id = customer.id
        AND category = 'reminders' AND NOT is_on)
FROM enrolment
JOIN customers_invoice AS invoice ON invoice.id = enrolment.invoice_id
JOIN customers_customer AS customer ON customer.id = enrolment.customer_id
LEFT JOIN customers_contactpoint AS email
    ON email.customer_id = customer.id AND email.kind = 'email'
   AND email.is_primary AND email.state = 'ok'
LEFT JOIN customers_contactpoint AS mobile
    ON mobile.customer_id = customer.id AND mobile.kind = 'mobile'
   AND mobile.is_primary AND mobile.state = 'ok'
LEFT JOIN customers_contactpoint AS landline
    ON landline.customer_id = customer.id AND landline.kind = 'landline'
   AND landline.is_primary AND landline.state = 'ok'
LEFT JOIN customers_postaladdress AS postal ON postal.customer_id = customer.id
LEFT JOIN consent_consentstate AS e_delivery
    ON e_delivery.customer_id = customer.id AND e_delivery.subject = 'e_delivery'
LEFT JOIN consent_consentstate AS sms
    ON sms.customer_id = customer.id AND sms.subject = 'sms'
   AND sms.state IN ('granted', 'unproven')
LEFT JOIN consent_consentstate AS calls
    ON calls.customer_id = customer.id AND calls.subject = 'call'
   AND calls.state = 'withdrawn'
LEFT JOIN consent_contactwish AS wish ON wish.customer_id = customer.id
{answered}
CROSS JOIN LATERAL (
    SELECT
        -- what is planned and has not gone yet holds the next step back
        COALESCE(bool_or(notice.state IN
            ('scheduled', 'claimed', 'handing_off', 'printing', 'calling', 'held')
        ), false) AS is_waiting,
        GREATEST(
            max(other.last_contact_on),
            max((notice.sent_at AT TIME ZONE %(zone)s)::date)
                FILTER (WHERE notice.state <> 'failed')
        ) AS last_contact_on
    FROM {same_case}
    LEFT JOIN notices_notice AS notice ON notice.id = decision.notice_id
) AS said
ORDER BY enrolment.customer_id, invoice.currency, enrolment.id
"""

SAME_INVOICE = """(SELECT enrolment.id, enrolment.last_contact_on) AS other
    LEFT JOIN campaigns_decision AS decision
        ON decision.enrolment_id = other.id AND NOT decision.undone"""

# One message speaks of all of a customer's invoices, so the gap is the customer's.
SAME_CUSTOMER = """(
        SELECT mine.id, mine.last_contact_on FROM campaigns_enrolment AS mine
        WHERE mine.customer_id = enrolment.customer_id
          AND mine.campaign_id = enrolment.campaign_id
    ) AS other
    LEFT JOIN campaigns_decision AS decision
        ON decision.enrolment_id = other.id AND NOT decision.undone"""

# Chosen before anything is joined: what a chunk costs must not grow with the tables.
BY_INVOICE = """
    SELECT due.* FROM campaigns_enrolment AS due
    WHERE due.campaign_id = %(campaign)s AND due.state = 'active'
      AND due.next_on <= %(day)s
    ORDER BY due.next_on, due.customer_id LIMIT %(chunk)s
"""

# All that is due of a customer must be in the same chunk: it makes one message.
BY_CUSTOMER = """
    SELECT due.* FROM campaigns_enrolment AS due
    WHERE due.campaign_id = %(campaign)s AND due.state = 'active'
      AND due.next_on <= %(day)s
      AND due.customer_id IN (
        SELECT first.customer_id FROM campaigns_enrolment AS first
        WHERE first.campaign_id = %(campaign)s AND first.state = 'active'
          AND first.next_on <= %(day)s
        ORDER BY first.next_on, first.customer_id LIMIT %(chunk)s
      )
"""

# One invoice, whether its day has come or not: what staff are shown.
OF_INVOICE = """
    SELECT due.* FROM campaigns_enrolment AS due
    WHERE due.campaign_id = %(campaign)s AND due.state = 'active'
      AND due.invoice_id = %(invoice)s
"""


class DueRow(NamedTuple):
    """One due invoice with what the ladder asks about it, as of the day.

    What stands from ``closed`` on is all that the answer depends on, but for where and
    when in the day the customer would like to be reached. A channel is True where they
    may be reached by it today, before suppressions, the policy of the campaign and what
    they switched off. ``answered`` is the channel they answered last, of the last year.
    The addresses are sealed.
    """

    enrolment_id: int
    customer_id: int
    invoice_id: int
    currency: str
    language: str
    reopened: int
    email: bytes | None
    mobile: bytes | None
    closed: int
    last_contact_on: dt.date | None
    issued_later_on: dt.date | None
    due_on: dt.date
    paid: bool
    held: bool
    consent: Consent
    by_sms: bool | None
    by_call: bool
    by_letter: bool | None
    time_zone: str
    wished: list[str] | None
    answered: str | None
    answered_at: dt.datetime | None
    best_time: str | None
    switched_off: list[str]


def due_rows(campaign: Campaign, day: dt.date, *, limit: int) -> list[DueRow]:
    """Return the next chunk of invoices whose day has come, customers together."""
    due = BY_CUSTOMER if campaign.ladder.group == "customer" else BY_INVOICE
    return _rows(campaign, due, day, chunk=limit)


def row_of(campaign: Campaign, invoice_id: int, day: dt.date) -> DueRow | None:
    """Return what the ladder would ask about an invoice if its day were ``day``; None
    when it is not on the campaign's ladder any more."""
    return next(iter(_rows(campaign, OF_INVOICE, day, invoice=invoice_id)), None)


def _rows(campaign: Campaign, due: str, day: dt.date, **wanted: int) -> list[DueRow]:
    same_case = SAME_CUSTOMER if campaign.ladder.group == "customer" else SAME_INVOICE
    question = FACTS.format(due=due, same_case=same_case, answered=LAST_ANSWERED)
    with connection.cursor() as cursor:
        cursor.execute(
            question,
            {
                "campaign": campaign.pk,
                "day": day,
                "is_live": not is_played(day),
                "zone": campaign.brand.time_zone,
                **wanted,
            },
        )
        return list(map(_row, cursor.fetchall()))


# Where the columns of Consent begin and end.
_CONSENT = slice(14, 20)


def _row(found: Sequence[Any]) -> DueRow:
    consent = Consent._make(found[_CONSENT])
    return DueRow._make((*found[: _CONSENT.start], consent, *found[_CONSENT.stop :]))


def standing(
    campaign: Campaign, rows: Sequence[DueRow], day: dt.date
) -> Callable[[DueRow], Facts]:
    """Return how the rows of a chunk stand before the ladder on ``day``.

    A channel without a provider, a suppressed address and paper the policy does not pay
    for are no channels: the step takes its next one.
    """
    served = settings.CHANNELS
    suppressed = _suppressed(rows)
    email, sms, call = "email" in served, "sms" in served, "call" in served
    letter = "letter" in served and campaign.stream.policy.optional_paper_ok

    def facts_of(row: DueRow) -> Facts:
        off = row.switched_off
        return Facts(
            row.closed,
            row.last_contact_on,
            row.issued_later_on,
            row.due_on,
            row.paid,
            row.held,
            bool(
                email
                and row.email
                and ("email", row.email) not in suppressed
                and "email" not in off
                and _agreed_to_email(row, day)
            ),
            bool(sms and row.by_sms and ("sms", row.mobile) not in suppressed)
            and "sms" not in off,
            bool(call and row.by_call) and "call" not in off,
            bool(letter and row.by_letter) and "letter" not in off,
            preferred(row.wished or (), row.answered),
        )

    return facts_of


def _agreed_to_email(row: DueRow, day: dt.date) -> bool:
    """Whether the consent lets a reminder go to the address there is today."""
    email = None
    # Opened only for a consent that is bound to an address.
    if row.email and row.consent.address_print is not None:
        email = opened_text("customers_contactpoint.value", row.email)
    return permits_mail(stands(row.consent, kind="reminder", email=email, day=day))


def _suppressed(rows: Iterable[DueRow]) -> frozenset[tuple[str, bytes]]:
    """Return which addresses of a chunk are on the suppression list: one query."""
    if not Suppression.objects.exists():
        return frozenset()
    sealed = {
        (channel, address)
        for row in rows
        for channel, address in (("email", row.email), ("sms", row.mobile))
        if address
    }
    addresses = defaultdict(list)
    for channel, address in sealed:
        value = opened_text("customers_contactpoint.value", address)
        addresses[channel, fingerprint_of(value)].append((channel, address))
    listed = Suppression.objects.filter(
        fingerprint__in={fingerprint for _, fingerprint in addresses}
    ).values_list("channel", "fingerprint")
    found = ((channel, bytes(fingerprint)) for channel, fingerprint in listed)
    return frozenset(one for key in found for one in addresses.get(key, ()))
