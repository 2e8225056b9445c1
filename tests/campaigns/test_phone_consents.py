"""Consent by phone, and disclosures behind Settings, as staff meet them."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.models import ConsentEvent, Demonstration, Disclosure
from consent.publishing import key_of
from notices.models import Brand, Notice
from tests.factories import make_brand, make_consent, make_user
from tests.pages.agreeing import TERMS, open_door, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(settings):
    settings.PUBLIC_URL = "https://bills.northwind.example"
    return open_door()


def staff(*rights):
    client = Client()
    client.force_login(make_user(may=rights))
    return client


def call(door, **changed):
    """Post what was said on the telephone."""
    path = reverse("consent-by-phone", args=[door.customer.pk])
    said = {
        "form": str(uuid.uuid4()),
        "shown": door.disclosure.ref,
        "spoke_with": "Ada",
        "spoken_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "was_read": "on",
        "answer": "yes",
        "categories": ["bills"],
        "address": "ada@example.com",
    } | changed
    return staff("consent.add_consentevent").post(path, said)


def test_a_no_on_the_telephone_is_kept_as_one(door):
    assert call(door, answer="no", categories=[], address="").status_code == 302
    events = ConsentEvent.objects.filter(customer=door.customer).order_by("seq")
    assert [(one.state, one.method) for one in events] == [
        ("served", "phone"),
        ("refused", "phone"),
    ]
    assert events[1].detail.more["spoke_with"] == "Ada"
    assert not Notice.objects.filter(dedupe_key__startswith="sample:").exists()


def test_paper_on_the_telephone_takes_back_a_yes_that_stood(door):
    make_consent(door.customer)
    call(door, answer="no", categories=[], address="")
    assert door.state() == "withdrawn"
    assert door.customer.consent_events.latest("seq").detail.more["spoke_with"] == "Ada"


@pytest.mark.parametrize(
    ("agreed", "said"),
    [(True, "agreed to before stands"), (False, "in writing comes on paper")],
)
def test_staff_read_what_holds_until_the_code_is_typed(door, agreed, said):
    if agreed:
        make_consent(door.customer)
    told = [str(one) for one in get_messages(call(door).wsgi_request)]
    assert said in told[0]


def test_a_form_noted_twice_is_one_record(door):
    form = str(uuid.uuid4())
    for _ in range(2):
        assert call(door, form=form).status_code == 302
    assert Demonstration.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"was_read": ""}, "Read the words aloud first"),
        ({"spoke_with": ""}, "the person you spoke with"),
        ({"spoken_at": "2019-01-01T10:00"}, "within seven days"),
        ({"answer": ""}, "what the customer said"),
        ({"categories": []}, "what the customer wants by e-mail"),
        ({"address": ""}, "the address the sample is to go to"),
        ({"address": "nowhere"}, "nowhere"),
        ({"shown": "paperless-x/en/9"}, "changed meanwhile"),
    ],
)
def test_what_is_missing_is_asked_for(door, changed, said):
    answer = call(door, **changed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ConsentEvent.objects.filter(customer=door.customer).exists()


def test_the_words_are_read_in_the_customers_language(settings):
    door = open_door(language="pl")
    path = reverse("consent-by-phone", args=[door.customer.pk])
    page = staff("consent.add_consentevent").get(path).content.decode()
    assert "Mogą Państwo pozostać przy papierze" in page
    assert 'lang="pl"' in page


def test_without_words_to_read_nothing_can_be_noted(door):
    door.brand.__class__.objects.update(key="silent")
    path = reverse("consent-by-phone", args=[door.customer.pk])
    page = staff("consent.add_consentevent").get(path).content.decode()
    assert "no words to read aloud yet" in page


def test_the_customer_page_leads_there_whoever_may(door):
    path = reverse("customer", args=[door.customer.pk])
    link = reverse("consent-by-phone", args=[door.customer.pk])
    assert link in staff("consent.add_consentevent").get(path).content.decode()
    assert link not in staff().get(path).content.decode()


# Settings -----------------------------------------------------------------------


@pytest.fixture
def ann():
    client = Client()
    client.force_login(make_user("ann", is_superuser=True))
    return client


def drafted(client, brand, **changed):
    given = {
        "brand": brand.pk,
        "terms_url": TERMS,
        "paper_fee": "0",
        "currency": "",
        "hwsw_version": "1",
        "needs_demonstration": "on",
    } | changed
    return client.post(reverse("admin:consent_disclosure_add"), given)


def test_a_set_is_drafted_in_all_languages_and_published_by_somebody_else(
    ann, monkeypatch
):
    monkeypatch.setattr("consent.disclosures.links._asked", lambda address: 200)
    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", "https://b.example")
    brand = make_brand()
    assert drafted(ann, brand).status_code == 302
    rows = Disclosure.objects.filter(key=key_of(brand.key))
    assert rows.count() == 8
    publishing = {"action": "publish", "_selected_action": [rows[0].pk]}
    path = reverse("admin:consent_disclosure_changelist")
    refused = ann.post(path, publishing, follow=True)
    assert "Ask somebody else" in refused.content.decode()
    lee = Client()
    lee.force_login(make_user("lee", is_superuser=True))
    done = lee.post(path, publishing, follow=True)
    assert "is published: 8 languages" in done.content.decode()
    assert set(rows.values_list("approved_by", flat=True)) == {"lee"}


def test_a_word_of_a_draft_can_be_changed_and_of_a_published_one_not(ann):
    brand = make_brand()
    drafted(ann, brand)
    draft = Disclosure.objects.get(key=key_of(brand.key), language="en")
    path = reverse("admin:consent_disclosure_change", args=[draft.pk])
    form = ann.get(path).context["adminform"].form
    given = {name: field.initial for name, field in form.fields.items()}
    ann.post(path, given | {"benefits__title": "What is in it for you"})
    draft.refresh_from_db()
    assert draft.blocks["benefits"]["title"] == "What is in it for you"
    assert draft.blocks["paper_fee"]["text_with_fee"]
    shown = publish(brand)[0]
    path = reverse("admin:consent_disclosure_change", args=[shown.pk])
    assert ann.post(path, {}).status_code == 403


def test_a_fee_needs_its_currency(ann):
    answer = drafted(ann, make_brand(), paper_fee="1.50")
    assert "Name the currency" in answer.content.decode()
    assert not Disclosure.objects.exists()


def test_law_where_customers_live_forbids_the_fee():
    from notices.admin.disclosures import fee_forbidden
    from tests.factories import make_customer

    make_customer(country="GB")
    before = fee_forbidden()
    make_customer(country="US", region="NY")
    assert (before, fee_forbidden()) == (False, True)


def test_the_page_says_by_which_number_customers_agree(door):
    page = staff("consent.add_consentevent").get(
        reverse("consent-by-phone", args=[door.customer.pk])
    )
    assert "+44 1632 960101" in page.content.decode()


def test_the_page_says_what_to_fill_in_where_the_firm_has_no_number(door):
    Brand.objects.update(opt_in_phone="")
    path = reverse("consent-by-phone", args=[door.customer.pk])
    page = staff("consent.add_consentevent").get(path).content.decode()
    assert "Brands, “number to agree by phone”" in page

    admin = Client()
    admin.force_login(make_user(is_superuser=True))
    change = reverse("admin:notices_brand_change", args=[Brand.objects.get().pk])
    assert change in admin.get(path).content.decode()
