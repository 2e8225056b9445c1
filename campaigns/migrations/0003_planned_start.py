"""A campaign may start by itself at a planned hour."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0002_postcards_are_a_channel"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="planned_for",
            field=models.DateTimeField(
                blank=True, help_text="When it is to start by itself.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("planned", "Planned"),
                    ("running", "Running"),
                    ("paused", "Paused"),
                    ("stopped", "Stopped"),
                ],
                default="draft",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="campaignevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("planned", "Start planned"),
                    ("dropped", "Planned start cancelled"),
                    ("started", "Started"),
                    ("paused", "Paused"),
                    ("resumed", "Resumed"),
                ],
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="campaign", name="campaign_state_known"),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["draft", "planned", "running", "paused", "stopped"],
                    )
                ),
                name="campaign_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "planned"), _negated=True)
                | models.Q(("planned_for__isnull", False)),
                name="campaign_planned_says_when",
            ),
        ),
    ]
