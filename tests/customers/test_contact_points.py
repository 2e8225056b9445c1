"""Sealed addresses: found by their whole value, kept once, corrected by staff."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from customers.models import ContactPoint, Customer, PostalAddress
from customers.vault import VaultError, new_key
from notices.people import people_of
from tests.customers.files import counts, take
from tests.customers.test_import_customers import ALICE, FULL
from tests.factories import make_address, make_contact_point, make_customer

pytestmark = pytest.mark.django_db


def test_whose_address_it_is_is_found_by_the_whole_of_it() -> None:
    alice = make_customer(email="alice@example.com")
    make_customer(email="alice@example.org")

    assert [*Customer.objects.reached_at("email", "alice@example.com")] == [alice]
    assert not Customer.objects.reached_at("mobile", "alice@example.com").exists()


def test_an_address_stands_once_with_a_customer() -> None:
    alice = make_customer(email="alice@example.com")

    with pytest.raises(IntegrityError, match="contact_point_once"):
        make_contact_point(alice, value="alice@example.com", is_primary=False)


def test_an_empty_address_is_refused() -> None:
    with pytest.raises(IntegrityError, match="contact_point_not_blank"):
        make_contact_point(make_customer(email=None), value="")


def test_who_is_written_to_is_opened_or_nothing_goes(settings: Any) -> None:
    alice = make_customer(email="alice@example.com", mobile="+447700900123")
    make_address(alice, line1="1 High Street", line2="")

    person = people_of([alice.pk])[alice.pk]

    assert (
        person.email,
        person.mobile,
        person.landline,
        person.line1,
        person.line2,
    ) == (
        "alice@example.com",
        "+447700900123",
        None,
        "1 High Street",
        "",
    )
    settings.FIELD_KEYS = f"k1:{new_key()}"
    with pytest.raises(VaultError, match="contactpoint"):
        people_of([alice.pk])


def test_a_second_key_makes_no_row_of_a_file_another(
    tmp_path: Any, settings: Any
) -> None:
    take(tmp_path, "customers", FULL + ALICE)
    PostalAddress.objects.update(state="returned")
    settings.FIELD_KEYS = f"k9:{new_key()},{settings.FIELD_KEYS}"

    assert counts(take(tmp_path, "customers", FULL + ALICE)) == (0, 0, 1, 0)
    changed = ALICE.replace("Alice@", "new@")
    figures = take(tmp_path, "customers", FULL + changed)

    assert counts(figures) == (0, 1, 0, 0)
    assert ContactPoint.objects.having(value="new@example.com").count() == 1
    assert ContactPoint.objects.having(value="+447700900001").count() == 1
    assert PostalAddress.objects.get().state == "returned"


@pytest.fixture
def form(client: Client, django_user_model: Any) -> Any:
    """Return what posts a customer's addresses in the admin, and the answer to it."""
    client.force_login(django_user_model.objects.create_superuser("ada", password="x"))

    def post(customer: Customer, *points: tuple[str, str], **more: Any) -> Any:
        data = {
            "number": customer.number,
            "kind": customer.kind,
            "name": customer.name,
            "language": "en",
            "country": "GB",
            "status": "active",
            "account_status": "active",
            "contact_points-TOTAL_FORMS": len(points),
            "contact_points-INITIAL_FORMS": 0,
            "postal_address-TOTAL_FORMS": 0,
            "postal_address-INITIAL_FORMS": 0,
        }
        for at, (kind, value) in enumerate(points):
            data |= {
                f"contact_points-{at}-kind": kind,
                f"contact_points-{at}-value": value,
                f"contact_points-{at}-state": "ok",
                f"contact_points-{at}-customer": customer.pk,
            }
        address = reverse("admin:customers_customer_change", args=[customer.pk])
        return client.post(address, data | more)

    return post


def test_staff_write_an_address_as_they_like_and_it_is_found(form: Any) -> None:
    alice = make_customer(email=None)

    answer = form(alice, ("email", "Alice@Example.COM"), ("mobile", "07700 900 123"))

    assert answer.status_code == 302
    assert ContactPoint.objects.having(value="alice@example.com").exists()
    assert ContactPoint.objects.having(value="+447700900123").exists()


def test_staff_are_told_of_an_address_that_is_none(form: Any) -> None:
    answer = form(make_customer(email=None), ("email", "alice"))

    assert "is not an e-mail address" in answer.content.decode()
    assert not ContactPoint.objects.exists()


def _rows(*points: tuple[ContactPoint, bool]) -> dict[str, Any]:
    rows: dict[str, Any] = {"contact_points-INITIAL_FORMS": len(points)}
    for at, (point, is_primary) in enumerate(points):
        rows[f"contact_points-{at}-id"] = point.pk
        rows |= {f"contact_points-{at}-is_primary": "on"} if is_primary else {}
    return rows


def test_staff_make_another_address_the_primary_one(form: Any) -> None:
    alice = make_customer(email=None)
    old = make_contact_point(alice, value="old@example.com", is_primary=False)
    new = make_contact_point(alice, value="new@example.com")
    points = (("email", old.value), ("email", new.value))

    both = form(alice, *points, **_rows((old, True), (new, True)))
    swapped = form(alice, *points, **_rows((old, True), (new, False)))

    assert "Only one of each kind" in both.content.decode()
    assert swapped.status_code == 302
    assert alice.contact_points.get(is_primary=True) == old


def test_what_staff_change_about_an_address_makes_it_a_new_one(form: Any) -> None:
    alice = make_customer(email=None)
    kept = make_contact_point(alice, value="kept@example.com", is_primary=False)
    edited = make_contact_point(alice, value="old@example.com")
    points = (("email", kept.value), ("email", "other@example.com"))

    assert form(alice, *points, **_rows((kept, False), (edited, True))).status_code

    kept.refresh_from_db()
    edited.refresh_from_db()
    assert (edited.value, kept.primary_since) == ("other@example.com", None)
    assert edited.primary_since is not None
    form(alice, *points, **_rows((kept, True), (edited, False)))
    kept.refresh_from_db()
    assert kept.primary_since is not None


def test_staff_are_told_of_an_address_that_stands_there_twice(form: Any) -> None:
    answer = form(
        make_customer(email=None),
        ("email", "a@example.com"),
        ("email", "A@example.com"),
    )

    assert "stands there twice" in answer.content.decode()
    assert not ContactPoint.objects.exists()


def test_staff_vouch_for_what_they_write_and_for_what_they_tick(form: Any) -> None:
    alice = make_customer(email=None)
    told = {"is_vouched": False, "told_with": "GSVKZJYTQFXD"}
    point = make_contact_point(alice, value="brought@example.com", **told)

    form(alice, ("email", "brought@example.com"), **_rows((point, True)))
    point.refresh_from_db()
    assert (point.is_vouched, point.told_with) == (False, "GSVKZJYTQFXD")

    ticked = {"contact_points-0-is_vouched": "on"}
    form(alice, ("email", "brought@example.com"), **_rows((point, True)), **ticked)
    point.refresh_from_db()
    assert point.is_vouched

    ContactPoint.objects.update(is_vouched=False)
    form(alice, ("email", "right@example.com"), **_rows((point, True)))
    point.refresh_from_db()
    assert (point.is_vouched, point.told_with) == (True, "")
