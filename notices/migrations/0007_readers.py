"""The life of a text, and the people outside who are asked to read it."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0006_print_runs"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="templateversion",
            options={
                "ordering": ["key", "channel", "language", "-version"],
                "permissions": [
                    ("approve_templateversion", "Can approve and retire wordings")
                ],
                "verbose_name": "text",
            },
        ),
        migrations.CreateModel(
            name="ReviewLink",
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
                    "reader",
                    models.CharField(max_length=120, verbose_name="reader's name"),
                ),
                ("token_sha256", models.BinaryField(max_length=32, unique=True)),
                ("created_by", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_links",
                        to="notices.templateversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ReviewQuestion",
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
                ("paragraph", models.PositiveIntegerField()),
                ("quote", models.TextField(blank=True, default="")),
                ("question", models.TextField(max_length=2000)),
                ("form_id", models.UUIDField()),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "resolved_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True, default="", max_length=2000)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="notices.reviewlink",
                    ),
                ),
            ],
            options={
                "ordering": ["paragraph", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("link", "form_id", "paragraph"),
                        name="review_question_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("question", ""), _negated=True),
                        name="review_question_not_blank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("resolved_at__isnull", True), ("resolved_by", "")
                            ),
                            models.Q(
                                ("resolved_at__isnull", False),
                                models.Q(("resolved_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="review_question_resolved_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WordingEvent",
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
                            ("drafted", "Written"),
                            ("edited", "Edited"),
                            ("translated", "Begun as a translation"),
                            ("restored", "Restored from an earlier version"),
                            ("submitted", "Sent for review"),
                            ("sent_back", "Sent back"),
                            ("approved", "Approved"),
                            ("retired", "Retired"),
                            ("waived", "Finding passed over"),
                        ],
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="life",
                        to="notices.templateversion",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("verb__in", ["sent_back", "waived"]), _negated=True
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="wording_event_sent_back_says_why",
                    )
                ],
            },
        ),
    ]
