"""Who is written to, as it stands once nobody else has the customer in hand."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from customers.models import ContactPoint
from notices.people import lock_people
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_an_address_that_died_while_we_waited_for_the_lock_is_dead() -> None:
    """What the statement that locks has read is from before its wait."""
    customer = make_customer()

    def colleague(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "FOR NO KEY UPDATE" in sql:
            ContactPoint.objects.filter(customer=customer).update(state="dead")
        return result

    with connection.execute_wrapper(colleague):
        people = lock_people([customer.pk])

    assert people[customer.pk].email_state == "dead"
