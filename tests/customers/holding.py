"""One customer of whom every table holds something, in words no other row has."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from email.message import EmailMessage

from consent.actions import suppress
from consent.fingerprints import fingerprint_of
from consent.ledger import record
from consent.models import (
    AccessLink,
    ConsentEvent,
    ContactChange,
    ContactWish,
    Demonstration,
    LinkRequest,
    Preference,
    PreferenceChange,
    Subject,
    TopicStop,
)
from consent.publishing import draft_set
from customers.access import What, note_access
from customers.models import (
    Customer,
    DataImport,
    ExportPart,
    Hold,
    Invoice,
    InvoiceCopy,
    PersonExport,
    Plan,
    RejectedRow,
)
from notices.models import (
    Answer,
    CallRecord,
    CallTask,
    ProviderCall,
    SandboxMessage,
    Survey,
)
from notices.models.notices import new_reference
from notices.states import State
from tests.factories import (
    NOW,
    TODAY,
    make_address,
    make_attempt,
    make_brand,
    make_contact_point,
    make_customer,
    make_event,
    make_hold,
    make_link,
    make_notice,
    make_paid_invoice,
    make_payment,
    make_reply,
    make_sent_copy,
)

NAME = "Wilhelmina Quistgaard"
EMAIL = "w.quistgaard@example.org"
OLD_EMAIL = "mina.q@example.net"
MOBILE = "+447700900777"
STREET = "17 Thistledown Mews"
POSTCODE = "ZZ9 9QQ"
NUMBER = "KD-4711-Q"
WORDS = "my cat Pumpernickel was ill"
# None of these may be found anywhere once she is erased.
SECRETS = (
    "Quistgaard",
    "quistgaard",
    "mina.q",
    "447700900777",
    "07700900777",
    "Thistledown",
    "ZZ9 9QQ",
    "ZZ99QQ",
    NUMBER,
    "Pumpernickel",
    "198.51.100",
)


def make_mina() -> Customer:
    """Return her, with nothing owed and nothing under way."""
    mina = make_customer(name=NAME, number=NUMBER, email=EMAIL, mobile=MOBILE)
    make_contact_point(mina, value=OLD_EMAIL, is_primary=False)
    make_address(mina, line1=STREET, postcode=POSTCODE)
    invoice = make_paid_invoice(
        mina, purpose=f"Flat at {STREET}", order_number="Quistgaard 1"
    )
    make_payment(invoice, Decimal("120.00"))
    InvoiceCopy.objects.create(
        invoice=invoice,
        file_name="q.pdf",
        body=b"%PDF Quistgaard",
        size=15,
        sha256=b"c" * 32,
    )
    hold = make_hold(
        mina, reason=Hold.Reason.HARDSHIP, note=WORDS, ends_on=TODAY, invoice=invoice
    )
    record(
        customer=mina,
        subject=Subject.SMS,
        state=ConsentEvent.State.GRANTED,
        method=ConsentEvent.Method.WEB,
        effective_on=TODAY,
        address=MOBILE,
        ip="198.51.100.77",
        user_agent="Pumpernickel Browser",
        words=WORDS,
    )
    TopicStop.objects.create(customer=mina, topic="promo", since=NOW)
    make_link(mina, purpose=AccessLink.Purpose.FRESH, now=NOW)
    suppress(channel="email", address=OLD_EMAIL, reason="stop", source="test", now=NOW)
    _messages(mina, invoice)
    _chosen(mina)
    _told(mina, invoice, hold)
    _strays(mina)
    note_access(who="ada", what=What.MESSAGE, whose=mina.pk, which="X")
    export = PersonExport.objects.create(
        customer=mina,
        state="ready",
        asked_by="ada",
        asked_at=NOW,
        expires_at=NOW + dt.timedelta(days=7),
    )
    ExportPart.objects.create(export=export, number=1, body=NAME.encode())
    return mina


def _messages(mina: Customer, invoice: object) -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = EMAIL, f"Dear {NAME}"
    mail.set_content(f"Dear {NAME}, of {STREET}")
    sent = make_notice(
        mina,
        invoices=[invoice],
        state=State.DELIVERED,
        about={"visit": STREET},  # type: ignore[list-item]
    )
    make_sent_copy(sent, mail.as_bytes())
    make_attempt(sent, destination=EMAIL, error=f"greylisted {EMAIL}")
    make_event(sent, raw={"to": EMAIL})
    SandboxMessage.objects.create(
        channel="email",
        reference=sent.reference,
        destination=EMAIL,
        media_type="message/rfc822",
        sha256=b"s" * 32,
    )
    called = make_notice(mina, channel="call", state=State.DELIVERED)
    make_attempt(called, destination=MOBILE)
    CallTask.objects.create(
        notice=called,
        laid_out_at=NOW,
        callable_until=NOW,
        due_by=NOW,
        phone=MOBILE,
        script=f"Hello {NAME}",
    )
    CallRecord.objects.create(
        notice=called,
        number=1,
        outcome="spoke",
        phone=MOBILE,
        by="ada",
        started_at=NOW,
        at=NOW,
        note=WORDS,
    )
    make_notice(mina, state=State.SCHEDULED, about={"visit": STREET})


def _chosen(mina: Customer) -> None:
    """Write what she chose on her page, and the samples she was sent."""
    Preference.objects.create(
        customer=mina, category="reminders", channel="sms", is_on=False, since=NOW
    )
    ContactWish.objects.create(customer=mina, best_time="evening", since=NOW)
    PreferenceChange.objects.create(
        customer=mina, method="web", changes={"reminders:sms": [True, False]}, at=NOW
    )
    ContactChange.objects.create(
        customer=mina,
        kind="email",
        value="new.quistgaard@example.com",
        address_print=b"p" * 32,
        form_id=uuid.uuid4(),
        notice_reference=new_reference(),
        asked_at=NOW,
    )
    reference = new_reference()
    make_link(mina, purpose=AccessLink.Purpose.GRANT, now=NOW, about=reference)
    Demonstration.objects.create(
        customer=mina,
        link=AccessLink.objects.get(notice_reference=reference),
        disclosure=draft_set(key="north", terms_url="https://x.example/", now=NOW)[0],
        notice_reference=reference,
        address=EMAIL,
        address_print=b"p" * 32,
        categories=["bills"],
        language="en",
        method="web",
        code_hash=b"c" * 32,
        form=uuid.uuid4(),
        asked_at=NOW,
    )
    LinkRequest.objects.create(email=EMAIL, asked_at=NOW)
    LinkRequest.objects.create(
        email="mina@example.com", customer_number=NUMBER, asked_at=NOW
    )


def _told(mina: Customer, invoice: Invoice, hold: Hold) -> None:
    """Write what she told us on her page, with a file, a plan and a survey."""
    plan = Plan.objects.create(
        customer=mina, currency="EUR", total=120, state="ended", made_at=NOW
    )
    plan.invoices.add(invoice)
    plan.instalments.create(number=1, due_on=TODAY, amount=120)
    told = Answer.objects.create(
        form_id=uuid.uuid4(),
        customer=mina,
        kind="details",
        facts={"which": "address", "new": {"line1": STREET}},
        text=WORDS,
        received_at=NOW,
        state="done",
        handled_at=NOW,
        handled_by="ada",
        plan=plan,
    )
    told.invoices.add(invoice)
    told.holds.add(hold)
    told.files.create(
        name="Quistgaard.pdf", media_type="application/pdf", size=9, body=WORDS.encode()
    )
    survey = Survey.objects.create(brand=make_brand(), name="After an answer")
    question = survey.questions.create(position=1, words={"en": "Was it easy?"})
    question.marks.create(answer=told, mark=4, text=WORDS, given_at=NOW)


def _strays(mina: Customer) -> None:
    """Write what leads to her by no key: rows an import or a provider left."""
    done = {"state": "done", "handled_at": NOW, "handled_by": "ada"}
    make_reply(mina, sender=EMAIL, subject=NAME, text=WORDS, **done)
    make_reply(None, sender=OLD_EMAIL.upper(), text=WORDS, **done)
    brought = DataImport.objects.create(
        kind="customers", file_name="file.csv", sha256="0" * 64, rows=1, rejected=1
    )
    for cells in (
        {"number": NUMBER, "name": NAME},
        {"number": "", "mail": EMAIL, "note": WORDS},
        {"number": "", "name": NAME, "street": STREET},
    ):
        RejectedRow.objects.create(
            data_import=brought, row_number=1, code="bad", sentence="Bad.", cells=cells
        )
    ProviderCall.objects.create(
        provider="postmark",
        kind="tracking",
        dedupe_key="k1",
        state="failed",
        body=f'{{"Recipient": "{EMAIL}"}}'.encode(),
        received_at=NOW,
        not_before=NOW,
    )
    ProviderCall.objects.create(
        provider="twilio",
        kind="sms_inbound",
        dedupe_key="k2",
        state="new",
        body=b"From=%2B447700900777&Body=hi",
        received_at=NOW,
        not_before=NOW,
    )


def stop_of(address: str) -> bytes:
    """Return the fingerprint an address is stopped by."""
    return fingerprint_of(address)
