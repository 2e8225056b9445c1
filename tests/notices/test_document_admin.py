"""Papers are uploaded by staff, looked through, and never changed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.test import Client
from django.urls import reverse

from notices.admin.documents import DocumentForm
from notices.admin.forms import BrandForm
from notices.models import Brand, Document
from tests.factories import make_user
from tests.notices.test_papers import make_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user("ada", is_superuser=True))
    return client


def upload(client: Client, body: bytes, name: str = "Terms 2026.pdf"):
    return client.post(
        reverse("admin:notices_document_add"),
        {
            "key": "terms",
            "language": "en",
            "title": "Terms of supply",
            "effective_on": "2026-07-01",
            "file": SimpleUploadedFile(name, body),
        },
    )


def test_a_paper_is_kept_with_its_pages_and_its_next_version(admin):
    upload(admin, make_pdf(3))
    upload(admin, make_pdf(4), "../../etc/pass<wd>.pdf")

    first, second = Document.objects.order_by("version")
    assert (first.version, first.pages, first.created_by) == (1, 3, "ada")
    assert (second.version, second.pages) == (2, 4)
    assert first.file_name == "Terms 2026.pdf"
    assert not set('/<>"') & set(second.file_name)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"MZ not a pdf", "is not a PDF file"),
        (b"%PDF-1.7 torn", "is damaged"),
        (b"%PDF-1.7" + bytes(11 * 1024 * 1024), "is larger than 10 MB"),
    ],
)
def test_what_is_no_sound_pdf_is_refused_with_the_reason(admin, body, told):
    page = upload(admin, body)

    assert told in page.content.decode()
    assert not Document.objects.exists()


def test_a_paper_that_is_there_is_shown_and_never_changed(admin):
    upload(admin, make_pdf())
    document = Document.objects.get()
    address = reverse("admin:notices_document_change", args=[document.pk])

    assert admin.get(address).status_code == 200
    assert admin.post(address, {"title": "Other"}).status_code == 403
    assert (
        admin.post(
            reverse("admin:notices_document_delete", args=[document.pk])
        ).status_code
        == 403
    )


class Unread(SimpleUploadedFile):
    """An upload that may be weighed, and not opened."""

    def read(self, *sizes: int) -> bytes:
        raise AssertionError("It was read before its size was looked at.")


def test_an_upload_is_weighed_before_it_is_read():
    big = Unread("big.pdf", b"%PDF-1.7")
    big.size = 11 * 1024 * 1024
    paper = DocumentForm()
    paper.cleaned_data = {"file": big}
    letterhead = modelform_factory(Brand, form=BrandForm, fields=["name"])()
    letterhead.cleaned_data = {"new_logo": big}

    with pytest.raises(ValidationError, match="larger than 10 MB"):
        paper.clean_file()
    with pytest.raises(ValidationError, match="larger than 5 MB"):
        letterhead.clean_new_logo()
