"""Opens the steps again whose message reached nobody: the ladder takes another way.

One statement a campaign and pass, and a quick look first whether there is anything.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection

from campaigns.models import Campaign
from customers.calendars import local_day
from notices.models import Notice

# What ended without reaching anybody has not been said: its step is open again, at the
# same level, and the failed contact does not count for the gap. At once where another
# way is wanted, tomorrow where the same way may work then; three times at most.
REOPEN = """
WITH ended AS MATERIALIZED (
    SELECT id, state, reason, sent_at FROM notices_notice
    WHERE stream_id = %(stream)s AND state IN ('failed', 'suppressed')
), silent AS MATERIALIZED (
    SELECT decision.id, decision.enrolment_id, decision.step_id, notice.reason
    FROM campaigns_decision AS decision
    JOIN ended AS notice ON notice.id = decision.notice_id
    JOIN campaigns_enrolment AS enrolment ON enrolment.id = decision.enrolment_id
    JOIN customers_invoice AS invoice ON invoice.id = enrolment.invoice_id
    WHERE NOT decision.undone
      -- A step that has no way but the telephone is over once nobody answered.
      AND (notice.state = 'failed' AND NOT (
               notice.reason IN ('no_contact', 'not_called')
               AND (SELECT step.channels[cardinality(step.channels)] = 'call'
                    FROM campaigns_step AS step WHERE step.id = decision.step_id))
           OR notice.state = 'suppressed' AND (
               notice.reason ~ '^(SUPP|ADDR|CONSENT)_'
               OR notice.reason IN ('PREF_CATEGORY_OFF', 'POLICY_NO_OPTIONAL_PAPER')
               OR notice.reason = 'ACCT_NOTHING_DUE' AND invoice.status = 'open'))
      AND (notice.sent_at IS NULL OR notice.sent_at > CASE
          WHEN notice.reason = 'returned' THEN %(oldest_mail)s ELSE %(oldest)s END)
      AND enrolment.state <> 'settled' AND enrolment.reopened < %(most)s
      AND NOT EXISTS (
          SELECT FROM campaigns_decision AS later
          WHERE later.enrolment_id = decision.enrolment_id AND NOT later.undone
            AND later.outcome = 'sent' AND later.decided_on > decision.decided_on
      )
      AND NOT EXISTS (
          SELECT FROM campaigns_enrolment AS elsewhere
          WHERE elsewhere.invoice_id = enrolment.invoice_id
            AND elsewhere.id <> enrolment.id AND elsewhere.state = 'active'
      )
), undone AS (
    UPDATE campaigns_decision AS decision SET undone = true
    FROM silent WHERE decision.id = silent.id
)
UPDATE campaigns_enrolment AS enrolment
SET closed_steps = enrolment.closed_steps & ~(1::bigint << step.position::int),
    state = 'active',
    reopened = enrolment.reopened + 1,
    next_on = LEAST(enrolment.next_on, %(day)s + CASE
        WHEN silent.reason IN ('refused', 'gave_up', 'soft_bounce', 'did_not_arrive',
                               'sender_fault', 'provider_busy')
        THEN 1 ELSE 0 END),
    last_contact_on = (
        SELECT max(earlier.decided_on) FROM campaigns_decision AS earlier
        JOIN notices_notice AS gone ON gone.id = earlier.notice_id
        WHERE earlier.enrolment_id = enrolment.id AND gone.sent_at IS NOT NULL
          AND gone.state <> 'failed'
    )
FROM silent JOIN campaigns_step AS step ON step.id = silent.step_id
WHERE enrolment.id = silent.enrolment_id
"""

# A bounce that comes later than this after the hand-over no longer turns the ladder
# back, and a step is not reopened for ever.
LATEST_BOUNCE = dt.timedelta(days=3)
# The post takes its time to bring a letter back.
LATEST_RETURN = dt.timedelta(days=42)
MOST_REOPENED = 3


def reopen_silent(*, campaign: Campaign, now: dt.datetime) -> int:
    """Reopen the steps whose message reached nobody; return how many.

    Only the newest step of an invoice is reopened, so that the ladder never goes back
    behind what the customer has been told.
    """
    ended = Notice.objects.filter(
        stream=campaign.stream_id, state__in=["failed", "suppressed"]
    )
    # Most passes find nothing, and a young table may have no statistics to plan by.
    if not ended.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            REOPEN,
            {
                "stream": campaign.stream_id,
                "day": local_day(now, campaign.brand.time_zone),
                "oldest": now - LATEST_BOUNCE,
                "oldest_mail": now - LATEST_RETURN,
                "most": MOST_REOPENED,
            },
        )
        reopened: int = cursor.rowcount
    return reopened
