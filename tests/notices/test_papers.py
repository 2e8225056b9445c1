"""The papers that go with a notice: attached, linked, and never somebody else's."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from urllib.parse import unquote

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone

from customers.copies import take_copies
from customers.models import InvoiceCopy
from notices import papers
from notices.facts import load_facts
from notices.models import Document
from notices.render import RenderError, compile_version, render
from tests.factories import (
    NOW,
    make_customer,
    make_invoice,
    make_notice,
    make_paid_invoice,
    make_stream,
    make_template,
)
from tests.notices.writing import parsed

pytestmark = pytest.mark.django_db


def make_pdf(pages: int = 1) -> bytes:
    """Return a small PDF of blank pages."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_copy(invoice, body: bytes | None = None) -> InvoiceCopy:
    body = body or make_pdf()
    return InvoiceCopy.objects.create(
        invoice=invoice,
        file_name=f"{invoice.number}.pdf",
        body=body,
        size=len(body),
        sha256=hashlib.sha256(body).digest(),
    )


def make_document(key: str = "terms", **fields) -> Document:
    body = fields.pop("body", None) or make_pdf(2)
    fields = {
        "title": "Terms of supply",
        "effective_on": dt.date(2026, 7, 1),
        "file_name": f"{key}.pdf",
    } | fields
    return Document.objects.create(
        key=key,
        body=body,
        size=len(body),
        pages=2,
        sha256=hashlib.sha256(body).digest(),
        **fields,
    )


def facts_of(notice):
    return load_facts([notice.pk], NOW)[notice.pk]


def test_an_email_brings_the_copies_of_what_is_still_owed():
    customer = make_customer()
    owed, paid = make_invoice(customer), make_paid_invoice(customer)
    copy = make_copy(owed)
    make_copy(paid)
    make_copy(make_invoice())
    notice = make_notice(customer, invoices=[owed, paid])

    rendered = render(compile_version(notice.template), facts_of(notice))

    [attached] = parsed(rendered).iter_attachments()
    assert attached.get_filename() == f"{owed.number}.pdf"
    assert attached.get_content() == bytes(copy.body)


def test_a_campaign_may_leave_the_copies_out():
    customer = make_customer()
    invoice = make_invoice(customer)
    make_copy(invoice)
    stream = make_stream(attaches_invoices=False)

    notice = make_notice(customer, invoices=[invoice], stream=stream)

    assert facts_of(notice).attachments == ()


def test_terms_go_along_in_the_language_of_the_text():
    stream = make_stream()
    english = make_document()
    german = make_document(
        language="de", title="Lieferbedingungen", file_name="agb.pdf"
    )
    stream.documents.add(english, german)
    customer = make_customer(language="de")
    notice = make_notice(
        customer,
        invoices=[make_invoice(customer)],
        stream=stream,
        template=make_template(language="de"),
    )

    assert [one.filename for one in facts_of(notice).attachments] == ["agb.pdf"]


def test_the_newest_version_of_a_paper_goes():
    stream = make_stream()
    stream.documents.add(
        make_document(file_name="old.pdf"),
        make_document(version=2, file_name="new.pdf"),
    )
    customer = make_customer()
    notice = make_notice(customer, invoices=[make_invoice(customer)], stream=stream)

    assert [one.filename for one in facts_of(notice).attachments] == ["new.pdf"]


@override_settings(PUBLIC_URL="https://bills.northwind.example")
def test_what_is_too_large_becomes_a_link_to_the_same_paper(monkeypatch):
    monkeypatch.setattr(papers, "MOST_ATTACHED", 100)
    stream = make_stream()
    document = make_document()
    stream.documents.add(document)
    customer = make_customer()
    notice = make_notice(customer, invoices=[make_invoice(customer)], stream=stream)

    facts = facts_of(notice)
    rendered = render(compile_version(notice.template), facts)

    assert facts.attachments == ()
    [link] = facts.links
    assert link.url.startswith("https://bills.northwind.example/d/")
    assert f"- Terms of supply: {link.url}" in rendered.text
    token = link.url.rpartition("/d/")[2].strip("/")
    assert papers.paper_at(token, NOW.date()) == ("terms.pdf", bytes(document.body))


def test_a_link_opens_without_a_log_in_or_a_cookie():
    document = make_document()
    paper = papers.Paper(
        "document", document.pk, "T", "terms.pdf", 1, bytes(document.sha256)
    )
    with override_settings(PUBLIC_URL="https://x.example"):
        url = papers.link_to(paper, timezone.now()).url

    answer = Client().get(url.removeprefix("https://x.example"))

    assert answer.content == bytes(document.body)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_a_paper_behind_a_link_keeps_a_name_in_any_script():
    document = make_document(file_name="Größe – 条款.pdf")
    mark = bytes(document.sha256)
    paper = papers.Paper("document", document.pk, "T", "terms.pdf", 1, mark)
    with override_settings(PUBLIC_URL="https://x.example"):
        url = papers.link_to(paper, timezone.now()).url

    answer = Client().get(url.removeprefix("https://x.example"))

    kind, _, name = answer["Content-Disposition"].partition("; filename*=utf-8''")
    assert kind == "inline"
    assert unquote(name) == "Größe – 条款.pdf"


def test_too_large_and_nowhere_to_link_to_is_an_error_that_says_what_to_do(monkeypatch):
    monkeypatch.setattr(papers, "MOST_ATTACHED", 100)
    stream = make_stream()
    stream.documents.add(make_document())
    customer = make_customer()
    notice = make_notice(customer, invoices=[make_invoice(customer)], stream=stream)

    with pytest.raises(RenderError, match="Set PUBLIC_URL") as refusal:
        render(compile_version(notice.template), facts_of(notice))

    assert customer.number in refusal.value.sentence


def test_a_link_leads_to_the_very_file_or_nowhere():
    copy = make_copy(make_invoice())
    paper = papers.Paper("invoice", copy.pk, "T", "t.pdf", 1, bytes(copy.sha256))
    with override_settings(PUBLIC_URL="https://x.example"):
        token = papers.link_to(paper, NOW).url.rpartition("/d/")[2].strip("/")
    assert papers.paper_at(token, NOW.date()) is not None

    InvoiceCopy.objects.update(sha256=hashlib.sha256(b"another").digest())

    assert papers.paper_at(token, NOW.date()) is None


def test_a_paper_uploaded_later_goes_in_place_of_the_one_chosen():
    stream = make_stream()
    stream.documents.add(make_document(file_name="old.pdf"))
    make_document(version=2, file_name="new.pdf")
    make_document(language="de", file_name="neu.pdf")
    customer = make_customer()
    notice = make_notice(customer, invoices=[make_invoice(customer)], stream=stream)

    assert [one.filename for one in facts_of(notice).attachments] == ["new.pdf"]


def test_a_forged_link_and_an_old_one_are_answered_alike():
    paper = papers.Paper("document", make_document().pk, "T", "t.pdf", 1)
    with override_settings(PUBLIC_URL="https://x.example"):
        old = papers.link_to(paper, NOW - dt.timedelta(days=5000)).url
    client = Client()

    answers = [
        client.get(address)
        for address in (
            "/d/forged/",
            "/d/W10:abc/",
            old.removeprefix("https://x.example"),
        )
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_the_same_notice_has_the_same_link():
    paper = papers.Paper("document", 1, "T", "t.pdf", 1)
    with override_settings(PUBLIC_URL="https://x.example"):
        assert papers.link_to(paper, NOW) == papers.link_to(paper, NOW)


def test_a_folder_of_copies_is_taken_once(tmp_path):
    invoice = make_invoice()
    (tmp_path / f"{invoice.number}.pdf").write_bytes(make_pdf())
    (tmp_path / "INV-unknown.pdf").write_bytes(make_pdf())
    (tmp_path / f"{make_invoice().number}.pdf").write_bytes(b"%PDF-1.7 torn")

    first, second = take_copies(tmp_path), take_copies(tmp_path)

    assert (first.new, second.new, second.unchanged) == (1, 0, 1)
    assert len(first.faults) == 2
    assert "there is no invoice INV-unknown" in " ".join(first.faults)
    assert "damaged" in " ".join(first.faults)


def test_the_command_says_when_files_were_left_out(tmp_path, capsys):
    (tmp_path / "INV-unknown.pdf").write_bytes(make_pdf())
    with pytest.raises(CommandError, match="left out"):
        call_command("import_copies", str(tmp_path))
    assert "INV-unknown" in capsys.readouterr().err


def test_the_command_names_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("import_copies", str(tmp_path / "gone"))
