"""The firm's rules of law by place: every version, who proposed and who approved it.

Begun from the packs that come with Duly; what was approved stands. Which rule holds
for whom is for consent.law to say.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from consent.law import Rule
from consent.packs.reading import read_pack
from consent.topics import TOPICS
from customers.models import Customer

# Who brought the packs that came with Duly.
HOUSE = "Duly"


class RulePack(models.Model):
    """One version of the rules of one place.

    Of the versions in force the newest whose day has come is used, so that an approved
    change waits for its day and older days keep their rules.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Proposed"
        IN_FORCE = "in_force", "In force"
        RETIRED = "retired", "Set aside"

    code = models.CharField(max_length=8)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    effective_from = models.DateField(help_text="From this day on it is used.")
    definition = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    shipped = models.CharField(
        max_length=64,
        default="",
        blank=True,
        help_text="SHA-256 of the pack of Duly it is, word for word; else empty.",
    )
    why = models.CharField(max_length=500, default="", blank=True)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = "pack of rules"
        verbose_name_plural = "packs of rules"
        permissions = [("approve_rulepack", "Can approve rules of law")]
        constraints = [
            models.UniqueConstraint(
                name="rule_pack_version_once", fields=["code", "version"]
            ),
            models.UniqueConstraint(
                name="rule_pack_one_proposal",
                fields=["code"],
                condition=Q(state="draft"),
            ),
            models.CheckConstraint(
                name="rule_pack_state_known",
                condition=Q(state__in=["draft", "in_force", "retired"]),
            ),
            # What comes with Duly is put in force by Duly, where nothing was before.
            models.CheckConstraint(
                name="rule_pack_four_eyes",
                condition=(
                    ~Q(state="in_force")
                    | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by")))
                    | Q(version=1, proposed_by=HOUSE, decided_by=HOUSE)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules, typed."""
        return read_pack(
            self.definition, version=self.version, effective_from=self.effective_from
        ).rules


class RuleAcceptance(models.Model):
    """Somebody went on though rules in use were unconfirmed or overdue, and why.

    Evidence: only ever added to. ``matter`` names what for, such as campaign:12.
    """

    matter = models.CharField(max_length=60)
    rules = models.JSONField(help_text="The rules, as consent.law.Rule.ident has them.")
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # What was accepted for one matter.
            models.Index(fields=["matter"], name="rule_acceptance_matter"),
        ]
        constraints = [
            models.CheckConstraint(
                name="rule_acceptance_says_why", condition=~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}: {self.reason}"


class TopicStop(models.Model):
    """A customer wants no more texts of one topic: a STOP that ends no more than that.

    Only where firm and law let a STOP end one topic; else it ends all texts.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="topic_stops", db_index=False
    )
    topic = models.CharField(max_length=20, choices=list(TOPICS.items()))
    since = models.DateTimeField()
    source = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [
            # Serves the look-up of a batch of customers.
            models.UniqueConstraint(
                name="topic_stop_once", fields=["customer", "topic"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()} since {self.since:%Y-%m-%d}"
