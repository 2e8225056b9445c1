"""A profile that was used once may be named instead of its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer, DataImport, ImportProfile

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a profile that calls the customer number Kundennummer."""
    path = tmp_path / "ledger-2026.json"
    path.write_text(json.dumps({"customers": {"columns": {"number": "Kundennummer"}}}))
    return path


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """Return a file of one customer under that heading."""
    path = tmp_path / "kunden.csv"
    path.write_text("Kundennummer;name\nK1;Anna Berg\n", encoding="utf-8")
    return path


def test_a_used_profile_is_kept_and_may_be_named(
    profile: Path, customers: Path
) -> None:
    call_command("import", "customers", customers, profile=profile)
    profile.unlink()

    call_command("import", "customers", customers, profile="ledger-2026")

    assert Customer.objects.get().number == "K1"
    kept = ImportProfile.objects.get()
    assert list(DataImport.objects.values_list("profile", flat=True)) == [kept.pk] * 2


def test_a_dry_run_keeps_no_profile(profile: Path, customers: Path) -> None:
    call_command("import", "customers", customers, profile=profile, dry_run=True)

    assert not ImportProfile.objects.exists()


def test_an_unknown_profile_is_refused_with_the_names_there_are(
    profile: Path, customers: Path
) -> None:
    call_command("import", "customers", customers, profile=profile)

    with pytest.raises(CommandError, match=r"no profile 'ledger'.*ledger-2026"):
        call_command("import", "customers", customers, profile="ledger")
