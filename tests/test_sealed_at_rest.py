"""Nothing that a customer wrote, or is reached by, can be read in the database."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from consent.links import mint, store_notice_links
from customers.models import ContactPoint, Customer, InvoiceCopy
from customers.reseal import rows_by_key, tables
from customers.rights import ask_export, make_export
from customers.sealed import ring
from customers.vault import KeyMissing, new_key
from notices import dispatch
from notices.fresh import ask_for_link
from notices.kinds import FORMS_OF
from notices.models import (
    Notice,
    PrintFile,
    Reply,
    SandboxMessage,
    Survey,
    TemplateVersion,
)
from notices.printing.runs import open_run
from notices.starter import install_starters
from notices.states import State
from tests.customers.files import take
from tests.customers.test_import_customers import FULL
from tests.factories import (
    NOW,
    make_attempt,
    make_consent,
    make_invoice,
    make_notice,
    make_template,
)
from tests.notices.calling import SCRIPT, lay, make_call_stream, note
from tests.notices.calling import take as take_call
from tests.notices.intake.calling import (
    basic,
    configure,
    post,
    postmark,
    postmark_mail,
    read,
)
from tests.notices.printing import close, make_print_stream, printed
from tests.pages.agreeing import Door, publish
from tests.pages.opening import Opened

pytestmark = pytest.mark.django_db

ROW = (
    "C1,consumer,Zelda,en,GB,Europe/London,zelda.quill@mailbox.example,07700 900777,"
    "01632 960777,77 Quillfeather Mews,Flat Zebrawood,Leeds,LS1 4AP,2012-10-23\n"
)
BAD = "C2,consumer,Zachary,en,GB,,broken.quill@,,,,,Leeds,LS1 4AP,\n"
TELLTALE = (
    "zelda.quill",
    "broken.quill",
    "900777",
    "960777",
    "900 777",
    "Quillfeather",
    "Zebrawood",
    "Quillreply",
    "Quillnote",
    "Quillhook",
    "Quillcopy",
)
OTHER = "other.zelda.quill@mailbox.example"
# Of the plan of an import, which lives as long as its transaction.
PASSING = {"import_fault"}


@pytest.fixture
def zelda(tmp_path: Path, settings: Any) -> Customer:
    """Return a customer who was imported, written to in every way, and answered."""
    configure(settings)
    settings.PUBLIC_URL = "https://bills.example.com"
    settings.CHANNELS = {"email": "sandbox", "sms": "sandbox", "call": "desk"} | {
        "letter": "print"
    }
    install_starters(["en"])
    take(tmp_path, "customers", FULL + ROW + BAD)
    customer = Customer.objects.get()
    make_consent(customer)
    make_consent(customer, subject="sms")
    return customer


def _written_to(customer: Customer) -> None:
    """Send an e-mail and a text, print a letter, and call."""
    for channel in ("email", "sms"):
        notice = make_notice(
            customer,
            channel=channel,
            template=_text(channel),
            invoices=[make_invoice(customer)],
        )
        dispatch.drain(stream_id=notice.stream_id, channel=channel, clock=lambda: NOW)
        notice.refresh_from_db()
        assert notice.state == State.DELIVERED, notice.reason


def _text(channel: str) -> TemplateVersion:
    return TemplateVersion.objects.get(
        key="reminder", channel__in=FORMS_OF[channel], language="en"
    )


def _letter_to(customer: Customer) -> Notice:
    return make_notice(
        customer,
        stream=make_print_stream(),
        channel="letter",
        template=_text("letter"),
        invoices=[make_invoice(customer)],
    )


def _called(customer: Customer) -> None:
    notice = make_notice(
        customer,
        stream=make_call_stream(),
        channel="call",
        template=make_template(channel="call", body=SCRIPT),
        invoices=[make_invoice(customer)],
    )
    lay(notice)
    task = take_call(notice=notice, by="ann", now=NOW)
    note(task, "dispute", note="Quillnote: the meter is wrong")


def _answered(customer: Customer) -> None:
    notice = make_notice(customer, state=State.SENT)
    make_attempt(notice, destination="zelda.quill@mailbox.example")
    sender = {"Email": "zelda.quill@mailbox.example", "Name": "", "MailboxHash": ""}
    mail = postmark_mail("Quillreply: I paid.", FromFull=sender, From=sender["Email"])
    assert postmark(mail, "inbound").status_code == 200
    # One that cannot be read is kept, for staff to look at.
    post("hooks/postmark/tracking", b'{"Quillhook": "zelda.quill"', basic())
    post("hooks/postmark/tracking", {"MessageID": "Quillhook"}, basic())
    read()
    assert Reply.objects.get().sender == "zelda.quill@mailbox.example"


def _used_her_pages(customer: Customer) -> None:
    """Answer with words, a number and a file; choose; agree to e-bills; ask for her
    data and for a fresh link."""
    notice = make_notice(customer, state=State.SENT, invoices=[make_invoice(customer)])
    store_notice_links([(notice.reference, customer.pk)], now=timezone.now())
    brand = notice.stream.brand
    opened = Opened(customer, notice.items.get().invoice, notice, "", "")
    token = mint(notice.reference).token
    survey = Survey.objects.create(brand=brand, name="Spring")
    survey.questions.create(position=1, kind="text", words={"en": "Why?"})

    receipt = _posts(
        f"/r/{token}/dispute",
        reason="amount",
        right="",
        text="Quillnote: zelda.quill asks",
        file=SimpleUploadedFile("Quillcopy.jpg", _photo()),
    )
    _posts(receipt, q1="Quillreply, thank you")
    _posts(f"/r/{token}/details/email", email=OTHER, again=OTHER)
    _posts(f"/p/{token}/wishes", language="en", best_time="evening", pay_day="28")
    _posts(f"/p/{token}/email", value=OTHER, again=OTHER)
    _posts(f"/p/{token}/details", value="78 Quillfeather Mews")
    ask_for_link(email=OTHER, customer_number="", language="en", now=timezone.now())
    make_consent(
        customer,
        subject="call",
        user_agent="Quillhook",
        words="Quillnote: by day",
        more={"said": "Quillnote"},
    )
    publish(brand)
    door = Door(replace(opened, token=token), brand)
    assert (
        door.choose(where="other", address=OTHER, address_again=OTHER).status_code
        == 303
    )
    assert door.prove(fact="LS1 4AP").status_code == 303
    assert door.events()[-1] == "granted"
    make_export(
        export_id=ask_export(customer=customer, by="ada", now=timezone.now()).pk,
        now=timezone.now(),
    )


def _photo() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(held, "JPEG", comment=b"Quillcopy")
    return held.getvalue()


def _posts(path: str, **fields: Any) -> str:
    """Post a form of her page; return where it leads to."""
    answer = Client().post(path, {"form": str(uuid.uuid4()), **fields})
    assert answer.status_code in {200, 303}, answer.content.decode()
    return answer.headers.get("Location", "")


def _kept_in_public() -> Iterator[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT table_name, column_name, data_type
            FROM information_schema.columns
            WHERE (table_schema = 'public' OR table_schema LIKE 'pg_temp%%')
              AND data_type IN ('text', 'character varying', 'bytea', 'json', 'jsonb',
                                'ARRAY', 'character')
            """
        )
        yield from cursor.fetchall()


def _legible() -> list[tuple[str, str, str]]:
    """Return where a telltale stands in clear: table, column and what it is."""
    found = []
    for table, column, kind in _kept_in_public():
        if table in PASSING:
            continue
        # As letters and not as hexadecimal digits, where a number is found by chance.
        is_bytes = kind == "bytea"
        shown = f"encode(\"{column}\", 'escape')" if is_bytes else f'"{column}"::text'
        for telltale in TELLTALE:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" '
                    f"WHERE position(lower(%s) in lower({shown})) > 0 "
                    f"OR position(%s in {shown}) > 0",
                    [telltale, telltale.encode().hex()],
                )
                if cursor.fetchone()[0]:
                    found.append((table, column, telltale))
    return found


def test_no_column_of_any_table_shows_it(
    zelda: Customer, client: Client, django_user_model: Any
) -> None:
    _written_to(zelda)
    assert printed(_letter_to(zelda).stream.brand).letters == 1
    _called(zelda)
    _answered(zelda)
    _used_her_pages(zelda)
    InvoiceCopy.objects.create(
        invoice=make_invoice(zelda), file_name="a.pdf", body=b"Quillcopy", size=9,
        sha256=bytes(32),
    )  # fmt: skip
    client.force_login(django_user_model.objects.create_superuser("ada", password="x"))
    points = zelda.contact_points.order_by("pk")
    changed = client.post(
        reverse("admin:customers_customer_change", args=[zelda.pk]),
        _admin_form(zelda, list(points)),
    )
    assert changed.status_code == 302

    assert _legible() == []
    # And that is not because nothing was kept.
    kept = {
        column.context: rows_by_key(table, column)
        for table in tables()
        for column in table.columns
    }
    assert {context for context, counts in kept.items() if not counts} == set()
    assert {key for counts in kept.values() for key in counts} == {ring().newest}


def test_what_looks_for_it_would_find_it(zelda: Customer) -> None:
    """The guard itself."""
    zelda.name = "zelda.quill"
    zelda.save(update_fields=["name"])
    SandboxMessage.objects.create(
        channel="sms", reference="900777", media_type="", sha256=b"Quillcopy"
    )

    assert {(table, column) for table, column, _ in _legible()} == {
        ("customers_customer", "name"),
        ("notices_sandboxmessage", "reference"),
        ("notices_sandboxmessage", "sha256"),
    }


def test_with_a_wrong_key_nothing_goes_and_nothing_is_printed(
    zelda: Customer, settings: Any
) -> None:
    run = open_run(brand=_letter_to(zelda).stream.brand, now=NOW)
    mail = make_notice(zelda, template=_text("email"), invoices=[make_invoice(zelda)])
    settings.FIELD_KEYS = f"another:{new_key()}"

    with pytest.raises(KeyMissing, match="customers_contactpoint"):
        dispatch.drain(stream_id=mail.stream_id, channel="email", clock=lambda: NOW)
    with pytest.raises(KeyMissing, match="customers_contactpoint"):
        close(run)

    assert not SandboxMessage.objects.exists()
    assert not PrintFile.objects.exists()
    # They wait for the right key; no notice is to blame.
    assert not Notice.objects.filter(state=State.HELD).exists()


def test_a_damaged_address_keeps_its_own_notice_and_no_other(zelda: Customer) -> None:
    mail = make_notice(zelda, template=_text("email"), invoices=[make_invoice(zelda)])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_contactpoint SET value = value || '\\x00' "
            "WHERE kind = 'email'"
        )

    dispatch.drain(stream_id=mail.stream_id, channel="email", clock=lambda: NOW)

    mail.refresh_from_db()
    assert (mail.state, mail.reason) == (State.HELD, "RENDER_FAULT")
    assert not SandboxMessage.objects.exists()


def _admin_form(customer: Customer, points: list[ContactPoint]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "number": customer.number,
        "kind": customer.kind,
        "name": customer.name,
        "language": "en",
        "country": "GB",
        "status": "active",
        "account_status": "active",
        "contact_points-TOTAL_FORMS": len(points),
        "contact_points-INITIAL_FORMS": len(points),
        "postal_address-TOTAL_FORMS": 1,
        "postal_address-INITIAL_FORMS": 1,
        "postal_address-0-id": customer.postal_address.pk,
        "postal_address-0-customer": customer.pk,
        "postal_address-0-line1": "78 Quillfeather Mews",
        "postal_address-0-city": "Leeds",
        "postal_address-0-postcode": "LS1 4AP",
        "postal_address-0-state": "ok",
    }
    for at, point in enumerate(points):
        value = f"new.{point.value}" if point.kind == "email" else point.value
        data |= {
            f"contact_points-{at}-id": point.pk,
            f"contact_points-{at}-customer": customer.pk,
            f"contact_points-{at}-kind": point.kind,
            f"contact_points-{at}-value": value,
            f"contact_points-{at}-state": "ok",
        }
        if point.is_primary:
            data[f"contact_points-{at}-is_primary"] = "on"
    return data
