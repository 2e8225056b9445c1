"""Rules of law by place, four eyes over each change; what a STOP ends; what was gone on
with though a rule was unconfirmed."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

STAND = """
CREATE FUNCTION consent_rules_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '% of % stands and is never deleted', TG_TABLE_NAME, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION '% of % was decided, so it stands', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER consent_rule_pack_stands
    BEFORE UPDATE OR DELETE ON consent_rulepack
    FOR EACH ROW WHEN (OLD.state <> 'draft')
    EXECUTE FUNCTION consent_rules_stand();
CREATE TRIGGER consent_rule_acceptance_stands
    BEFORE UPDATE OR DELETE ON consent_ruleacceptance
    FOR EACH ROW EXECUTE FUNCTION consent_rules_stand();
"""
FALL = """
DROP TRIGGER consent_rule_acceptance_stands ON consent_ruleacceptance;
DROP TRIGGER consent_rule_pack_stands ON consent_rulepack;
DROP FUNCTION consent_rules_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0007_roots"), ("customers", "0008_region")]

    operations = [
        migrations.CreateModel(
            name="RuleAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("matter", models.CharField(max_length=60)),
                (
                    "rules",
                    models.JSONField(
                        help_text="The rules, as consent.law.Rule.ident has them."
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RulePack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("code", models.CharField(max_length=8)),
                ("version", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=120)),
                (
                    "effective_from",
                    models.DateField(help_text="From this day on it is used."),
                ),
                ("definition", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Proposed"),
                            ("in_force", "In force"),
                            ("retired", "Set aside"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                (
                    "shipped",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="SHA-256 of the pack of Duly it is, word for word; else empty.",
                        max_length=64,
                    ),
                ),
                ("why", models.CharField(blank=True, default="", max_length=500)),
                ("proposed_by", models.CharField(max_length=150)),
                ("proposed_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "verbose_name": "pack of rules",
                "verbose_name_plural": "packs of rules",
                "ordering": ["code", "-version"],
                "permissions": [("approve_rulepack", "Can approve rules of law")],
            },
        ),
        migrations.AddField(
            model_name="contactpolicy",
            name="stop_scope",
            field=models.CharField(
                choices=[
                    ("all", "All texts of the firm"),
                    ("topic", "Texts of that sort"),
                ],
                db_default="all",
                default="all",
                help_text="Where a rule of law wants more, more is ended.",
                max_length=8,
                verbose_name="STOP ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("stop_scope__in", ["all", "topic"])),
                name="contact_policy_stop_scope_known",
            ),
        ),
        migrations.AddIndex(
            model_name="ruleacceptance",
            index=models.Index(fields=["matter"], name="rule_acceptance_matter"),
        ),
        migrations.AddConstraint(
            model_name="ruleacceptance",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="rule_acceptance_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulepack",
            constraint=models.UniqueConstraint(
                fields=("code", "version"), name="rule_pack_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulepack",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("code",),
                name="rule_pack_one_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulepack",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "in_force", "retired"])),
                name="rule_pack_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulepack",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "in_force"), _negated=True),
                    models.Q(
                        models.Q(("decided_by", ""), _negated=True),
                        models.Q(
                            ("decided_by", models.F("proposed_by")), _negated=True
                        ),
                    ),
                    models.Q(
                        ("decided_by", "Duly"), ("proposed_by", "Duly"), ("version", 1)
                    ),
                    _connector="OR",
                ),
                name="rule_pack_four_eyes",
            ),
        ),
        migrations.CreateModel(
            name="TopicStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("bills", "Bills"),
                            ("reminders", "Payment reminders"),
                            ("contract_notices", "Changes to the contract"),
                            ("service_news", "News about the service"),
                            ("offers", "Offers"),
                        ],
                        max_length=20,
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=120),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_stops",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "topic"), name="topic_stop_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(STAND, FALL),
    ]
