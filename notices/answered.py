"""By which channel customers last answered us, as a part of a question about many.

What a customer did of their own accord counts: a form sent by the link of a message,
a mail or text written back, and a slip sent back by post, which speaks for letters
whatever it lay in. A call that was picked up does not, since whoever picks up did not
choose the way; nor does what staff noted on the phone, whatever message it was about:
it says nothing for that message's way, and nobody kept who had called whom. Nor does a
STOP, nor "this is not me", nor what answers no message of ours, nor an answer whose way
nobody knows.
"""

from __future__ import annotations

# Who changed their ways is no longer asked by the old one.
ANSWERS_COUNT_DAYS = 365

# For a question that knows ``customer`` and the parameters ``day`` and ``zone``: joined
# as ``answered`` with a channel and a moment, both NULL where nobody answered. Two
# looks into an index by customer and time.
LAST_ANSWERED = f"""
LEFT JOIN LATERAL (
    SELECT one.channel, one.at FROM (
        (SELECT
            CASE
                WHEN answer.way = 'sms' THEN 'sms'
                WHEN answer.way = 'slip' OR notice.channel = 'postcard' THEN 'letter'
                ELSE notice.channel
            END AS channel,
            answer.received_at AS at
        FROM notices_answer AS answer
        JOIN notices_notice AS notice ON notice.id = answer.notice_id
        WHERE answer.customer_id = customer.id
          AND answer.kind <> 'not_me' AND notice.channel <> 'call'
          AND answer.way IN ('page', 'sms', 'slip')
          AND answer.received_at >= %(day)s::date - {ANSWERS_COUNT_DAYS}
          AND answer.received_at < (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s
        ORDER BY answer.received_at DESC LIMIT 1)
        UNION ALL
        (SELECT reply.channel, reply.received_at
        FROM notices_reply AS reply
        WHERE reply.customer_id = customer.id AND reply.notice_id IS NOT NULL
          AND reply.classified NOT IN ('stop', 'maybe_stop')
          AND reply.received_at >= %(day)s::date - {ANSWERS_COUNT_DAYS}
          AND reply.received_at < (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s
        ORDER BY reply.received_at DESC LIMIT 1)
    ) AS one
    ORDER BY one.at DESC LIMIT 1
) AS answered ON true
"""  # noqa: S608 - a number of our own, no value
