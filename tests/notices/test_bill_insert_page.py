"""Bill inserts: one file with the panel and exactly the accounts still on paper."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from notices.models import TemplateVersion
from notices.printing.paper import accounts_on_paper
from notices.starter import install_starters
from tests.factories import (
    TODAY,
    make_brand,
    make_consent,
    make_customer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(make_user("ina", may=["notices.export_print"]))
    return client


def answers(**more: object) -> dict[str, object]:
    install_starters(["en"])
    text = TemplateVersion.objects.current().get(key="paperless-insert-short")
    return {
        "brand": make_brand().pk,
        "text": text.pk,
        "fact-paperless-documents": "bills and reminders",
        "fact-paperless-reason": "E-bills arrive sooner.",
        "fact-paperless-first_notice_on": "2026-06-05",
        "fact-paperless-reminder_on": "2026-07-06",
        "fact-paperless-last_paper_on": "2026-08-03",
        "fact-paperless-first_ebill_on": "2026-09-01",
        "fact-paperless-is_optional": "on",
        "fact-paperless-opt_in_phone": "+44 113 496 0001",
    } | more


def test_the_accounts_still_on_paper_are_listed():
    paper = make_customer(e_delivery=False)
    make_customer()
    later = make_customer(e_delivery=False)
    make_consent(later, on=TODAY + dt.timedelta(days=1))
    gone = make_customer(e_delivery=False)
    Customer.objects.filter(pk=gone.pk).update(account_status="closed")

    assert list(accounts_on_paper(TODAY)) == [paper, later]


def test_one_file_holds_the_panel_and_the_list(clerk):
    customer = make_customer(e_delivery=False, name="=HYPERLINK(1)")

    answer = clerk.post(reverse("bill-insert"), answers())

    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.read("panel.pdf").startswith(b"%PDF")
    assert archive.read("panel.png").startswith(b"\x89PNG")
    assert "1 Sept 2026" in archive.read("panel.txt").decode()
    listed = archive.read("accounts-on-paper.csv").decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(listed))
    assert row["customer"] == customer.number
    assert not row["name"].startswith("=")


def test_a_fact_that_is_missing_is_asked_for_and_nothing_is_made(clerk):
    page = clerk.post(
        reverse("bill-insert"),
        answers(
            **{"fact-paperless-first_ebill_on": "", "fact-paperless-paper_fee": "2"}
        ),
    )

    assert page.status_code == 422
    text = page.content.decode()
    assert "Say “First e-bill”." in text
    assert "Say in which currency the fee is." in text


def test_taking_the_list_out_needs_the_right_to_export():
    client = Client()
    client.force_login(make_user("ole"))

    assert client.get(reverse("bill-insert")).status_code == 403
