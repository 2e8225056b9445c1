"""Questions about customers, invoices and holds that read aloud."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Exists, OuterRef, Q

from customers.blind import IndexedQuerySet
from customers.contact import ContactError, normalise_email, normalise_phone

if TYPE_CHECKING:
    from customers.models import (  # noqa: F401
        ContactPoint,
        Customer,
        Hold,
        Invoice,
        PostalAddress,
    )


class ContactPointQuerySet(IndexedQuerySet["ContactPoint"]):
    """Questions about addresses and phones; ``having(value=...)`` finds them."""


class PostalAddressQuerySet(IndexedQuerySet["PostalAddress"]):
    """Questions about postal addresses."""


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def search(self, words: str, countries: Iterable[str] = ()) -> CustomerQuerySet:
        """Return customers whose name has words beginning like these, whose number or
        invoice number begins with the whole text, or whose e-mail address or phone it
        is.

        A phone without its country code is one of ``countries``. Each part is answered
        by an index of its own. A blank text returns all.
        """
        words = words.strip()
        if not words:
            return self
        plain = words.replace("\x00", "")
        terms = ["".join(c for c in word if c.isalnum()) for word in plain.split()]
        terms = [term for term in terms if term]
        everybody = self.model._default_manager.order_by()
        ways: list[models.QuerySet[Any, Any]] = [
            everybody.filter(number__startswith=start).values("pk")
            for start in dict.fromkeys([plain, plain.upper()])
        ]
        if terms:
            lexemes = " & ".join(f"'{term}':*" for term in terms)
            by_name = everybody.annotate(
                words=SearchVector("name", config="simple")
            ).filter(words=SearchQuery(lexemes, config="simple", search_type="raw"))
            ways.append(by_name.values("pk"))
        for address in _addresses(plain, countries):
            ways.append(self._points().having(value=address).values("customer"))
        invoices = self.model._meta.get_field("invoices").related_model
        ways.append(
            invoices._default_manager.order_by()  # type: ignore[union-attr]
            .filter(number__startswith=plain)
            .values("customer")
        )
        # Not as one condition with "or": PostgreSQL would look at every customer.
        return self.filter(pk__in=ways[0].union(*ways[1:]))

    def reached_at(self, kind: str, address: str) -> CustomerQuerySet:
        """Return whose address this is: ``kind`` as contact points know it, the
        address in its normal form."""
        points = self._points().having(value=address).filter(kind=kind)
        return self.filter(pk__in=points.values("customer")).order_by("pk")

    def _points(self) -> ContactPointQuerySet:
        points = self.model._meta.get_field("contact_points").related_model
        return cast(ContactPointQuerySet, points._default_manager.all())  # type: ignore[union-attr]


def _addresses(words: str, countries: Iterable[str]) -> set[str]:
    """Return the e-mail address or phone numbers that a text may mean."""
    found = set()
    with suppress(ContactError):
        found.add(normalise_email(words))
    for country in ("", *countries):
        with suppress(ContactError):
            found.add(normalise_phone(words, country))
    return found


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Questions about invoices; ``day`` is always the firm's own date."""

    def owed_on(self, day: dt.date) -> InvoiceQuerySet:
        """Return invoices issued by ``day`` and not fully paid at its end."""
        return self.filter(issued_on__lte=day).filter(
            Q(status="open") | Q(status="paid", paid_on__gt=day)
        )

    def not_on_hold(self, day: dt.date) -> InvoiceQuerySet:
        """Return invoices that no hold stops on ``day``, neither their own nor one
        of the whole customer."""
        holds = self.model._meta.get_field("holds").related_model
        standing = holds._default_manager.filter(  # type: ignore[union-attr]
            Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day
        )
        return self.filter(
            ~Exists(standing.filter(invoice=OuterRef("pk"))),
            ~Exists(
                standing.filter(customer=OuterRef("customer"), invoice__isnull=True)
            ),
        )


class HoldQuerySet(models.QuerySet["Hold"]):
    """Questions about holds."""

    def standing_on(self, day: dt.date) -> HoldQuerySet:
        """Return the holds in force on ``day``; the last day counts."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day
        )
