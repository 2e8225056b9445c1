"""What only somebody in Legal may say yes to: texts that bind the firm, and silence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from notices import stops, wordings
from notices.lint import Text, lint
from notices.models import Brand, TemplateVersion
from notices.preview import preview
from notices.render.blocks import languages
from notices.samples import sample_facts
from notices.turning import Identity, words_hash
from tests.factories import make_brand, make_user
from tests.notices.texts import NOW

pytestmark = pytest.mark.django_db

PAGE = "admin:notices_templateversion_change"
MOVED = "{{ change.old }} {{ change.new }}\n\n{% carrying_on %}\n"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lint find nothing in these short texts."""
    monkeypatch.setattr(stops, "open_findings", lambda version: ())


def _client(name: str, *rights: str) -> Client:
    may = [f"notices.{right}" for right in ("view_brand", "change_brand", *rights)]
    user = make_user(name, may=may)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def _approver(name: str, *rights: str) -> Client:
    return _client(name, "view_templateversion", "approve_templateversion", *rights)


def _in_review(kind: str) -> TemplateVersion:
    version = wordings.draft(
        identity=Identity("own", kind, "sms", "en"),
        subject="",
        body="Hello {{ customer.name }}.\n",
        note="",
        by="ann",
        now=NOW,
    )
    return wordings.submit(version=version, by="ann", now=NOW)


def _approve(client: Client, version: TemplateVersion) -> int:
    address = reverse("admin:text_turn", args=[version.pk, "approve"])
    return client.post(address, {"seen": words_hash(version)}).status_code


@pytest.mark.parametrize("kind", ["bank_details", "terms", "our_details", "paperless"])
def test_a_text_that_binds_the_firm_waits_for_somebody_in_legal(kind: str) -> None:
    version = _in_review(kind)
    bea, lee = _approver("bea"), _approver("lee", "bind_templateversion")

    page = bea.get(reverse(PAGE, args=[version.pk])).content.decode()
    assert "somebody in Legal approves it" in page
    assert "Approve this text" not in page
    assert _approve(bea, version) == 403
    assert _approve(lee, version) == 302

    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("approved", "lee")


def test_a_reminder_needs_nobody_in_legal() -> None:
    version = _in_review("reminder")

    assert _approve(_approver("bea"), version) == 302

    version.refresh_from_db()
    assert version.state == "approved"


def test_the_role_is_there_with_its_rights() -> None:
    legal = Group.objects.get(name="Legal")

    assert set(legal.permissions.values_list("codename", flat=True)) == {
        "view_templateversion",
        "approve_templateversion",
        "bind_templateversion",
        # What it reads and decides of the rules of law.
        "view_rulepack",
        "change_rulepack",
        "approve_rulepack",
        # What it tells customers before they agree to e-mail.
        "view_disclosure",
        "change_disclosure",
        "publish_disclosure",
    }
    # Made by the migration, and not a second time by Django under another name.
    assert Permission.objects.filter(codename="bind_templateversion").count() == 1


def _brand_form(client: Client, brand: Brand, **fields: str) -> Brand:
    address = reverse("admin:notices_brand_change", args=[brand.pk])
    form = client.get(address).context["adminform"].form
    kept = {
        name: str(form[name].value() or "")
        for name in form.fields
        if name not in {"new_logo", "remove_logo"} and form[name].value() is not False
    }
    client.post(address, kept | fields)
    brand.refresh_from_db()
    return brand


def test_carrying_on_is_a_yes_only_where_legal_has_said_so() -> None:
    brand = make_brand()
    said = {"accepts_in": "DE FR", "accepts_basis": "Terms, §12"}

    assert brand.accepts_in == ""
    assert _brand_form(_client("bea"), brand, **said).accepts_in == ""
    lee = _client("lee", "bind_templateversion")
    assert _brand_form(lee, brand, accepts_in="DE").accepts_in == ""
    assert _brand_form(lee, brand, accepts_in="Germany").accepts_in == ""
    assert _brand_form(lee, brand, **said).accepts_in == "DE FR"


def test_the_database_refuses_a_yes_that_rests_on_nothing() -> None:
    brand = make_brand()

    with pytest.raises(IntegrityError), transaction.atomic():
        Brand.objects.filter(pk=brand.pk).update(accepts_in="DE")


@pytest.mark.parametrize("language", languages())
def test_the_clause_prints_where_it_holds_and_says_how_to_close(language: str) -> None:
    version = TemplateVersion(
        key="own", kind="terms", channel="call", language=language, body=MOVED
    )
    facts = sample_facts("terms", "call", language=language)
    home = facts.customer.country

    def said(accepts_in: str) -> str:
        brand = replace(facts.brand, accepts_in=accepts_in)
        return preview(version, "call", replace(facts, brand=brand)).text

    off, on = said("XX"), said(f"XX {home}")
    clause = on.removeprefix(off.rstrip())
    assert len(on) > len(off)
    assert facts.brand.phone in clause
    assert facts.brand.reply_to in clause


def test_silence_typed_as_a_yes_is_refused_and_the_clause_named() -> None:
    text = Text(
        key="own", kind="terms", form="sms", language="en", subject="",
        body="By continuing to use the service you agree.\n",
    )  # fmt: skip

    found = {one.code: one for one in lint(text)}

    assert found["deemed_acceptance"].severity == "hard"
    assert "{% carrying_on %}" in found["deemed_acceptance"].suggestion
