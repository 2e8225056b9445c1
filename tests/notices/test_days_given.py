"""A day to pay by that was given once is not taken back by a milder message."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Invoice
from notices.facts import load_facts
from notices.fields import Subject
from notices.formats import formats_for, locale_for
from notices.models import Notice, PrintFile, PrintItem, PrintRun
from notices.render.deadlines import deadlines
from notices.render.values import values_of
from notices.states import State
from tests.factories import make_customer, make_invoice, make_notice, make_template
from tests.pages.opening import open_notice

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
# A Wednesday in a month without holidays.
TODAY = dt.date(2026, 6, 10)
NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def owed() -> list[Invoice]:
    """Two invoices of one customer, one later than the other."""
    customer = make_customer(address=True)
    return [
        make_invoice(customer, due_on=TODAY - days * DAY, issued_on=TODAY - 90 * DAY)
        for days in (40, 5)
    ]


def told(
    invoices: Sequence[Invoice], ago: int, kind: str = "final", **more: object
) -> Notice:
    """Return a message that these were told of so many days ago."""
    last = kind == "final"
    body = "Pay by {{ last_day }}." if last else "Pay by {{ pay_by }}."
    text = make_template(kind=kind, body=body, key=f"{kind}{ago}")
    return make_notice(
        invoices[0].customer,
        invoices=list(invoices),
        template=text,
        kind=text.kind,
        **{"state": State.SENT, "sent_at": NOW - ago * DAY} | more,  # type: ignore[arg-type]
    )


def pay_by(invoices: Sequence[Invoice], kind: str = "reminder") -> object:
    """Return the day that a message of today about these names."""
    notice = told(invoices, 0, kind, state=State.SCHEDULED, sent_at=None)
    facts = load_facts([notice.pk], NOW)[notice.pk]
    return values_of(facts, "en", frozenset({Subject.DEBT}))["pay_by"]


def of_its_own() -> dt.date:
    """Return the day that a reminder of today gives by itself."""
    return deadlines([TODAY - DAY], TODAY, by_post=False, country="GB").pay_by


def last_day(ago: int, *, by_post: bool = False) -> dt.date:
    """Return the day that a last notice of so many days ago named."""
    then = TODAY - ago * DAY
    return deadlines([then - DAY], then, by_post=by_post, country="GB").last_day


def test_a_reminder_about_one_bill_keeps_to_the_day_of_the_last_notice(owed):
    told(owed, 3)

    assert pay_by(owed[1:]) == last_day(3) > of_its_own()


def test_a_day_that_is_nearer_than_ours_alters_nothing(owed):
    told(owed, 3, "reminder")

    assert pay_by(owed[1:]) == of_its_own()


def test_what_was_said_of_another_bill_gives_no_time(owed):
    told(owed[:1], 3)

    assert pay_by(owed[1:]) == of_its_own()


@pytest.mark.parametrize("state", [State.FAILED, State.SCHEDULED, State.UNKNOWN])
def test_what_did_not_reach_anybody_gives_no_time(owed, state):
    told(owed, 3, state=state)

    assert pay_by(owed[1:]) == of_its_own()


def test_a_letter_gives_until_the_day_that_was_printed_in_it(owed):
    # Printed six days ago, posted two days ago.
    letter = told(owed, 2, channel="letter")
    at = NOW - 6 * DAY
    run = PrintRun.objects.create(
        brand=letter.stream.brand, number=1, duplex=True, opened_at=at, closed_at=at,
        state=PrintRun.State.CLOSED,
    )  # fmt: skip
    file = PrintFile.objects.create(
        run=run, number=1, part="light", name="1.pdf", body=b"", size=0,
        sha256=bytes(32), letters=1, pages=1, sheets=1,
    )  # fmt: skip
    PrintItem.objects.create(
        run=run, notice=letter, place="", state=PrintItem.State.PRINTED, file=file,
        sequence=1, first_page=1, pages=1, sheets=1, sha256=bytes(32),
    )  # fmt: skip

    assert pay_by(owed[1:]) == last_day(6, by_post=True) != last_day(2, by_post=True)


def test_the_page_of_a_message_names_the_day_the_message_named():
    opened, now = open_notice(channel="email"), timezone.now()
    long_ago = dt.date(2020, 1, 2)
    Invoice.objects.filter(pk=opened.invoice.pk).update(
        issued_on=long_ago, due_on=long_ago
    )
    Notice.objects.filter(pk=opened.notice.pk).update(sent_at=now - DAY)
    told([opened.invoice], 0, sent_at=now - 2 * DAY)
    # What came after the message gave no time when it was written.
    told([opened.invoice], 1, sent_at=now)
    sent_on = (now - 2 * DAY).date()
    said = deadlines([long_ago], sent_on, by_post=False, country="GB")

    page = Client().get(f"/r/{opened.token}").content.decode()

    day = formats_for(locale_for("en", "GB"), "").date(said.last_day)
    assert f"Please pay by{day}" in re.sub(r"<[^>]+>|\n", "", page)
