"""Who the firm bills: people and firms, how to reach them, what they owe.

The database refuses nonsense by CHECK, UNIQUE and partial index; each index names the
query it serves. This room knows of no notice and no campaign.
"""

from __future__ import annotations

from customers.models.documents import (
    InvoiceCopy,
)
from customers.models.holds import (
    Hold,
)
from customers.models.imports import (
    DataImport,
    ImportProfile,
    RejectedRow,
)
from customers.models.people import (
    ContactPoint,
    Customer,
    PostalAddress,
)
from customers.models.plans import Instalment, Plan
from customers.models.privacy import (
    AccessEntry,
    AuditEntry,
    Erasure,
    ErasureRequest,
    ExportPart,
    LegalHold,
    PersonExport,
)
from customers.models.receivables import (
    MONEY_DIGITS,
    MONEY_PLACES,
    Allocation,
    Invoice,
    Payment,
    is_played,
    owed_on,
)

__all__ = [
    "MONEY_DIGITS",
    "MONEY_PLACES",
    "AccessEntry",
    "Allocation",
    "AuditEntry",
    "ContactPoint",
    "Customer",
    "DataImport",
    "Erasure",
    "ErasureRequest",
    "ExportPart",
    "Hold",
    "ImportProfile",
    "Instalment",
    "Invoice",
    "InvoiceCopy",
    "LegalHold",
    "Payment",
    "PersonExport",
    "Plan",
    "PostalAddress",
    "RejectedRow",
    "is_played",
    "owed_on",
]
