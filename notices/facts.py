"""Gathers what each notice may say, for a whole batch in a handful of queries.

The invoices are those of notices.owed, which the gate asks too, so that what is sent
and what is printed rest on the same debts. Decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet

from customers.calendars import local_day
from customers.models import DataImport
from customers.prepared import prepared
from notices.about import AboutError, read_about, with_firms_number
from notices.consent_papers import enclosed
from notices.contacts import NOTHING_BEFORE, Before, told_before
from notices.destinations import destination_of, new_destinations
from notices.doors import (
    answer_code,
    answer_url,
    bill_copy_url,
    preferences_url,
    stop_url,
)
from notices.fields import Subject
from notices.firm import brand_facts
from notices.invitation import invitation
from notices.kinds import KINDS
from notices.models import Channel, Notice
from notices.owed import NOTHING, Owed, owed_by_notice
from notices.papers import Paper, Papers, attachment_of, bodies_of, link_to, papers_of
from notices.people import Person, people_of
from notices.render import (
    Attachment,
    BrandFacts,
    CustomerFacts,
    Destination,
    Facts,
    InvoiceFacts,
    Link,
)
from notices.sampling import addressed
from notices.served import takes_texts


def load_facts(notice_ids: Sequence[int], now: dt.datetime) -> dict[int, Facts]:
    """Return the facts of each notice as of ``now``, an aware instant.

    For what is shown; what is sent rests on the very debts and people that the gate
    allowed it by (:func:`facts_of`).
    """
    notices = list(Notice.objects.filter(pk__in=notice_ids).in_full())
    people = addressed(people_of(one.customer_id for one in notices), notices)
    return facts_of(notices, people, _owed(notices, now), now)


def facts_of(
    notices: Sequence[Notice],
    people: Mapping[int, Person],
    owed: Mapping[int, Owed],
    now: dt.datetime,
    papers: Mapping[int, Papers] | None = None,
    obligations: Mapping[int, frozenset[str]] = MappingProxyType({}),
) -> dict[int, Facts]:
    """Return the facts of notices loaded ``in_full``, to these people, about this debt.

    ``papers`` are what goes with each (notices.papers), where that is known already.

    ``obligations`` come with the decision that allows a notice (``Verdict``). A
    customer who cannot be reached by the channel gets an empty destination, and a
    notice with nothing left to pay no invoices; rendering refuses both.
    """
    papers = papers_of(notices, owed) if papers is None else papers
    known = _Known(
        people=people,
        before=told_before(notices, now),
        papers=papers,
        bodies=bodies_of(
            one for notice in notices for one in _attached(papers, notice)
        ),
        brands={
            brand.pk: brand_facts(brand)
            for brand in {notice.stream.brand for notice in notices}
        },
        records_until=records_until(now),
        new=new_destinations(notices),
        obligations=obligations,
    )
    return {
        notice.pk: _facts(notice, known, owed.get(notice.pk, NOTHING), now)
        for notice in notices
    }


@dataclass(frozen=True, slots=True)
class _Known:
    """What was gathered for a whole batch, by customer, by notice and by firm."""

    people: Mapping[int, Person]
    before: Mapping[int, Before]
    papers: Mapping[int, Papers]
    bodies: Mapping[tuple[str, int], bytes]
    brands: Mapping[int, BrandFacts]
    records_until: dt.datetime | None
    new: Mapping[str, Destination]
    obligations: Mapping[int, frozenset[str]]


def _attached(papers: Mapping[int, Papers], notice: Notice) -> tuple[Paper, ...]:
    return papers.get(notice.pk, Papers()).attached


def records_until(now: dt.datetime) -> dt.datetime | None:
    """Return up to which instant files have told us of payments; none if none was read.

    That is when the last import of payments or invoices began: what was paid later
    may not be in it.
    """
    return _begins_of_files.one(now=now)


@prepared
def _begins_of_files(now: dt.datetime) -> QuerySet[DataImport, dt.datetime]:
    return (
        DataImport.objects.filter(
            kind__in=[DataImport.Kind.PAYMENTS, DataImport.Kind.INVOICES],
            finished_at__isnull=False,
            started_at__lte=now,
        )
        .order_by("-started_at")
        .values_list("started_at", flat=True)[:1]
    )


def _owed(notices: Sequence[Notice], now: dt.datetime) -> dict[int, Owed]:
    """Return the debts of each notice on its firm's own day: one query a day."""
    by_day: dict[dt.date, list[int]] = defaultdict(list)
    for notice in notices:
        by_day[local_day(now, notice.stream.brand.time_zone)].append(notice.pk)
    owed: dict[int, Owed] = {}
    for day, ids in by_day.items():
        owed.update(owed_by_notice(ids, day))
    return owed


def _facts(notice: Notice, known: _Known, owed: Owed, now: dt.datetime) -> Facts:
    brand, person = notice.stream.brand, known.people[notice.customer_id]
    about, fault = _about(notice)
    before = known.before.get(notice.pk, NOTHING_BEFORE)
    papers = known.papers.get(notice.pk, Papers())
    on_paper = notice.channel == Channel.LETTER
    return Facts(
        reference=notice.reference,
        channel=notice.channel,
        planned_on=notice.planned_on,
        today=local_day(now, brand.time_zone),
        now=now,
        brand=known.brands[brand.pk],
        customer=CustomerFacts(
            number=person.number,
            name=person.name,
            kind=person.kind,
            language=person.language,
            country=person.country or person.postal_country or "",
            time_zone=person.time_zone,
        ),
        destination=known.new.get(notice.reference)
        or destination_of(person, notice.channel, brand.country),
        invoices=tuple(
            InvoiceFacts(
                number=line.number,
                issued_on=line.issued_on,
                due_on=line.due_on,
                currency=line.currency,
                amount=line.amount,
                open_amount=line.open_amount,
                days_late=line.days_late,
                purpose=line.purpose,
                order_number=line.order_number,
            )
            for line in owed.lines
        ),
        total=owed.total,
        currency=owed.lines[0].currency if owed.lines else "",
        obligations=known.obligations.get(notice.pk, frozenset()),
        takes_texts=takes_texts(),
        about=about,
        fault=fault,
        contacts=before.contacts,
        given=before.given,
        records_until=known.records_until,
        attachments=_attachments(notice, known, about),
        links=tuple(_link(notice, one, now) for one in papers.linked),
        answer_url=answer_url(notice),
        answer_code=answer_code(notice) if on_paper else "",
        preferences_url=preferences_url(notice),
        unsubscribe_url=stop_url(notice),
        enclosures=_enclosures(notice, papers, known),
    )


def _about(notice: Notice) -> tuple[Mapping[str, Any], str]:
    """Return the notice's own facts, or what is wrong with them.

    A faulty notice must not keep its whole batch from going: rendering refuses it.
    """
    subjects = KINDS[notice.template.kind].subjects
    if not notice.about and subjects == {Subject.DEBT}:
        return {}, ""
    try:
        told = notice.about
        if Subject.PAPERLESS in subjects:
            told = with_firms_number(told, notice.stream.brand.opt_in_phone)
        return read_about(told, subjects), ""
    except AboutError as error:
        return {}, str(error)


def _attachments(
    notice: Notice, known: _Known, about: Mapping[str, Any]
) -> tuple[Attachment, ...]:
    """Return what goes with an e-mail: invitation, invoice copies, documents."""
    if notice.channel != Channel.EMAIL:
        return ()
    papers = known.papers.get(notice.pk, Papers()).attached
    files = [attachment_of(one, known.bodies[one.kind, one.pk]) for one in papers]
    files += enclosed(notice)
    if "visit.starts_at" in about:
        brand = notice.stream.brand
        calendar = invitation(
            reference=notice.reference,
            organiser=brand.name,
            sender=brand.email_from,
            about=about,
            stamp=notice.created_at,
        )
        files.insert(0, calendar)
    return tuple(files)


def _link(notice: Notice, paper: Paper, now: dt.datetime) -> Link:
    """Return where a paper too large to go with an e-mail opens: the copy of an invoice
    on the customer's own page, where the firm has something asked first."""
    if paper.kind == "invoice" and notice.stream.brand.asks_before_copies:
        return Link(paper.title, bill_copy_url(notice, paper.pk))
    return link_to(paper, now)


def _enclosures(notice: Notice, papers: Papers, known: _Known) -> tuple[bytes, ...]:
    """Return what is printed behind a letter: the documents of its campaign."""
    if notice.channel != Channel.LETTER:
        return ()
    return tuple(known.bodies[one.kind, one.pk] for one in papers.attached)
