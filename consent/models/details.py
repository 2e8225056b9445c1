"""What is personal about the history, and can be erased while the chain verifies.

An event holds commitments to its details under the salt of its person. Deleting
ConsentSubject (the salt) and the ConsentDetails erases the person: the commitments
that stay behind say nothing any more, and the hashes over them are what they were.
"""

from __future__ import annotations

import uuid

from django.db import models

from consent.models.history import ConsentEvent
from customers.models import Customer
from customers.sealed import SealedBinaryField, SealedJSONField, SealedTextField


class ConsentSubject(models.Model):
    """The salt of one customer's commitments.

    Whoever is erased and comes back gets another one, under another ``ref``.
    """

    ref = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.OneToOneField(
        Customer, on_delete=models.PROTECT, related_name="consent_subject"
    )
    salt = SealedBinaryField(editable=False)

    def __str__(self) -> str:
        return f"salt {self.ref}"


class ConsentDetail(models.Model):
    """The personal part of one event, sealed; what was not told is None.

    The IP address is a truncated one: never more than the network is stored.
    """

    event = models.OneToOneField(
        ConsentEvent, on_delete=models.PROTECT, primary_key=True, related_name="detail"
    )
    address = SealedTextField(null=True, blank=True)
    ip = SealedTextField(null=True, blank=True)
    user_agent = SealedTextField(null=True, blank=True)
    url = SealedTextField(null=True, blank=True)
    words = SealedTextField(null=True, blank=True)
    more = SealedJSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"details of event {self.event_id}"
