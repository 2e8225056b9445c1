"""How fast each provider may be written to, and whether it is closed."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0010_print_order_and_folders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderLane",
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
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "per_second",
                    models.FloatField(
                        blank=True,
                        help_text="For texts, parts a second. Empty: as fast as the provider takes it.",
                        null=True,
                        verbose_name="messages a second",
                    ),
                ),
                ("tokens", models.FloatField(default=0, editable=False)),
                ("refilled_at", models.DateTimeField(editable=False)),
                (
                    "failures",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="In a row; the first answer ends them.",
                    ),
                ),
                (
                    "closed_until",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=200
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("per_second__isnull", True),
                            ("per_second__gt", 0),
                            _connector="OR",
                        ),
                        name="lane_rate_is_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_at__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="lane_stop_has_reason",
                    ),
                ],
            },
        ),
    ]
