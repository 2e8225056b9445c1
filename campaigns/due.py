"""Which invoices of a campaign have to be looked at today, with all the ladder asks.

One statement a chunk. What has been looked at leaves the set, since its next day is
later: asking again until nothing comes back visits every invoice once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from campaigns.alike import Facts
from campaigns.models import Campaign
from consent.fingerprints import fingerprint_of
from consent.models import Suppression
from customers.models import is_played
from customers.sealed import opened_text

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
    email.id IS NOT NULL AND e_delivery.since <= %(day)s,
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
        AND postal.state = 'ok'
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
   AND e_delivery.state <> 'withdrawn'
LEFT JOIN consent_consentstate AS sms
    ON sms.customer_id = customer.id AND sms.subject = 'sms'
   AND sms.state <> 'withdrawn'
LEFT JOIN consent_consentstate AS calls
    ON calls.customer_id = customer.id AND calls.subject = 'call'
   AND calls.state = 'withdrawn'
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


class DueRow(NamedTuple):
    """One due invoice with what the ladder asks about it, as of the day.

    What stands from ``closed`` on is all that the answer depends on. A channel is True
    where the customer may be reached by it today, before suppressions and the policy
    of the campaign. The addresses are sealed.
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
    by_email: bool | None
    by_sms: bool | None
    by_call: bool
    by_letter: bool | None


def due_rows(campaign: Campaign, day: dt.date, *, limit: int) -> list[DueRow]:
    """Return the next chunk of invoices whose day has come, customers together."""
    if campaign.ladder.group == "customer":
        question = FACTS.format(due=BY_CUSTOMER, same_case=SAME_CUSTOMER)
    else:
        question = FACTS.format(due=BY_INVOICE, same_case=SAME_INVOICE)
    with connection.cursor() as cursor:
        cursor.execute(
            question,
            {
                "campaign": campaign.pk,
                "day": day,
                "is_live": not is_played(day),
                "zone": campaign.brand.time_zone,
                "chunk": limit,
            },
        )
        return list(map(DueRow._make, cursor.fetchall()))


def standing(campaign: Campaign, rows: Sequence[DueRow]) -> Callable[[DueRow], Facts]:
    """Return how the rows of a chunk stand before the ladder today.

    A channel without a provider, a suppressed address and paper the policy does not pay
    for are no channels: the step takes its next one.
    """
    served = settings.CHANNELS
    suppressed = _suppressed(rows)
    email, sms, call = "email" in served, "sms" in served, "call" in served
    letter = "letter" in served and campaign.stream.policy.optional_paper_ok

    def facts_of(row: DueRow) -> Facts:
        return Facts(
            row.closed,
            row.last_contact_on,
            row.issued_later_on,
            row.due_on,
            row.paid,
            row.held,
            bool(email and row.by_email and ("email", row.email) not in suppressed),
            bool(sms and row.by_sms and ("sms", row.mobile) not in suppressed),
            bool(call and row.by_call),
            bool(letter and row.by_letter),
        )

    return facts_of


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
