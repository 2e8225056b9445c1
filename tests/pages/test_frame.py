"""What every customer's page keeps to: no cookie, no trace, one answer to strangers."""

from __future__ import annotations

import datetime as dt
from string import Formatter

import pytest
from babel import Locale
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict, modelform_factory
from django.test import Client
from django.utils import timezone

from consent.floods import FORMS, count
from consent.links import revoke_links
from consent.models import AccessLink
from notices.admin.forms import BrandForm
from notices.firm import brand_facts
from notices.models import Brand
from notices.models.brand import validate_hours
from notices.pages.words import LANGUAGES, folder, sentences, words_for
from notices.render.values import _brand
from tests.pages.opening import open_notice

AREAS = sorted(one.name for one in folder().iterdir())
PAGES = ("r", "c", "p")


@pytest.fixture
def opened(db):
    return open_notice(name="Ada Lovelace")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_sets_no_cookie_and_is_neither_kept_nor_listed(opened, page):
    response = Client().get(f"/{page}/{opened.token}")
    assert response.status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("page", PAGES)
def test_the_title_names_nobody_and_no_sum(opened, page):
    body = Client().get(f"/{page}/{opened.token}").content.decode()
    title = body.partition("<title>")[2].partition("</title>")[0]
    assert title
    assert not any(one in title for one in ("Ada", "Lovelace", opened.customer.number))
    assert "og:" not in body


@pytest.mark.parametrize("page", PAGES)
def test_wrong_expired_and_revoked_are_the_same_bytes(opened, page):
    asked = Client()
    wrong = asked.get(f"/{page}/{'0' * 26}")
    cut = asked.get(f"/{page}/{opened.token[:-2]}")
    revoke_links([opened.customer.pk], now=timezone.now())
    revoked = asked.get(f"/{page}/{opened.token}")
    old = timezone.now() - dt.timedelta(days=500)
    AccessLink.objects.update(revoked_at=None, made_at=old)
    expired = asked.get(f"/{page}/{opened.token}")
    assert wrong.status_code == 404
    for other in (cut, revoked, expired):
        assert (other.status_code, other.content) == (404, wrong.content)
        assert other.headers == wrong.headers


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_nothing_but_get_head_and_post_is_understood(opened, page, method):
    assert getattr(Client(), method)(f"/{page}/{opened.token}").status_code == 405


def test_a_flood_of_forms_from_one_network_is_stopped(opened):
    for _ in range(FORMS.one):
        count(FORMS, "127.0.0.1", now=timezone.now())
    response = Client().post(f"/r/{opened.token}", {})
    assert response.status_code == 429
    assert b"wait an hour" in response.content


def test_a_form_that_is_too_large_is_told_so(opened):
    response = Client().post(f"/r/{opened.token}", {"text": "x" * 3_000_000})
    assert response.status_code == 413
    assert b"Nothing has been changed" in response.content


def test_a_made_up_forwarding_header_buys_no_new_network(opened, settings):
    settings.BEHIND_PROXY = False
    for _ in range(FORMS.one):
        count(FORMS, "127.0.0.1", now=timezone.now())
    headers = {"X-Forwarded-For": "203.0.113.7"}
    assert Client(headers=headers).post(f"/r/{opened.token}", {}).status_code == 429
    settings.BEHIND_PROXY = True
    # The proxy writes the visitor's own address last.
    headers = {"X-Forwarded-For": "203.0.113.7, 127.0.0.1"}
    assert Client(headers=headers).post(f"/r/{opened.token}", {}).status_code == 429


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_each_language_in_its_own_direction(opened, language):
    body = Client().get(f"/r/{opened.token}?lang={language}").content.decode()
    way = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{way}">' in body


def test_office_hours_are_read_in_the_readers_language_where_they_were_written(opened):
    brand = opened.notice.stream.brand
    brand.office_hours_in = {"pl": "od poniedziałku do piątku, 9:00–17:00"}
    brand.full_clean()
    brand.save()
    usual = "Monday to Friday, 9:00 to 17:00"
    polish = Client().get(f"/r/{opened.token}?lang=pl").content.decode()
    assert "od poniedziałku do piątku" in polish
    assert usual not in polish
    assert usual in Client().get(f"/r/{opened.token}?lang=ar").content.decode()
    facts = brand_facts(brand)
    assert _brand(facts, "pl")["office_hours"].startswith("od poniedziałku")
    assert _brand(facts, "de")["office_hours"] == usual


@pytest.mark.parametrize(
    ("country", "address"),
    [
        ("GB", "Hauptstraße 1, Leipzig, 04109"),
        ("DE", "Hauptstraße 1, 04109 Leipzig"),
    ],
)
def test_the_firms_address_is_in_its_countrys_order_on_pages_as_in_letters(
    opened, country, address
):
    brand = opened.notice.stream.brand
    type(brand).objects.filter(pk=brand.pk).update(
        country=country, address_line1="Hauptstraße 1", address_line2="",
        city="Leipzig", postcode="04109", phone="+49 341 ٠1²",
    )  # fmt: skip
    brand.refresh_from_db()

    page = Client().get(f"/r/{opened.token}").content.decode()

    assert address in page
    assert 'href="tel:+493411"' in page
    assert _brand(brand_facts(brand), "en")["address"] == address


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Phone: <a"),
        ("fr", "Téléphone\u00a0: <a"),
        ("zh", "电话：<a"),
        ("ar", "</bdi>،\u200f <bdi>توقيت"),
        ("ru", "</bdi>, <bdi>Великобритания</bdi>)"),
    ],
)
def test_the_firms_hours_are_told_as_each_language_writes_them(opened, language, said):
    brand = opened.notice.stream.brand
    brand.time_zone = "Europe/London"
    brand.save()
    body = Client().get(f"/r/{opened.token}?lang={language}").content.decode()
    assert said in body
    assert "летнее время" not in body  # said in winter too, it would be wrong


@pytest.mark.parametrize("typed", ["", "{}", '{"pl": "9:00–17:00"}'])
def test_a_box_of_hours_left_empty_has_none(opened, typed):
    brand = opened.notice.stream.brand
    given = model_to_dict(brand) | {"office_hours_in": typed}
    form = modelform_factory(Brand, BrandForm, fields="__all__")(
        {name: value for name, value in given.items() if value is not None},
        instance=brand,
    )
    assert form.is_valid(), form.errors
    form.save()
    brand.refresh_from_db()
    assert brand.office_hours_in == ({"pl": "9:00–17:00"} if "pl" in typed else {})


@pytest.mark.parametrize(
    "hours", [[], {"pl": ""}, {"pl": 9}, {"Polish": "9:00"}, {"pl": "x" * 121}]
)
def test_office_hours_that_nobody_could_read_are_refused(hours):
    with pytest.raises(ValidationError):
        validate_hours(hours)


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_facts(area, language):
    english, ours = sentences(area, "en"), sentences(area, language)
    assert list(ours) == list(english)
    for key in english:
        for form in _forms(ours[key]):
            assert _facts(form) <= set.union(*map(_facts, _forms(english[key]))), key
        # One form may say "one" in a word; together they name every fact.
        assert set.union(*map(_facts, _forms(ours[key]))) == set.union(
            *map(_facts, _forms(english[key]))
        ), key


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_have_every_plural_form_of_their_language(area, language):
    tags = {*Locale.parse(language).plural_form.tags, "other"}
    for key, sentence in sentences(area, language).items():
        if not isinstance(sentence, str):
            assert set(sentence) == tags, (area, language, key)


def test_a_fact_becomes_neither_markup_nor_a_field():
    said = words_for("en").say("errors", n=2)
    assert said == "Please put <bdi>2</bdi> things right"
    words = words_for("en")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notices.pages.words.sentences", lambda *_: {"hello": "{name}!"})
        assert words.say("hello", name="<b>{name}") == "<bdi>&lt;b&gt;{name}</bdi>!"
        assert words.plain("hello", name="<b>") == "<b>!"


def _forms(sentence):
    return [sentence] if isinstance(sentence, str) else list(sentence.values())


def _facts(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
