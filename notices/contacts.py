"""What reached customers before about the same invoices: told, and never taken back.

A firmer reminder tells of it. And where an earlier message gave until a later day, as
the final notice about one invoice does for all that stand in it, a milder one about
some of them keeps to that day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from customers.calendars import local_day
from customers.lookups import array_of
from customers.plain import plain
from notices.kinds import KINDS, Firmness
from notices.models import ON_PAPER, Notice, TemplateVersion
from notices.render import Contact
from notices.render.deadlines import Deadlines, deadlines

EARLIER = """
SELECT ours.notice_id, other.notice_id, notice.channel, notice.sent_at,
    -- A letter is posted days after its dates were written.
    (SELECT run.closed_at
     FROM notices_printitem AS item
     JOIN notices_printrun AS run ON run.id = item.run_id
     WHERE item.notice_id = notice.id AND item.state = 'printed'
     ORDER BY item.id DESC LIMIT 1),
    (SELECT min(invoice.due_on)
     FROM notices_noticeitem AS item
     JOIN customers_invoice AS invoice ON invoice.id = item.invoice_id
     WHERE item.notice_id = notice.id),
    notice.template_id
FROM notices_noticeitem AS ours
JOIN notices_noticeitem AS other USING (invoice_id)
JOIN notices_notice AS notice ON notice.id = other.notice_id
WHERE ours.notice_id = ANY(%s) AND other.notice_id <> ours.notice_id
  AND notice.state IN ('sent', 'delivered') AND notice.dunning
  AND notice.sent_at < %s
ORDER BY notice.sent_at, notice.id
"""


@plain
class Before:
    """What reached a customer before: each contact, and until when they were given.

    ``given`` is None where no earlier day to pay by was later than its invoices' own.
    """

    contacts: tuple[Contact, ...] = ()
    given: dt.date | None = None


NOTHING_BEFORE = Before()


class _Earlier(NamedTuple):
    ours: int
    other: int
    channel: str
    sent_at: dt.datetime
    printed_at: dt.datetime | None
    first_due: dt.date
    template_id: int


def told_before(notices: Sequence[Notice], until: dt.datetime) -> Mapping[int, Before]:
    """Return what reached each customer about the same invoices before ``until``.

    Notices asked for, with their streams and templates at hand: a query for those about
    money, one more where an earlier one is found. What could not be delivered is left
    out.
    """
    wanted = {notice.pk: notice for notice in notices if notice.dunning}
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [array_of(wanted), until])
        rows = [_Earlier(*row) for row in cursor.fetchall()]
    if not rows:
        return {}
    texts = TemplateVersion.objects.only("subject", "body").in_bulk(
        {row.template_id for row in rows}
    )
    found: dict[int, dict[int, _Earlier]] = defaultdict(dict)
    for row in rows:
        found[row.ours][row.other] = row
    return {
        ours: _before(wanted[ours], list(others.values()), texts)
        for ours, others in found.items()
    }


def _before(
    notice: Notice,
    earlier: Sequence[_Earlier],
    texts: Mapping[int, TemplateVersion],
) -> Before:
    brand = notice.stream.brand
    tells = KINDS[notice.template.kind].firmness >= Firmness.REMINDER
    contacts = []
    given = []
    for one in earlier:
        on = local_day(one.sent_at, brand.time_zone)
        if tells:
            contacts.append(Contact(on, one.channel))
        written = local_day(one.printed_at or one.sent_at, brand.time_zone)
        # Before an invoice is late its own day is all that a message names.
        if one.first_due < written:
            said = deadlines(
                [one.first_due],
                written,
                by_post=one.channel in ON_PAPER,
                country=brand.country,
            )
            given.append(as_told(said, texts[one.template_id]).pay_by)
    return Before(tuple(contacts), max(given, default=None))


def as_told(said: Deadlines, text: TemplateVersion) -> Deadlines:
    """Return the days as a text tells them: a last notice names one day, for the money
    and for the call alike."""
    if "last_day" in f"{text.subject} {text.body}":
        return Deadlines(said.last_day, said.last_day, said.last_day)
    return said
