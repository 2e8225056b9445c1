"""Which invoices of a campaign have to be looked at today, with all the ladder asks.

One statement a chunk. What has been looked at leaves the set, since its next day is
later: asking again until nothing comes back visits every invoice once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from campaigns.models import Campaign
from customers.models import is_played

# A hold, an insolvency or a lawyer stops the ladder where it is, and so does a message
# that has not gone yet: nobody may get two steps at once.
FACTS = """
SELECT
    enrolment.id, enrolment.customer_id, enrolment.invoice_id,
    enrolment.closed_steps,
    said.last_contact_on,
    invoice.number, invoice.issued_on, invoice.due_on,
    CASE
        -- written off is as good as paid: nothing more is asked for
        WHEN invoice.status = 'written_off' THEN %(day)s
        -- money that is booked is here, whatever its value date
        WHEN %(is_live)s AND invoice.paid_on > %(day)s THEN %(day)s
        ELSE invoice.paid_on
    END,
    customer.status <> 'active' OR said.is_waiting OR EXISTS (
        SELECT FROM customers_hold AS hold
        WHERE hold.customer_id = enrolment.customer_id
          AND (hold.invoice_id IS NULL OR hold.invoice_id = enrolment.invoice_id)
          AND hold.starts_on <= %(day)s
          AND (hold.ends_on IS NULL OR hold.ends_on >= %(day)s)
    ),
    email.value, e_delivery.since,
    mobile.value, sms.since,
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
    postal.line1 <> '' AND postal.city <> '' AND postal.postcode <> ''
        AND postal.state = 'ok',
    customer.language, invoice.currency, enrolment.reopened
FROM campaigns_enrolment AS enrolment
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
    FROM campaigns_enrolment AS other
    LEFT JOIN campaigns_decision AS decision
        ON decision.enrolment_id = other.id AND NOT decision.undone
    LEFT JOIN notices_notice AS notice ON notice.id = decision.notice_id
    WHERE {same_case}
) AS said
"""

SAME_INVOICE = "other.id = enrolment.id"
# One message speaks of all of a customer's invoices, so the gap is the customer's.
SAME_CUSTOMER = """other.customer_id = enrolment.customer_id
        AND other.campaign_id = enrolment.campaign_id"""

BY_INVOICE = """
WHERE enrolment.id IN (
    SELECT due.id FROM campaigns_enrolment AS due
    WHERE due.campaign_id = %(campaign)s AND due.state = 'active'
      AND due.next_on <= %(day)s
    ORDER BY due.next_on, due.customer_id LIMIT %(chunk)s
)
ORDER BY enrolment.customer_id, invoice.currency, enrolment.id
"""

# All that is due of a customer must be in the same chunk: it makes one message.
BY_CUSTOMER = """
WHERE enrolment.campaign_id = %(campaign)s AND enrolment.state = 'active'
  AND enrolment.next_on <= %(day)s
  AND enrolment.customer_id IN (
    SELECT due.customer_id FROM campaigns_enrolment AS due
    WHERE due.campaign_id = %(campaign)s AND due.state = 'active'
      AND due.next_on <= %(day)s
    ORDER BY due.next_on, due.customer_id LIMIT %(chunk)s
)
ORDER BY enrolment.customer_id, invoice.currency, enrolment.id
"""


@dataclass(frozen=True, slots=True)
class DueRow:
    """One due invoice with what the ladder asks about it."""

    enrolment_id: int
    customer_id: int
    invoice_id: int
    closed: int
    last_contact_on: dt.date | None
    number: str
    issued_on: dt.date
    due_on: dt.date
    paid_on: dt.date | None
    held: bool
    email: str | None
    email_from: dt.date | None
    mobile: str | None
    sms_from: dt.date | None
    has_phone: bool
    has_address: bool | None
    language: str
    currency: str
    reopened: int


def due_rows(campaign: Campaign, day: dt.date, *, limit: int) -> list[DueRow]:
    """Return the next chunk of invoices whose day has come, customers together."""
    if campaign.ladder.group == "customer":
        question = FACTS.format(same_case=SAME_CUSTOMER) + BY_CUSTOMER
    else:
        question = FACTS.format(same_case=SAME_INVOICE) + BY_INVOICE
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
        return [DueRow(*row) for row in cursor.fetchall()]
