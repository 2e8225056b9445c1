"""Papers chosen with a campaign go with its notices."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from tests.factories import (
    make_brand,
    make_ladder,
    make_policy,
    make_user,
)
from tests.notices.test_papers import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(make_user(may=["campaigns.add_campaign"]))
    return client


def answers(**more: object) -> dict[str, object]:
    return {
        "name": "Late bills",
        "ladder": make_ladder().pk,
        "brand": make_brand().pk,
        "policy": make_policy().pk,
        "due_from": "2026-01-01",
        "late_after_hours": "24",
    } | more


def test_the_papers_chosen_with_a_campaign_go_with_its_notices(clerk: Client) -> None:
    terms, _ = make_document(), make_document("tariff", title="Tariff")

    clerk.post(reverse("campaign-new"), answers(documents=[terms.pk]))

    stream = Campaign.objects.get().stream
    assert list(stream.documents.all()) == [terms]
    assert stream.attaches_invoices is False


def test_without_papers_nobody_is_asked_about_them(clerk: Client) -> None:
    make_ladder(), make_brand(), make_policy()

    page = clerk.get(reverse("campaign-new")).content.decode()

    assert "Papers that go along" not in page
    assert "Send invoice copies along" in page
