"""Papers that go with notices, and copies of invoices in e-mails."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0007_readers")]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="attaches_invoices",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="E-mails bring the copies of the invoices they speak of.",
            ),
        ),
        migrations.CreateModel(
            name="Document",
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
                ("key", models.SlugField(max_length=60)),
                ("language", models.CharField(default="en", max_length=12)),
                ("version", models.PositiveIntegerField(default=1)),
                ("title", models.CharField(max_length=120)),
                (
                    "effective_on",
                    models.DateField(help_text="From this day on it applies."),
                ),
                ("file_name", models.CharField(max_length=120)),
                ("body", models.BinaryField()),
                (
                    "size",
                    models.PositiveIntegerField(editable=False, help_text="Bytes."),
                ),
                ("pages", models.PositiveSmallIntegerField(editable=False)),
                ("sha256", models.BinaryField(max_length=32)),
                (
                    "created_by",
                    models.CharField(blank=True, default="", max_length=150),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False
                    ),
                ),
            ],
            options={
                "ordering": ["key", "language", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "language", "version"), name="document_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pages__gt", 0), ("size__gt", 0)),
                        name="document_not_empty",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="stream",
            name="documents",
            field=models.ManyToManyField(
                blank=True,
                help_text="Papers that go with every notice, such as new terms.",
                related_name="streams",
                to="notices.document",
            ),
        ),
    ]
