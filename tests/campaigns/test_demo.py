"""The demo company loads once, adds up, and all on its pages really happened.

Loading plays forty days, so one load serves every test here; each is rolled back to it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import DecimalField, F, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from campaigns import how_far, reasons, reports
from campaigns.demo.load import Loaded, load_demo
from campaigns.demo.logins import LOGINS
from campaigns.models import Campaign, Decision
from customers.models import Customer, Hold, Invoice, Payment
from customers.reaching import reached
from notices.dispatch import drain
from notices.messages import message_of
from notices.models import (
    DeliveryEvent,
    Notice,
    NoticeItem,
    PrintItem,
    PrintRun,
    SandboxMessage,
    SentCopy,
)
from notices.printing.forecast import waiting
from notices.senders import sandbox
from notices.states import State

TODAY = dt.date(2026, 3, 10)
NOW = dt.datetime(2026, 3, 10, 13, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Loaded]:
    """Load the demo company once, and take it away after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo(today=TODAY, now=NOW)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _on_the_demo(loaded: Loaded, db: None) -> None:
    """Let every test start from the loaded company."""


def test_what_it_says_it_loaded_is_there(loaded: Loaded) -> None:
    assert Customer.objects.count() == loaded.customers == 360
    assert Invoice.objects.count() == loaded.invoices
    assert Payment.objects.count() == loaded.payments
    assert Hold.objects.count() == loaded.holds


def test_addresses_have_been_used_long_enough_to_be_trusted() -> None:
    somebody = Customer.objects.get(number="L-101040")

    assert reached(somebody, now=NOW).settled("email")


def test_what_is_open_is_the_amount_less_what_was_paid() -> None:
    paid = Coalesce(Sum("allocations__amount"), Decimal(0), output_field=DecimalField())

    wrong = Invoice.objects.annotate(paid=paid).exclude(
        open_amount=F("amount") - F("paid")
    )

    assert not wrong.exists()
    assert not Payment.objects.annotate(used=Sum("allocations__amount")).exclude(
        used=F("amount")
    )


def test_at_least_sixty_messages_are_due_when_it_starts() -> None:
    due = Notice.objects.due(NOW)

    assert due.count() >= 60
    assert set(due.values_list("channel", flat=True)) == {
        *("email", "sms", "call", "letter")
    }


def test_some_of_them_take_long_enough_to_watch() -> None:
    addresses = (
        Notice.objects.due(NOW)
        .filter(channel="email", customer__contact_points__kind="email")
        .values_list("customer__contact_points__value", flat=True)
    )

    assert sum(one.startswith("slow+") for one in addresses) >= 10


@pytest.mark.parametrize(
    ("channel", "state", "reason"),
    [
        ("email", State.DELIVERED, ""),
        ("sms", State.DELIVERED, ""),
        ("call", State.DELIVERED, ""),
        ("letter", State.SENT, ""),
        ("email", State.FAILED, "hard_bounce"),
        ("email", State.FAILED, "soft_bounce"),
        ("sms", State.FAILED, "hard_bounce"),
        ("sms", State.FAILED, "soft_bounce"),
        ("sms", State.SUPPRESSED, "ACCT_NOTHING_DUE"),
        ("sms", State.HELD, "PERSON_REPRESENTED"),
        ("letter", State.HELD, "address_too_long"),
    ],
)
def test_every_path_of_a_message_was_walked(
    channel: str, state: str, reason: str
) -> None:
    assert Notice.objects.filter(channel=channel, state=state, reason=reason).exists()


def test_a_delivery_failed_within_the_last_week() -> None:
    week_ago = TODAY - dt.timedelta(days=7)

    assert Notice.objects.filter(state=State.FAILED, planned_on__gt=week_ago).exists()


def test_somebody_marked_a_message_as_spam() -> None:
    complaint = DeliveryEvent.objects.filter(kind=DeliveryEvent.Kind.COMPLAINT).first()

    assert complaint is not None
    assert not Notice.objects.filter(
        customer=complaint.notice.customer,
        channel="email",
        sent_at__gt=complaint.occurred_at,
    ).exists()


def test_every_message_that_did_not_arrive_says_why_in_words() -> None:
    silent = Notice.objects.exclude(
        state__in=[State.DELIVERED, State.SENT, State.SCHEDULED]
    )

    assert silent.exists()
    for code in set(silent.values_list("reason", flat=True)):
        assert code.upper() in {known.upper() for known in reasons.REASONS}, code


def test_every_campaigns_ledger_sums() -> None:
    for campaign in Campaign.objects.all():
        assert reports.ledger(campaign).sums
        assert how_far.standing(campaign).sums


def test_nobody_was_written_to_after_having_paid() -> None:
    late = NoticeItem.objects.filter(
        notice__sent_at__isnull=False,
        invoice__paid_on__isnull=False,
        notice__sent_at__date__gt=F("invoice__paid_on"),
    ).exclude(
        # The message was about another bill as well.
        notice__in=NoticeItem.objects.filter(invoice__status="open").values("notice")
    )

    assert not late.exists()


def test_the_sandbox_holds_each_message_that_went_once() -> None:
    went = (
        Notice.objects.gone_out()
        .exclude(channel__in=["letter", "call"])
        .values_list("reference", flat=True)
    )
    arrived = SandboxMessage.objects.values_list("reference", flat=True)

    assert sorted(arrived) == sorted(went)


def test_a_letter_that_went_is_in_a_posted_run() -> None:
    letters = Notice.objects.gone_out().filter(channel="letter")
    posted = PrintItem.objects.filter(run__state=PrintRun.State.POSTED)

    assert letters.count() == posted.filter(state="printed").count() > 0
    assert message_of(letters[0], NOW).body.startswith(b"%PDF")
    assert not SentCopy.objects.filter(notice__channel="letter").exists()


def test_letters_wait_for_todays_print_run() -> None:
    assert sum(one.ready for one in waiting(NOW)) > 0


def test_every_message_has_its_decision_and_its_own_day() -> None:
    assert not Notice.objects.filter(decisions__isnull=True).exists()
    assert not Notice.objects.exclude(created_at__date=F("planned_on")).exists()
    assert Decision.objects.filter(outcome=Decision.Outcome.NO_CHANNEL).exists()


def test_three_campaigns_run_and_one_waits_for_staff() -> None:
    draft = Campaign.objects.get(state=Campaign.State.DRAFT)

    assert Campaign.objects.running().count() == 3
    assert draft.audience(TODAY).count() > 10
    assert not Notice.objects.filter(customer__country="CZ").exists()


@pytest.mark.parametrize("hour", [9, 13, 18])
def test_at_any_hour_somebody_abroad_is_asleep(
    hour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "SLOW_SECONDS", 0)
    moment = NOW.replace(hour=hour)
    Notice.objects.waiting().update(not_before=moment)

    for campaign in Campaign.objects.running():
        drain(stream_id=campaign.stream_id, channel="sms", clock=lambda: moment)

    asleep = Notice.objects.waiting().filter(reason="QUIET_HOURS")
    assert asleep.exists()
    assert not asleep.filter(not_before__lte=moment).exists()


def test_a_second_load_keeps_everything_and_says_so() -> None:
    before = Notice.objects.count()
    out = StringIO()

    call_command("load_demo", stdout=out)

    assert "There are customers here already" in out.getvalue()
    assert all(one.password in out.getvalue() for one in LOGINS)
    assert Notice.objects.count() == before


def test_the_log_ins_can_be_printed_alone() -> None:
    out = StringIO()

    call_command("load_demo", "--print-logins", "--json", stdout=out)

    printed = json.loads(out.getvalue())
    assert [one["username"] for one in printed["logins"]] == ["vera", "adam", "ada"]
    assert "loaded" not in printed


def test_nobody_can_log_in_where_a_firm_has_its_own_people() -> None:
    User.objects.all().delete()
    out = StringIO()

    call_command("load_demo", stdout=out)

    assert not User.objects.exists()
    assert not any(one.password in out.getvalue() for one in LOGINS)


def test_it_is_not_loaded_where_a_message_could_leave(
    settings: Any,
) -> None:
    settings.CHANNELS = {"email": "smtp"}

    with pytest.raises(CommandError, match="only for the sandbox"):
        call_command("load_demo")


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="--today takes a date"):
        call_command("load_demo", "--today", "soon")


@pytest.mark.parametrize(
    ("username", "right", "may"),
    [
        ("vera", "customers.view_customer", True),
        ("vera", "campaigns.change_campaign", False),
        ("vera", "customers.add_hold", False),
        ("adam", "campaigns.change_campaign", True),
        ("adam", "customers.add_hold", True),
        ("adam", "notices.change_brand", False),
        ("adam", "notices.approve_templateversion", True),
        ("adam", "notices.bind_templateversion", True),
        ("adam", "notices.change_templateversion", False),
        ("vera", "notices.approve_templateversion", False),
        ("ada", "notices.change_brand", True),
        ("ada", "customers.erase_person", True),
        ("adam", "customers.erase_person", True),
        ("adam", "notices.change_answer", True),
        ("vera", "customers.view_accessentry", False),
    ],
)
def test_each_log_in_may_do_what_its_group_may(
    username: str, right: str, may: bool
) -> None:
    assert User.objects.get(username=username).has_perm(right) is may


def test_each_of_the_three_can_log_in() -> None:
    for one in LOGINS:
        assert Client().login(username=one.username, password=one.password)
