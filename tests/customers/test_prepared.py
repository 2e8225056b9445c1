"""Questions compiled once say what their querysets say."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import DataError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from customers.models import Customer, Invoice
from customers.prepared import prepared
from tests.factories import NOW, make_customer, make_invoice

pytestmark = pytest.mark.django_db

T = TypeVar("T")


@prepared
def with_its_customer(number: str) -> QuerySet[Invoice]:
    invoices = Invoice.objects.select_related("customer__postal_address")
    return invoices.filter(number=number)


@prepared
def numbers_of(customer: int, after: Any) -> QuerySet[Invoice, tuple[Any, ...]]:
    mine = Invoice.objects.filter(customer=customer, due_on__gt=after)
    return mine.exclude(status="paid").order_by("-number").values_list("number", "pk")


@prepared
def names_below(pk: int) -> QuerySet[Customer, str]:
    below = Customer.objects.filter(pk__lt=pk).order_by("-pk")
    return below.values_list("name", flat=True)[:2]


def test_a_row_comes_with_what_was_asked_for_beside_it(
    django_assert_num_queries: Any,
) -> None:
    make_invoice(number="A-1")
    wanted = make_invoice(number="A-2")

    with django_assert_num_queries(1):
        (found,) = with_its_customer(number="A-2")
        assert found == wanted
        assert found.customer.name == wanted.customer.name
        assert found.open_amount == wanted.open_amount

    assert with_its_customer.one(number="A-1") != wanted
    assert with_its_customer(number="A-3") == []
    assert with_its_customer.one(number="A-3") is None


def test_what_was_found_can_be_changed_and_saved() -> None:
    make_invoice(number="A-1")
    found = with_its_customer.one(number="A-1")
    assert found is not None

    found.purpose = "Water"
    found.save()

    assert Invoice.objects.get().purpose == "Water"
    assert not found._state.adding


def test_each_asking_gets_the_rows_of_its_own_values() -> None:
    one, other = make_customer(), make_customer()
    for number, customer in (("A-1", one), ("A-2", other), ("A-3", one)):
        make_invoice(number=number, customer=customer)
    long_ago = NOW.date().replace(year=2001)

    for customer, wanted in ((one, ["A-3", "A-1"]), (other, ["A-2"])):
        rows = numbers_of(customer=customer.pk, after=long_ago)
        assert [number for number, _ in rows] == wanted
    assert numbers_of(customer=one.pk, after=NOW.date().replace(year=2099)) == []


def test_order_and_limit_are_kept() -> None:
    people = [make_customer(name=name) for name in ("Ada", "Ben", "Cyd", "Dee")]

    assert names_below(pk=people[3].pk) == ["Cyd", "Ben"]
    assert names_below(pk=people[1].pk)[:1] == ["Ada"]


def test_a_question_is_compiled_once_and_planned_once() -> None:
    asked = []

    @prepared
    def named(name: str) -> QuerySet[Customer]:
        asked.append(name)
        return Customer.objects.filter(name=name, number__gt="compiled once")

    for name in ("Ada", "Ben", "Cyd"):
        named(name=name)

    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%\"number\" >%'"
        )
        assert cursor.fetchall() == [(3,)]


def test_behind_a_pooler_nothing_stays_planned(monkeypatch: Any) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    ada = make_customer(name="Ada")

    assert names_below(pk=ada.pk + 1)[:1] == ["Ada"]


def test_a_log_of_queries_tells_it_with_its_values() -> None:
    with CaptureQueriesContext(connection) as log:
        names_below(pk=-7)

    (query,) = log.captured_queries
    assert "-7" in query["sql"]


def test_a_value_that_is_missing_or_unknown_is_no_question() -> None:
    with pytest.raises(TypeError, match=r"asked with \[\], not with \['number'\]"):
        with_its_customer()
    with pytest.raises(TypeError, match="nummer"):
        with_its_customer(nummer="A-1")


def test_what_postgresql_refuses_is_told_as_django_tells_it() -> None:
    with pytest.raises(DataError):
        names_below(pk="not a number")


def test_a_value_never_becomes_a_part_of_the_question() -> None:
    make_invoice(number="A-1")

    assert with_its_customer(number="A-1' OR '1'='1") == []
    assert with_its_customer(number="%s") == []


def test_every_thread_asks_over_its_own_connection_and_after_a_lost_one_too() -> None:
    def ask_twice(turn: int) -> list[list[str]]:
        first = names_below(pk=-turn)
        connection.close()
        return [first, names_below(pk=-turn)]

    assert at_once(ask_twice, 3) == [[[], []]] * 3


def at_once(work: Callable[[int], T], times: int) -> list[T]:
    def run(turn: int) -> T:
        try:
            return work(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))
