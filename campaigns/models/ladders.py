"""The order in which a customer is reminded; knows no campaign and no invoice."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from notices.models import Channel


class Ladder(models.Model):
    """An order of steps by which a customer is reminded."""

    class Group(models.TextChoices):
        INVOICE = "invoice", "One message per invoice"
        CUSTOMER = "customer", "One message per customer"

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    bank_days = models.CharField(max_length=8, default="weekends")
    min_gap_days = models.PositiveSmallIntegerField(default=3)
    group = models.CharField(max_length=8, choices=Group, default=Group.INVOICE)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="ladder_group_known",
                condition=Q(group__in=["invoice", "customer"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One rung: when it comes, how firm it is, and by which channels it may go."""

    class Kind(models.TextChoices):
        SOFT = "soft", "Soft: may be skipped"
        FORMAL = "formal", "Formal: never skipped"

    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=60)
    offset_days = models.SmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    expires_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel))
    template_key = models.SlugField(max_length=60)

    class Meta:
        ordering = ["ladder", "position"]
        constraints = [
            models.UniqueConstraint(
                name="step_one_per_position", fields=["ladder", "position"]
            ),
            models.UniqueConstraint(name="step_key_once", fields=["ladder", "key"]),
            models.CheckConstraint(
                name="step_kind_known", condition=Q(kind__in=["soft", "formal"])
            ),
            models.CheckConstraint(
                name="step_position_fits_the_bitmap", condition=Q(position__lt=63)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder_id}/{self.key}"
