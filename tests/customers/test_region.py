"""In which state a customer lives: from a file, else from the ZIP code."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from customers.models import Customer, RejectedRow
from customers.regions import region_of
from tests.customers.files import take


@pytest.mark.parametrize(
    ("postcode", "state"),
    [
        ("19103", "PA"),
        ("02139", "MA"),
        ("02139-4307", "MA"),
        ("20001", "DC"),
        (" 10001 ", "NY"),
        # New York's and Connecticut's.
        ("06390", ""),
        ("1910", ""),
        ("19", ""),
        ("", ""),
        ("٠٢١٣٩", ""),
    ],
)
def test_a_zip_code_names_its_state_or_nothing(postcode: str, state: str) -> None:
    assert region_of("US", postcode) == state


def test_other_countries_are_not_told_from_a_postcode() -> None:
    assert region_of("DE", "10115") == ""


def line(region: str, country: str = "US") -> str:
    return f"number,name,country,region\nC1,Alice,{country},{region}\n"


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["PA", "pa", "US-PA"])
def test_a_region_comes_in_by_its_code(tmp_path, written: str) -> None:
    take(tmp_path, "customers", line(written))

    assert Customer.objects.get().region == "PA"


@pytest.mark.django_db
def test_a_region_that_changed_is_a_change_and_an_empty_one_is_not(tmp_path) -> None:
    take(tmp_path, "customers", line("PA"))

    assert take(tmp_path, "customers", line("NY")).changed == 1
    assert take(tmp_path, "customers", line("")).unchanged == 1
    assert Customer.objects.get().region == "NY"


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["Pennsylvania", "CA-ON", "P A"])
def test_what_is_no_code_of_the_country_is_set_aside(tmp_path, written: str) -> None:
    figures = take(tmp_path, "customers", line(written))

    assert figures.rejected == 1
    assert RejectedRow.objects.get().code == "bad_region"


@pytest.mark.django_db
def test_the_database_refuses_what_is_no_code() -> None:
    with pytest.raises(IntegrityError, match="customer_region_iso"):
        Customer.objects.create(number="C1", name="Alice", region="pa")
