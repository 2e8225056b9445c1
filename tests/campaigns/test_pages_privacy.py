"""Pages for a person's rights, and the log of who looked at what."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.utils import timezone

from campaigns.tasks import make_export
from campaigns.tidying import keep_in_order, tidy
from consent.models import AccessLink, Flood
from customers import rights
from customers.access import What, note_access
from customers.models import (
    AccessEntry,
    AuditEntry,
    Customer,
    DataImport,
    Erasure,
    ErasureRequest,
    ExportPart,
    LegalHold,
    PersonExport,
    Plan,
    RejectedRow,
)
from notices.messages import message_of
from notices.models import ProviderCall, SentCopy
from notices.render import RenderError
from notices.states import State
from tests.factories import (
    make_alice,
    make_attempt,
    make_brand,
    make_customer,
    make_invoice,
    make_notice,
    make_paid_invoice,
    make_payment,
    make_reply,
    make_sent_copy,
    make_user,
)

pytestmark = pytest.mark.django_db
RIGHTS = (
    "customers.export_person",
    "customers.erase_person",
    "customers.keep_evidence",
    "customers.view_accessentry",
)
MAIL = b"Subject: Hello\r\nTo: alice@example.com\r\n\r\nDear Alice\r\n"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.DULY_HOME = str(tmp_path)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Collect what would be rung for."""
    heard: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **_: heard.append((name, *args))
    )
    return heard


def _client(name: str = "ada", may: tuple[str, ...] = RIGHTS) -> Client:
    client = Client()
    client.force_login(make_user(name, may=may))
    return client


def _said(client: Client, address: str) -> str:
    return client.get(address).content.decode()


# A person's data ----------------------------------------------------------------


def test_a_file_is_asked_for_made_and_taken(
    rung: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    alice = make_alice()
    make_sent_copy(make_notice(alice, state=State.SENT), MAIL)
    client = _client()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/customers/{alice.pk}/export/")
    export = PersonExport.objects.get()
    assert rung == [("campaigns.tasks.make_export", export.pk)]
    make_export(export.pk)
    answer = client.get(f"/exports/{export.pk}/")

    body = b"".join(answer)  # type: ignore[arg-type]
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert answer["Content-Length"] == str(len(body))
    assert any(name.endswith(".eml") for name in archive.namelist())
    assert f"/exports/{export.pk}/" in _said(client, f"/customers/{alice.pk}/")
    log = AccessEntry.objects.filter(whose=alice.pk).order_by("pk")
    assert [(one.who, one.what) for one in log] == [
        ("ada", "export_asked"),
        ("ada", "export"),
    ]


def test_the_file_lies_sealed() -> None:
    alice = make_alice()
    export = rights.ask_export(customer=alice, by="ada", now=timezone.now())
    make_export(export.pk)

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM customers_exportpart")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"PK\x03\x04" not in stored
    assert b"profile.json" not in stored


def test_two_workers_make_one_file() -> None:
    export = rights.ask_export(customer=make_alice(), by="ada", now=timezone.now())

    assert rights.make_export(export_id=export.pk, now=timezone.now())
    assert not rights.make_export(export_id=export.pk, now=timezone.now())
    assert ExportPart.objects.filter(number=1).count() == 1


def test_a_worker_that_died_leaves_the_file_to_another(rung: list[Any]) -> None:
    export = rights.ask_export(customer=make_alice(), by="ada", now=timezone.now())
    PersonExport.objects.update(taken_until=timezone.now() - dt.timedelta(seconds=1))
    ExportPart.objects.create(export=export, number=1, body=b"half")

    keep_in_order(now=timezone.now())
    make_export(export.pk)

    assert rung == [("campaigns.tasks.make_export", export.pk)]
    zipfile.ZipFile(io.BytesIO(b"".join(rights.export_pieces(export)))).testzip()


def test_it_cannot_be_taken_once_its_days_are_over() -> None:
    alice = make_alice()
    export = rights.ask_export(customer=alice, by="ada", now=timezone.now())
    make_export(export.pk)
    PersonExport.objects.update(expires_at=timezone.now())

    assert _client().get(f"/exports/{export.pk}/").status_code == 404
    assert rights.clear_exports(now=timezone.now()) == 1
    assert not ExportPart.objects.exists()


@pytest.mark.parametrize("right", RIGHTS)
def test_each_thing_needs_its_own_right(right: str) -> None:
    alice = make_alice()
    others = tuple(one for one in RIGHTS if one != right)
    client = _client(may=others)
    reached = {
        "customers.export_person": lambda: client.post(
            f"/customers/{alice.pk}/export/"
        ),
        "customers.erase_person": lambda: client.get(f"/customers/{alice.pk}/erase/"),
        "customers.keep_evidence": lambda: client.post(f"/customers/{alice.pk}/keep/"),
        "customers.view_accessentry": lambda: client.get("/access-log/"),
    }

    assert reached[right]().status_code == 403


# Erasure ---------------------------------------------------------------------------


def test_two_people_erase_a_customer() -> None:
    alice = make_alice()
    ada, bob = _client("ada"), _client("bob")

    ada.post(f"/customers/{alice.pk}/erase/", {"choice": "ask"})
    ada.post(f"/customers/{alice.pk}/erase/", {"choice": "agree"})
    assert Customer.objects.get(pk=alice.pk).name == "Alice Late"
    bob.post(f"/customers/{alice.pk}/erase/", {"choice": "agree"})

    assert Customer.objects.get(pk=alice.pk).name == "Erased"
    erasure = Erasure.objects.get()
    assert (erasure.asked_by, erasure.approved_by) == ("ada", "bob")
    assert ErasureRequest.objects.get().state == "done"
    entry = AuditEntry.objects.filter(what="customers_customer", verb="update").get()
    assert entry.who == "bob"


def test_the_page_shows_what_goes_what_stays_and_what_must_happen_first() -> None:
    alice = make_alice()
    make_invoice(alice)
    client = _client()

    page = _said(client, f"/customers/{alice.pk}/erase/")
    assert "1 invoice is still open" in page
    assert "What goes" in page
    assert "Payments and Allocations" in page
    assert "Law has them kept for years" in page
    assert 'value="ask"' not in page


def test_an_erasure_that_cannot_be_yet_says_why() -> None:
    alice = make_alice()
    asked = rights.ask_erasure(customer=alice, by="ada", now=timezone.now())
    make_invoice(alice)
    bob = _client("bob")

    answer = bob.post(f"/customers/{alice.pk}/erase/", {"choice": "agree"}, follow=True)

    assert "still open" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_today_names_an_erasure_to_the_second_person_alone() -> None:
    alice = make_alice(number="A1")
    rights.ask_erasure(customer=alice, by="ada", now=timezone.now())

    assert "Erase customer A1?" in _said(_client("bob"), "/")
    assert "Erase customer A1?" not in _said(_client("ada"), "/")
    assert "Erase customer A1?" not in _said(_client("vic", may=()), "/")


def test_whoever_asked_may_take_it_back() -> None:
    alice = make_alice()
    client = _client()
    client.post(f"/customers/{alice.pk}/erase/", {"choice": "ask"})
    client.post(f"/customers/{alice.pk}/erase/", {"choice": "refuse"})

    assert ErasureRequest.objects.get().state == "refused"
    assert client.post(f"/customers/{alice.pk}/erase/", {}).status_code == 400


def test_the_pages_of_an_erased_customer_still_open() -> None:
    alice = make_alice()
    notice = make_notice(alice, state=State.SENT)
    make_sent_copy(notice, MAIL)
    asked = rights.ask_erasure(customer=alice, by="ada", now=timezone.now())
    rights.approve_erasure(asked=asked, by="bob", now=timezone.now())
    client = _client("eve")

    assert "was erased on" in _said(client, f"/customers/{alice.pk}/")
    assert "This customer is erased" in _said(client, f"/customers/{alice.pk}/erase/")
    page = _said(client, f"/messages/{notice.reference}/")
    assert "The customer was erased, and the words of this message with them" in page
    assert client.get(f"/messages/{notice.reference}/source/").status_code == 404


def test_a_legal_hold_keeps_a_customer_until_it_is_lifted() -> None:
    alice = make_alice()
    client = _client()

    client.post(f"/customers/{alice.pk}/keep/", {"reason": ""})
    assert not LegalHold.objects.exists()
    client.post(f"/customers/{alice.pk}/keep/", {"reason": "Case 12/26"})
    assert "Case 12/26" in _said(client, f"/customers/{alice.pk}/erase/")
    client.post(f"/customers/{alice.pk}/keep/", {"choice": "lift"})
    assert not LegalHold.objects.exists()


# The log ---------------------------------------------------------------------------


def test_reading_a_message_or_a_reply_is_logged_and_head_is_not() -> None:
    alice = make_alice()
    notice = make_notice(alice, state=State.SENT)
    make_sent_copy(notice, MAIL)
    reply = make_reply(alice)
    client = _client()

    client.head(f"/messages/{notice.reference}/")
    assert not AccessEntry.objects.exists()
    client.get(f"/messages/{notice.reference}/")
    client.get(f"/messages/{notice.reference}/source/")
    client.get(f"/replies/{reply.pk}/")

    entries = AccessEntry.objects.order_by("pk")
    assert [(one.what, one.whose) for one in entries] == [
        ("message", alice.pk),
        ("source", alice.pk),
        ("reply", alice.pk),
    ]


def test_looking_at_bank_details_is_logged() -> None:
    brand = make_brand()
    client = Client()
    client.force_login(make_user("root", is_superuser=True))

    client.get(f"/admin/notices/brand/{brand.pk}/change/")

    assert AccessEntry.objects.get().what == "bank"


def test_the_log_is_searched_by_person_customer_and_day() -> None:
    alice, bob = make_customer(number="A1"), make_customer(number="B1")
    note_access(who="ada", what=What.MESSAGE, whose=alice.pk, which="REF-A")
    note_access(who="eve", what=What.SOURCE, whose=bob.pk, which="REF-B")
    client = _client("vic")

    assert "REF-A" in _said(client, "/access-log/")
    assert "REF-A" not in _said(client, "/access-log/?who=eve")
    assert "REF-B" not in _said(client, "/access-log/?number=A1")
    assert "REF-A" not in _said(client, "/access-log/?until=2020-01-01")
    assert client.get("/access-log/?since=nonsense").status_code == 422


def test_changes_are_shown_with_what_they_were() -> None:
    alice = make_customer(number="A1")
    Customer.objects.filter(pk=alice.pk).update(status="bankrupt", name="Other")

    page = _said(_client(), "/access-log/?show=changes&number=A1")

    assert "status: active → bankrupt" in page
    assert "Other" not in page


def test_the_log_as_a_file_is_neutral_to_spreadsheets_and_logged() -> None:
    note_access(who="=cmd()", what=What.MESSAGE, which="REF")
    client = _client()

    answer = client.get("/access-log.csv?who=%3Dcmd()")

    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "'=cmd()" in text
    assert AccessEntry.objects.filter(what="log", who="ada").exists()
    assert client.get("/access-log.csv?since=x").status_code == 400


def test_the_log_costs_as_many_queries_for_fifty_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(50):
        alice = make_customer(number=f"Q{number}")
        note_access(who="ada", what=What.MESSAGE, whose=alice.pk, which="R")
    client = _client()
    client.get("/access-log/")

    with django_assert_max_num_queries(16):
        client.get("/access-log/")


# What goes by itself -----------------------------------------------------------------


def test_once_a_day_what_was_kept_long_enough_goes(settings: Any) -> None:
    now = timezone.now()
    alice = make_alice()
    long_ago = now - dt.timedelta(days=9 * 366)
    old = make_notice(alice, state=State.SENT, sent_at=long_ago)
    make_sent_copy(old, MAIL)
    make_attempt(old)
    young = make_notice(alice, state=State.SENT, sent_at=now)
    make_sent_copy(young, MAIL)
    AccessLink.objects.create(
        purpose="notice",
        token_hash=b"t" * 32,
        customer=alice,
        made_at=long_ago,
        expires_at=long_ago,
    )
    Flood.objects.create(what="code", who=b"", hour=long_ago, times=1)
    brought = DataImport.objects.create(
        kind="customers", file_name="f", sha256="0" * 64, rows=1, rejected=1
    )
    DataImport.objects.update(started_at=long_ago)
    RejectedRow.objects.create(
        data_import=brought, row_number=1, code="bad", sentence="Bad.", cells={}
    )

    done = tidy(now=now)

    assert done == {"links": 1, "floods": 1, "rejected rows": 1, "copies": 1}
    assert SentCopy.objects.get(notice=old).size == 0
    assert old.attempts.get().destination == ""
    assert message_of(young, now).is_stored
    with pytest.raises(RenderError, match="kept for as long as they had to be"):
        message_of(old, now)
    assert tidy(now=now + dt.timedelta(hours=5)) == {}


def test_what_law_kept_of_the_erased_goes_when_its_years_are_over() -> None:
    now = timezone.now()
    long_ago = now.date() - dt.timedelta(days=9 * 366)
    alice, bob = make_alice(), make_customer()
    for who, due_on in ((alice, long_ago), (alice, now.date()), (bob, long_ago)):
        paid = make_paid_invoice(who, due_on=due_on, paid_on=due_on)
        make_payment(paid, paid.amount, received_on=due_on)
        make_notice(who, invoices=[paid], state=State.SENT)
        plan = Plan.objects.create(
            customer=who, currency="EUR", total=120, state="ended", made_at=now
        )
        plan.invoices.add(paid)
    asked = rights.ask_erasure(customer=alice, by="ada", now=now)
    rights.approve_erasure(asked=asked, by="bob", now=now)

    assert tidy(now=now) == {"invoices of the erased": 1, "erasures": 1}
    assert alice.invoices.count() == alice.payments.count() == 1
    assert bob.invoices.count() == bob.payments.count() == 1
    assert alice.plans.count() == bob.plans.count() == 1


def test_a_legal_hold_keeps_copies_whatever_their_age() -> None:
    now = timezone.now()
    alice = make_alice()
    old = make_notice(alice, state=State.SENT, sent_at=now - dt.timedelta(days=9 * 366))
    make_sent_copy(old, MAIL)
    rights.place_legal_hold(customer=alice, reason="case", by="ada", now=now)

    assert tidy(now=now) == {}


def test_no_setting_keeps_copies_for_less_than_the_rules_of_law(settings: Any) -> None:
    settings.KEEP_COPIES_YEARS = 1
    now = timezone.now()
    old = make_notice(state=State.SENT, sent_at=now - dt.timedelta(days=5 * 366))
    make_sent_copy(old, MAIL)

    assert tidy(now=now) == {}


def test_what_providers_told_us_goes_by_its_setting(settings: Any) -> None:
    from notices.actions import sweep_intake

    settings.KEEP_HOOKS_DAYS = 3
    now = timezone.now()
    for days in (2, 4):
        ProviderCall.objects.create(
            provider="postmark",
            kind="tracking",
            dedupe_key=f"k{days}",
            state="failed",
            body=b"x",
            received_at=now - dt.timedelta(days=days),
            not_before=now,
        )

    sweep_intake(now=now)

    assert [one.dedupe_key for one in ProviderCall.objects.all()] == ["k2"]
