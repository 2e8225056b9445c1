"""The switch for all that leaves, heartbeats, and what guards need of a stream."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_the_switch(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("notices", "Outbound").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("notices", "0011_lanes")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "name",
                    models.CharField(max_length=160, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("beat", "The clock that rings for each pass"),
                            ("pass", "A pass of the scheduler"),
                            ("worker", "A worker"),
                            ("channel", "The last claim of messages of a channel"),
                            ("sweep", "A sweep that need not run in each pass"),
                        ],
                        max_length=8,
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                ("worked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "queues",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "hears_broker",
                    models.BooleanField(
                        default=True,
                        help_text="Redis answered this worker when it was last seen.",
                    ),
                ),
            ],
            options={
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="OutboundEvent",
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
                    "verb",
                    models.CharField(
                        choices=[
                            ("stopped", "Stopped"),
                            ("released", "Released"),
                            ("adopted", "Named this the real installation"),
                        ],
                        max_length=8,
                    ),
                ),
                ("by", models.CharField(blank=True, default="", max_length=150)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-at", "-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="stream",
            name="late_after_hours",
            field=models.PositiveSmallIntegerField(
                db_default=24,
                default=24,
                help_text="When nothing could go out for this long, counted on days that are open, what was planned before then waits for staff instead of going late.",
            ),
        ),
        migrations.AddField(
            model_name="stream",
            name="running_since",
            field=models.DateTimeField(
                blank=True, help_text="When staff last set it to run.", null=True
            ),
        ),
        migrations.AddField(
            model_name="stream",
            name="safety_reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why a guard paused it; empty when none did.",
                max_length=200,
            ),
        ),
        migrations.CreateModel(
            name="Outbound",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "stopped_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("staff", "Stopped by staff"),
                            ("copy", "Another installation opened this database"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                (
                    "installation",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Fingerprint of the installation that may send; empty for none yet.",
                        max_length=64,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "outbound",
                "permissions": [
                    ("stop_everything", "Can stop all sending, and release it")
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="outbound_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", ""), ("stopped_at__isnull", True)),
                            models.Q(
                                ("cause__in", ["staff", "copy"]),
                                ("stopped_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="outbound_stop_says_why",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_the_switch, migrations.RunPython.noop),
    ]
