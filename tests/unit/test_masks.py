"""Addresses shown to their owner: known again, and of no use to anybody else."""

from __future__ import annotations

import pytest

from customers.masks import masked, masked_email


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("jane.hill@example.org", "j•••@e•••.org"),
        ("a@b.co.uk", "a•••@b•••.uk"),
        ("ж@пример.рф", "ж•••@п•••.рф"),
        ("nothing", "•••"),
        ("", ""),
    ],
)
def test_a_masked_address_is_known_to_its_owner_alone(address, shown):
    assert masked_email(address) == shown


def test_a_number_is_known_by_its_last_two_digits():
    assert masked("mobile", "+441632960123") == "••• 23"
    assert masked("mobile", "") == ""
