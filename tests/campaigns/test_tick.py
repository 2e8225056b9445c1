"""The tick: enrol, decide, compose; and again, and after an outage."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.actions import pause_campaign, tick
from campaigns.compose import Planned
from campaigns.models import Campaign, Decision, Enrolment
from campaigns.receivers import settle
from campaigns.reopening import MOST_REOPENED
from campaigns.write_plan import write_plan
from consent.actions import suppress
from customers.models import Customer, Invoice
from notices.actions import release_held_group, send_all_due
from notices.models import Notice, SandboxMessage
from notices.starter import install_starters
from notices.states import State
from tests.campaigns.playing import noon, play
from tests.factories import (
    TODAY,
    make_alice,
    make_bob,
    make_brand,
    make_campaign,
    make_charlie,
    make_consent,
    make_customer,
    make_hold,
    make_invoice,
    make_ladder,
    pay,
)

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STEPS = (
    ("friendly", 3, "soft", 5, ["email", "letter"]),
    ("reminder", 10, "formal", None, ["email", "letter"]),
    ("formal", 24, "formal", None, ["letter", "email"]),
)


@pytest.fixture
def campaign() -> Campaign:
    """Return a running campaign of three steps that works on every day."""
    install_starters(["en"])
    ladder = make_ladder(STEPS, bank_days="none", min_gap_days=3)
    for step in ladder.steps.all():
        step.template_key = step.key
        step.save()
    return make_campaign(ladder=ladder, brand=make_brand(), send_from=dt.time(0))


def late_invoice(customer: Customer, days: int = 4, **fields: Any) -> Invoice:
    return make_invoice(customer, due_on=TODAY - days * DAY, **fields)


def steps_sent() -> list[str]:
    sent = Decision.objects.filter(outcome="sent").order_by("id")
    return list(sent.values_list("step__key", flat=True))


def test_a_late_invoice_gets_its_step(campaign: Campaign) -> None:
    invoice = late_invoice(make_alice())

    done = tick(now=noon(TODAY), ring=False)

    assert (done.enrolled, done.composed) == (1, 1)
    notice = Notice.objects.get()
    assert notice.channel == "email"
    assert list(notice.items.values_list("invoice", flat=True)) == [invoice.pk]
    assert steps_sent() == ["friendly"]


def test_a_second_pass_adds_nothing(campaign: Campaign) -> None:
    late_invoice(make_alice())

    tick(now=noon(TODAY), ring=False)
    again = tick(now=noon(TODAY), ring=False)

    assert (again.enrolled, again.decided, again.composed) == (0, 0, 0)
    assert Notice.objects.count() == Decision.objects.count() == 1


def test_a_pass_that_lost_its_bookkeeping_still_sends_nothing_twice(
    campaign: Campaign,
) -> None:
    late_invoice(make_alice())
    tick(now=noon(TODAY), ring=False)
    Enrolment.objects.update(closed_steps=0, next_on=TODAY, last_contact_on=None)

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.count() == Decision.objects.count() == 1


def test_what_is_new_beside_what_was_lost_gets_its_own_notice(
    campaign: Campaign,
) -> None:
    known = late_invoice(make_alice())
    tick(now=noon(TODAY), ring=False)
    # Lost altogether: the enrolment and its decision, but not the notice.
    Decision.objects.all().delete()
    Enrolment.objects.update(closed_steps=0, next_on=TODAY, last_contact_on=None)
    new = late_invoice(make_customer())

    done = tick(now=noon(TODAY), ring=False)

    assert done.composed == 1
    told = Decision.objects.values_list(
        "enrolment__invoice", "notice__customer", "notice__items__invoice"
    )
    assert set(told) == {
        (known.pk, known.customer_id, known.pk),
        (new.pk, new.customer_id, new.pk),
    }


def test_a_step_may_be_called_anything(campaign: Campaign) -> None:
    campaign.ladder.steps.filter(key="friendly").update(key='a "b", {c} \\ null')
    invoice = late_invoice(make_alice())

    tick(now=noon(TODAY), ring=False)

    wanted = f'campaign:{campaign.pk}:invoice:{invoice.pk}:a "b", {{c}} \\ null:email:0'
    assert Notice.objects.get().dedupe_key == wanted


def test_an_invoice_that_comes_in_later_the_same_day_is_enrolled(
    campaign: Campaign,
) -> None:
    tick(now=noon(TODAY), ring=False)
    late_invoice(make_alice())

    assert tick(now=noon(TODAY), ring=False).composed == 1


def test_what_is_paid_is_never_written_about(campaign: Campaign) -> None:
    invoice = late_invoice(make_alice())
    tick(now=noon(TODAY), ring=False)
    pay(invoice, invoice.amount)

    for days in range(1, 40):
        tick(now=noon(TODAY + days * DAY), ring=False)

    assert steps_sent() == ["friendly"]
    assert Enrolment.objects.get().state == Enrolment.State.SETTLED


def test_a_part_payment_leaves_the_ladder_running(campaign: Campaign) -> None:
    invoice = late_invoice(make_alice())
    play(TODAY)
    pay(invoice, Decimal("1.00"))

    for days in range(1, 10):
        play(TODAY + days * DAY)

    assert steps_sent() == ["friendly", "reminder"]


def test_a_payment_taken_back_puts_the_invoice_back(campaign: Campaign) -> None:
    invoice = late_invoice(make_alice())
    pay(invoice, invoice.amount)
    late_invoice(make_customer())
    Enrolment.objects.create(
        campaign=campaign,
        customer=invoice.customer,
        invoice=invoice,
        due_on=invoice.due_on,
        state="settled",
    )
    Invoice.objects.filter(pk=invoice.pk).update(
        status="open", paid_on=None, open_amount=invoice.amount
    )

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.filter(customer=invoice.customer).count() == 1


def test_a_dispute_stops_the_ladder_where_it_is(campaign: Campaign) -> None:
    late_invoice(make_bob())

    tick(now=noon(TODAY), ring=False)

    assert not Decision.objects.exists()
    assert Enrolment.objects.get().next_on == TODAY + DAY


def test_a_lifted_hold_goes_on_at_the_same_step(campaign: Campaign) -> None:
    customer = make_alice()
    late_invoice(customer)
    make_hold(customer, reason="promise", starts_on=TODAY, ends_on=TODAY + DAY)

    for days in range(3):
        tick(now=noon(TODAY + days * DAY), ring=False)

    assert steps_sent() == ["friendly"]
    assert Decision.objects.get().decided_on == TODAY + 2 * DAY


def test_without_consent_mail_falls_to_the_next_channel(campaign: Campaign) -> None:
    late_invoice(make_charlie())
    late_invoice(make_customer(e_delivery=False, address=True))

    tick(now=noon(TODAY), ring=False)

    outcomes = Decision.objects.order_by("enrolment").values_list("outcome", "channel")
    assert list(outcomes) == [("no_channel", ""), ("sent", "letter")]


def test_a_consent_counts_from_its_own_day(campaign: Campaign) -> None:
    customer = make_customer(e_delivery=False)
    make_consent(customer, on=TODAY + DAY)
    late_invoice(customer)

    tick(now=noon(TODAY), ring=False)

    assert Decision.objects.get().outcome == "no_channel"


def test_a_suppressed_address_is_no_channel(campaign: Campaign) -> None:
    late_invoice(make_alice())
    suppress(
        channel="email",
        address="alice@example.com",
        reason="complaint",
        source="test",
        now=noon(TODAY),
    )

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.get().channel == "letter"


def test_an_outage_makes_it_later_and_never_harsher(campaign: Campaign) -> None:
    late_invoice(make_alice())

    tick(now=noon(TODAY + 40 * DAY), ring=False)
    tick(now=noon(TODAY + 41 * DAY), ring=False)

    assert steps_sent() == ["reminder"]


def test_a_paused_campaign_is_not_ticked(campaign: Campaign) -> None:
    late_invoice(make_alice())
    pause_campaign(campaign=campaign, by="ada", now=noon(TODAY))

    assert tick(now=noon(TODAY), ring=False).enrolled == 0


def test_old_debts_stay_out(campaign: Campaign) -> None:
    make_invoice(make_alice(), due_on=campaign.due_from - DAY)

    assert tick(now=noon(TODAY), ring=False).enrolled == 0


def test_one_message_speaks_of_all_of_a_customers_invoices_in_one_currency() -> None:
    ladder = make_ladder(STEPS, bank_days="none", min_gap_days=3, group="customer")
    make_campaign(ladder=ladder)
    alice = make_alice()
    late_invoice(alice, days=4)
    late_invoice(alice, days=11)
    late_invoice(alice, days=11, currency="PLN")

    tick(now=noon(TODAY), ring=False)

    notices = Notice.objects.order_by("id")
    assert sorted(notice.items.count() for notice in notices) == [1, 2]
    assert {notice.template.key.rpartition("-")[2] for notice in notices} == {
        "reminder"
    }


def test_nothing_goes_out_before_the_firms_opening_hour(campaign: Campaign) -> None:
    campaign.send_from = dt.time(9)
    campaign.save()
    late_invoice(make_alice())

    tick(now=noon(TODAY).replace(hour=1), ring=False)

    assert Notice.objects.get().not_before == noon(TODAY).replace(hour=9)


def test_a_soft_step_that_had_to_wait_too_long_is_not_sent(campaign: Campaign) -> None:
    late_invoice(make_alice(), days=8)
    tick(now=noon(TODAY), ring=False)

    send_all_due(now=noon(TODAY + DAY))

    notice = Notice.objects.get()
    assert notice.not_after == noon(TODAY + DAY).replace(hour=0)
    assert (notice.state, notice.reason) == (State.EXPIRED, "NOTICE_EXPIRED")


def test_a_formal_step_is_never_too_late(campaign: Campaign) -> None:
    late_invoice(make_alice(), days=12)

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.get().not_after is None


def test_a_hard_bounce_takes_the_next_channel_at_the_same_level(
    campaign: Campaign,
) -> None:
    customer = make_customer(email="hard-bounce@sandbox.example", address=True)
    late_invoice(customer)
    tick(now=noon(TODAY), ring=False)
    send_all_due(now=noon(TODAY))

    tick(now=noon(TODAY), ring=False)
    tick(now=noon(TODAY), ring=False)

    sent = Decision.objects.order_by("id").values_list("step__key", "channel")
    assert list(sent) == [("friendly", "email"), ("friendly", "letter")]
    assert Notice.objects.filter(state=State.SCHEDULED).get().channel == "letter"


def test_the_pass_costs_the_same_queries_whatever_its_size(
    campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        late_invoice(make_customer())

    with django_assert_max_num_queries(50):
        tick(now=noon(TODAY), ring=False)

    assert Notice.objects.count() == 30


def test_another_day_is_refused_while_a_channel_is_live(
    campaign: Campaign, settings: Any
) -> None:
    settings.CHANNELS = {"email": "smtp"}
    late_invoice(make_alice())

    with pytest.raises(CommandError, match="sandbox"):
        call_command("tick", "--as-of", "2026-03-10")

    assert not Enrolment.objects.exists()


def test_the_command_plays_a_day_and_sends_it(campaign: Campaign) -> None:
    late_invoice(make_alice())

    call_command("tick", "--as-of", TODAY.isoformat(), "--json")

    assert SandboxMessage.objects.count() == 1


# A message that has not gone yet ------------------------------------------------


def test_nobody_gets_two_steps_at_once_after_a_long_pause(campaign: Campaign) -> None:
    late_invoice(make_alice(), days=10)
    tick(now=noon(TODAY), ring=False)

    for days in range(1, 25):
        tick(now=noon(TODAY + days * DAY), ring=False)
    release_held_group(held=Notice.objects.all(), now=noon(TODAY + 25 * DAY))
    send_all_due(now=noon(TODAY + 25 * DAY))

    assert steps_sent() == ["reminder"]
    assert SandboxMessage.objects.count() == 1


def test_the_gap_counts_from_the_day_the_message_went(campaign: Campaign) -> None:
    late_invoice(make_alice(), days=12)
    tick(now=noon(TODAY), ring=False)
    went = TODAY + 12 * DAY
    send_all_due(now=noon(went))

    for days in range(1, 3):
        tick(now=noon(went + days * DAY), ring=False)
    assert steps_sent() == ["reminder"]
    tick(now=noon(went + 3 * DAY), ring=False)

    assert steps_sent() == ["reminder", "formal"]


# A message that reached nobody ----------------------------------------------------


def test_a_corrected_address_gets_the_message_that_bounced(campaign: Campaign) -> None:
    customer = make_customer(email="hard-bounce@sandbox.example")
    late_invoice(customer, days=10)
    play(TODAY)
    customer.contact_points.update(value="mended@example.com")

    play(TODAY)
    play(TODAY + DAY)

    assert steps_sent() == ["reminder", "reminder"]
    delivered = Notice.objects.filter(state=State.DELIVERED)
    assert delivered.count() == 1


@pytest.mark.usefixtures("paper_in_sandbox")
def test_a_dead_address_shared_by_many_costs_nobody_the_step(
    campaign: Campaign,
) -> None:
    for _ in range(25):
        shared = make_customer(email="hard-bounce@sandbox.example", address=True)
        late_invoice(shared, days=10)
    play(TODAY)

    play(TODAY)

    by_letter = Notice.objects.filter(state=State.DELIVERED, channel="letter")
    assert by_letter.count() == 25


def test_a_provider_that_refuses_is_asked_again_tomorrow_and_not_for_ever(
    campaign: Campaign,
) -> None:
    late_invoice(make_customer(email="soft-bounce@sandbox.example"), days=10)

    for days in range(9):
        play(TODAY + days * DAY)
        play(TODAY + days * DAY)

    assert Notice.objects.count() == 1 + MOST_REOPENED
    assert Notice.objects.values("planned_on").distinct().count() == 1 + MOST_REOPENED


@pytest.mark.usefixtures("paper_in_sandbox")
def test_a_withdrawn_consent_turns_the_waiting_mail_into_a_letter(
    campaign: Campaign,
) -> None:
    customer = make_alice()
    late_invoice(customer, days=10)
    tick(now=noon(TODAY), ring=False)
    make_consent(customer, state="withdrawn", on=TODAY)
    send_all_due(now=noon(TODAY))

    play(TODAY)

    assert Notice.objects.get(state=State.DELIVERED).channel == "letter"


# Two campaigns, moved dates, early money --------------------------------------------


def test_no_invoice_climbs_two_ladders_at_once(campaign: Campaign) -> None:
    late_invoice(make_alice(), days=10)
    make_campaign(ladder=campaign.ladder, brand=campaign.brand)

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.count() == Enrolment.objects.count() == 1


def test_a_due_date_moved_earlier_is_seen_the_next_day(campaign: Campaign) -> None:
    invoice = make_invoice(
        make_alice(), issued_on=TODAY - 40 * DAY, due_on=TODAY + 20 * DAY
    )
    tick(now=noon(TODAY), ring=False)
    Invoice.objects.filter(pk=invoice.pk).update(due_on=TODAY - 12 * DAY)

    tick(now=noon(TODAY + DAY), ring=False)

    assert steps_sent() == ["reminder"]


def test_money_with_tomorrows_value_date_is_here_today(campaign: Campaign) -> None:
    today = timezone.localdate()
    customer = make_alice()
    make_consent(customer, on=today - 400 * DAY)
    paid = make_invoice(
        customer,
        issued_on=today - 40 * DAY,
        due_on=today - 10 * DAY,
        status="paid",
        open_amount=0,
        paid_on=today + DAY,
    )
    Enrolment.objects.create(
        campaign=campaign,
        customer=customer,
        invoice=paid,
        due_on=paid.due_on,
        next_on=today,
    )

    tick(now=timezone.now(), ring=False)

    assert not Notice.objects.exists()
    assert Enrolment.objects.get().state == Enrolment.State.SETTLED


def test_what_is_late_on_this_very_day_is_reminded(campaign: Campaign) -> None:
    """All other tests play a past day, on which later payments are not known yet."""
    today = timezone.localdate()
    make_invoice(make_alice(), issued_on=today - 40 * DAY, due_on=today - 10 * DAY)

    tick(now=timezone.now(), ring=False)
    send_all_due(now=timezone.now())

    assert Notice.objects.get().state == State.DELIVERED


def test_a_payment_takes_the_invoice_off_the_ladder_at_once(
    campaign: Campaign, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = late_invoice(make_alice())
    tick(now=noon(TODAY), ring=False)

    with django_capture_on_commit_callbacks(execute=True):
        pay(invoice, invoice.amount)

    assert Enrolment.objects.get().state == Enrolment.State.SETTLED


def test_a_payment_in_the_midst_of_a_pass_leaves_the_invoice_off_the_ladder(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = late_invoice(make_alice())
    write = write_plan

    def paid_meanwhile(planned: Planned) -> int:
        pay(invoice, invoice.amount)
        settle(customer_ids=[invoice.customer_id])
        return write(planned)

    monkeypatch.setattr("campaigns.tick.write_plan", paid_meanwhile)
    play(TODAY)

    assert Enrolment.objects.get().state == Enrolment.State.SETTLED
    assert Notice.objects.get().state == State.SUPPRESSED


def test_one_campaign_that_cannot_go_on_does_not_stop_the_others(
    campaign: Campaign,
) -> None:
    broken = make_campaign(ladder=make_ladder(STEPS, bank_days="XX"), currency="PLN")
    late_invoice(make_alice())
    late_invoice(make_customer(), currency="PLN")

    tick(now=noon(TODAY), ring=False)

    assert Notice.objects.get().stream == campaign.stream
    assert broken.enrolments.count() == 1
