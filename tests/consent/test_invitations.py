"""How often somebody may be invited to e-mail, and that a changed need ends a yes."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from consent.ceremony import require_again
from consent.invitations import invitable, note_invited
from consent.ledger import record_many
from consent.models import ConsentEvent, ConsentState
from consent.told import Told
from notices.actions import send_all_due
from notices.models import TemplateVersion
from tests.factories import make_customer, make_invoice, make_notice, make_template

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def invite(customer, times=1):
    for _ in range(times):
        note_invited([customer.pk], method="web", now=NOW)


def test_three_invitations_a_year_are_enough():
    once, thrice = make_customer(), make_customer()
    invite(once)
    invite(thrice, times=3)
    asked = [once.pk, thrice.pk]
    assert invitable(asked, now=NOW + dt.timedelta(days=1)) == {once.pk}
    assert invitable(asked, now=NOW + dt.timedelta(days=366)) == set(asked)


def test_nobody_is_asked_again_for_a_year_after_a_no():
    customer = make_customer(e_delivery=False)
    record_many(
        [
            Told(
                customer_id=customer.pk,
                subject="e_delivery",
                state="refused",
                method="web",
                effective_on=NOW.date(),
            )
        ]
    )
    assert invitable([customer.pk], now=NOW + dt.timedelta(days=364)) == set()
    assert invitable([customer.pk], now=NOW + dt.timedelta(days=366)) == {customer.pk}


def test_whoever_was_never_asked_may_be():
    customer = make_customer(e_delivery=False)
    assert invitable([customer.pk], now=NOW) == {customer.pk}


def test_asking_about_a_thousand_takes_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        invitable(list(range(1000)), now=NOW)


def invitation(customer):
    template = TemplateVersion.objects.filter(key="friendly").first() or make_template()
    return make_notice(
        customer,
        invoices=[make_invoice(customer)],
        template=template,
        kind="opt_in_request",
        dunning=False,
        lane=2,
        not_before=timezone.now(),
    )


def test_the_gate_stops_the_fourth_invitation_and_counts_those_that_went(settings):
    settings.CHANNELS = dict.fromkeys(("email", "sms", "call", "letter"), "sandbox")
    customer = make_customer()
    for _ in range(2):
        invite(customer)
    notices = []
    for _ in range(2):
        notices.append(invitation(customer))
        send_all_due(now=timezone.now())
    for one in notices:
        one.refresh_from_db()
    assert [one.state for one in notices] == ["delivered", "suppressed"]
    assert notices[1].reason == "PREF_CATEGORY_OFF"
    offered = ConsentEvent.objects.filter(customer=customer, state="offered")
    assert offered.count() == 3
    # An invitation is no answer.
    assert ConsentState.objects.get(customer=customer).state == "granted"


def grant(customer, hwsw_version=None, basis="esign_consent"):
    record_many(
        [
            Told(
                customer_id=customer.pk,
                subject="e_delivery",
                state="granted",
                method="web",
                effective_on=NOW.date(),
                hwsw_version=hwsw_version,
                basis=basis,
                categories=["bills"],
                evidence={"form": str(uuid.uuid4())},
            )
        ]
    )


def test_changed_needs_end_older_consents_once_and_no_others():
    old, unknown, new, firm, none = (make_customer(e_delivery=False) for _ in range(5))
    grant(old, hwsw_version=1)
    grant(unknown)
    grant(new, hwsw_version=2)
    grant(firm, hwsw_version=1, basis="contract")
    assert require_again(hwsw_version=2, by="lee", now=NOW) == 2
    assert require_again(hwsw_version=2, by="lee", now=NOW) == 0
    states = dict(ConsentState.objects.values_list("customer", "state"))
    assert states == {
        old.pk: "stale",
        unknown.pk: "stale",
        new.pk: "granted",
        firm.pk: "granted",
    }
    stale = ConsentEvent.objects.get(customer=old, state="stale")
    assert stale.categories == ["bills"]
    assert stale.actor == "lee"
    assert none.pk not in states


def test_a_hundred_consents_become_stale_in_as_few_statements_as_two(
    django_assert_max_num_queries,
):
    for _ in range(100):
        grant(make_customer(e_delivery=False), hwsw_version=1)
    with django_assert_max_num_queries(15):
        assert require_again(hwsw_version=2, by="lee", now=NOW) == 100
