"""Questions about customers, invoices and holds that read aloud."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from customers.models import Customer, Hold, Invoice  # noqa: F401


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def search(self, words: str) -> CustomerQuerySet:
        """Return customers whose name has words beginning like these, or whose
        number, invoice number, e-mail address or phone begins with the whole text.

        Each part is answered by an index of its own. A blank text returns all.
        """
        words = words.strip()
        if not words:
            return self
        plain = words.replace("\x00", "")
        terms = ["".join(c for c in word if c.isalnum()) for word in plain.split()]
        terms = [term for term in terms if term]
        found = Q(number__startswith=plain) | Q(number__startswith=plain.upper())
        if terms:
            lexemes = " & ".join(f"'{term}':*" for term in terms)
            by_name = self.model._default_manager.annotate(
                words=SearchVector("name", config="simple")
            ).filter(words=SearchQuery(lexemes, config="simple", search_type="raw"))
            found |= Q(pk__in=by_name.values("pk"))
        points = self.model._meta.get_field("contact_points").related_model
        found |= Q(
            pk__in=points._default_manager.filter(  # type: ignore[union-attr]
                Q(value__startswith=plain.lower())
                | Q(value__startswith=plain.replace(" ", ""))
            ).values("customer_id")
        )
        invoices = self.model._meta.get_field("invoices").related_model
        found |= Q(
            pk__in=invoices._default_manager.filter(  # type: ignore[union-attr]
                number__startswith=plain
            ).values("customer_id")
        )
        return self.filter(found)

    def reached_at(self, kind: str, address: str) -> CustomerQuerySet:
        """Return whose address this is: ``kind`` as contact points know it, the
        address in its normal form."""
        return self.filter(
            contact_points__kind=kind, contact_points__value=address
        ).order_by("pk")


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
