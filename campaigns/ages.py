"""What is owed, by currency and by how late it is. Changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, CharField, Count, Sum, Value, When

from customers.models import Invoice

# Days late at which an age begins, and the words for it.
AGES = (
    ("not_due", "Not yet late"),
    ("d1", "1 to 30 days late"),
    ("d31", "31 to 60 days late"),
    ("d61", "61 to 90 days late"),
    ("d91", "More than 90 days late"),
)


@dataclass(frozen=True, slots=True)
class Age:
    """What is owed in one currency at one age."""

    key: str
    label: str
    amount: Decimal
    invoices: int
    percent: float


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed in one currency, by age; the bars are percents of the total."""

    currency: str
    ages: list[Age]

    @property
    def total(self) -> Decimal:
        """Return all that is owed."""
        return sum((age.amount for age in self.ages), Decimal(0))

    @property
    def invoices(self) -> int:
        """Return the number of invoices owed."""
        return sum(age.invoices for age in self.ages)

    @property
    def late(self) -> Decimal:
        """Return what is owed after its due date."""
        return self.total - self.ages[0].amount

    @property
    def late_invoices(self) -> int:
        """Return the number of late invoices."""
        return self.invoices - self.ages[0].invoices

    @property
    def late_percent(self) -> int:
        """Return the late part of the total, in whole percents rounded down."""
        return int(100 * self.late / self.total) if self.total else 0


def owed(day: dt.date) -> list[Owed]:
    """Return what is owed by currency and age, the largest count first: one query."""
    rows = (
        Invoice.objects.filter(status=Invoice.Status.OPEN)
        .order_by()
        .values("currency", age=_age(day))
        .annotate(amount=Sum("open_amount"), number=Count("pk"))
    )
    found: dict[str, dict[str, tuple[Decimal, int]]] = defaultdict(dict)
    for row in rows:
        found[row["currency"]][row["age"]] = (row["amount"], row["number"])
    currencies = [Owed(currency, _ages(ages)) for currency, ages in found.items()]
    return sorted(currencies, key=lambda one: (-one.invoices, one.currency))


def _age(day: dt.date) -> Case:
    """Return the age of an invoice as an expression."""
    return Case(
        When(due_on__gte=day, then=Value("not_due")),
        When(due_on__gte=day - dt.timedelta(days=30), then=Value("d1")),
        When(due_on__gte=day - dt.timedelta(days=60), then=Value("d31")),
        When(due_on__gte=day - dt.timedelta(days=90), then=Value("d61")),
        default=Value("d91"),
        output_field=CharField(),
    )


def _ages(found: dict[str, tuple[Decimal, int]]) -> list[Age]:
    total = sum((amount for amount, _ in found.values()), Decimal(0))
    return [_one_age(key, label, found, total) for key, label in AGES]


def _one_age(
    key: str, label: str, found: dict[str, tuple[Decimal, int]], total: Decimal
) -> Age:
    amount, number = found.get(key, (Decimal(0), 0))
    return Age(key, label, amount, number, float(100 * amount / total) if total else 0)
