"""What reached customers before about the same invoices, for notices that tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db import connection

from customers.calendars import local_day
from customers.lookups import array_of
from notices.kinds import KINDS, Firmness
from notices.models import Notice
from notices.render import Contact

EARLIER = """
SELECT ours.notice_id, other.notice_id, notice.sent_at, notice.channel
FROM notices_noticeitem AS ours
JOIN notices_noticeitem AS other USING (invoice_id)
JOIN notices_notice AS notice ON notice.id = other.notice_id
WHERE ours.notice_id = ANY(%s) AND other.notice_id <> ours.notice_id
  AND notice.state IN ('sent', 'delivered') AND notice.dunning
ORDER BY notice.sent_at, notice.id
"""


def contacts_before(notices: Sequence[Notice]) -> Mapping[int, tuple[Contact, ...]]:
    """Return what reached each customer before about the same invoices: one query.

    Only firmer reminders tell of it; what could not be delivered is left out.
    """
    wanted = {
        notice.pk: notice
        for notice in notices
        if KINDS[notice.template.kind].firmness >= Firmness.REMINDER
    }
    found: dict[int, dict[int, Contact]] = defaultdict(dict)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [array_of(wanted)])
        for ours, other, sent_at, channel in cursor.fetchall():
            day = local_day(sent_at, wanted[ours].stream.brand.time_zone)
            found[ours][other] = Contact(day, channel)
    return {ours: tuple(contacts.values()) for ours, contacts in found.items()}
