"""The number to agree by phone is the firm's, and no text has to be told it anew."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory
from django.test import Client
from django.urls import reverse

from notices import announcements
from notices.about import write_about
from notices.admin.forms import BrandForm
from notices.announcement_text import AnnouncementError, page_of
from notices.facts import load_facts
from notices.lint import Severity
from notices.lint.versions import findings_of, open_findings
from notices.models import Announcement, Brand, TemplateVersion
from notices.samples import sample_facts
from notices.starter import install_starters
from tests.factories import (
    NOW,
    make_brand,
    make_customer,
    make_notice,
    make_stream,
    make_template,
    make_user,
)

pytestmark = pytest.mark.django_db

OURS = "+44 1632 960101"
FACT = "paperless.opt_in_phone"


def facts_without_a_number() -> dict[str, object]:
    """Return the facts of going paperless, but for the number."""
    about = write_about(dict(sample_facts("paperless", "email").about))
    return {path: value for path, value in about.items() if path != FACT}


def notice_about(brand: Brand, **more: object):
    """Return the facts by which a notice about going paperless would be written."""
    notice = make_notice(
        make_customer(),
        stream=make_stream(brand=brand),
        template=make_template(kind="paperless", key="gone-paperless"),
        kind="paperless",
        about=facts_without_a_number() | more,
    )
    return load_facts([notice.pk], NOW)[notice.pk]


# On the firm ------------------------------------------------------------------


def test_the_form_of_a_firm_asks_for_the_number():
    form = modelform_factory(Brand, form=BrandForm, fields=["opt_in_phone"])({})
    assert not form.is_valid()
    assert form.errors["opt_in_phone"] == ["This field is required."]


@pytest.mark.parametrize("number", ["0113", "call us", "+44 20", "+1 555"])
def test_a_number_that_nobody_can_dial_is_refused(number):
    with pytest.raises(ValidationError) as refused:
        make_brand(opt_in_phone=number).clean()
    assert "Nobody can dial this number." in refused.value.messages[0]


@pytest.mark.parametrize("number", [OURS, "01632 960101", "+49 30 901820"])
def test_a_number_is_taken_as_the_firm_writes_it(number):
    brand = make_brand(opt_in_phone=number)
    brand.clean()
    assert brand.opt_in_phone == number


def test_a_firm_from_before_goes_on_without_one():
    brand = make_brand(opt_in_phone="")
    brand.clean()
    assert "0002" in notice_about(brand, **{FACT: "+44 1632 960002"}).about[FACT][-6:]


# In what is sent --------------------------------------------------------------


def test_a_notice_that_names_none_names_the_firms():
    facts = notice_about(make_brand(opt_in_phone=OURS))
    assert (facts.about[FACT], facts.fault) == (OURS, "")


def test_a_notice_that_names_another_keeps_it():
    facts = notice_about(make_brand(opt_in_phone=OURS), **{FACT: "+44 1632 960002"})
    assert facts.about[FACT] == "+44 1632 960002"


def test_without_either_the_notice_says_what_to_fill_in():
    fault = notice_about(make_brand(opt_in_phone="")).fault
    assert "“Number to agree by phone” is missing." in fault
    assert "under Settings, Brands" in fault


@pytest.mark.parametrize("number", [OURS, ""])
def test_an_announcement_names_the_firms_number_or_asks_for_it(number):
    one = announcements.save(
        announcement=Announcement(),
        brand=make_brand(opt_in_phone=number),
        slug="paperless",
        kind="paperless",
        about=facts_without_a_number(),
        by="ada",
        now=NOW,
    )
    words = announcements.save_text(
        announcement=one,
        language="en",
        heading="Bills by e-mail",
        body="Call {{ paperless.opt_in_phone }}.",
        by="ada",
        now=NOW,
    )
    if number:
        assert number in page_of(words, NOW)["text"].replace("\u00a0", " ")
    else:
        with pytest.raises(AnnouncementError, match="under Settings, Brands"):
            page_of(words, NOW)


@pytest.mark.parametrize("number", [OURS, ""])
def test_an_insert_names_the_firms_number_or_asks_for_it(number):
    install_starters(["en"])
    text = TemplateVersion.objects.current().get(key="paperless-insert-short")
    client = Client()
    client.force_login(make_user(may=["notices.export_print"]))
    answer = client.post(
        reverse("bill-insert"),
        {
            "brand": make_brand(opt_in_phone=number).pk,
            "text": text.pk,
            "fact-paperless-documents": "bills",
            "fact-paperless-reason": "E-bills arrive sooner.",
            "fact-paperless-first_notice_on": "2026-06-05",
            "fact-paperless-reminder_on": "2026-07-06",
            "fact-paperless-last_paper_on": "2026-08-03",
            "fact-paperless-first_ebill_on": "2026-09-01",
            "fact-paperless-is_optional": "on",
        },
    )
    if number:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        panel = archive.read("panel.txt").decode().replace("\u00a0", " ")
        assert number in panel
    else:
        assert answer.status_code == 422
        assert "Say a number to agree by phone." in answer.content.decode()


# Where texts are approved -----------------------------------------------------


def shipped(key: str) -> TemplateVersion:
    install_starters(["en"])
    return TemplateVersion.objects.get(key=key, channel="sms", language="en")


def test_a_text_that_names_the_number_waits_for_the_firm_that_has_none():
    make_brand(name="Northwind", opt_in_phone=OURS)
    make_brand(name="Southwind", opt_in_phone="")

    [found] = open_findings(shipped("paperless-announcement"))

    assert (found.code, found.severity) == ("firm_without_number", Severity.SOFT)
    assert "is not filled in for Southwind." in found.sentence
    assert "Settings, Brands" in found.suggestion


def test_once_it_is_filled_in_nothing_is_open():
    make_brand(opt_in_phone=OURS)
    assert open_findings(shipped("paperless-announcement")) == ()


def test_a_text_without_the_number_waits_for_nobody():
    make_brand(opt_in_phone="")
    text = shipped("friendly")
    assert "firm_without_number" not in {one.code for one in findings_of(text)}
