"""What a text was billed as, and when a provider was asked about its fate."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0012_watch"),
    ]

    operations = [
        migrations.AddField(
            model_name="attempt",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="attempt",
            name="price",
            field=models.DecimalField(
                blank=True, decimal_places=5, max_digits=10, null=True
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="segments",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("provider", "twilio")),
                fields=["provider_reference"],
                name="attempt_text_reference",
            ),
        ),
    ]
