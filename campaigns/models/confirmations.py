"""What somebody looked at and confirmed, with the numbers that stood on the page.

Evidence, only ever added to: the numbers are kept as they were and never counted anew.
Knows no ladder and no campaign.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Cutover(models.Model):
    """From this day on, the firm said, bills go by e-mail where they may; how many
    customers were on each side when somebody confirmed it.

    Evidence: only ever added to. Customers belong to the house, not to one of its
    brands, so a day has one cutover.
    """

    day = models.DateField(unique=True)
    switched = models.PositiveIntegerField()
    paper = models.PositiveIntegerField()
    unreachable = models.PositiveIntegerField()
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        default_permissions = ("add",)
        constraints = [
            models.CheckConstraint(
                name="cutover_says_who", condition=~Q(confirmed_by="")
            ),
        ]

    def __str__(self) -> str:
        return f"cutover of {self.day}"


class AccessReview(models.Model):
    """Somebody looked at who may log in and what they did in a quarter; the numbers are
    what stood on the page then.

    Evidence: only ever added to, once a quarter.
    """

    begins_on = models.DateField(
        unique=True, help_text="The first day of the quarter that was looked at."
    )
    people = models.PositiveIntegerField(help_text="Who could log in.")
    silent = models.PositiveIntegerField(
        help_text="Those of them who have not logged in since the quarter began."
    )
    reads = models.PositiveIntegerField(help_text="Documents of customers read.")
    taken = models.PositiveIntegerField(help_text="Files and lists taken out.")
    confirmed_by = models.CharField(max_length=150)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["-begins_on"]
        default_permissions = ("add",)
        constraints = [
            models.CheckConstraint(
                name="access_review_says_who", condition=~Q(confirmed_by="")
            ),
            models.CheckConstraint(
                name="access_review_of_a_quarter",
                condition=Q(begins_on__day=1, begins_on__month__in=[1, 4, 7, 10]),
            ),
        ]

    def __str__(self) -> str:
        return f"access review of {self.begins_on}"
