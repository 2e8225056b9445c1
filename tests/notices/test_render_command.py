"""``manage.py render``, and the facts it rests on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tracemalloc
import uuid
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from customers.models import DataImport
from notices.facts import load_facts
from notices.models import Brand, Notice, SentCopy
from notices.printing.storing import claimed_notices
from notices.render import Contact, MailDestination, PostalDestination
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_customer,
    make_hold,
    make_invoice,
    make_notice,
    make_paid_invoice,
    make_sent_copy,
    make_stream,
    make_template,
)

pytestmark = pytest.mark.django_db


def test_facts_speak_of_what_is_open_and_not_on_hold():
    customer = make_customer(name="Alice", email="alice@example.com")
    late = make_invoice(customer, open_amount=Decimal("50.00"))
    held = make_invoice(customer)
    make_hold(customer, invoice=held)
    paid = make_paid_invoice(customer)
    notice = make_notice(customer, invoices=[late, held, paid])

    facts = load_facts([notice.pk], NOW)[notice.pk]

    assert [one.number for one in facts.invoices] == [late.number]
    assert facts.total == Decimal("50.00")
    assert facts.invoices[0].days_late == 12
    assert facts.today == TODAY
    assert facts.destination == MailDestination("alice@example.com")
    assert facts.brand.name == "Northwind Energy"


def test_a_batch_of_facts_takes_the_same_queries_as_one(django_assert_num_queries):
    stream, template = make_stream(), make_template()
    notices = []
    for _ in range(5):
        customer = make_customer(address=True)
        invoices = [make_invoice(customer), make_invoice(customer)]
        notices.append(
            make_notice(customer, invoices=invoices, stream=stream, template=template)
        )

    with django_assert_num_queries(10):
        facts = load_facts([notice.pk for notice in notices], NOW)

    assert len(facts) == 5
    assert all(len(one.invoices) == 2 for one in facts.values())


def test_a_batch_reads_the_logo_of_a_firm_once(monkeypatch):
    stream = make_stream()
    logo, token = os.urandom(300_000), uuid.uuid4()
    Brand.objects.filter(pk=stream.brand_id).update(logo=logo)
    template = make_template()
    ids = [
        make_notice(make_customer(), invoices=[], stream=stream, template=template).pk
        for _ in range(20)
    ]
    Notice.objects.filter(pk__in=ids).update(
        state="claimed", claim_token=token, lease_until=NOW
    )

    tracemalloc.start()
    notices = claimed_notices(ids, token)
    facts = load_facts(ids, NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(notices) == 20
    assert {one.brand.logo for one in facts.values()} == {logo}
    assert peak < 5 * len(logo)


def test_a_firm_reminder_knows_what_reached_the_customer_before():
    customer, day = make_customer(), dt.timedelta(days=1)
    invoice, other = make_invoice(customer), make_invoice(customer)
    stream = make_stream()

    def make(state, ago, channel="email", about=invoice, **fields):
        return make_notice(
            customer,
            invoices=[about],
            stream=stream,
            state=state,
            sent_at=NOW - ago * day,
            channel=channel,
            **fields,
        )

    make(State.SENT, 20)
    make(State.DELIVERED, 10, "sms")
    make(State.FAILED, 8)
    make(State.DELIVERED, 6, about=other)
    make(State.DELIVERED, 5, dunning=False)
    make_notice(invoices=[make_invoice()], state=State.SENT)
    notice = make_notice(customer, invoices=[invoice], stream=stream)
    friendly = make_notice(
        customer, invoices=[invoice], template=make_template(kind="friendly")
    )

    facts = load_facts([notice.pk, friendly.pk], NOW)

    assert facts[notice.pk].contacts == (
        Contact(TODAY - 20 * day, "email"),
        Contact(TODAY - 10 * day, "sms"),
    )
    assert facts[friendly.pk].contacts == ()


def test_the_records_reach_as_far_as_the_last_file_of_payments():
    notice = make_notice(invoices=[make_invoice()])
    for hours, kind in ((30, "payments"), (20, "invoices"), (10, "customers")):
        one = DataImport.objects.create(kind=kind, file_name="f", sha256="0")
        when = NOW - dt.timedelta(hours=hours)
        DataImport.objects.filter(pk=one.pk).update(started_at=when, finished_at=when)

    facts = load_facts([notice.pk], NOW)[notice.pk]

    assert facts.records_until == NOW - dt.timedelta(hours=20)


def test_a_letter_goes_to_the_postal_address():
    customer = make_customer(address=True)
    notice = make_notice(customer, channel="letter", invoices=[make_invoice(customer)])

    facts = load_facts([notice.pk], NOW)[notice.pk]

    assert facts.destination == PostalDestination(
        "1 High Street", "", "Leeds", "LS1 1AA", "GB"
    )


def test_a_notice_not_yet_sent_is_rendered_as_it_would_go(tmp_path, capsys):
    customer = make_customer()
    template = make_template(body="Please pay {{ total }}.")
    notice = make_notice(customer, invoices=[make_invoice(customer)], template=template)

    call_command("render", notice.reference.lower(), "--to", tmp_path, "--json")

    answer = json.loads(capsys.readouterr().out)
    body = (tmp_path / f"{notice.reference}.eml").read_bytes()
    assert answer["sent"] is False
    assert answer["sha256"] == hashlib.sha256(body).hexdigest()
    assert "Please pay €120.00." in body.decode()


def test_a_sent_notice_comes_out_of_the_archive_byte_for_byte(tmp_path, capsys):
    notice = make_notice(channel="letter", state=State.SENT)
    make_sent_copy(notice, b"%PDF as it was", "application/pdf")

    call_command("render", notice.reference, "--to", tmp_path)

    assert (tmp_path / f"{notice.reference}.pdf").read_bytes() == b"%PDF as it was"
    assert "as it was sent" in capsys.readouterr().out


def test_a_copy_that_was_changed_is_not_shown_as_proof(tmp_path):
    notice = make_notice(channel="letter", state=State.SENT)
    make_sent_copy(notice, b"%PDF as it was", "application/pdf")
    SentCopy.objects.filter(notice=notice).update(sha256=b"\0" * 32)

    with pytest.raises(CommandError, match="does not match its SHA-256"):
        call_command("render", notice.reference, "--to", tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_unknown_reference_is_said_to_be_unknown(tmp_path):
    with pytest.raises(CommandError, match="no notice with the reference NOSUCH"):
        call_command("render", "nosuch", "--to", tmp_path)


def test_a_notice_whose_bill_is_paid_is_not_rendered(tmp_path):
    customer = make_customer()
    notice = make_notice(customer, invoices=[make_paid_invoice(customer)])

    with pytest.raises(CommandError, match="owes nothing"):
        call_command("render", notice.reference, "--to", tmp_path)
